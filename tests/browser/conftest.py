"""A browser for the whole run, hosts that several tests look at, and tests that are coroutines."""

import functools
import inspect
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import browsing
import envs
import hosts
import panelpage
import pytest
from browsing import Chromium
from fakegpu import FakeDriver, Gpu, Machine
from hosts import Host

HERE = Path(__file__).parent
OWN_TIMEOUT = 180
"""Seconds for one test with a browser."""

NEW_DRIVER: dict[str, Any] = {"nvml.driver": "580.65.06", "nvml.cuda": 13000, "cuda.driver": 13000}
"""A driver that is older than no toolkit of the machine that runs the tests."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A coroutine is run by the browser that it is given, on its event loop."""
    for item in items:
        if not isinstance(item, pytest.Function) or HERE not in item.path.parents:
            continue
        item.add_marker(pytest.mark.newest_only)
        item.add_marker(pytest.mark.timeout(OWN_TIMEOUT))
        if inspect.iscoroutinefunction(item.obj):
            item.obj = _plain(item, item.obj)


def _plain(item: pytest.Function, test: Callable[..., Any]) -> Callable[..., None]:
    @functools.wraps(test)
    def run(**given: Any) -> None:
        browser: Any = item.funcargs["chromium"]
        browser.run(test(**given))

    return run


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    program = browsing.chromium_program()
    if program is None:
        pytest.skip(browsing.REMEDY)
    with browsing.chromium(program) as browser:
        yield browser


def _documents(folder: Path, *kernels: str) -> dict[str, str]:
    """What an image on SageMaker finds, written into a folder; the variables that say where."""
    arn = "arn:aws:sagemaker:eu-west-1:123456789012:app/d-abc123def456/ana-lopez/JupyterLab/default"
    metadata = {"AppType": "JupyterLab", "ResourceArn": arn, "UserProfileName": "ana-lopez"}
    config = {
        "AppImageConfigName": "team-image",
        "KernelGatewayImageConfig": {
            "KernelSpecs": [{"Name": name} for name in kernels],
            "FileSystemConfig": {"DefaultUid": os.getuid(), "DefaultGid": os.getgid()},
        },
    }
    files = {"METADATA_FILE": metadata, "APP_IMAGE_CONFIG": config}
    for name, document in files.items():
        (folder / f"{name}.json").write_text(json.dumps(document))
    return {f"JUPYTER_SM_{name}": str(folder / f"{name}.json") for name in files}


def _gpu(machine: Machine) -> dict[str, str]:
    """What the driver's fake needs; the host keeps its own PATH."""
    return {name: value for name, value in machine.environ().items() if name != "PATH"}


@pytest.fixture(scope="session")
def guest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """JupyterLab on somebody's own machine: no AppImageConfig, no metadata."""
    with hosts.start_lab(tmp_path_factory.mktemp("guest"), *panelpage.LAB_FLAGS) as host:
        yield host


@pytest.fixture(scope="session")
def conda(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A conda installation with the environment ``train``, whose kernels start."""
    root = envs.make_environment(tmp_path_factory.mktemp("opt") / "conda", interpreter="real")
    envs.make_environment(root / "envs/train", interpreter="real")
    return root


@pytest.fixture(scope="session")
def image(
    tmp_path_factory: pytest.TempPathFactory, conda: Path, fake_driver: FakeDriver
) -> Iterator[Host]:
    """JupyterLab in an image on SageMaker, with two kernels and two GPUs."""
    folder = tmp_path_factory.mktemp("image")
    machine = fake_driver.installed(folder / "lib").machine(Gpu(), Gpu(number=1), **NEW_DRIVER)
    env = {**_gpu(machine), **_documents(folder, "python3", "conda-env-train-py")}
    env["MAMBA_ROOT_PREFIX"] = str(conda)
    with hosts.start_lab(folder, *panelpage.LAB_FLAGS, env=env) as host:
        yield host


@pytest.fixture(scope="session")
def ill_image(tmp_path_factory: pytest.TempPathFactory, fake_driver: FakeDriver) -> Iterator[Host]:
    """The same with a kernel that is not there, and a driver that says no."""
    folder = tmp_path_factory.mktemp("ill")
    values = {**NEW_DRIVER, "cuda.init": "!803"}
    machine = fake_driver.installed(folder / "lib").machine(Gpu(), **values)
    env = {**_gpu(machine), **_documents(folder, "python3", "training")}
    with hosts.start_lab(folder, *panelpage.LAB_FLAGS, env=env) as host:
        yield host
