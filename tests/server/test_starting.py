"""Every way to start a kernel asks the fresh catalog, and says why it starts none."""

import json
import os
import shutil
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import envs
import pytest
from hosts import Host, Response

Launch = Callable[..., Host]

INTERNAL = "__SAGEMAKER_INTERNAL__arn:aws:sagemaker:us-west-2:111122223333:image/x"


@pytest.fixture
def conda(tmp_path: Path) -> Path:
    root = envs.make_environment(tmp_path / "conda", interpreter="real")
    envs.make_environment(root / "envs/myenv", interpreter="real")
    return root


@pytest.fixture(params=["gateway", "server"])
def launch(
    request: pytest.FixtureRequest, launch_gateway: Launch, launch_server: Launch, conda: Path
) -> Launch:
    """Either host, serving the image's kernels."""

    def start(*args: str, **env: str) -> Host:
        env = {"MAMBA_ROOT_PREFIX": str(conda), **env}
        if request.param == "gateway":
            return launch_gateway(*args, env=env)
        return launch_server("--JupyterSM.active=True", *args, env=env)

    return start


def open_session(host: Host, kernel: str | None) -> Response:
    body: dict[str, Any] = {"path": f"{uuid.uuid4()}.ipynb", "name": "", "type": "notebook"}
    return host.post("/api/sessions", {**body, "kernel": {"name": kernel}})


def prefix_of(host: Host, session: Response) -> str:
    assert session.status == 201, session.body
    with host.connect(session.json()["kernel"]["id"]) as kernel:
        return str(kernel.execute("import sys; print(sys.prefix, end='')").text)


def config(tmp_path: Path, *names: str) -> str:
    path = tmp_path / "app-image-config.json"
    specs = [{"Name": name} for name in names]
    path.write_text(json.dumps({"KernelGatewayImageConfig": {"KernelSpecs": specs}}))
    return str(path)


@pytest.mark.parametrize("name", ["conda-env-myenv-py", "conda_myenv", "conda_myenv" + INTERNAL])
def test_a_session_starts_a_kernel_by_name_alias_and_studios_spelling(
    launch: Launch, conda: Path, name: str
) -> None:
    host = launch()

    assert prefix_of(host, open_session(host, name)) == str(conda / "envs/myenv")


@pytest.mark.parametrize("route", ["kernels", "sessions"])
def test_an_unknown_kernel_gets_a_suggestion_on_every_route(launch: Launch, route: str) -> None:
    host = launch()

    answer = open_session(host, "myenv") if route == "sessions" else None
    answer = answer or host.post("/api/kernels", {"name": "myenv"})

    assert answer.status == 404
    assert answer.json()["message"] == (
        "`myenv` is not a kernel of this image. Did you mean `conda-env-myenv-py`?"
    )


def test_a_session_is_started_from_what_the_disk_says_now(launch: Launch, conda: Path) -> None:
    host = launch()
    host.get("/api/kernelspecs")
    spec = envs.python_spec(str(conda / "envs/myenv/bin/python"), env={"MARK": "new"})
    envs.write_kernel(conda / "envs/myenv/share/jupyter/kernels/python3", spec)
    time.sleep(0.25)

    started = open_session(host, "conda-env-myenv-py").json()["kernel"]["id"]

    with host.connect(started) as kernel:
        assert kernel.execute("import os; os.environ['MARK']").result == "'new'"


def test_a_removed_environment_is_unknown_at_once(launch: Launch, conda: Path) -> None:
    host = launch()
    host.get("/api/kernelspecs")
    shutil.rmtree(conda / "envs/myenv")
    time.sleep(0.25)

    assert open_session(host, "conda-env-myenv-py").status == 404
    assert host.post("/api/kernels", {"name": "conda-env-myenv-py"}).status == 404


def test_enforce_holds_for_sessions_and_after_a_change(launch: Launch, tmp_path: Path) -> None:
    path = config(tmp_path, "python3", "conda-env-myenv-py")
    host = launch("--JupyterSM.enforce=True", JUPYTER_SM_APP_IMAGE_CONFIG=path)
    assert open_session(host, "conda-env-myenv-py").status == 201
    config(tmp_path, "python3")
    time.sleep(0.25)

    refused = open_session(host, "conda-env-myenv-py")

    assert refused.status == 403
    assert refused.json()["code"] == "kernel-refused"
    assert path in refused.json()["hint"]


def test_the_default_is_that_of_the_configuration_as_it_is_now(
    launch: Launch, tmp_path: Path, conda: Path
) -> None:
    path = config(tmp_path, "python3")
    host = launch(JUPYTER_SM_APP_IMAGE_CONFIG=path)
    host.get("/api/kernelspecs")
    config(tmp_path, "conda-env-myenv-py")
    time.sleep(0.25)

    with host.start_kernel() as kernel:
        found = kernel.execute("import sys; print(sys.prefix, end='')").text

    assert found == str(conda / "envs/myenv")


