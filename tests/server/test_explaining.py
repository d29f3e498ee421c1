"""In every host: a kernel that cannot start tells why in the notebook, and starts once it is mended."""

import json
import os
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import envs
import pytest
from hosts import Execution, Host, KernelClient

Launch = Callable[..., Host]

DIES = {
    "argv": [
        "python",
        "-c",
        "import sys; sys.exit('the licence has expired')",
        "{connection_file}",
    ],
    "display_name": "Dies",
    "language": "python",
}


@pytest.fixture
def conda(tmp_path: Path) -> Path:
    root = envs.make_environment(tmp_path / "conda", interpreter="real")
    (root / "bin/conda").touch()
    envs.make_environment(root / "envs/good", interpreter="real")
    envs.make_environment(root / "envs/broken", interpreter=None)
    envs.make_environment(root / "envs/dies", interpreter="real", kernels={"python3": DIES})
    envs.make_environment(root / "envs/empty", kernels=(), interpreter=None)
    return root


@pytest.fixture
def host(
    request: pytest.FixtureRequest,
    launch_gateway: Launch,
    launch_server: Launch,
    conda: Path,
    tmp_path: Path,
) -> Host:
    names = ("python3", "conda-env-good-py", "conda-env-empty-py", "absent")
    path = tmp_path / "app-image-config.json"
    specs = [{"Name": name} for name in names]
    path.write_text(json.dumps({"KernelGatewayImageConfig": {"KernelSpecs": specs}}))
    env = {
        "MAMBA_ROOT_PREFIX": str(conda),
        "JUPYTER_SM_APP_IMAGE_CONFIG": str(path),
        "JUPYTER_SM_SHOW": "all",
    }
    return (launch_gateway if getattr(request, "param", "gateway") == "gateway" else launch_server)(
        env=env
    )


in_both = pytest.mark.parametrize("host", ["gateway", "server"], indirect=True)


def settle() -> None:
    """A change on disk is in any answer that is asked for 250 ms later."""
    time.sleep(0.25)


def error_of(execution: Execution) -> str:
    """The text of the one error that a cell gave, which its reply repeats."""
    assert execution.reply["status"] == "error"
    (error,) = [m["content"] for m in execution.messages if m["msg_type"] == "error"]
    assert error["ename"] == execution.reply["ename"] == "KernelNotStarted"
    assert error["traceback"] == execution.reply["traceback"]
    return "\n".join(error["traceback"])


def not_started(host: Host) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = host.get("/api/sm/kernels").json()["not_started"]
    return found


def restart(host: Host, kernel: KernelClient) -> None:
    assert host.post(f"/api/kernels/{kernel.kernel_id}/restart", {}).status == 200
    kernel.wait_until_heard()


@in_both
def test_a_lost_interpreter_is_named_with_what_mends_it(host: Host, conda: Path) -> None:
    prefix = conda / "envs/broken"
    with host.start_kernel("conda-env-broken-py") as kernel:
        text = error_of(kernel.execute("1 + 1"))
        again = error_of(kernel.execute(""))

    assert f"{prefix}/bin/python" in text
    assert f"{prefix}/share/jupyter/kernels/python3/kernel.json" in text
    assert f"conda install --prefix {prefix} python ipykernel" in text
    assert "conda-env-good-py" in text
    assert again == text


def test_a_configured_name_that_is_nowhere_tells_so_and_is_never_listed(host: Host) -> None:
    with host.start_kernel("absent") as kernel:
        text = error_of(kernel.execute("1"))

    assert "`absent` is not a kernel of this image" in text
    assert "app-image-config.json" in text
    assert "absent" not in host.get("/api/kernelspecs").json()["kernelspecs"]
    assert host.get("/api/kernelspecs/absent").status == 404


def test_an_environment_without_a_kernel_is_told_to_get_one(host: Host, conda: Path) -> None:
    with host.start_kernel("conda-env-empty-py") as kernel:
        text = error_of(kernel.execute("1"))

    assert f"conda install --prefix {conda}/envs/empty ipykernel" in text


def test_a_process_that_ends_before_it_answers_is_heard(host: Host) -> None:
    with host.start_kernel("conda-env-dies-py") as kernel:
        text = error_of(kernel.execute("1"))

    assert "the licence has expired" in text
    assert "status 1" in text


