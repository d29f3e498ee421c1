"""A fake service, and an environment with which nothing leaves the machine."""

import contextlib
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from fake_cloudwatch import FAKE_CREDENTIALS, GROUP, FakeCloudWatch, start_fake_cloudwatch

from jupyter_sm.aws import LogsClient

STREAM = "d-1/ann/KernelGateway/app"
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")

OpenLogs = Callable[..., LogsClient]


@pytest.fixture(autouse=True)
def aws_environ(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Fake credentials and no way out; a test takes away what it wants to be without."""
    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower() in PROXIES:
            monkeypatch.delenv(name)
    for name, value in FAKE_CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.fixture(scope="session")
def running_fake() -> Iterator[FakeCloudWatch]:
    with start_fake_cloudwatch() as running:
        yield running


@pytest.fixture
def fake(running_fake: FakeCloudWatch) -> FakeCloudWatch:
    running_fake.forget()
    return running_fake


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
