"""One bash in a process group of its own, and its end whatever its scripts do."""

import contextlib
import fcntl
import glob
import os
import select
import signal
import subprocess
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, NamedTuple

from .protocol import PROGRAM, Messages, Told

OUTPUT_LIMIT = 1 << 16
"""Bytes of the scripts' output that are kept."""

_CHANNEL = 187
"""At least this file descriptor: scripts take the low ones, 99 and 200 for files of theirs."""

_PAUSE = 0.02
"""Seconds between two looks whether the shell still runs while it says nothing."""

_SHORT_PAUSE = 0.002

_FAREWELL = 0.05
"""Seconds until what was killed has closed its files."""


class Tools(NamedTuple):
    """Absolute paths of the programs that scripts are run with."""

    bash: str
    env: str


class Ran(NamedTuple):
    """What became of the steps.

    Attributes:
        told: the steps that ended, from the first one on; only the last one can have exited.
        timed_out: the step after them was stopped.
        output: what the scripts wrote, ``OUTPUT_LIMIT`` bytes at most.
    """

    told: list[Told]
    timed_out: bool
    output: bytes


def find_tools(
    bash: Sequence[str] = ("/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash"),
    env: Sequence[str] = ("/usr/bin/env", "/bin/env"),
) -> Tools | None:
    """The first of each that can be run; PATH belongs to the environment and does not count."""
    found = [next((p for p in paths if os.access(p, os.X_OK)), None) for paths in (bash, env)]
    return Tools(found[0], found[1]) if found[0] and found[1] else None


def run_steps(
    tools: Tools,
    steps: Sequence[str],
    environ: Mapping[str, str],
    *,
    conda: str,
    timeout: float,
    total: float,
) -> Ran:
    """Run the steps in one bash until one ends it or takes too long.

    Args:
        tools: what they are run with.
        steps: what is run.
        environ: variables that bash is started with.
        conda: the program that the command ``conda`` starts; empty for none.
        timeout: seconds that each step may take.
        total: seconds that all of them may take.

    Raises:
        OSError: it cannot be started.
        ValueError: a variable is none that a program can be started with.
    """
    read, write = os.pipe()
    try:
        try:
            process = _start(tools, steps, environ, conda, write)
        finally:
            os.close(write)
        return _Shell(process, read).run(len(steps), timeout, total)
    finally:
        os.close(read)


def _start(
    tools: Tools, steps: Sequence[str], environ: Mapping[str, str], conda: str, write: int
) -> "subprocess.Popen[bytes]":
    channel = fcntl.fcntl(write, fcntl.F_DUPFD_CLOEXEC, _CHANNEL)
    command = [tools.bash, "--noprofile", "--norc", "-c", PROGRAM, "bash"]
    try:
        return subprocess.Popen(  # noqa: S603  # bash by its absolute path, and our own text
            [*command, str(channel), tools.env, conda, *steps],
            bufsize=0,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environ,
            pass_fds=(channel,),
            start_new_session=True,
        )
    finally:
        os.close(channel)


class _Shell:
    """A bash that runs, until it has ended with everything that it started."""

    def __init__(self, process: "subprocess.Popen[bytes]", channel: int) -> None:
        self._process = process
        self._channel = channel
        self._messages = Messages()
        self._output = bytearray()
        self._is_ours = True
        # Run by the interpreter's end too: the thread that waits here may be a daemon's.
        self._at_exit = weakref.finalize(self, _kill, os.killpg, process.pid)
        self._poll = select.poll()
        self._open = {channel, _output_of(process).fileno()}
        for descriptor in self._open:
            self._poll.register(descriptor, select.POLLIN)

    def run(self, count: int, timeout: float, total: float) -> Ran:
        """Wait for ``count`` messages: each for ``timeout`` seconds, all for ``total``."""
        try:
            timed_out = self._listen(count, timeout, total)
        finally:
            self._end()
        return Ran(self._messages.told, timed_out, bytes(self._output))

    def _listen(self, count: int, timeout: float, total: float) -> bool:
        told = self._messages.told
        end = time.monotonic() + total
        deadline = min(time.monotonic() + timeout, end)
        while len(told) < count and not (told and told[-1].exited):
            before, ended = len(told), self._has_ended()
            # A closed channel mostly means that the shell is about to end.
            pause = _PAUSE if self._channel in self._open else _SHORT_PAUSE
            heard = self._hear(0 if ended else pause)
            if len(told) > before:
                deadline = min(time.monotonic() + timeout, end)
            elif ended and self._channel not in heard:
                return False
            elif time.monotonic() > deadline:
                return True
        return False

    def _hear(self, seconds: float) -> set[int]:
        """Wait for something to read; which of the two had it."""
        heard = set()
        for descriptor, _ in self._poll.poll(seconds * 1000):
            data = os.read(descriptor, 1 << 16)
            if not data:
                self._poll.unregister(descriptor)
                self._open.remove(descriptor)
                continue
            heard.add(descriptor)
            if descriptor == self._channel:
                self._messages.feed(data)
            else:
                self._output += data[: OUTPUT_LIMIT - len(self._output)]
        return heard

    def _has_ended(self) -> bool:
        """Leaves it a zombie: its number must not become another's before the group is killed."""
        look = os.WEXITED | os.WNOHANG | os.WNOWAIT
        try:
            return os.waitid(os.P_PID, self._process.pid, look) is not None
        except ChildProcessError:  # somebody in this process waits for every child
            self._is_ours = False
            return True

    def _end(self) -> None:
        self._kill()
        self._at_exit.detach()
        reap(self._process)
        self._hear(0)  # a pipe holds no more than is read at once
        _output_of(self._process).close()

    def _kill(self) -> None:
        """Kill the group; the session as well where the channel tells that somebody is left.

        Whoever made a session of its own is meant to stay.
        """
        if not self._is_ours:
            return
        _kill(os.killpg, self._process.pid)
        limit = time.monotonic() + _FAREWELL
        while self._channel in self._open and time.monotonic() < limit:
            self._hear(_PAUSE)
        if self._channel in self._open:
            for pid in _session(self._process.pid):
                _kill(os.kill, pid)


def reap(process: "subprocess.Popen[bytes]", patience: float = 1.0) -> None:
    """Wait for a killed process; a thread waits on where a hung file system keeps it alive."""
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        threading.Thread(target=process.wait, daemon=True).start()


def _kill(how: Callable[[int, int], None], number: int) -> None:
    # Gone meanwhile, or it became another user's.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        how(number, signal.SIGKILL)


def _session(leader: int) -> Iterator[int]:
    """Processes in the session of ``leader``; none where there is no /proc."""
    for stat in glob.iglob("/proc/[0-9]*/stat"):
        with contextlib.suppress(OSError), open(stat, "rb") as file:  # unless it ended meanwhile
            fields = file.read().rpartition(b")")[2].split()
            if int(fields[3]) == leader:
                yield int(stat.split("/")[2])


def _output_of(process: "subprocess.Popen[bytes]") -> IO[bytes]:
    assert process.stdout is not None  # noqa: S101  # it was started with a pipe
    return process.stdout