def test_no_token_of_the_host_reaches_a_kernel(launch: Launch) -> None:
    host = launch(JUPYTER_GATEWAY_AUTH_TOKEN="a secret")  # beside the host's own
    code = "import os; sorted(k for k in os.environ if 'TOKEN' in k)"

    for started in (
        host.post("/api/kernels").json()["id"],
        open_session(host, "python3").json()["kernel"]["id"],
    ):
        with host.connect(started) as kernel:
            assert kernel.execute(code).result == "[]"


def test_an_existing_session_is_switched_to_another_kernel(launch: Launch) -> None:
    host = launch()
    session = open_session(host, "python3").json()

    changed = host.request(
        "PATCH", f"/api/sessions/{session['id']}", {"kernel": {"name": "conda_myenv"}}
    )
    refused = host.request(
        "PATCH", f"/api/sessions/{session['id']}", {"kernel": {"name": "nowhere"}}
    )

    assert changed.status == 200
    assert changed.json()["kernel"]["name"] == "conda_myenv"
    assert [kernel["name"] for kernel in host.get("/api/kernels").json()] == ["conda_myenv"]
    assert refused.status == 404
    assert refused.json()["code"] == "kernel-unknown"


def test_the_limit_holds_for_requests_at_the_same_time(launch_gateway: Launch) -> None:
    host = launch_gateway("--KernelGatewayApp.max_kernels=2")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: host.post("/api/kernels").status, range(8)))

    assert answers.count(201) == 2
    assert answers.count(403) == 6


def test_a_kernel_is_prespawned_by_the_configured_default(
    launch_gateway: Launch, tmp_path: Path, conda: Path
) -> None:
    host = launch_gateway(
        "--KernelGatewayApp.prespawn_count=1",
        env={
            "MAMBA_ROOT_PREFIX": str(conda),
            "JUPYTER_SM_APP_IMAGE_CONFIG": config(tmp_path, "conda-env-myenv-py"),
        },
    )
    deadline = time.monotonic() + 30
    while not (kernels := host.get("/api/kernels").json()):
        assert time.monotonic() < deadline, host.log()
        time.sleep(0.05)

    assert [kernel["name"] for kernel in kernels] == ["conda-env-myenv-py"]


def test_starts_that_wait_when_the_stop_comes_leave_no_process(launch_gateway: Launch) -> None:
    host = launch_gateway()
    with host.start_kernel("python3") as kernel:
        kernel.execute("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)")
        kernel.send("execute_request", {"code": "import time; time.sleep(60)", "silent": False})

    with ThreadPoolExecutor(6) as pool:
        for _ in range(6):
            pool.submit(_post_quietly, host)
        time.sleep(0.05)
        assert host.stop(timeout=10) == 0

    assert host.left_behind() == []


def _post_quietly(host: Host, body: dict[str, str] | None = None) -> None:
    try:
        host.post("/api/kernels", body)
    except OSError:
        return  # the host is gone, as it should be


def test_a_host_stops_after_a_start_that_failed(launch: Launch, tmp_path: Path) -> None:
    host = launch()
    with host.start_kernel("python3") as kernel:
        kernel.execute("1")
    runtime = tmp_path / "jupyter/runtime"
    runtime.rename(tmp_path / "aside")
    assert host.post("/api/kernels", {"name": "python3"}).status == 500
    (tmp_path / "aside").rename(runtime)

    assert host.stop() == 0
    assert host.left_behind() == []


def test_a_host_stops_while_it_starts_a_kernel(launch: Launch, conda: Path) -> None:
    scripts = conda / "envs/myenv/etc/conda/activate.d"
    scripts.mkdir(parents=True)
    begun = scripts / "begun"
    (scripts / "slow.sh").write_text(f"touch '{begun}'; sleep 2\n")
    host = launch()
    with host.start_kernel("python3") as kernel:
        kernel.execute("1")

    with ThreadPoolExecutor(1) as pool:
        pool.submit(_post_quietly, host, {"name": "conda-env-myenv-py"})
        deadline = time.monotonic() + 20
        while not begun.exists():
            assert time.monotonic() < deadline, host.log()
            time.sleep(0.05)
        assert host.stop() == 0

    assert host.left_behind() == []


def test_a_pipe_in_the_place_of_a_kernels_program_holds_no_start_up(
    launch: Launch, tmp_path: Path, conda: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o755)
    spec = envs.python_spec(str(pipe))
    envs.write_kernel(conda / "envs/myenv/share/jupyter/kernels/python3", spec)
    host = launch()

    for _ in range(2):
        assert host.post("/api/kernels", {"name": "conda-env-myenv-py"}).status in (201, 500)


def test_a_restarted_kernel_is_the_same_kernel(launch: Launch, conda: Path) -> None:
    host = launch()
    with host.start_kernel("conda-env-myenv-py") as kernel:
        kernel.execute("x = 1")
        assert host.post(f"/api/kernels/{kernel.kernel_id}/restart").status == 200
    with host.connect(kernel.kernel_id) as again:
        found = again.execute("import sys; print(sys.prefix, 'x' in globals(), end='')").text

    assert found == f"{conda / 'envs/myenv'} False"
