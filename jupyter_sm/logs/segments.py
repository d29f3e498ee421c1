"""The files of one spool on disk, and a place in them that survives rotation."""

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from typing import Final

import msgspec

SEGMENT_BYTES: Final = 16 * 1024 * 1024
"""The active file is closed before it would grow over so many bytes."""

SEGMENTS_MOST: Final = 8
"""So many closed segments are kept; the oldest is deleted for another one."""

EVENT_OVERHEAD: Final = 26
"""Bytes that CloudWatch Logs counts for an event beside its message (PutLogEvents)."""

EVENT_BYTES_MOST: Final = 1_000_000
"""An event's message in UTF-8 with `EVENT_OVERHEAD` is no longer: the service takes 1 MB."""

LOG_SUFFIX: Final = ".log"
SHIP_SUFFIX: Final = ".ship"
LOCK_SUFFIX: Final = ".lock"

_NUMBER_DIGITS: Final = 8
_BLOCK: Final = 65_536
_LOOKS_MOST: Final = 10


class Position(msgspec.Struct, frozen=True):
    """A place between two lines of a spool, found again whatever its file is called then.

    Attributes:
        inode: Of the file.
        head: `head_of` the file: an inode alone is given to another file one day.
        offset: Bytes; a line starts there.
    """

    inode: int
    head: str
    offset: int


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of a spool, as it was when it was looked at.

    Attributes:
        path: Where it was; a rotation may have renamed it since.
        number: Of a closed segment, rising with time; None for the active file.
        inode: What stays when it is renamed.
        size: Bytes.
    """

    path: str
    number: int | None
    inode: int
    size: int


def segments(log_path: str) -> list[Segment]:
    """The files of the spool whose active file is `log_path`: oldest first, the active one last.

    Links and whatever else is not a plain file are left out, and so is what vanishes meanwhile;
    without the folder there are none. A rotation during the look is seen and looked at again.

    Raises:
        OSError: The folder cannot be read.
    """
    found = _look(log_path)
    for _ in range(_LOOKS_MOST):
        again = _look(log_path)
        same = [(s.number, s.inode) for s in again] == [(s.number, s.inode) for s in found]
        found = again
        if same:
            break
    return found


def closed_path(log_path: str, number: int) -> str:
    """Where the closed segment of that number is."""
    return f"{log_path}.{number:0{_NUMBER_DIGITS}d}"


def ship_path(log_path: str) -> str:
    """Where the shipper of this spool keeps its state."""
    return log_path.removesuffix(LOG_SUFFIX) + SHIP_SUFFIX


def lock_path(log_path: str) -> str:
    """The file that the one shipper of this spool holds locked."""
    return log_path.removesuffix(LOG_SUFFIX) + LOCK_SUFFIX


def head_of(file: int | str) -> str:
    """A digest of the file's first line without its newline, "" while it has no whole line.

    Args:
        file: A path, or a descriptor open for reading, whose offset is left alone.

    Raises:
        OSError: It cannot be opened (a link, for a path: ELOOP) or read.
    """
    if isinstance(file, int):
        return _head(file)
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        return _head(descriptor)
    finally:
        os.close(descriptor)


def _head(descriptor: int) -> str:
    digest = hashlib.blake2b(digest_size=8)
    offset = 0
    while block := os.pread(descriptor, _BLOCK, offset):
        before, newline, _ = block.partition(b"\n")
        digest.update(before)
        if newline:
            return digest.hexdigest()
        offset += len(block)
    return ""


def _look(log_path: str) -> list[Segment]:
    folder, name = os.path.split(log_path)
    closed = re.compile(re.escape(name) + rf"\.([0-9]{{{_NUMBER_DIGITS},}})")
    try:
        names = os.listdir(folder or ".")
    except FileNotFoundError:
        return []
    found = []
    for entry in names:
        match = closed.fullmatch(entry)
        if match is None and entry != name:
            continue
        path = os.path.join(folder, entry)
        try:
            status = os.lstat(path)
        except FileNotFoundError:
            continue
        if stat.S_ISREG(status.st_mode):
            number = int(match[1]) if match else None
            found.append(Segment(path, number, status.st_ino, status.st_size))
    found.sort(key=lambda segment: (segment.number is None, segment.number or 0))
    # A file renamed during the look was perhaps seen under both names: the older one is true.
    first: dict[int, Segment] = {}
    for segment in found:
        first.setdefault(segment.inode, segment)
    return list(first.values())
