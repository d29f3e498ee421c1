"""How often, and in which order, things are measured."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from .table import Row

T = TypeVar("T")


@dataclass(frozen=True)
class Effort:
    """How long a run may take; a quick one only shows that everything works."""

    quick: bool

    def of(self, full: T, quick: T) -> T:
        return quick if self.quick else full


@dataclass(frozen=True)
class Work:
    """Something that is measured on its own.

    Attributes:
        name: what it is selected by.
        measure: gives its rows; the folder is its own, empty, and deleted afterwards.
        brief: whether a quick run of everything has time for it.
    """

    name: str
    measure: Callable[[Effort, Path], list[Row]]
    brief: bool = True


def in_turns(rounds: int, *sides: Callable[[], T]) -> tuple[list[T], ...]:
    """What each side gives, round by round; who goes first alternates."""
    given: tuple[list[T], ...] = tuple([] for _ in sides)
    for turn in range(rounds):
        order = list(zip(sides, given, strict=True))
        for side, results in order if turn % 2 == 0 else reversed(order):
            results.append(side())
    return given


def seconds(work: Callable[[], object]) -> float:
    """How long a call takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def cpu_seconds(work: Callable[[], object]) -> float:
    """What a call costs the processor, which nobody else on the machine adds to."""
    begun = time.process_time()
    work()
    return time.process_time() - begun
