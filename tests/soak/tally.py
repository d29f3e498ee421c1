"""What the clients of a soak saw: each operation with its time, errors by kind, stale answers."""

import http.client
import json
import math
import threading
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import websocket

FORESEEN = (
    OSError,
    http.client.HTTPException,
    json.JSONDecodeError,
    LookupError,
    websocket.WebSocketException,
)
"""How a host, the connection to it, or an answer's shape can fail an operation."""


class WrongError(Exception):
    """An answer came, and it is not the right one.

    Args:
        kind: what errors are counted by.
        detail: the answer.
    """

    def __init__(self, kind: str, detail: object = "") -> None:
        super().__init__(f"{kind}: {detail}"[:500])
        self.kind = kind


class FailedError(Exception):
    """An operation failed, and has been counted; its client goes on with something else."""


@dataclass(frozen=True)
class Stale:
    """One answer that told of a change too late.

    Attributes:
        path: the route that was asked.
        kernel: which kernel was listed although gone, or missing although there.
        listed: whether it was listed.
        age: seconds from the change to the answer.
    """

    path: str
    kernel: str
    listed: bool
    age: float

    def text(self) -> str:
        fact = "gone and listed" if self.listed else "there and not listed"
        return f"{self.path}: {self.kernel} was {fact} after {self.age:.2f} s"


@dataclass(frozen=True)
class Operation:
    """One row of the report; times in milliseconds."""

    name: str
    count: int
    errors: int
    p50: float
    p99: float
    most: float


class Tally:
    """Counts for all clients at once; every method may be called from any thread.

    Args:
        most: after so many operations ``is_full`` is true.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._seconds: dict[str, list[float]] = {}
        self._errors: Counter[tuple[str, str]] = Counter()
        self._first: dict[tuple[str, str], str] = {}
        self.stale: list[Stale] = []

    @contextmanager
    def operation(self, name: str) -> Generator[None, None, None]:
        """Time and count what is done inside.

        Raises:
            FailedError: it failed, which has been counted.
        """
        began = time.perf_counter()
        try:
            yield
        except WrongError as error:
            self.failed(name, error.kind, str(error))
            raise FailedError from error
        except FORESEEN as error:
            self.failed(name, type(error).__name__, str(error))
            raise FailedError from error
        finally:
            with self._lock:
                self._seconds.setdefault(name, []).append(time.perf_counter() - began)

    def failed(self, operation: str, kind: str, detail: str) -> None:
        with self._lock:
            self._errors[operation, kind] += 1
            self._first.setdefault((operation, kind), detail)

    def add_stale(self, found: Sequence[Stale]) -> None:
        with self._lock:
            self.stale.extend(found)

    @property
    def count(self) -> int:
        with self._lock:
            return sum(map(len, self._seconds.values()))

    def is_full(self) -> bool:
        return self.count >= self._most

    def operations(self) -> list[Operation]:
        """A row for each operation, in the order in which they were first done."""
        with self._lock:
            return [self._row(name, sorted(seconds)) for name, seconds in self._seconds.items()]

    def _row(self, name: str, seconds: Sequence[float]) -> Operation:
        errors = sum(number for (of, _), number in self._errors.items() if of == name)
        p50, p99, most = (percentile(seconds, share) * 1000 for share in (0.5, 0.99, 1))
        return Operation(name, len(seconds), errors, p50, p99, most)

    def errors(self) -> list[str]:
        """A line for each kind: operation, kind, how often, and the first one's words."""
        with self._lock:
            return [
                f"{operation}: {kind}, {number} times; the first: {self._first[operation, kind]}"
                for (operation, kind), number in self._errors.most_common()
            ]


def percentile(ordered: Sequence[float], share: float) -> float:
    """The least value that ``share`` of the values do not exceed."""
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]
