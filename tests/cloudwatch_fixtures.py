"""A fake of CloudWatch Logs for every test that asks for one, and an environment without a way out."""

import os
from collections.abc import Iterator

import pytest
from fake_cloudwatch import FAKE_CREDENTIALS, FakeCloudWatch, start_fake_cloudwatch

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture
def aws_environ(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Credentials with which nothing leaves the machine; a test takes away what it wants to lack."""
    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower() in PROXIES:
            monkeypatch.delenv(name)
    for name, value in FAKE_CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.fixture(scope="session")
def running_fake() -> Iterator[FakeCloudWatch]:
    """The process; a test wants ``fake``."""
    with start_fake_cloudwatch() as running:
        yield running


@pytest.fixture
def fake(running_fake: FakeCloudWatch) -> FakeCloudWatch:
    """The service, with nothing in it and no fault."""
    running_fake.forget()
    return running_fake
