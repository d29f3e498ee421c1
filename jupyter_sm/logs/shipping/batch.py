"""What fits in one PutLogEvents call.

The limits are those of the operation's documentation (botocore data/logs/2014-03-28): at most 10,000
events and 1,048,576 bytes, counted as the messages in UTF-8 and 26 bytes for each; no two events
24 hours apart; in the order of time; no empty message.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ..line import Event
from ..segments import EVENT_BYTES_MOST, EVENT_OVERHEAD, Position

EVENTS_MOST: Final = 10_000
BATCH_BYTES_MOST: Final = 1_048_576
SPAN_MS_MOST: Final = 24 * 60 * 60 * 1000

_TEXT_BYTES_MOST: Final = EVENT_BYTES_MOST - EVENT_OVERHEAD

_INSIDE: Final = range(0x80, 0xC0)
"""Bytes of UTF-8 that no character begins with."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as it is sent: an event of the spool, or a piece of one that is too long.

    Attributes:
        timestamp: Milliseconds since the epoch.
        message: Never empty.
        size: What the service counts for it, in bytes.
        after: Where reading goes on once this is delivered; None for the spool's beginning.
        pieces: How many pieces of the event at ``after`` are delivered with this one.
    """

    timestamp: int
    message: str
    size: int
    after: Position | None
    pieces: int = 0


def entries_of(event: Event, before: Position | None, after: Position) -> list[Entry]:
    """The event in pieces that the service takes: mostly one.

    Args:
        event: As it was read.
        before: Where its line begins; None for the spool's beginning.
        after: Where the next line begins.
    """
    texts = list(_pieces(event.message))
    last = len(texts) - 1
    return [
        Entry(event.timestamp, text, size, *((after, 0) if i == last else (before, i + 1)))
        for i, (text, size) in enumerate(texts)
    ]


def in_order(entries: Sequence[Entry]) -> list[tuple[int, str]]:
    """Timestamps and messages as the service wants them: by time, else as they were written."""
    return [(e.timestamp, e.message) for e in sorted(entries, key=lambda e: e.timestamp)]


class Batch:
    """Entries in the order of the spool, as many as one call takes."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._bytes = 0
        self._earliest = 0
        self._latest = 0

    def add(self, entry: Entry) -> bool:
        """Take the entry unless the call would become too big; say whether it was taken."""
        earliest = min(self._earliest, entry.timestamp) if self.entries else entry.timestamp
        latest = max(self._latest, entry.timestamp) if self.entries else entry.timestamp
        size = self._bytes + entry.size
        if self.entries and (
            len(self.entries) >= EVENTS_MOST
            or size > BATCH_BYTES_MOST
            or latest - earliest >= SPAN_MS_MOST
        ):
            return False
        self.entries.append(entry)
        self._bytes, self._earliest, self._latest = size, earliest, latest
        return True

    @property
    def full(self) -> bool:
        """Whether no further entry can be taken."""
        return len(self.entries) >= EVENTS_MOST or self._bytes + EVENT_OVERHEAD >= BATCH_BYTES_MOST


def _pieces(message: str) -> Iterator[tuple[str, int]]:
    """The text cut between characters where it is too long, each with what is counted for it."""
    data = message.encode("utf-8", "backslashreplace")
    start = 0
    while start < len(data):
        end = min(start + _TEXT_BYTES_MOST, len(data))
        while end < len(data) and data[end] in _INSIDE:
            end -= 1
        yield data[start:end].decode(), end - start + EVENT_OVERHEAD
        start = end
