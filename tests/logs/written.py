"""Spools as a writer makes them, step by step or in a process of its own."""

import fcntl
import multiprocessing
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jupyter_sm.logs.line import Event, encode_event, fields_of
from jupyter_sm.logs.segments import segments

BEGINNING = 1_700_000_000_000
"""Time of the first event of every spool here, in milliseconds; event n comes n ms later."""


def line(number: int, text: str = "", **fields: object) -> bytes:
    """The line of event ``number``."""
    message = {"level": "INFO", "logger": "test", "message": f"{number} {text}".strip(), **fields}
    (encoded,) = encode_event(BEGINNING + number, message)
    return encoded


def number(event: Event) -> int:
    return int(fields_of(event)["message"].split()[0])


def numbers(events: Iterable[Event]) -> list[int]:
    return [number(event) for event in events]


@dataclass
class Written:
    """A spool that a test writes.

    Attributes:
        path: of the active file.
        closed: number of the last segment that was closed.
    """

    path: Path
    closed: int = 0

    def __str__(self) -> str:
        return str(self.path)

    def add(self, *lines: bytes) -> None:
        with open(self.path, "ab", buffering=0) as file:
            file.write(b"".join(lines))

    def add_events(self, begin: int, end: int, text: str = "") -> None:
        self.add(*(line(n, text) for n in range(begin, end)))

    def rotate(self) -> Path:
        self.closed += 1
        closed = self.segment(self.closed)
        self.path.rename(closed)
        return closed

    def segment(self, which: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{which:08d}")


def write_as_a_process(path: str, begin: int, end: int, per_segment: int, keep: int) -> None:
    """Write events as the spool's protocol has it, with a rotation after each ``per_segment``."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    descriptor = os.open(path, flags, 0o600)
    for n in range(begin, end):
        if n % per_segment == 0 and n > begin:
            _rotate(path, descriptor, keep)
        while True:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            if _is_active(path, descriptor):
                break
            os.close(descriptor)
            descriptor = os.open(path, flags, 0o600)
        os.write(descriptor, line(n))
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def _is_active(path: str, descriptor: int) -> bool:
    try:
        return os.stat(path).st_ino == os.fstat(descriptor).st_ino
    except FileNotFoundError:
        return False


def _rotate(path: str, descriptor: int, keep: int) -> None:
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    if _is_active(path, descriptor):
        closed = [segment for segment in segments(path) if segment.number is not None]
        highest = closed[-1].number if closed else 0
        assert highest is not None
        os.rename(path, f"{path}.{highest + 1:08d}")
        for segment in closed[: max(len(closed) + 1 - keep, 0)]:
            os.unlink(segment.path)
    fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextmanager
def writers(*works: tuple[str, int, int, int, int]) -> Iterator[list[multiprocessing.Process]]:
    """A process for each of these arguments of `write_as_a_process`."""
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=write_as_a_process, args=work) for work in works]
    for process in processes:
        process.start()
    try:
        yield processes  # type: ignore[misc]  # a ForkProcess is a Process but for its type
    finally:
        for process in processes:
            process.join(60)
        ends = [process.exitcode for process in processes]
        for process in processes:
            process.kill()
            process.join()
            process.close()
    assert ends == [0] * len(works)


def wait_until_there(path: Path) -> None:
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.005)
