"""A strict CloudWatch Logs on loopback, whose faults come when a test calls them.

    with start_fake_cloudwatch() as fake:
        client = boto3.client("logs", endpoint_url=fake.endpoint_url, …)
        fake.fail("ThrottlingException", times=3)
        …
        assert fake.arrived("d-1/ann/KernelGateway/app") == written

It runs in a process of its own, so that it neither dies nor competes with the process that is
measured; what it accepted is asked over a second port, which answers during every fault.
"""

import contextlib
import http.client
import json
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GROUP = "/aws/sagemaker/studio"
FAKE_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAFAKEFAKEFAKEFAKE",
    "AWS_SECRET_ACCESS_KEY": "fake/secret/key/of/the/tests",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""Environment with which a client of the SDK never leaves the machine."""

_SERVER_ERRORS = ("InternalFailure", "InternalServerError", "ServiceUnavailableException")
_FOREVER = 10.0**6


@dataclass(frozen=True)
class Call:
    """One request that reached the service.

    Attributes:
        operation: as ``PutLogEvents``.
        sent: events in it, when it was looked into.
        code: the error it was answered with; empty: success; ``hung`` and ``reset``: no answer.
        access_key: the id of who signed it.
    """

    operation: str
    sent: int
    code: str
    access_key: str = FAKE_CREDENTIALS["AWS_ACCESS_KEY_ID"]


@dataclass(frozen=True)
class FakeCloudWatch:
    """The running service.

    Attributes:
        endpoint_url: what a client is given.
    """

    endpoint_url: str
    control_url: str

    def fail(
        self,
        code: str,
        times: int | None = 1,
        *,
        operation: str | None = None,
        status: int | None = None,
        message: str = "said by the test",
    ) -> None:
        """Answer the next ``times`` calls with this error and do nothing; None: until ``recover``.

        Args:
            operation: only calls of this one, as ``CreateLogGroup``.
            status: HTTP status; 500 for a server's error and 400 else when not given.
        """
        if status is None:
            status = 500 if code in _SERVER_ERRORS else 400
        self._fault("error", times, operation=operation, code=code, status=status, message=message)

    def answer_raw(
        self, status: int, body: str, times: int | None = 1, *, content_type: str = "text/html"
    ) -> None:
        """Answer with these bytes, as a proxy that is in the way does."""
        self._fault("raw", times, status=status, body=body, content_type=content_type)

    def reset(
        self, times: int | None = 1, *, accepts: bool = False, operation: str | None = None
    ) -> None:
        """Reset the connection instead of an answer, having done what was asked if ``accepts``."""
        self._fault("reset", times, does=accepts, operation=operation)

    def answer_late(
        self, seconds: float, times: int | None = 1, *, operation: str | None = None
    ) -> None:
        """Do what is asked, and answer ``seconds`` later."""
        self._fault("late", times, seconds=seconds, operation=operation)

    def refuse(self, seconds: float = _FOREVER) -> None:
        """Reset what is connected and refuse connections for ``seconds``, or until ``recover``."""
        self._do("refuse", seconds=seconds)

    def hang(self, seconds: float = _FOREVER, *, accepts: bool = False) -> None:
        """Answer nothing for ``seconds``, or until ``recover``, and then go on.

        With ``accepts`` what arrives meanwhile is done at once, although nobody hears of it; else
        it is done at the end, and only for clients that have waited.
        """
        self._do("hang", seconds=seconds, accepts=accepts)

    def delay(self, seconds: float) -> None:
        """Take so long for every call from now on."""
        self._do("delay", seconds=seconds)

    def recover(self) -> None:
        """End every fault, delay, hang and refusal."""
        self._do("recover")

    def forget(self) -> None:
        """Be as new: no group, no call, no fault."""
        self._do("forget")

    def clock(self, offset_ms: int) -> None:
        """Let the service's clock differ from this machine's."""
        self._do("clock", offset_ms=offset_ms)

    def retention(self, days: int | None, group: str = GROUP) -> None:
        """Let what is older than that be rejected as expired; the group exists."""
        self._do("retention", group=group, days=days)

    def arrived(self, stream: str, group: str = GROUP) -> list[tuple[int, str]]:
        """Exactly what was accepted, in the order in which it was, duplicates included."""
        return [event for batch in self.batches(stream, group) for event in batch]

    def batches(self, stream: str, group: str = GROUP) -> list[list[tuple[int, str]]]:
        """The same by call."""
        batches = self._do("batches", group=group, stream=stream)
        return [[(timestamp, message) for timestamp, message in batch] for batch in batches]

    def streams(self, group: str = GROUP) -> list[str] | None:
        """Names, sorted; None where the group does not exist."""
        names: list[str] | None = self._do("streams", group=group)
        return names

    def calls(self, operation: str | None = None) -> list[Call]:
        """Every call so far, or those of one operation, in order."""
        calls = [Call(**call) for call in self._do("calls")]
        return [call for call in calls if operation in (None, call.operation)]

    def _fault(self, action: str, times: int | None, **more: Any) -> None:
        self._do("fault", action=action, times=times, **more)

    def _do(self, what: str, **how: Any) -> Any:
        host = urllib.parse.urlsplit(self.control_url).netloc
        with contextlib.closing(http.client.HTTPConnection(host, timeout=30)) as connection:
            connection.request("POST", "/", json.dumps({"do": what, **how}))
            return json.loads(connection.getresponse().read())


@contextlib.contextmanager
def start_fake_cloudwatch(port: int = 0) -> Iterator[FakeCloudWatch]:
    """Start it, on a free port unless one is given; it ends with the block or this process."""
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("cloudwatch_server.py")), f"--port={port}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("pipes were asked for")
        try:
            said = json.loads(process.stdout.readline())
            yield FakeCloudWatch(said["endpoint"], said["control"])
        finally:
            process.stdin.close()
