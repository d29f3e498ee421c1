"""Starts a process that ended before it answered once more, to hear what it says."""

import contextlib
import glob
import os
import secrets
import select
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass

from jupyter_client.connect import write_connection_file

from ...reading import printable, problem
from .explanation import Attempt

PATIENCE = 10.0
"""Seconds until it is taken to have started."""

OUTPUT_LIMIT = 1 << 16
"""Bytes of what it says last that are kept."""

_PAUSE = 0.02
"""Seconds between two looks whether it still runs."""

_FAREWELL = 2.0
"""Seconds to wait for a process that was killed, or for the thread that kills it."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of the second start.

    Attributes:
        status: as ``Popen.returncode``; None if it did not end by itself.
        output: what it said last, ``OUTPUT_LIMIT`` bytes at most.
        problem: why nothing was heard; empty if it was.
    """

    status: int | None = None
    output: bytes = b""
    problem: str = ""


class SecondStart:
    """A second start, in a thread of its own.

    The process stays in this process's group, so that whoever kills the group takes it along.

    Attributes:
        heard: what became of it, within little more than ``patience`` seconds.
    """

    def __init__(self, attempt: Attempt, patience: float = PATIENCE) -> None:
        self.heard: Future[Heard] = Future()
        self.heard.set_running_or_notify_cancel()  # who waits for it must not cancel it
        self._attempt = attempt
        self._patience = patience
        self._is_stopped = False
        self._thread = threading.Thread(target=self._run, name="SecondStart", daemon=True)

    def start(self) -> None:
        """Start the thread; to be called once."""
        self._thread.start()

    def stop(self) -> None:
        """End the process and remove what was made for it; may be called by a signal handler."""
        self._is_stopped = True  # no lock: a handler may interrupt whoever holds it
        if self._thread.is_alive():
            self._thread.join(_FAREWELL)

    def _run(self) -> None:
        try:
            with tempfile.TemporaryDirectory(
                prefix="jupyter_sm-", ignore_cleanup_errors=True
            ) as folder:
                heard = self._hear(folder)
        except (OSError, ValueError, RuntimeError) as error:
            # RuntimeError: jupyter_core, where a file cannot be made private.
            heard = Heard(problem=_words(error))
        self.heard.set_result(heard)

    def _hear(self, folder: str) -> Heard:
        read, write = os.pipe()
        try:
            try:
                process = _start(self._attempt, folder, write)
            finally:
                os.close(write)
            return self._listen(process, read)
        finally:
            os.close(read)

    def _listen(self, process: "subprocess.Popen[bytes]", channel: int) -> Heard:
        output = b""
        deadline = time.monotonic() + self._patience
        while (status := process.poll()) is None and not self._is_stopped:
            if time.monotonic() > deadline:
                break
            output = (output + _read(channel, _PAUSE))[-OUTPUT_LIMIT:]
        _end(process)
        if self._is_stopped:
            return Heard(problem="this kernel is shut down")
        # A pipe holds no more than is read at once.
        return Heard(status, (output + _read(channel, 0))[-OUTPUT_LIMIT:])


def _start(attempt: Attempt, folder: str, output: int) -> "subprocess.Popen[bytes]":
    file, _ = write_connection_file(
        os.path.join(folder, "kernel.json"), ip="127.0.0.1", key=secrets.token_hex().encode()
    )
    return subprocess.Popen(  # noqa: S603  # the very program that the server has started before
        [word.replace(attempt.connection_file, file) for word in attempt.argv],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env={**attempt.environ, "JPY_PARENT_PID": str(os.getpid())},
        cwd=attempt.cwd,
    )


def _read(channel: int, seconds: float) -> bytes:
    """What can be read within some seconds; empty when nothing comes, or no more will."""
    if not select.select([channel], [], [], seconds)[0]:
        return b""
    data = os.read(channel, OUTPUT_LIMIT)
    if not data:
        time.sleep(seconds)  # everybody has closed it; who asks again at once would never rest
    return data


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    for pid in _company():
        # It ended meanwhile, or it became another user's.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):  # a hung file system keeps it alive
        process.wait(_FAREWELL)


def _company() -> Iterator[int]:
    """The others in the group that this process leads: all that the second start has started."""
    group = os.getpid()
    for stat in glob.iglob("/proc/[0-9]*/stat") if os.getpgrp() == group else ():
        pid = int(stat.split("/")[2])
        with contextlib.suppress(OSError), open(stat, "rb") as file:  # unless it ended meanwhile
            if pid != group and int(file.read().rpartition(b")")[2].split()[2]) == group:
                yield pid


def _words(error: Exception) -> str:
    name = error.filename if isinstance(error, OSError) else None
    return f"{printable(os.fsdecode(name))}: {problem(error)}" if name else problem(error)
