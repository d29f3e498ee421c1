"""Lines of a file that may be huge or still growing, read block by block in both directions."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LINE_BYTES_MOST: Final = 8 * 1024 * 1024
"""A longer line is no event and is not held in memory: an event's megabyte, each byte of it escaped
twice (`\\\\u0000`), takes seven."""

_BLOCK: Final = 262_144


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file.

    Attributes:
        data: Without the newline; None where it is longer than `LINE_BYTES_MOST`.
        start: Offset of its first byte.
        end: Offset behind its newline.
    """

    data: bytes | None
    start: int
    end: int


class GrowingLines:
    """The whole lines of an open file from an offset on, also those that are written meanwhile.

    What stands behind the last newline is searched once, not at each call.

    Args:
        descriptor: Open for reading; its own offset is left alone.
        offset: Bytes; where a line starts.

    Attributes:
        offset: Behind the last line that was given.
    """

    def __init__(self, descriptor: int, offset: int) -> None:
        self._descriptor = descriptor
        self.restart(offset)

    def restart(self, offset: int) -> None:
        """Go on from another place where a line starts."""
        self.offset = offset
        self._begun = bytearray()
        self._begun_at = offset
        self._searched = offset

    def read(self) -> Iterator[Line]:
        """The lines that are whole now, each once; may be left at any line and called again.

        Raises:
            OSError: The file cannot be read.
        """
        size = os.fstat(self._descriptor).st_size
        if self._begun_at != self.offset or size < self._searched:
            self.restart(self.offset)  # left in the midst of a block, or what was begun is gone
        while block := os.pread(self._descriptor, _BLOCK, self._searched):
            *whole, rest = block.split(b"\n")
            searched = self._searched
            for part in whole:
                searched += len(part) + 1
                data = self._joined(part, searched - 1 - self.offset)
                line = Line(data, self.offset, searched)
                self.offset = searched
                yield line
            self._keep(rest, searched)

    def rest(self) -> Iterator[Line]:
        """What stands behind the last newline, if anything: for a file that grows no more."""
        if self._searched > self.offset:
            data = self._joined(b"", self._searched - self.offset)
            line = Line(data, self.offset, self._searched)
            self.restart(self._searched)
            yield line

    def _joined(self, part: bytes, length: int) -> bytes | None:
        if length == len(part):
            return part if length <= LINE_BYTES_MOST else None
        begun, self._begun = self._begun, bytearray()
        if length > LINE_BYTES_MOST:
            return None
        begun += part
        return bytes(begun)

    def _keep(self, rest: bytes, start: int) -> None:
        """Keep the beginning of a line as long as it can become one."""
        self._searched = start + len(rest)
        self._begun_at = self.offset
        if self._searched - self.offset <= LINE_BYTES_MOST:
            self._begun += rest
        else:
            self._begun.clear()


def lines_backwards(descriptor: int, size: int, *, closed: bool) -> Iterator[Line]:
    """The lines of an open file, the last one first.

    Args:
        descriptor: Open for reading; its own offset is left alone.
        size: Bytes of it that are looked at.
        closed: Nothing is written any more: what stands behind the last newline is a line too.

    Raises:
        OSError: The file cannot be read.
    """
    later = _Later(end=size, is_line=closed)
    while size > 0:
        wanted = min(_BLOCK, size)
        block = os.pread(descriptor, wanted, size - wanted)
        if len(block) < wanted:  # truncated meanwhile
            return
        parts = block.split(b"\n")
        for part in reversed(parts[1:]):
            size -= len(part)
            line = later.completed(part, size)
            if line is not None:
                yield line
            later = _Later(end=size, is_line=True)
            size -= 1
        later.keep(parts[0])
        size -= len(parts[0])
    line = later.completed(b"", 0)
    if line is not None:
        yield line


class _Later:
    """The later part of a line whose beginning stands in an earlier block."""

    def __init__(self, *, end: int, is_line: bool) -> None:
        self._end = end
        self._is_line = is_line
        self._parts: list[bytes] = []
        self._length = 0

    def keep(self, part: bytes) -> None:
        self._length += len(part)
        if self._length <= LINE_BYTES_MOST:
            self._parts.append(part)
        else:
            self._parts.clear()

    def completed(self, part: bytes, start: int) -> Line | None:
        """The line that starts there with ``part``; None for nothing behind the last newline."""
        self.keep(part)
        if not self._is_line or start == self._end:
            return None
        if self._length > LINE_BYTES_MOST:
            return Line(None, start, self._end)
        return Line(b"".join(reversed(self._parts)), start, self._end)
