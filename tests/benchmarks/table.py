"""One claim a row: ours beside a peer of the same run, and whether it reaches what it should."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

HEADER = ("work", "ours", "peer", "ratio", "reach", "met?")
VERDICTS = {True: "yes", False: "NO", None: ""}


@dataclass(frozen=True)
class Value:
    """What was measured for one side: the median of the repetitions, and the best of them."""

    median: float
    best: float

    @classmethod
    def of(cls, measured: Sequence[float], *, most_is_best: bool = False) -> "Value":
        return cls(median(measured), (max if most_is_best else min)(measured))

    @classmethod
    def only(cls, value: float) -> "Value":
        """Where one number stands for all repetitions."""
        return cls(value, value)


@dataclass(frozen=True)
class Reach:
    """What a row should reach, in words and as a predicate."""

    text: str
    holds: Callable[["Row"], bool]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table.

    Attributes:
        name: what the row is selected by.
        work: what is done.
        unit: of both values.
        peer_name: what stands beside ours.
        difference: the median of ours minus peer's, pair by pair, where that is what counts.
        reach: all of them must hold; none for a row that only informs.
        note: what a reader needs besides the numbers.
    """

    name: str
    work: str
    unit: str
    ours: Value
    peer: Value
    peer_name: str
    difference: float | None = None
    reach: tuple[Reach, ...] = ()
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours divided by the peer's; None where the peer's is nothing."""
        return self.ours.median / self.peer.median if self.peer.median else None

    @property
    def met(self) -> bool | None:
        return all(reach.holds(self) for reach in self.reach) if self.reach else None

    def cells(self) -> tuple[str, ...]:
        ratio = "-" if self.ratio is None else f"{number(self.ratio)}x"
        if self.difference is not None:
            ratio += f" ({self.difference:+.1f} {self.unit})"
        return (
            self.work,
            _cell(self.ours, self.unit),
            f"{_cell(self.peer, self.unit)}, {self.peer_name}",
            ratio,
            " and ".join(reach.text for reach in self.reach),
            VERDICTS[self.met],
        )

    def document(self) -> dict[str, Any]:
        """The row as JSON values."""
        return {
            "name": self.name,
            "work": self.work,
            "unit": self.unit,
            "ours": {"median": self.ours.median, "best": self.ours.best},
            "peer": {
                "name": self.peer_name,
                "median": self.peer.median,
                "best": self.peer.best,
            },
            "ratio": self.ratio,
            "difference": self.difference,
            "reach": [reach.text for reach in self.reach],
            "met": self.met,
            "note": self.note,
        }


def times_at_most(limit: float) -> Reach:
    return Reach(f"<= {limit:g}x", lambda row: row.ratio is not None and row.ratio <= limit)


def times_at_least(limit: float) -> Reach:
    return Reach(f">= {limit:g}x", lambda row: row.ratio is not None and row.ratio >= limit)


def at_most(limit: float, unit: str) -> Reach:
    return Reach(f"<= {limit:g} {unit}", lambda row: row.ours.median <= limit)


def exactly(value: float, words: str) -> Reach:
    return Reach(words, lambda row: row.ours.median == value)


def more_at_most(limit: float, unit: str) -> Reach:
    return Reach(
        f"<= {limit:+g} {unit}",
        lambda row: row.difference is not None and row.difference <= limit,
    )


def number(value: float) -> str:
    """Three significant digits, without an exponent."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _cell(value: Value, unit: str) -> str:
    best = "" if value.best == value.median else f" (best {number(value.best)})"
    return f"{number(value.median)} {unit}{best}"


def rendered(rows: Iterable[Row]) -> str:
    """The table, which is Markdown too, and the notes below it."""
    rows = list(rows)
    lines = [HEADER, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    notes = [f"{row.work}: {row.note}" for row in rows if row.note]
    return "\n".join([*text, *([""] if notes else []), *notes])
