"""The bound on disk: which closed segments go, and what was not shipped of them."""

import os
from typing import Final

import msgspec

from ..reading import read_small
from .segments import Position, Segment, head_of, segments, ship_path

_STATE_BYTES_MOST: Final = 1_048_576
_BLOCK: Final = 1_048_576


class _Shipped(msgspec.Struct):
    """What matters here of the shipper's state; it may say much more.

    Attributes:
        position: Everything before it is shipped.
        number: Of the newest segment that the shipper knew, if it says so.
    """

    position: Position | None = None
    number: int | None = None


def next_number(log_path: str) -> int:
    """A number that no segment of this spool had, as far as the disk knows.

    Raises:
        OSError: The folder cannot be read.
    """
    state = _state(log_path)
    known = [segment.number or 0 for segment in segments(log_path)]
    return max([*known, (state and state.number) or 0]) + 1


def prune(log_path: str, folder: int, most: int) -> int:
    """Delete the oldest closed segments above ``most``; how many unshipped events were in them.

    Without a shipper's state nothing is to be shipped, and nothing is counted.

    Args:
        log_path: The spool's active file.
        folder: A descriptor of the folder it is in.
        most: So many closed ones stay.

    Raises:
        OSError: The folder cannot be read, or a segment cannot be deleted.
    """
    found = segments(log_path)
    closed = [segment for segment in found if segment.number is not None]
    state = _state(log_path) if len(closed) > most else None
    position = state.position if state else None
    unshipped = 0
    for segment in closed[: max(len(closed) - most, 0)]:
        begin = _unshipped_from(segment, found, position)
        lines = _lines(segment.path, begin) if state else 0
        try:
            os.unlink(os.path.basename(segment.path), dir_fd=folder)
        except FileNotFoundError:
            continue  # another process was faster, and tells
        unshipped += lines
    return unshipped


def _state(log_path: str) -> _Shipped | None:
    """The shipper's state; an empty one where it cannot be read, None where there is none."""
    path = ship_path(log_path)
    try:
        return msgspec.json.decode(
            read_small(path, os.lstat(path), _STATE_BYTES_MOST), type=_Shipped
        )
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return _Shipped()


def _unshipped_from(segment: Segment, found: list[Segment], position: Position | None) -> int:
    """The offset from which on a segment is not shipped; its size when all of it is."""
    if position is None:
        return 0
    for other in found:
        if other.inode == position.inode and _is_at(other, position):
            if other.inode == segment.inode:
                return position.offset
            is_before = segment.number is not None and (
                other.number is None or segment.number < other.number
            )
            return segment.size if is_before else 0
    return 0


def _is_at(segment: Segment, position: Position) -> bool:
    if not position.head and not position.offset:
        return True  # it was empty when the shipper was there
    try:
        return head_of(segment.path) == position.head
    except OSError:
        return False


def _lines(path: str, begin: int) -> int:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        count = 0
        while block := os.pread(descriptor, _BLOCK, begin):
            count += block.count(b"\n")
            begin += len(block)
        return count
    finally:
        os.close(descriptor)
