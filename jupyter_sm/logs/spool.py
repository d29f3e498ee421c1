"""A handler of `logging` that has each record on disk when the call returns, and never raises."""

import logging
import os
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from .appender import Appender
from .folder import LogRoot, LogRootError
from .line import encode_event, safe_text
from .losses import Losses, Note, say_on_stderr
from .record import record_fields
from .segments import SEGMENT_BYTES, SEGMENTS_MOST

LOGGER: Final = "jupyter_sm.logs"
"""Of the events that tell of the logs themselves."""

AHEAD_MOST: Final = 2 * 60 * 60 * 1000
"""Milliseconds that the last event may be ahead of the clock: as many as the service allows.

A clock that was wrong by more is believed again when it is set right, for the service would refuse
every event until then.
"""

_DEPTH_MOST: Final = 4
"""A record whose text logs a record whose text logs … ends here."""


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


class SpoolHandler(logging.Handler):
    """Appends each record to a spool as one event.

    Neither constructing it nor a record raises: what is in the way is counted, said once by `note`,
    and tried again with the next record. ``close()``, which `logging.config.dictConfig` does to
    every handler of the process, is followed by opening again; a forked child opens its own.
    Formatters are not asked.

    Args:
        path: Of the active file, as `Stream.path` gives it.
        root: The folder of all logs, which the path is below; a text is its path. By default the
            file's own folder.
        segment_bytes: The active file is closed before it would grow over this.
        segments_most: So many closed segments are kept.
        note: Says one line to people; a line on stderr by default.
        clock: Milliseconds since the epoch; it may step back, and timestamps wait for it then, unless
            it steps back by more than `AHEAD_MOST`.
    """

    def __init__(
        self,
        path: str,
        root: LogRoot | str = "",
        *,
        segment_bytes: int = SEGMENT_BYTES,
        segments_most: int = SEGMENTS_MOST,
        note: Note = say_on_stderr,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        super().__init__()
        self.path = os.path.abspath(path)
        if not isinstance(root, LogRoot):
            root = LogRoot(os.path.abspath(root or os.path.dirname(self.path)))
        self._appender = Appender(
            self.path, root, segment_bytes=segment_bytes, segments_most=segments_most
        )
        self._note = note
        self._losses = Losses(note)
        self._clock = clock
        self._pid = os.getpid()
        self._depth = 0
        self._is_busy = False
        self._waiting: deque[dict[str, Any]] = deque()
        self._last = 0
        self._has_begun = False
        try:
            self._begin()
        except (OSError, LogRootError, ValueError) as error:  # ValueError: no name of a file
            self._losses.fails(*_trouble(error, self.path))

    @property
    def losses(self) -> int:
        """Records of this process that are not on disk."""
        return self._losses.total

    @property
    def trouble(self) -> str:
        """Why records are not written now; empty when they are."""
        return self._losses.trouble

    def emit(self, record: logging.LogRecord) -> None:
        """Have the record on disk, or count it."""
        if os.getpid() != self._pid:
            self._begin_in_child()
        self._depth += 1
        try:
            if self._depth > _DEPTH_MOST:
                self._losses.lost("recursion", "a record's text logs records without end")
            else:
                self._put(record_fields(record))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  # nobody who logs is ready for an exception
            self._losses.lost(type(error).__name__, f"{type(error).__name__}: {safe_text(error)}")
        finally:
            self._depth -= 1

    def close(self) -> None:
        """Close the file; the next record opens it again."""
        self.acquire()
        try:
            if os.getpid() != self._pid:
                self._begin_in_child()
            if not self._is_busy:  # by a signal handler, in the middle of a record
                self._appender.close()
        finally:
            self.release()
        super().close()

    def _begin(self) -> None:
        """Open the spool; its last timestamp counts.

        Raises:
            LogRootError: The place is not one to write logs to.
            OSError: The file cannot be opened or read.
        """
        last = self._appender.last_timestamp()
        self._has_begun = True
        if last <= self._clock() + AHEAD_MOST:
            self._last = max(self._last, last)

    def _begin_in_child(self) -> None:
        """After a fork: the descriptor and its lock are the parent's, and so is what it was doing."""
        self._pid = os.getpid()
        self._appender.forget()
        self._losses = Losses(self._note)
        self._waiting.clear()
        self._depth = 0
        self._is_busy = False

    def _put(self, fields: dict[str, Any]) -> None:
        if self._is_busy:  # a signal handler logs, in the middle of another record
            self._waiting.append(fields)
            return
        self._is_busy = True
        try:
            self._write(fields)
            while self._waiting:
                self._write(self._waiting.popleft())
        finally:
            self._is_busy = False

    def _write(self, fields: dict[str, Any]) -> None:
        try:
            self._append(fields)
            if self._losses.is_open or self._appender.unshipped or self._appender.rotation_error:
                self._tell()
        except (OSError, LogRootError, ValueError) as error:
            self._losses.lost(*_trouble(error, self.path))

    def _append(self, fields: dict[str, Any]) -> None:
        if not self._has_begun:
            self._begin()
        now = self._clock()
        if now < self._last <= now + AHEAD_MOST:
            now = self._last
        self._last = now
        for line in encode_event(self._last, fields):
            self._appender.append(line)

    def _tell(self) -> None:
        """Events about what happened to events."""
        error = self._appender.rotation_error
        if error is not None:
            kind, words = _trouble(error, self.path)
            self._losses.say(f"rotation {kind}", f"the log grows, it cannot be rotated: {words}")
            self._appender.rotation_error = None
        try:
            self._tell_deleted()
            self._tell_lost()
        except (OSError, LogRootError):
            return  # told with the next event that is written

    def _tell_deleted(self) -> None:
        count = self._appender.unshipped
        if count:
            text = f"{count} log events were deleted before they were shipped: the disk is bounded"
            self._append(_about(text, "deleted_unshipped", count))
            self._appender.unshipped -= count

    def _tell_lost(self) -> None:
        count = self._losses.untold
        if count:
            text = f"{count} log events were lost before this one: {self._losses.reason}"
            self._append(_about(text, "lost", count))
        self._losses.told(count)


def _about(message: str, name: str, count: int) -> dict[str, Any]:
    return {"level": "WARNING", "logger": LOGGER, "message": message, name: count}


def _trouble(error: Exception, path: str) -> tuple[str, str]:
    """A kind of trouble and its words."""
    if isinstance(error, OSError):
        return str(error.errno), f"{path}: {error.strerror or error}"
    if isinstance(error, LogRootError):
        return f"place: {error}", str(error)  # places differ, each with an end of its own
    return type(error).__name__, f"{path}: {error}"
