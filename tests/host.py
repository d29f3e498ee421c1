"""One running host: ask it over HTTP, start kernels in it, stop it, see what it leaves behind."""

import http.client
import json
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from types import EllipsisType, TracebackType
from typing import Any
from urllib.parse import urlsplit

import processes
from kernel_client import KernelClient


class HostError(AssertionError):
    """A host did not start or did not stop; the message ends with its log."""


@dataclass(frozen=True)
class Response:
    """An answer over HTTP; redirects are answers, never followed."""

    status: int
    headers: Message
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Host:
    """A running host process.

    Attributes:
        url: scheme, address and port, without a trailing slash.
        token: what it demands; empty when it demands nothing.
        process: its process, whose standard output and error both go to the log.
        log_path: the file they go to.
        mark: ``NAME=value`` in the environment of everything that it starts.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], *, url: str, token: str, log_path: Path, mark: str
    ) -> None:
        self.process = process
        self.url = url
        self.token = token
        self.log_path = log_path
        self.mark = mark
        self._seen: set[processes.Process] = set()

    def __enter__(self) -> "Host":  # noqa: PYI034  # typing.Self came with Python 3.11
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def log(self) -> str:
        """Everything that it has printed so far."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | EllipsisType | None = ...,
        headers: Mapping[str, str] | None = None,
        timeout: float = 30,
    ) -> Response:
        """Ask the host; ``body`` is sent as JSON, or as it is when it is bytes.

        The host's own token is sent unless ``token`` is another one, or None for none at all.
        """
        sent = dict(headers or {})
        secret = self.token if token is ... else token
        if secret:
            sent.setdefault("Authorization", f"token {secret}")
        payload = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=timeout)
        try:
            connection.request(method, path, payload, sent)
            answer = connection.getresponse()
            return Response(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **how: Any) -> Response:
        return self.request("GET", path, **how)

    def post(self, path: str, body: Any = None, **how: Any) -> Response:
        return self.request("POST", path, body, **how)

    def delete(self, path: str, **how: Any) -> Response:
        return self.request("DELETE", path, **how)

    def connect(self, kernel_id: str, *, timeout: float = 30) -> KernelClient:
        """Open the channels of a kernel that runs here."""
        channels = f"ws{self.url.removeprefix('http')}/api/kernels/{kernel_id}/channels"
        return KernelClient(channels, kernel_id, token=self.token, timeout=timeout)

    def start_kernel(self, name: str | None = None, **body: Any) -> KernelClient:
        """Start a kernel, the default one without a ``name``, and open its channels."""
        answer = self.post("/api/kernels", {**body, **({} if name is None else {"name": name})})
        if answer.status != http.client.CREATED:
            raise HostError(f"kernel {name}: {answer.status} {answer.body!r}\n{self.log()}")
        return self.connect(answer.json()["id"])

    def started(self) -> set[processes.Process]:
        """Every living process that came out of this host, itself included."""
        root = processes.find(self.process.pid)
        self._seen |= processes.descendants(self.process.pid) | ({root} if root else set())
        marked = processes.processes_with_env(self.mark)
        return {process for process in self._seen | marked if processes.is_alive(process)}

    def stop(self, signum: int = signal.SIGTERM, timeout: float = 15) -> int:
        """Send a signal and wait for the end; the exit status, negative for a death by signal.

        What the host leaves behind stays, for ``left_behind`` to find.

        Raises:
            HostError: it still runs after ``timeout`` seconds; it is killed first.
        """
        self.started()
        self.process.send_signal(signum)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise HostError(f"still running {timeout} s after {signum!r}\n{self.log()}") from None

    def left_behind(self, *, within: float = 5.0) -> list[str]:
        """Number and command line of each process of this host that outlived it."""
        alive = processes.still_alive(self.started(), within=within)
        return sorted(processes.describe(process) for process in alive)

    def close(self) -> None:
        """Stop the host if it runs, then end whatever came out of it and is left.

        Raises:
            HostError: it had to be killed; no host may be that stubborn.
        """
        if self.process.poll() is None:
            self.stop()  # not killed at once: what is killed reports no coverage
        self.kill()

    def kill(self) -> None:
        """Kill the host and everything that came out of it, whatever state it is in."""
        everything = self.started()
        processes.kill(everything)
        self.process.wait()
        processes.kill(self.started())
        processes.still_alive(everything)

    def wait_for(self, path: str, *, timeout: float) -> None:
        """Wait until ``path`` answers 200; 5xx and no answer at all mean: not yet.

        Raises:
            HostError: the host ended, answered otherwise, or was not ready in ``timeout`` seconds.
        """
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise HostError(f"ended with {self.process.returncode}\n{self.log()}")
            try:
                seen = self.get(path, timeout=2).status
            except (OSError, http.client.HTTPException):
                seen = http.client.SERVICE_UNAVAILABLE
            if seen == http.client.OK:
                return
            if seen < http.client.INTERNAL_SERVER_ERROR:
                raise HostError(f"{path} answers {seen}\n{self.log()}")
            time.sleep(0.05)
        raise HostError(f"{path} not ready after {timeout} s\n{self.log()}")
