"""Appends lines to a spool that other processes may write, rotate and read at the same time.

Each line is one ``write`` to a descriptor opened with O_APPEND, under a shared lock; who rotates has
the exclusive one, so that nobody writes to a segment after it was closed.
"""

import contextlib
import errno
import fcntl
import os
import time
from typing import Final

from .folder import LogRoot, LogRootError, is_plain
from .line import decode_line
from .pruning import next_number, prune
from .segments import closed_path, segments

_OPEN: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
"""Read as well, for the end of what others wrote; O_NONBLOCK for a FIFO, which is refused then."""

_FILE_MODE: Final = 0o600
_SHARED: Final = fcntl.LOCK_SH | fcntl.LOCK_NB
_EXCLUSIVE: Final = fcntl.LOCK_EX | fcntl.LOCK_NB

_PATIENCE: Final = 0.05
"""Seconds that a line waits for the lock; then it is written without."""

_IMPATIENT: Final = 1.0
"""Seconds after that in which no line waits: whoever holds the lock then may hold it for long."""

_PAUSE: Final = 0.001
"""Seconds between two tries."""

_SLACK: Final = 8
"""By an eighth of a segment is the active file too large before anybody waits to close it."""

_ATTEMPTS: Final = 20
"""So often is a file opened that is moved away as soon as it is there."""

_LAST_LINES: Final = (65_536, 8_388_608)
"""Bytes at the end of a file in which its last whole line is looked for."""


