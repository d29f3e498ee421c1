"""Fixtures of all tests: a clean environment, real hosts, a real conda environment."""

import os
import signal
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import conda_installation
import hosts
import processes
import pytest

pytest_plugins = ["cloudwatch_fixtures", "fakegpu", "real", "workers", "pytester"]

LEAKS = (
    "AWS_",
    "CONDA",
    "_CONDA",
    "_CE_",
    "IPYTHON",
    "JUPYTER",
    "KERNEL_",
    "KG_",
    "MAMBA",
    "SAGEMAKER_",
)
"""Beginnings of the names of variables that change what is tested."""


def pytest_configure() -> None:
    """Let Ctrl-C be Ctrl-C in what tests start: a shell's background job is born ignoring it."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def user_environ() -> dict[str, str]:
    """The environment of the person who runs the tests, for pip and its configuration."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}


@pytest.fixture(scope="session", autouse=True)
def clean_environ(
    user_environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """No setting, and no home, of the person who runs the tests reaches one; no AWS look-up."""
    with pytest.MonkeyPatch.context() as patch:
        for name in user_environ:
            if name.startswith(LEAKS):
                patch.delenv(name)
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="session", autouse=True)
def no_process_left() -> Iterator[None]:
    """Whatever a test started has ended when the last test has."""
    run = uuid.uuid4().hex
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(hosts.RUN_MARK, run)
        yield
    left = processes.still_alive(processes.processes_with_env(f"{hosts.RUN_MARK}={run}"))
    described = sorted(map(processes.describe, left))
    processes.kill(left)
    assert not described


def _launcher(start: hosts.LaunchHost, folder: Path) -> Iterator[hosts.LaunchHost]:
    with ExitStack() as running:

        def launch(*args: str, **how: object) -> hosts.Host:
            return running.enter_context(start(folder, *args, **how))

        yield launch


@pytest.fixture
def launch_gateway(tmp_path: Path) -> Iterator[hosts.LaunchHost]:
    """`hosts.start_gateway` in this test's folder; every host it starts ends with the test."""
    yield from _launcher(hosts.start_gateway, tmp_path)


@pytest.fixture
def launch_server(tmp_path: Path) -> Iterator[hosts.LaunchHost]:
    """`hosts.start_server` in this test's folder; every host it starts ends with the test."""
    yield from _launcher(hosts.start_server, tmp_path)


@pytest.fixture
def launch_lab(tmp_path: Path) -> Iterator[hosts.LaunchHost]:
    """`hosts.start_lab` in this test's folder; every host it starts ends with the test."""
    yield from _launcher(hosts.start_lab, tmp_path)


@pytest.fixture(scope="session")
def rattler_environment(
    tmp_path_factory: pytest.TempPathFactory,
) -> conda_installation.CondaInstallation:
    """Two environments installed by py-rattler, once a run; read-only."""
    return conda_installation.make(tmp_path_factory.mktemp("conda"))