@in_both
def test_a_session_tells_as_well(host: Host) -> None:
    body = {"path": f"{uuid.uuid4()}.ipynb", "name": "", "type": "notebook"}
    opened = host.post("/api/sessions", {**body, "kernel": {"name": "conda-env-broken-py"}})

    assert opened.status == 201
    with host.connect(opened.json()["kernel"]["id"]) as kernel:
        assert "does not exist" in error_of(kernel.execute("1"))


@in_both
def test_a_restart_after_the_mend_starts_the_real_kernel_on_the_same_connection(
    host: Host, conda: Path
) -> None:
    with host.start_kernel("conda-env-broken-py") as kernel:
        error_of(kernel.execute("1"))
        restart(host, kernel)
        error_of(kernel.execute("1"))  # nothing is mended yet
        envs.make_environment(
            conda / "envs/broken",
            interpreter="real",
            files={"etc/conda/activate.d/a.sh": "export MENDED=yes\n"},
        )
        settle()
        restart(host, kernel)

        cell = kernel.execute("import os, sys; print(sys.prefix, os.environ['MENDED'])")

    assert cell.text == f"{conda}/envs/broken yes\n"
    assert not_started(host) == []


def test_a_missing_name_that_appears_is_started_by_a_restart(host: Host, conda: Path) -> None:
    with host.start_kernel("conda-env-empty-py") as kernel:
        error_of(kernel.execute("1"))
        envs.make_environment(conda / "envs/empty", interpreter="real")
        settle()
        restart(host, kernel)

        cell = kernel.execute("import os; print(os.environ['CONDA_DEFAULT_ENV'])")

    assert cell.text == "empty\n"


def test_an_environment_that_goes_away_is_told_at_the_restart(host: Host, conda: Path) -> None:
    with host.start_kernel("conda-env-good-py") as kernel:
        assert kernel.execute("1 + 1").result == "2"
        os.rename(conda / "envs/good", conda / "envs/gone")
        settle()
        restart(host, kernel)

        text = error_of(kernel.execute("1"))

    assert "conda-env-good-py" in text
    assert "conda-env-gone-py" in text  # what is there instead


@in_both
def test_running_kernels_that_only_explain_are_marked(host: Host, conda: Path) -> None:
    assert not_started(host) == []
    etag = host.get("/api/sm/kernels").headers["Etag"]

    with host.start_kernel("conda-env-broken-py") as kernel:
        (found,) = not_started(host)
        changed = host.get("/api/sm/kernels", headers={"If-None-Match": etag})
        overview = host.get("/api/sm").json()["kernels"]["not_started"]

    assert found["id"] == kernel.kernel_id
    assert found["name"] == "conda-env-broken-py"
    assert f"{conda}/envs/broken/bin/python" in found["reason"]
    assert found["file"].endswith("/kernel.json")
    assert changed.status == 200
    assert overview == [found]


def test_an_unknown_name_is_refused_as_before(host: Host) -> None:
    answer = host.post("/api/kernels", {"name": "nowhere"})

    assert (answer.status, answer.json()["code"]) == (404, "kernel-unknown")


def test_what_explains_leaves_nothing_behind(host: Host) -> None:
    kernels = [host.start_kernel(n) for n in ("conda-env-dies-py", "absent")]
    error_of(kernels[0].execute("1"))

    for kernel in kernels:
        kernel.close()
        assert host.delete(f"/api/kernels/{kernel.kernel_id}").status == 204

    assert not_started(host) == []
    assert host.stop() in {0, 143}
    assert host.left_behind() == []


def test_kernels_of_many_environments_started_at_once_see_their_own(
    host: Host, conda: Path
) -> None:
    for i in range(6):
        envs.make_environment(
            conda / f"envs/e{i}",
            interpreter="real",
            files={"etc/conda/activate.d/a.sh": f"export MINE=e{i} OF_e{i}=1\n"},
        )
    settle()
    code = "import os; print(os.environ['MINE'], [k for k in os.environ if k.startswith('OF_')])"

    def run(i: int) -> str:
        with host.start_kernel(f"conda-env-e{i}-py") as kernel:
            return kernel.execute(code).text

    with ThreadPoolExecutor(6) as pool:
        texts = list(pool.map(run, range(6)))

    assert texts == [f"e{i} ['OF_e{i}']\n" for i in range(6)]
