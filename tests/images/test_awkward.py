"""A container that is not as it should be: the host serves, or says in one line why it does not."""

import time

import containers
import hosts
import pytest

pytestmark = [pytest.mark.engine, pytest.mark.newest_only, pytest.mark.timeout(600)]


def served(container: containers.Container) -> bool:
    """Whether it came to serve kernels; if not, it has ended and said why in one line."""
    deadline = time.monotonic() + 60
    while container.process.poll() is None and time.monotonic() < deadline:
        try:
            if container.get("/api/sm/health", timeout=2).status == 200:
                return True
        except OSError:
            pass
        time.sleep(0.1)
    assert container.process.wait(10) != 0
    said = [line for line in container.log().splitlines() if line.strip()]
    assert len(said) == 1, container.log()
    return False


def runs_a_cell(container: hosts.Host) -> None:
    with container.start_kernel("conda-env-science-py") as kernel:
        assert kernel.execute("6 * 7").result == "42"


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


@pytest.mark.xfail(strict=True, reason="a traceback from jupyter_core: it makes the runtime folder")
@pytest.mark.parametrize(
    "options",
    [
        pytest.param(("--read-only",), id="read-only"),
        pytest.param(("--user=54321:54321",), id="any uid"),
        pytest.param(("--env=HOME=/nowhere",), id="no home"),
        pytest.param(("--volume=/usr/share/doc:/home/sagemaker-user:ro",), id="home read-only"),
    ],
)
def test_without_a_home_to_write_to_it_serves_or_says_why(
    user_image: str, launch: containers.LaunchContainer, options: tuple[str, ...]
) -> None:
    container = launch(user_image, *options, wait=None)

    if served(container):
        runs_a_cell(container)
        assert container.stop() == 0


def test_64_mb_of_memory_are_enough_to_serve(
    user_image: str, launch: containers.LaunchContainer
) -> None:
    with launch(user_image, "--memory=64m", "--memory-swap=64m") as container:
        assert "conda-env-science-py" in container.get("/api/kernelspecs").json()["kernelspecs"]
        assert container.stop() == 0
