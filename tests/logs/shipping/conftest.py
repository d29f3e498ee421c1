"""A spool of its own for each test, and a CloudWatch Logs that can be told to fail."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fake_cloudwatch import FakeCloudWatch

from .running import RunShipper, ShipperChild, started
from .spools import GROUP, STREAM


@pytest.fixture
def log_path(tmp_path: Path) -> Path:
    """The active file of a stream; its folder is there, the file is not."""
    path = tmp_path / GROUP.strip("/") / f"{STREAM}.log"
    path.parent.mkdir(mode=0o700, parents=True)
    return path


@pytest.fixture
def cloudwatch(fake: FakeCloudWatch, aws_environ: pytest.MonkeyPatch) -> FakeCloudWatch:
    """The service, with nothing in it and no fault; the environment has credentials for it."""
    del aws_environ
    return fake


@pytest.fixture
def run_shipper(log_path: Path, cloudwatch: FakeCloudWatch) -> Iterator[RunShipper]:
    """Starts a shipper's process for the spool; none is left after the test."""
    with ExitStack() as running:

        def run(endpoint_url: str = cloudwatch.endpoint_url, **how: Any) -> ShipperChild:
            return running.enter_context(started(log_path, endpoint_url, **how))

        yield run