class Appender:
    """The writing end of one spool. Not for two threads at once, nor for signal handlers.

    Args:
        path: Of the active file.
        root: The folder of all logs, which the path is below.
        segment_bytes: The active file is closed before it would grow over this.
        segments_most: So many closed segments are kept, at least one.

    Attributes:
        unshipped: Events that rotation deleted before they were shipped; the reader sets it to 0.
        rotation_error: Why the last rotation failed, None if it did not.
    """

    def __init__(self, path: str, root: LogRoot, *, segment_bytes: int, segments_most: int) -> None:
        self._path = path
        self._folder, self._name = os.path.split(path)
        self._root = root
        self._segment_bytes = segment_bytes
        self._segments_most = max(segments_most, 1)
        self._descriptor = -1
        self._inode = self._device = 0
        self._end = 0
        self._limit = segment_bytes
        self._impatient_until = 0.0
        self.unshipped = 0
        self.rotation_error: OSError | LogRootError | None = None

    def __del__(self) -> None:
        """Close what a handler that nobody closes leaves open."""
        if getattr(self, "_descriptor", -1) >= 0:
            self.close()

    def close(self) -> None:
        """Give the descriptor back; the next line opens the file again."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def forget(self) -> None:
        """As `close`, in a forked child: which may have closed everything, and opened other files.

        Nothing is unlocked: the lock is the parent's, of the same open file.
        """
        descriptor, self._descriptor = self._descriptor, -1
        self.unshipped = 0
        self.rotation_error = None
        with contextlib.suppress(OSError):
            found = os.fstat(descriptor)
            if (found.st_ino, found.st_dev) == (self._inode, self._device):
                os.close(descriptor)

    def last_timestamp(self) -> int:
        """Of the last whole line in the spool, opened if it is not; 0 if there is none.

        Raises:
            LogRootError: The place is not one to write logs to.
            OSError: The file cannot be opened or read.
        """
        descriptor = self._descriptor if self._descriptor >= 0 else self._open()
        found = _last_timestamp(descriptor)
        if found:
            return found
        for segment in reversed(segments(self._path)[:-1]):
            with contextlib.suppress(OSError):  # it is gone, or of another time
                return _last_timestamp_at(segment.path)
        return 0

    def append(self, line: bytes) -> None:
        """Write a line, which ends with its newline; rotate before if it has no room.

        Raises:
            LogRootError: The place is not one to write logs to.
            OSError: The line is not written, or not whole: then the next one begins with a newline.
        """
        for _ in range(_ATTEMPTS):
            descriptor = self._descriptor if self._descriptor >= 0 else self._open()
            locked = self._share(descriptor)
            try:
                size = self._size()
                if size > 0 and size + len(line) > self._limit:
                    # The shared lock goes with the try for the exclusive one, whatever comes of it.
                    self._rotate(descriptor, size)
                    locked = self._share(descriptor)
                    size = self._size()
                if size >= 0:
                    self._write(descriptor, line, size)
                    return
            finally:
                if locked:
                    fcntl.flock(descriptor, fcntl.LOCK_UN)
            self.close()
        raise OSError(errno.EBUSY, "is moved away as often as it is made", self._path)

    def _open(self) -> int:
        folder = self._open_folder()
        try:
            descriptor = os.open(self._name, _OPEN, _FILE_MODE, dir_fd=folder)
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise LogRootError(f"{self._path} is a link: logs are not written there") from None
            raise
        finally:
            os.close(folder)
        found = os.fstat(descriptor)
        if not is_plain(found):
            os.close(descriptor)
            raise LogRootError(f"{self._path} is no plain file, or another user's")
        self._inode, self._device = found.st_ino, found.st_dev
        self._end = -1
        self._limit = self._segment_bytes
        self._descriptor = descriptor
        return descriptor

    def _open_folder(self) -> int:
        return self._root.open_folder(os.path.relpath(self._folder, self._root.path))

    def _share(self, descriptor: int) -> bool:
        """Have the shared lock; False where it is not to be had."""
        try:
            fcntl.flock(descriptor, _SHARED)
        except BlockingIOError:
            return self._wait(descriptor, _SHARED)
        except OSError:  # a file system without locks
            return False
        return True

    def _wait(self, descriptor: int, lock: int) -> bool:
        """Have a lock that others hold, if they give it back before long."""
        begun = time.monotonic()
        if begun < self._impatient_until:
            return False
        while time.monotonic() - begun < _PATIENCE:
            time.sleep(_PAUSE)
            try:
                fcntl.flock(descriptor, lock)
            except BlockingIOError:
                continue
            return True
        self._impatient_until = time.monotonic() + _IMPATIENT
        return False

    def _size(self) -> int:
        """Of the file in bytes; -1 when the path is not this file any more."""
        try:
            found = os.lstat(self._path)
        except (FileNotFoundError, NotADirectoryError):
            return -1
        except OSError:  # it cannot be looked at, but it may be written
            return max(self._end, 0)
        if found.st_ino != self._inode or found.st_dev != self._device:
            return -1
        return found.st_size

    def _write(self, descriptor: int, line: bytes, size: int) -> None:
        if size != self._end and _is_torn(descriptor):
            line = b"\n" + line
        self._end = -1
        written = os.write(descriptor, line)
        if written < len(line):
            # Once more, as a line of its own: what is missing could not follow for certain.
            line = b"\n" + line
            if os.write(descriptor, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self._path)
            return
        self._end = size + written

    def _rotate(self, descriptor: int, size: int) -> None:
        """Close the segment, if nobody is writing to it."""
        try:
            fcntl.flock(descriptor, _EXCLUSIVE)
        except BlockingIOError:
            # Later, with another line; but writers who never rest would never leave it free.
            patient = size > self._limit + self._segment_bytes // _SLACK
            if not patient or not self._wait(descriptor, _EXCLUSIVE):
                return
        except OSError:
            pass  # a file system without locks
        if self._size() < 0:
            return  # another process was faster
        try:
            self._rename()
        except (OSError, LogRootError) as error:
            self.rotation_error = error
            self._limit = size + self._segment_bytes // _SLACK  # not again with each line
        else:
            self.rotation_error = None

    def _rename(self) -> None:
        folder = self._open_folder()
        try:
            number = next_number(self._path)
            new = os.path.basename(closed_path(self._path, number))
            os.rename(self._name, new, src_dir_fd=folder, dst_dir_fd=folder)
            self.unshipped += prune(self._path, folder, self._segments_most)
        finally:
            os.close(folder)


def _is_torn(descriptor: int) -> bool:
    """Whether the last line has no newline, and nobody is about to write it.

    A file grows page by page while another process writes a line.
    """
    size = -1
    while size != (size := os.fstat(descriptor).st_size):
        if not size or os.pread(descriptor, 1, size - 1) == b"\n":
            return False
        time.sleep(_PAUSE)
    return True


def _last_timestamp_at(path: str) -> int:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        return _last_timestamp(descriptor)
    finally:
        os.close(descriptor)


def _last_timestamp(descriptor: int) -> int:
    size = os.fstat(descriptor).st_size
    for most in _LAST_LINES:
        begin = max(size - most, 0)
        lines = os.pread(descriptor, size - begin, begin).split(b"\n")[:-1]
        for line in reversed(lines):
            event = decode_line(line)
            if event is not None:
                return event.timestamp
        if not begin:
            break
    return 0
