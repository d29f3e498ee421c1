"""Which processes of this machine a test has started, read from /proc.

A process is told apart by its number *and* its start time: numbers are used again.
"""

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from typing import NamedTuple

PROC = "/proc"
STATE, PARENT, START = 0, 1, 19
"""Fields of /proc/N/stat counted after the command's closing bracket (proc_pid_stat(5))."""


class Process(NamedTuple):
    """A process as it was seen once.

    Attributes:
        pid: process number.
        started: clock ticks after boot.
    """

    pid: int
    started: int


def _stat(pid: int) -> list[str] | None:
    try:
        with open(f"{PROC}/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _pids() -> list[int]:
    return [int(name) for name in os.listdir(PROC) if name.isdigit()]


def find(pid: int) -> Process | None:
    """The living process with that number; a zombie is dead."""
    stat = _stat(pid)
    if stat is None or stat[STATE] in "ZX":
        return None
    return Process(pid, int(stat[START]))


def is_alive(process: Process) -> bool:
    return find(process.pid) == process


def descendants(pid: int) -> set[Process]:
    """Living children, grandchildren and so on; not the process itself.

    A process whose parent ended belongs to nobody's descendants any more: ask while the parent
    still lives.
    """
    children: dict[int, list[int]] = {}
    for child in _pids():
        stat = _stat(child)
        if stat is not None:
            children.setdefault(int(stat[PARENT]), []).append(child)
    found: set[Process] = set()
    waiting = children.get(pid, [])
    while waiting:
        child = waiting.pop()
        waiting.extend(children.get(child, []))
        process = find(child)
        if process is not None:
            found.add(process)
    return found


def processes_with_env(marker: str) -> set[Process]:
    """Living processes that were started with ``NAME=value`` in their environment.

    Looked for twice: Linux shows the variables of a process a moment after its program.
    """
    found = _with_env(marker.encode())
    time.sleep(0.02)
    return found | _with_env(marker.encode())


def _with_env(wanted: bytes) -> set[Process]:
    found = set()
    for pid in _pids():
        process = find(pid)
        if process is not None and wanted in _environ(pid):
            found.add(process)
    return found


def _environ(pid: int) -> list[bytes]:
    try:
        with open(f"{PROC}/{pid}/environ", "rb") as file:
            return file.read().split(b"\0")
    except (FileNotFoundError, PermissionError, ProcessLookupError):
        return []


def still_alive(processes: Iterable[Process], *, within: float = 5.0) -> set[Process]:
    """Those of ``processes`` that have not ended after at most ``within`` seconds."""
    deadline = time.monotonic() + within
    alive = {process for process in processes if is_alive(process)}
    while alive and time.monotonic() < deadline:
        time.sleep(0.02)
        alive = {process for process in alive if is_alive(process)}
    return alive


def kill(processes: Iterable[Process]) -> None:
    """SIGKILL each one that still lives."""
    for process in processes:
        if is_alive(process):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)


def describe(process: Process) -> str:
    """Number and command line, for a message."""
    try:
        with open(f"{PROC}/{process.pid}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        words = [b"(ended)"]
    return f"{process.pid}: {b' '.join(words).decode(errors='replace').strip()}"
