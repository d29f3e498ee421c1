"""What lies beside a kernel.json is given as Jupyter Server gives it, by our own handler."""

import os
from collections.abc import Callable
from pathlib import Path

import envs
import pytest
from hosts import Host

from jupyter_sm.server.kernelspecs import RESOURCE_BYTES

Launch = Callable[..., Host]

FILES = "/kernelspecs/conda-env-myenv-py/"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = envs.make_environment(tmp_path / "conda")
    prefix = envs.make_environment(root / "envs/myenv")
    folder = prefix / "share/jupyter/kernels/python3"
    (folder / "logo-64x64.png").write_bytes(b"a picture")
    (folder / "kernel.js").write_text("// a script")
    (folder / "further").mkdir()
    (folder / "further/deep.svg").write_text("<svg/>")
    return folder


@pytest.fixture(params=["gateway", "server"])
def host(
    request: pytest.FixtureRequest, launch_gateway: Launch, launch_server: Launch, folder: Path
) -> Host:
    env = {"MAMBA_ROOT_PREFIX": str(folder.parents[5]), "JUPYTER_SM_ACTIVE": "1"}
    return (launch_gateway if request.param == "gateway" else launch_server)(env=env)


def test_files_have_their_types_and_are_not_sent_twice(host: Host) -> None:
    types = {"logo-64x64.png": "image/png", "kernel.js": "text/javascript"}
    types |= {"further/deep.svg": "image/svg+xml", "kernel.json": "application/json"}
    for name, kind in types.items():
        answer = host.get(FILES + name)
        assert answer.status == 200, name
        assert answer.headers.get_content_type() in (kind, kind.replace("text", "application"))
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    picture = host.get(FILES + "logo-64x64.png")
    assert picture.headers["Cache-Control"] == "max-age=2592000"
    known = {"If-None-Match": picture.headers["Etag"]}
    assert host.get(FILES + "logo-64x64.png", headers=known).status == 304
    head = host.request("HEAD", FILES + "logo-64x64.png")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", "9")


def test_only_files_inside_the_folder_of_a_kernel_are_given(
    host: Host, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("a secret")
    (folder / "outside").symlink_to(tmp_path / "secret")
    (folder / "inside").symlink_to("kernel.js")
    os.mkfifo(folder / "pipe")
    (folder / "huge").touch()
    os.truncate(folder / "huge", RESOURCE_BYTES + 1)

    assert host.get(FILES + "inside").body == b"// a script"
    wanted = dict.fromkeys(("outside", "further", "pipe", "huge", "%00"), 403) | {"nothing": 404}
    assert {name: host.get(FILES + name).status for name in wanted} == wanted
    assert host.get("/kernelspecs/nowhere/logo-64x64.png").status == 404
    for token in (None, "wrong"):
        assert host.get(FILES + "kernel.js", token=token).status in (302, 401, 403)
