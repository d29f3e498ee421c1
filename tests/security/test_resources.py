"""The files beside a kernel.json, and nothing else, are what `/kernelspecs/…` serves."""

from collections.abc import Callable
from pathlib import Path

import envs
import pytest
from hosts import Host

Launch = Callable[..., Host]

NAME = "conda-env-inside-py"
WAYS = (
    "../../../../secret",
    "..%2f..%2f..%2f..%2fsecret",
    "%2e%2e/%2e%2e/%2e%2e/%2e%2e/secret",
    "..%252f..%252fsecret",
    "..\\..\\secret",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "//etc/passwd",
    "logo-64x64.png%00/../../secret",
    "",
    ".",
    "..",
)


@pytest.mark.parametrize("kind", ["gateway", "server"])
def test_no_path_leads_out_of_the_folder_of_a_kernelspec(
    launch_gateway: Launch, launch_server: Launch, tmp_path: Path, kind: str
) -> None:
    prefix = envs.make_environment(tmp_path / "conda/envs/inside")
    envs.make_environment(tmp_path / "conda")
    folder = prefix / "share/jupyter/kernels/python3"
    (folder / "logo-64x64.png").write_bytes(b"a logo")
    for above in [*folder.parents][:5]:
        (above / "secret").write_bytes(b"a secret")
    env = {"MAMBA_ROOT_PREFIX": str(tmp_path / "conda"), "JUPYTER_SM_SHOW": "all"}
    launch = launch_gateway if kind == "gateway" else launch_server
    host = launch(env={**env, "JUPYTER_SM_ACTIVE": "1"})

    assert host.get(f"/kernelspecs/{NAME}/logo-64x64.png").body == b"a logo"
    for way in WAYS:
        for path in (f"/kernelspecs/{NAME}/{way}", f"/kernelspecs/{way}", f"/kernelspecs/{way}/x"):
            answer = host.get(path)
            assert answer.status in (301, 302, 400, 403, 404), path
            assert b"a secret" not in answer.body
            assert b"root:" not in answer.body
