"""Plain text that fits a terminal of 80 columns: paragraphs and tables."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ..reading import printable

WIDTH = 80
_GAP = 2
_INDENT = 4
_NARROW = 16
"""Columns below which a cell takes room from the first one, whose text people copy."""

_ARROW = "-> "


class Row(NamedTuple):
    """One row of a table.

    Attributes:
        cells: one text a column.
        notes: reasons and their remedies, either may be empty; they stand indented below it.
    """

    cells: tuple[str, ...]
    notes: tuple[tuple[str, str], ...] = ()


def table(header: tuple[str, ...], rows: Sequence[Row]) -> Iterator[str]:
    """Lines of a table; a cell that is too long goes on in the next line."""
    texts = [tuple(map(_one_line, cells)) for cells in (header, *(row.cells for row in rows))]
    widths = _widths(texts)
    yield from _row(texts[0], widths)
    for row, cells in zip(rows, texts[1:], strict=True):
        yield from _row(cells, widths)
        for reason, remedy in row.notes:
            yield from explanation(reason, remedy, indent=_INDENT)


def explanation(reason: str, remedy: str, *, indent: int = 0) -> Iterator[str]:
    """What is wrong as one paragraph and what to do about it as another; either may be empty."""
    if reason:
        yield from paragraph(reason, first=indent)
    if remedy:
        yield from paragraph(_ARROW + remedy, first=_INDENT, rest=_INDENT + len(_ARROW))


def paragraph(text: str, *, first: int = 0, rest: int = _INDENT) -> Iterator[str]:
    """Lines of a text, the first one indented by ``first`` columns and the others by ``rest``."""
    lines = wrap(_one_line(text), WIDTH - max(first, rest))
    for index, line in enumerate(lines):
        yield " " * (rest if index else first) + line


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` columns: broken at blanks, within a word only if it must be."""
    lines = [""]
    for piece in _pieces(text.split(" "), width):
        if columns(lines[-1]) + columns(piece.rstrip()) <= width:
            lines[-1] += piece
        else:
            lines.append(piece)
    return [line.rstrip() for line in lines]


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(_columns_of(character) for character in text)


def _one_line(text: str) -> str:
    """A text without anything that a terminal would act on."""
    return printable(" ".join(text.splitlines()))


def _columns_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _pieces(words: Iterable[str], width: int) -> Iterator[str]:
    """Words with the blank behind them; what is longer than a line comes in parts."""
    for word in words:
        if columns(word) <= width:
            yield word + " "
            continue
        for part in re.findall(r"[^/-]*[/-]|[^/-]+", word):
            yield from _cut(part, width)
        yield " "


def _cut(part: str, width: int) -> Iterator[str]:
    taken = ""
    for character in part:
        if columns(taken + character) > width:
            yield taken
            taken = ""
        taken += character
    yield taken


def _widths(texts: Sequence[tuple[str, ...]]) -> list[int]:
    """Columns for each cell: as wide as needed, and the widest ones give way, the first one last."""
    widths = [max(map(columns, column)) for column in zip(*texts, strict=True)]
    while sum(widths) + _GAP * (len(widths) - 1) > WIDTH:
        others = [width for width in widths[1:] if width > _NARROW]
        widest = max(others or widths)
        widths[len(widths) - 1 - widths[::-1].index(widest)] -= 1
    return widths


def _row(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    wrapped = [wrap(cell, width) for cell, width in zip(cells, widths, strict=True)]
    for index in range(max(map(len, wrapped))):
        line = ""
        for lines, width in zip(wrapped, widths, strict=True):
            cell = lines[index] if index < len(lines) else ""
            line += cell + " " * (width - columns(cell) + _GAP)
        yield line.rstrip()
