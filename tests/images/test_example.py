"""docs/examples in a real container, started as SageMaker starts an app, as both users it supports."""

import http.client
import json
from dataclasses import dataclass
from pathlib import Path

import containers
import hosts
import pytest
import real

from jupyter_sm.logs.line import decode_line

pytestmark = [pytest.mark.engine, pytest.mark.newest_only, pytest.mark.timeout(600)]

PREFIXES = {
    "python3": "/opt/conda",
    "conda-env-science-py": "/opt/conda/envs/science",
    "conda-env-training-py": "/opt/conda/envs/training",
}
STREAM = "aws/sagemaker/studio/d-abc123def456/ana-lopez/KernelGateway/my-app.log"


@dataclass(frozen=True)
class App:
    """One of the two images, with folders of this machine mounted as SageMaker mounts them.

    Attributes:
        mounts: options of the engine's `run`.
        home: the user's folder, on this machine.
        logs: /var/log/jupyter_sm, on this machine.
    """

    image: str
    uid: int
    gid: int
    mount_path: str
    mounts: tuple[str, ...]
    home: Path
    logs: Path

    def events(self) -> list[str]:
        """The messages of the log; every line is an event, and the last one is whole."""
        data = (self.logs / STREAM).read_bytes()
        assert data.endswith(b"\n")
        events = [decode_line(line) for line in data.splitlines()]
        return [json.loads(event.message)["message"] for event in events if event is not None]


@pytest.fixture(params=["1000:100", "0:0"])
def app(request: pytest.FixtureRequest, context: Path, folder_of: containers.FolderOf) -> App:
    uid, gid = map(int, request.param.split(":"))
    image = request.getfixturevalue("root_image" if uid == 0 else "user_image")
    mount_path = "/root" if uid == 0 else "/home/sagemaker-user"
    home, logs = folder_of("home", uid, gid), folder_of("logs", uid, gid)
    internal = folder_of("internal", 0, 0)
    mounts = (
        f"--user={request.param}",
        f"--volume={context}/metadata:/opt/ml/metadata:ro",
        f"--volume={internal}:/opt/.sagemakerinternal:ro",
        f"--volume={home}:{mount_path}",
        f"--volume={logs}:/var/log/jupyter_sm",
    )
    return App(image, uid, gid, mount_path, mounts, home, logs)


def test_the_configured_kernels_are_listed_and_each_runs_a_cell(
    app: App, launch: containers.LaunchContainer, record_real: real.RecordReal
) -> None:
    with launch(app.image, *app.mounts) as container:
        listed = container.get("/api/kernelspecs").json()

        assert container.get("/api/sm/health", token=None).status == 200
        assert container.get("/api/kernelspecs", token=None).status in {401, 403}
        assert listed["default"] == "python3"
        assert list(listed["kernelspecs"]) == list(PREFIXES)
        for name, prefix in PREFIXES.items():
            with container.start_kernel(name) as kernel:
                code = "import os, sys; sys.prefix, os.getcwd(), os.getuid(), os.getgid()"
                seen = kernel.execute(code)
                assert seen.result == repr((prefix, app.mount_path, app.uid, app.gid))
        report = container.get("/api/sm/health/report").json()
        assert [problem for problem in report["problems"] if problem["severity"] == "error"] == []
    record_real(real.ENGINE)


def test_stopping_ends_every_kernel_by_itself_and_the_log_is_whole(
    app: App, launch: containers.LaunchContainer
) -> None:
    at_exit = "import atexit, pathlib, sys; p = pathlib.Path({path!r}); atexit.register(p.touch)"
    with launch(app.image, *app.mounts) as container:
        ids = []
        for name in PREFIXES:
            with container.start_kernel(name) as kernel:
                path = f"{app.mount_path}/{name}"
                assert kernel.execute(at_exit.format(path=path)).reply["status"] == "ok"
                ids.append(kernel.kernel_id)

        assert container.stop() == 0, container.log()
        assert container.left_behind() == []
    assert {path.name for path in app.home.iterdir() if path.is_file()} >= set(PREFIXES)
    events = app.events()
    for kernel_id in ids:
        assert f"Kernel started: {kernel_id}" in events
        assert f"Kernel shutdown: {kernel_id}" in events
    assert (app.logs / STREAM).stat().st_uid == app.uid


def test_the_identity_is_that_of_the_metadata(app: App, launch: containers.LaunchContainer) -> None:
    with launch(app.image, *app.mounts) as container:
        told = container.get("/api/sm/metadata").json()
        where = container.get("/api/sm/logs?tail=1").json()

    text = json.dumps(told)
    assert all(fact in text for fact in ("d-abc123def456", "ana-lopez", "my-app", "KernelGateway"))
    assert f"/var/log/jupyter_sm/{STREAM}" in json.dumps(where)


def test_an_environment_that_is_added_while_it_runs_is_served(
    app: App, launch: containers.LaunchContainer
) -> None:
    with launch(app.image, *app.mounts, "--env=JUPYTER_SM_SHOW=all") as container:
        assert "conda-env-added-py" not in container.get("/api/kernelspecs").json()["kernelspecs"]
        container.run("conda", "create", "--yes", "--name", "added", "python=3.11", "ipykernel")

        with container.start_kernel("conda-env-added-py") as kernel:
            assert kernel.execute("import sys; sys.prefix").result == "'/opt/conda/envs/added'"
        assert "conda-env-added-py" in container.get("/api/kernelspecs").json()["kernelspecs"]


def test_a_lab_outside_that_is_connected_to_it_shows_this_image(
    app: App, launch: containers.LaunchContainer, launch_lab: hosts.LaunchHost
) -> None:
    with launch(app.image, *app.mounts) as container:
        token = {"JUPYTER_GATEWAY_AUTH_TOKEN": container.token}
        with launch_lab(f"--gateway-url={container.url}", env=token) as lab:
            overview = lab.get("/api/sm")
            assert overview.status == http.client.OK
            assert overview.headers["X-Jupyter-SM-Gateway"] is not None
            assert "ana-lopez" in overview.body.decode()
            with lab.start_kernel("conda-env-science-py") as kernel:
                assert kernel.execute("import sys; sys.prefix").result == (
                    "'/opt/conda/envs/science'"
                )


def test_the_command_of_the_image_is_what_the_platform_runs(
    engine: containers.Engine, user_image: str
) -> None:
    config = json.loads(engine.call("image", "inspect", user_image))[0]["Config"]

    assert config["User"] == "1000:100"
    assert config["Cmd"] == ["jupyter", "kernelgateway", "--ip=0.0.0.0", "--port=8888"]
