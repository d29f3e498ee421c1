"""A spool with its handler in a test's folder, and what is on disk of it."""

import logging
import os
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_sm.logs.line import Event, decode_line, fields_of
from jupyter_sm.logs.segments import Segment, segments
from jupyter_sm.logs.spool import SpoolHandler, now_ms


@dataclass
class Spool:
    """A handler, its logger, and what it said.

    Attributes:
        root: folder of all logs.
        notes: what was said to people.
        now: what the handler's clock shows, in milliseconds; the real time for None.
    """

    root: Path
    notes: list[str] = field(default_factory=list)
    now: int | None = None
    inside: str = "aws/sagemaker/studio/d-1/me/KernelGateway/app.log"

    @property
    def path(self) -> Path:
        return self.root / self.inside

    @property
    def folder(self) -> Path:
        return self.path.parent

    def clock(self) -> int:
        return now_ms() if self.now is None else self.now

    def handler(self, **settings: Any) -> SpoolHandler:
        settings = {"note": self.notes.append, "clock": self.clock, **settings}
        return SpoolHandler(str(self.path), str(self.root), **settings)

    @contextmanager
    def logger(self, **settings: Any) -> Iterator[tuple[logging.Logger, SpoolHandler]]:
        with closing(self.handler(**settings)) as handler:
            yield logger_of(handler), handler

    def segments(self) -> list[Segment]:
        return segments(str(self.path))

    def lines(self) -> list[bytes]:
        """Every line on disk, oldest first; each whole."""
        data = b"".join(Path(segment.path).read_bytes() for segment in self.segments())
        assert not data or data.endswith(b"\n")
        return data.split(b"\n")[:-1]

    def events(self) -> list[Event]:
        """Every event on disk; each line is one."""
        found = [(line, decode_line(line)) for line in self.lines()]
        assert [line for line, event in found if event is None] == []
        return [event for _, event in found if event is not None]

    def fields(self) -> list[dict[str, Any]]:
        return [fields_of(event) for event in self.events()]

    def messages(self) -> list[str]:
        return [found["message"] for found in self.fields()]


def forked(work: Callable[[], int]) -> int:
    """The process number of a child that ends with what ``work`` returns, or with 255."""
    with warnings.catch_warnings():
        # That this process has threads, which the child has not, is what some tests are about.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        status = 255
        try:
            signal.alarm(50)
            status = work()
        finally:
            os._exit(status)
    return child


def ended(child: int) -> int:
    """The exit status of a child, when it has ended."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def logger_of(handler: logging.Handler) -> logging.Logger:
    """A logger that nobody else knows."""
    logger = logging.Logger("test")  # noqa: LOG001  # not one of the process
    logger.addHandler(handler)
    return logger
