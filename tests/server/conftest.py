"""Fixtures of the hosts' tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from slowdisk import SlowDisk, build


@pytest.fixture(scope="session")
def slow_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that makes a disk slow, compiled once a run."""
    return build(tmp_path_factory.mktemp("slowdisk"))


@pytest.fixture
def slow_disk(
    request: pytest.FixtureRequest, slow_library: Path, tmp_path: Path
) -> Iterator[SlowDisk]:
    """A disk for the hosts of this test; it answers again before they are stopped."""
    request.getfixturevalue("launch_gateway")  # begins before, and so ends after
    request.getfixturevalue("launch_server")
    disk = SlowDisk(slow_library, tmp_path / "slowdisk")
    yield disk
    disk.close()
