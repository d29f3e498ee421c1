"""Fixtures of the tests that start kernels in environments."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hosts
import processes
import pytest

from .foreign import Host


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A path that is short enough for a socket."""
    folder = tempfile.mkdtemp(dir="/tmp")
    yield Path(folder)
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Each process that a test started has ended with it."""
    mark = f"{hosts.RUN_MARK}={os.environ[hosts.RUN_MARK]}"
    before = processes.processes_with_env(mark)
    yield
    left = processes.still_alive(processes.processes_with_env(mark) - before, within=2)
    described = sorted(map(processes.describe, left))
    processes.kill(left)
    assert not described
