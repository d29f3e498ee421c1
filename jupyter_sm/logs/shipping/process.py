"""Starts the shipper's process beside a server, keeps it there and ends it."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

from ...reading import problem
from ..stream import Stream
from .program import DRAIN_SECONDS, NOT_AGAIN

PROGRAM: Final = "jupyter_sm.logs.shipping"

MARGIN_SECONDS: Final = 0.3
"""Before the parent's deadline, so that the process ends by itself."""

AGAIN_SECONDS_FIRST: Final = 1.0
AGAIN_SECONDS_MOST: Final = 60.0
"""Between the end of a shipper and the next start."""

LAST_SECONDS_LEAST: Final = 1.0
"""Below it a shipper started only for the rest would not even be up."""


class ShipperProcess:
    """The shipper of one spool as a process of its own, started again when it ends.

    It ends with this process, whatever ends that; what it could not send stays on disk.

    Args:
        log_path: The spool's active file.
        stream: Where it goes.
        region: Of AWS; None for what the environment says.
        endpoint_url: Of the service; None for AWS's own.
        note: Told in one line when it cannot be started or has ended.
        drain_seconds: For the rest when this process dies without `stop`.
    """

    def __init__(
        self,
        log_path: str,
        stream: Stream,
        *,
        region: str | None = None,
        endpoint_url: str | None = None,
        note: Callable[[str], None],
        drain_seconds: float = DRAIN_SECONDS,
    ) -> None:
        options = {
            "log": os.path.abspath(log_path),
            "group": stream.group,
            "stream": stream.name,
            "drain": str(drain_seconds),
            "region": region,
            "endpoint-url": endpoint_url,
        }
        given = [f"--{name}={value}" for name, value in options.items() if value is not None]
        self._command = [sys.executable, "-W", "ignore", "-m", PROGRAM, *given]
        self._note = note
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: threading.Thread | None = None
        self._changing = threading.Lock()

    def start(self) -> None:
        """Start it unless it is running. Never raises: a server works without its shipper."""
        with self._changing:
            if self._keeper is not None and self._keeper.is_alive():
                return
            self._stopping.clear()
            self._process = self._started()
            # A daemon: it waits for a process that may outlive this one.
            self._keeper = threading.Thread(
                target=self._keep, name="jupyter_sm-shipper", daemon=True
            )
            self._keeper.start()

    def stop(self, deadline_seconds: float) -> None:
        """Let it ship what is there, for so many seconds at most; then it has ended."""
        deadline = time.monotonic() + deadline_seconds
        with self._changing:
            self._stopping.set()
            process, self._process = self._process, None
            keeper, self._keeper = self._keeper, None
            if process is not None and deadline_seconds >= LAST_SECONDS_LEAST:
                process = self._running_for_the_rest(process)
            if process is not None and process.stdin is not None:
                seconds = max(0.0, deadline_seconds - MARGIN_SECONDS)
                with contextlib.suppress(OSError):  # it has died
                    process.stdin.write(str(seconds).encode())
                process.stdin.close()
        if process is not None:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                with contextlib.suppress(subprocess.TimeoutExpired):  # a disk may hold it
                    process.wait(1)
        if keeper is not None:
            keeper.join(1)  # it is there when the process is gone

    def _running_for_the_rest(
        self, process: "subprocess.Popen[bytes]"
    ) -> "subprocess.Popen[bytes] | None":
        """The process, or another one in the place of one that somebody else has ended."""
        if process.poll() in (None, NOT_AGAIN):
            return process
        if process.stdin is not None:
            process.stdin.close()
        return self._started()

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        process = self._process
        return process is not None and process.poll() is None

    @property
    def pid(self) -> int | None:
        """Of the process, None when it does not run."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def _started(self) -> "subprocess.Popen[bytes] | None":
        # Modules that lie in a notebook's folder are not the shipper's; a session of its own, for
        # Ctrl-C in a terminal is meant for the server, whose last words are still to be shipped.
        path = os.environ.get("PYTHONPATH", "")
        absolute = [os.path.abspath(entry) for entry in path.split(os.pathsep) if entry]
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(absolute), "PYTHONSAFEPATH": "1"}
        try:
            return subprocess.Popen(  # noqa: S603 - this interpreter, with this package
                self._command,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                cwd="/",
                env=environ,
                start_new_session=True,
            )
        except OSError as error:
            self._note(f"the log shipper cannot be started: {problem(error)}")
            return None

    def _keep(self) -> None:
        """Wait for the process, so that it leaves no zombie, and start it again."""
        again = AGAIN_SECONDS_FIRST
        while True:
            begun = time.monotonic()
            process = self._process
            status = process.wait() if process is not None else 1
            # 0 too: somebody else has asked it to end, who does not know of the log.
            if self._stopping.is_set() or status == NOT_AGAIN:
                return
            if time.monotonic() - begun > AGAIN_SECONDS_MOST:
                again = AGAIN_SECONDS_FIRST
            self._note(f"the log shipper ended with status {status}; starts again in {again:g} s")
            if self._stopping.wait(again):
                return
            again = min(again * 2, AGAIN_SECONDS_MOST)
            with self._changing:
                if self._stopping.is_set():
                    return
                if process is not None and process.stdin is not None:
                    process.stdin.close()
                self._process = self._started()
