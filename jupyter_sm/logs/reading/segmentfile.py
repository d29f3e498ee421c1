"""One open file of a spool: whether it is still what it was, and whether it is complete."""

import fcntl
import os
import time
from typing import Final

from ..segments import Position, Segment, head_of
from .blocks import GrowingLines

_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

_SETTLING_SECONDS: Final = 0.1
_LOCK_EVERY_SECONDS: Final = 0.005

_SURELY_SETTLED_SECONDS: Final = 10.0
"""In a segment that was closed so long ago nobody is still between his look and his write."""

_START_BYTES: Final = 64
"""Of a file, to see that it is not another one in its place: the time of its first event is in them."""


class SegmentFile:
    """A file of a spool, open for reading, whatever it is called meanwhile.

    Args:
        descriptor: Is closed by `close`.
        segment: What is known of it.

    Attributes:
        descriptor: Open for reading.
        inode: The file's.
        number: When it was opened; None was the active file.
        lines: The next ones of it.
    """

    def __init__(self, descriptor: int, segment: Segment) -> None:
        self.descriptor = descriptor
        self.inode = segment.inode
        self.number = segment.number
        self.begin(0)

    @classmethod
    def open(cls, segment: Segment) -> "SegmentFile | None":
        """That file, None where it is not there any more under that name.

        Raises:
            OSError: It cannot be opened.
        """
        try:
            descriptor = os.open(segment.path, _FLAGS)
        except FileNotFoundError:
            return None
        if os.fstat(descriptor).st_ino != segment.inode:
            os.close(descriptor)
            return None
        return cls(descriptor, segment)

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self.descriptor)

    def begin(self, offset: int) -> None:
        """Read on from there; the file is taken as it is now."""
        self._head = ""
        self._start = os.pread(self.descriptor, _START_BYTES, 0)
        self.lines = GrowingLines(self.descriptor, offset)

    def size(self) -> int:
        """Bytes, now."""
        return os.fstat(self.descriptor).st_size

    def position(self, offset: int) -> Position:
        """The place behind a line that was read."""
        self._head = self._head or head_of(self.descriptor)
        return Position(self.inode, self._head, offset)

    def has_line_at(self, offset: int) -> bool:
        """Whether a line starts or may start there."""
        if not 0 <= offset <= self.size():
            return False
        if offset == 0 or os.pread(self.descriptor, 1, offset - 1) == b"\n":
            return True
        return self.number is not None and offset == self.size()  # its last line has no newline

    def is_rewritten(self) -> bool:
        """Whether what was read from it is not there any more: truncated, perhaps written anew."""
        start = os.pread(self.descriptor, _START_BYTES, 0)
        if self.size() < self.lines.offset or not start.startswith(self._start):
            return True
        self._start = start
        return False

    def is_active(self, log_path: str) -> bool:
        """Whether writers still open this file."""
        try:
            return os.lstat(log_path).st_ino == self.inode
        except FileNotFoundError:
            return False

    def is_settled(self) -> bool:
        """Whether no writer can be in this file any more; to be asked once it is not active.

        A writer holds a shared lock from its look at the file's name to the end of its write.
        """
        deadline = time.monotonic() + _SETTLING_SECONDS
        while not self._was_lockable():
            closed_for = time.time() - os.fstat(self.descriptor).st_ctime
            if closed_for > _SURELY_SETTLED_SECONDS:
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(_LOCK_EVERY_SECONDS)
        return True

    def _was_lockable(self) -> bool:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # no locks on this file system: nobody can be waited for
            return True
        fcntl.flock(self.descriptor, fcntl.LOCK_UN)
        return True
