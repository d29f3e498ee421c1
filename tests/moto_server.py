"""moto's server as a process: a second opinion on CloudWatch Logs, by somebody else.

with start_moto_server() as moto:
    client = boto3.client("logs", endpoint_url=moto.endpoint_url, …)
    …
    assert moto.events("/aws/sagemaker/studio", "d-1/ann/KernelGateway/app") == written
"""

import contextlib
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from hosts import free_port

START_SECONDS = 60.0
REGION = "eu-west-1"


@dataclass(frozen=True)
class MotoServer:
    """The running server.

    Attributes:
        endpoint_url: what a client is given.
    """

    endpoint_url: str

    def events(self, group: str, stream: str) -> list[tuple[int, str]]:
        """Every event of the stream as ``get_log_events`` gives them, page by page."""
        with contextlib.closing(self.client()) as client:
            found: list[tuple[int, str]] = []
            token: dict[str, str] = {}
            while True:
                page = client.get_log_events(
                    logGroupName=group, logStreamName=stream, startFromHead=True, **token
                )
                found += [(event["timestamp"], event["message"]) for event in page["events"]]
                if page["nextForwardToken"] == token.get("nextToken"):
                    return found
                token = {"nextToken": page["nextForwardToken"]}

    def client(self) -> Any:
        """A client of the SDK; whoever asks closes it."""
        return boto3.client(
            "logs",
            endpoint_url=self.endpoint_url,
            region_name=REGION,
            aws_access_key_id="AKIAFAKEFAKEFAKEFAKE",
            aws_secret_access_key="fake",
            config=Config(retries={"total_max_attempts": 1, "mode": "standard"}),
        )


@contextlib.contextmanager
def start_moto_server(log_path: Path) -> Iterator[MotoServer]:
    """Start it on a free port; it has ended when the block has. It writes to ``log_path``."""
    port = free_port()
    with (
        log_path.open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-p", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        ) as process,
    ):
        try:
            _wait(process, port, log_path)
            yield MotoServer(f"http://127.0.0.1:{port}")
        finally:
            process.kill()  # it keeps nothing, and other signals wait for its connections


def _wait(process: subprocess.Popen[bytes], port: int, log_path: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as one:
            try:
                one.request("GET", "/moto-api/data.json")
                one.getresponse().read()
            except (OSError, http.client.HTTPException):
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"moto did not start: {log_path.read_text()}") from None
            else:
                return
        time.sleep(0.05)
