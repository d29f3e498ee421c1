"""Every event of a spool once and in order, across rotation, deletion, truncation and restarts."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from ..line import Event, decode_line
from ..segments import Position, Segment, head_of, segments
from .blocks import Line
from .segmentfile import SegmentFile


@dataclass(frozen=True, slots=True)
class Scanned:
    """An event and where it stood.

    Attributes:
        event: As it was written.
        length: Bytes of its line with the newline.
        position_after: Where a later scan goes on with the next event.
    """

    event: Event
    length: int
    position_after: Position


@dataclass(slots=True)
class Counts:
    """What a reader could not give; it only grows.

    Attributes:
        skipped: Lines that are no event: torn, foreign, or longer than any event.
        gaps: Times that a file was not found again, or was found shortened: events may be missing
            there, or come a second time.
    """

    skipped: int = 0
    gaps: int = 0


def scan(
    log_path: str, after: Position | None = None, counts: Counts | None = None
) -> Iterator[Scanned]:
    """The events that a spool holds now, oldest first.

    A closed segment in which a writer may still be ends the scan; the next one goes on from there.

    Args:
        log_path: The spool's active file, there or not.
        after: Where an earlier scan ended; None is the oldest event.
        counts: Is told about lines and files that could not be read.

    Raises:
        OSError: A file or the folder cannot be read.
    """
    with closing(Reader(log_path, after, counts)) as reader:
        yield from reader.read()


class Reader:
    """Reads a spool as far as it goes, and later on from there.

    The file that it is in stays open: a file renamed or deleted meanwhile is read to its end. Not for
    two threads at once.

    Args:
        log_path: The spool's active file, there or not.
        after: Where to begin; None is the oldest event.
        counts: Is told about lines and files that could not be read.
    """

    def __init__(
        self, log_path: str, after: Position | None = None, counts: Counts | None = None
    ) -> None:
        self.counts = counts or Counts()
        self._log_path = log_path
        self._after = after
        self._file: SegmentFile | None = None
        self._passed = 0
        self._expected: int | None = None

    def close(self) -> None:
        """Give the open file back; nothing is to be read after that."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def read(self) -> Iterator[Scanned]:
        """The events that were not read yet; may be left at any event and called again.

        Raises:
            OSError: A file or the folder cannot be read.
        """
        while (file := self._file or self._next_file()) is not None:
            if file.is_rewritten():
                self.counts.gaps += 1
                file.begin(0)
            yield from self._events(file, file.lines.read())
            if file.is_active(self._log_path) or not file.is_settled():
                return
            yield from self._events(file, file.lines.read())
            yield from self._events(file, file.lines.rest())
            self._pass(file)
            self.close()

    def _events(self, file: SegmentFile, lines: Iterator[Line]) -> Iterator[Scanned]:
        for line in lines:
            event = None if line.data is None else decode_line(line.data)
            if event is None:
                self.counts.skipped += 1
            else:
                yield Scanned(event, line.end - line.start, file.position(line.end))

    def _next_file(self) -> SegmentFile | None:
        """The file to read now, open; None while there is none."""
        while found := segments(self._log_path):
            newer = found if self._after else self._newer(found)
            if not newer:
                break
            wanted = [s for s in newer if self._after and s.inode == self._after.inode] or newer
            file = self._file = SegmentFile.open(wanted[0])
            if file is None:  # renamed or deleted since the look
                continue
            if self._after and not self._resume(file, self._after):
                self.close()
                self._after = None
                continue
            self._after = None
            number = file.number
            if number is None:
                self._passed = max((s.number for s in found if s.number is not None), default=0)
            elif self._expected is not None and number > self._expected:
                self.counts.gaps += 1
            return file
        return None

    def _resume(self, file: SegmentFile, after: Position) -> bool:
        """Go to that position in a file; whether it is the file that the position was in."""
        if file.inode != after.inode or head_of(file.descriptor) != after.head:
            self.counts.gaps += 1
            return False
        fits = file.has_line_at(after.offset)
        self.counts.gaps += not fits
        file.begin(after.offset if fits else 0)
        return True

    def _newer(self, found: list[Segment]) -> list[Segment]:
        """The segments that were not read yet."""
        if self._expected is None:
            return found
        numbers = [segment.number for segment in found if segment.number is not None]
        if numbers and numbers[-1] < self._passed:  # all were deleted, and numbers began again
            self._expected, self._passed = 0, 0
            return found
        return [s for s in found if s.number is None or s.number > self._passed]

    def _pass(self, file: SegmentFile) -> None:
        """Remember which number must come after a file that was read to its end."""
        number = file.number
        for segment in segments(self._log_path):
            if segment.inode == file.inode:
                number = segment.number
        if number is not None:
            self._passed = number
        # A file that was deleted before its number was seen had the next one, or none at all.
        self._expected = self._passed + (1 if number is not None else 2)
