"""Reads small files and folders with care, and says when they have to be read again."""

import errno
import os
import stat
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from .errors import Finding, Severity

T = TypeVar("T")

Signature = tuple[int, ...]
"""Modification time, change time (both ns), size and inode of a file; an error number if it has none."""

SETTLED_NS = 2_000_000_000
"""A file that changed less than this ago may change again without its times moving."""

ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR})

_OPEN = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


def signature(found: os.stat_result) -> Signature:
    """What changes when the file does; the change time catches edits that keep the other time."""
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)


def is_settled(found: os.stat_result, now: int) -> bool:
    """Whether a later change is sure to move the signature; ``now`` in ns since the epoch."""
    return now - found.st_ctime_ns > SETTLED_NS


def read_small(path: str, found: os.stat_result, limit: int) -> bytes:
    """The bytes of a regular file of at most ``limit`` bytes; ``found`` is its stat result.

    Raises:
        OSError: it cannot be read, is no regular file or is larger.
    """
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "is not a regular file", path)
    if found.st_size > limit:
        raise OSError(errno.EFBIG, f"is larger than {limit} bytes", path)
    descriptor = os.open(path, _OPEN)
    try:
        return os.read(descriptor, found.st_size + 1)
    finally:
        os.close(descriptor)


def printable(path: str) -> str:
    """A path for people and JSON: what is not UTF-8 or not printable stands as an escape."""
    if path.isprintable():
        return path
    text = path.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def is_utf8(path: str) -> bool:
    """Whether a path can stand in a JSON document."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def problem(error: Exception) -> str:
    """The words of an error, without the path, which stands in the finding's source."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[:1].lower() + error.strerror[1:]
    return " ".join(printable(str(error)).split()) or type(error).__name__


def unreadable(
    kind: str, path: str, error: Exception, remedy: str, severity: Severity = "warning"
) -> Finding:
    """The finding for something that is there and cannot be used."""
    return Finding(
        id=kind, severity=severity, source=printable(path), seen=problem(error), remedy=remedy
    )


class Memo(Generic[T]):
    """What was read, by path; read again when the signature changed or had not settled.

    Only what was asked for since the last ``begin`` but one is kept, so it cannot grow.
    """

    def __init__(self) -> None:
        self._old: dict[str, tuple[Signature, T]] = {}
        self._new: dict[str, tuple[Signature, T]] = {}
        self._now = 0

    def begin(self, now: int) -> None:
        """Start a look at ``now``, in ns since the epoch."""
        self._old, self._new, self._now = self._new, {}, now

    def get(self, path: str, read: Callable[[str, os.stat_result], T]) -> T:
        """The value read from ``path``: the same object as last time while it stays equal.

        Raises:
            OSError: from stat, or as ``read`` raises it; nothing is kept then.
        """
        found = os.stat(path)
        seen = signature(found)
        old = self._old.get(path)
        if old is not None and old[0] == seen:
            self._new[path] = old
            return old[1]
        value: Any = read(path, found)
        if old is not None and old[1] == value:
            value = old[1]
        self._new[path] = (seen if is_settled(found, self._now) else (), value)
        return value  # type: ignore[no-any-return]  # T, through the comparison above
