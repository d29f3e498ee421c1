"""Clients of the fake service."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from fake_cloudwatch import GROUP, FakeCloudWatch

from jupyter_sm.aws import LogsClient

STREAM = "d-1/ann/KernelGateway/app"

OpenLogs = Callable[..., LogsClient]


@pytest.fixture(autouse=True)
def no_way_out(aws_environ: pytest.MonkeyPatch) -> None:
    """Whatever a test of this room asks, it asks of the fake."""


@pytest.fixture
def open_logs(fake: FakeCloudWatch) -> Iterator[OpenLogs]:
    """A client of the fake's; closed with the test."""
    with ExitStack() as opened:

        def open_one(**how: object) -> LogsClient:
            how = {"endpoint_url": fake.endpoint_url, "read_timeout": 0.5, **how}
            group, stream = str(how.pop("group", GROUP)), str(how.pop("stream", STREAM))
            client = LogsClient(group, stream, **how)  # type: ignore[arg-type] # what a test gives
            return opened.enter_context(contextlib.closing(client))

        yield open_one


@pytest.fixture
def logs(open_logs: OpenLogs) -> LogsClient:
    """A client whose stream exists."""
    client = open_logs()
    assert client.create().kind == "accepted"
    return client
