"""Reads a spool as it grows and sends it batch by batch."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from typing import Final

from ...reading import problem
from ..reading.scanning import Counts, Reader, Scanned
from ..segments import Position, segments
from .batch import Batch, Entry, entries_of
from .delivery import Delivery
from .drain import Drain
from .ledger import Ledger

AGE_SECONDS_MOST: Final = 1.0
"""For which the first event of a batch waits for others."""

POLL_SECONDS: Final = 0.2
"""Between two looks at the spool where the last one found nothing new."""

UNREADABLE_SECONDS: Final = 5.0
"""Between two looks at a spool that cannot be read."""

CLOSING_SECONDS: Final = 0.5
"""So long the end waits for a segment that a writer may still be in."""


class Shipper:
    """The one who ships a spool: whoever makes it holds the claim.

    Args:
        log_path: The spool's active file.
        ledger: Where to go on, and what became of the events.
        delivery: Sends one batch.
        drain: When all has to be over; nothing is waited for once it is begun.
        age: So many seconds after its first event a batch is sent, full or not.
    """

    def __init__(
        self,
        log_path: str,
        ledger: Ledger,
        delivery: Delivery,
        drain: Drain,
        *,
        age: float = AGE_SECONDS_MOST,
    ) -> None:
        self._age = age
        self._ledger = ledger
        self._delivery = delivery
        self._drain = drain
        self._source = _Source(log_path, ledger)
        self._unreadable = False
        self._closing_left = CLOSING_SECONDS

    def run(self) -> bool:
        """Ship until the drain is begun, and then what is there; False where some was left."""
        self._ledger.say("shipping")
        with closing(self._source):
            while not self._drain.over:
                draining = self._drain.begun  # asked first: what is read then is all there was
                entries = self._batch(draining=draining)
                if entries and not self._delivery.deliver(entries):
                    return False
                if not entries and draining and self._is_all():
                    return True
        return False

    def _batch(self, *, draining: bool) -> list[Entry]:
        """The next entries to send, as soon as they are enough, old enough or all."""
        batch = Batch()
        due = 0.0
        while not self._filled(batch):
            if not due and batch.entries:
                due = time.monotonic() + self._age
            left = due - time.monotonic() if due else POLL_SECONDS
            if draining or left <= 0 or not self._drain.wait(min(left, POLL_SECONDS)):
                break
        return batch.entries

    def _filled(self, batch: Batch) -> bool:
        """Read what is there; whether the batch can take no more."""
        try:
            full = self._source.fill(batch)
        except OSError as error:
            self._unreadable = True
            self._ledger.say("waiting", f"cannot read the log: {problem(error)}")
            self._drain.wait(UNREADABLE_SECONDS)
            return False
        if self._unreadable:
            self._unreadable = False
            self._ledger.say("shipping")
        return full

    def _is_all(self) -> bool:
        """Whether there will be no more to read; a segment just closed is complete in a moment."""
        if self._source.is_at_end() or self._closing_left < 0:
            return True
        self._closing_left -= POLL_SECONDS / 4
        self._drain.wait(POLL_SECONDS / 4)
        return False


class _Source:
    """The entries of the spool that are not settled yet."""

    def __init__(self, log_path: str, ledger: Ledger) -> None:
        saved = ledger.saved
        self._log_path = log_path
        self._ledger = ledger
        self._counts = Counts()
        self._told = Counts()
        self._reader = Reader(log_path, saved.position, self._counts)
        self._before: Position | None = saved.position
        self._skip = saved.pieces
        self._ready: deque[Entry] = deque()

    def is_at_end(self) -> bool:
        """Whether nothing stands behind what was read, but for a line that is not complete."""
        try:
            found = segments(self._log_path)
        except OSError:
            return True
        inode = self._before.inode if self._before else 0
        at = next((i for i, segment in enumerate(found) if segment.inode == inode), -1)
        return not any(segment.size for segment in found[at + 1 :])

    def close(self) -> None:
        """Close the file that is being read."""
        self._reader.close()

    def fill(self, batch: Batch) -> bool:
        """Put what is there into the batch; whether it can take no more."""
        for entry in self._entries():
            if not batch.add(entry):
                self._ready.appendleft(entry)
                return True
            if batch.full:
                return True
        return False

    def _entries(self) -> Iterator[Entry]:
        while self._ready:
            yield self._ready.popleft()
        for scanned in self._reader.read():
            self._ready.extend(self._pieces(scanned))
            while self._ready:
                yield self._ready.popleft()

    def _pieces(self, scanned: Scanned) -> list[Entry]:
        if self._counts.gaps > self._told.gaps:
            self._skip = 0  # they were of another event
        entries = entries_of(scanned.event, self._before, scanned.position_after)
        is_split = len(entries) > 1 and not self._skip
        entries, self._skip = entries[self._skip :], 0
        self._before = scanned.position_after
        self._ledger.count(
            skipped=self._counts.skipped - self._told.skipped,
            gaps=self._counts.gaps - self._told.gaps,
            split=is_split,
        )
        self._told = Counts(self._counts.skipped, self._counts.gaps)
        return entries
