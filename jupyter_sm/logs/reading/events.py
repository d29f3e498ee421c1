"""Questions to a spool as it is now: its last events, where to begin, and how much is left."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from ..line import Event, decode_line
from ..segments import Position, Segment, head_of, segments
from .blocks import Line, lines_backwards
from .scanning import Reader
from .segmentfile import SegmentFile

_BLOCK: Final = 1 << 20

_DISORDER_MS: Final = 60_000
"""So far from its neighbours' time an event may stand where several processes write one spool."""


@dataclass(frozen=True, slots=True)
class Last:
    """The end of a spool.

    Attributes:
        events: In the order of the file.
        end: Behind the last line that was there; None where there was none. What `follow` begins
            with, to give what comes after these events and nothing else.
        skipped: Lines that are no event, among those that were looked at.
    """

    events: list[Event]
    end: Position | None
    skipped: int


@dataclass(frozen=True, slots=True)
class Behind:
    """What a reader has before it.

    Attributes:
        events: Lines, those that are no events among them; 0 where no event is among them.
        bytes: Of these lines, and of a line that is still being written.
        oldest_ms: Time of the first event, in milliseconds since the epoch; None where there is none.
    """

    events: int
    bytes: int
    oldest_ms: int | None


def every(event: Event) -> bool:
    """Keep each event."""
    del event
    return True


def tail(log_path: str, count: int, keep: Callable[[Event], bool] = every) -> list[Event]:
    """The last events that are to be kept, oldest first; see `last`."""
    return last(log_path, count, keep).events


def last(
    log_path: str,
    count: int,
    keep: Callable[[Event], bool] = every,
    *,
    since_ms: int | None = None,
) -> Last:
    """The end of a spool, read from its end and no further than needed.

    Args:
        log_path: The spool's active file, there or not.
        count: At most so many events.
        keep: Which events count.
        since_ms: Nothing earlier is looked for. Milliseconds since the epoch.

    Raises:
        OSError: A file or the folder cannot be read.
    """
    events: list[Event] = []
    end: Position | None = None
    skipped = 0
    for position, line in _lines_backwards(log_path):
        end = end or position
        if len(events) >= count:
            break
        event = _event(line)
        if event is None:
            skipped += 1
        elif since_ms is not None and event.timestamp < since_ms:
            if event.timestamp < since_ms - _DISORDER_MS:
                break
        elif keep(event):
            events.append(event)
    return Last(events[::-1], end, skipped)


def beginning(log_path: str, since_ms: int) -> Position | None:
    """A place before the first event that is not earlier, at most a segment before it.

    Args:
        log_path: The spool's active file, there or not.
        since_ms: Milliseconds since the epoch.

    Returns:
        The start of a file; None is the oldest event of the spool.

    Raises:
        OSError: A file or the folder cannot be read.
    """
    for segment in reversed(segments(log_path)):
        file = _reopened(log_path, segment)
        if file is None:
            continue
        try:
            first = next(filter(None, map(_event, file.lines.read())), None)
            if first is not None and first.timestamp < since_ms - _DISORDER_MS:
                return file.position(0)
        finally:
            file.close()
    return None


def behind(log_path: str, position: Position | None) -> Behind:
    """What a reader that is at that place has before it; None has read nothing.

    Raises:
        OSError: A file or the folder cannot be read.
    """
    found = segments(log_path)
    offset = 0
    if position is not None:
        for index, segment in enumerate(found):
            if segment.inode == position.inode and _has_head(log_path, segment, position.head):
                found, offset = found[index:], position.offset
                break
    lines = size = 0
    for segment in found:
        file = _reopened(log_path, segment)
        if file is not None:
            more_lines, more_bytes = _counted(file, offset)
            lines, size = lines + more_lines, size + more_bytes
            file.close()
        offset = 0
    with closing(Reader(log_path, position)) as reader:
        oldest = next(reader.read(), None) if lines else None
    return Behind(lines, size, oldest.event.timestamp) if oldest else Behind(0, size, None)


def _lines_backwards(log_path: str) -> Iterator[tuple[Position, Line]]:
    """Every whole line with the position behind it, the last one first."""
    for segment in reversed(segments(log_path)):
        file = _reopened(log_path, segment)
        if file is None:
            continue
        try:
            closed = segment.number is not None
            for line in lines_backwards(file.descriptor, file.size(), closed=closed):
                yield file.position(line.end), line
        finally:
            file.close()


def _reopened(log_path: str, segment: Segment) -> SegmentFile | None:
    """A file seen before, under whatever name it has now; None where it is gone."""
    file = SegmentFile.open(segment)
    if file is None:
        same = [now for now in segments(log_path) if now.inode == segment.inode]
        file = SegmentFile.open(same[0]) if same else None
    return file


def _event(line: Line) -> Event | None:
    return None if line.data is None else decode_line(line.data)


def _has_head(log_path: str, segment: Segment, head: str) -> bool:
    file = _reopened(log_path, segment)
    if file is None:
        return False
    try:
        return head_of(file.descriptor) == head
    finally:
        file.close()


def _counted(file: SegmentFile, offset: int) -> tuple[int, int]:
    """Lines and bytes of a file from an offset on."""
    begin, lines = offset, 0
    while block := os.pread(file.descriptor, _BLOCK, offset):
        lines += block.count(b"\n")
        offset += len(block)
    return lines, offset - begin
