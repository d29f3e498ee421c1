"""A container that is not as it should be: the host serves, or says in one line why it does not."""

import contextlib
import http.client
import time

import containers
import hosts
import pytest

pytestmark = [pytest.mark.engine, pytest.mark.newest_only, pytest.mark.timeout(600)]


UNANSWERED = (OSError, http.client.HTTPException)
"""A gateway that is short of memory may be short of time, too."""


def runs_a_cell(container: hosts.Host) -> None:
    with container.start_kernel("conda-env-science-py") as kernel:
        assert kernel.execute("6 * 7").result == "42"


def ends_every_kernel(container: hosts.Host) -> None:
    """One that ended by itself may be gone, or be starting anew, when it is to be deleted."""
    deadline = time.monotonic() + 90
    while True:
        with contextlib.suppress(*UNANSWERED):
            kernels = container.get("/api/kernels").json()
            for kernel in kernels:
                container.delete(f"/api/kernels/{kernel['id']}")
            if not kernels:
                return
        assert time.monotonic() < deadline, container.log()
        time.sleep(0.5)


def test_a_read_only_root_with_a_home_is_served(
    user_image: str, launch: containers.LaunchContainer, folder_of: containers.FolderOf
) -> None:
    home = folder_of("home", 1000, 100)
    with launch(user_image, "--read-only", f"--volume={home}:/home/sagemaker-user") as container:
        runs_a_cell(container)
        assert container.stop() == 0


def test_any_uid_with_a_home_is_served(
    user_image: str, launch: containers.LaunchContainer, folder_of: containers.FolderOf
) -> None:
    home = folder_of("home", 54321, 54321)
    options = ("--user=54321:54321", f"--volume={home}:/home/any", "--env=HOME=/home/any")
    with launch(user_image, *options) as container:
        runs_a_cell(container)
        assert container.stop() == 0


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(("--read-only",), id="read-only"),
        pytest.param(("--user=54321:54321", "--passwd=false"), id="any uid"),
        pytest.param(("--env=HOME=/nowhere",), id="no home"),
        pytest.param(("--volume=/usr/share/doc:/home/sagemaker-user:ro",), id="home read-only"),
    ],
)
def test_without_a_home_to_write_to_it_serves_and_says_what_is_wrong(
    user_image: str, launch: containers.LaunchContainer, options: tuple[str, ...]
) -> None:
    with launch(user_image, *options) as container:
        runs_a_cell(container)
        assert container.log().count("is used instead: give uid") == 1
        said = {
            problem["id"] for problem in container.get("/api/sm/health/report").json()["problems"]
        }
        assert said & {"home-not-writable", "mount-path-not-writable"}
        assert container.stop() == 0


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(("--read-only", "--read-only-tmpfs=false"), id="nothing to write to"),
        pytest.param(("--env=JUPYTER_RUNTIME_DIR=/proc/x",), id="not to be made"),
    ],
)
def test_without_any_runtime_folder_it_says_so_in_one_line(
    user_image: str, launch: containers.LaunchContainer, options: tuple[str, ...]
) -> None:
    container = launch(user_image, *options, wait=None)

    assert container.process.wait(60) == 1
    (line,) = [line for line in container.log().splitlines() if line.strip()]
    assert "JUPYTER_RUNTIME_DIR" in line


def test_without_a_temporary_folder_it_serves_and_says_what_is_wrong(
    user_image: str, launch: containers.LaunchContainer, folder_of: containers.FolderOf
) -> None:
    """ipykernel itself needs one: kernels are for whoever adds ``--tmpfs /tmp``."""
    home = folder_of("home", 1000, 100)
    mount = f"--volume={home}:/home/sagemaker-user"
    with launch(user_image, "--read-only", "--read-only-tmpfs=false", mount) as container:
        assert "conda-env-science-py" in container.get("/api/kernelspecs").json()["kernelspecs"]
        report = container.get("/api/sm/health/report").json()
        assert "temporary-folder-not-writable" in {each["id"] for each in report["problems"]}
        assert container.stop() == 0


def test_64_mb_of_memory_are_enough_to_serve(
    user_image: str, launch: containers.LaunchContainer
) -> None:
    with launch(user_image, "--memory=64m", "--memory-swap=64m") as container:
        assert "conda-env-science-py" in container.get("/api/kernelspecs").json()["kernelspecs"]
        assert container.stop() == 0


def test_where_memory_runs_out_kernels_end_and_the_gateway_stays(
    user_image: str, launch: containers.LaunchContainer
) -> None:
    with launch(user_image, "--memory=128m", "--memory-swap=128m") as container:
        deadline = time.monotonic() + 90
        while "for want of memory" not in container.log() and time.monotonic() < deadline:
            with contextlib.suppress(*UNANSWERED):
                assert (
                    container.post("/api/kernels", {"name": "conda-env-science-py"}).status == 201
                )
            time.sleep(1)

        assert "is not started: its process was killed by SIGKILL" in container.log()
        ends_every_kernel(container)
        runs_a_cell(container)
        assert container.stop() == 0
