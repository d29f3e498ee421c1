"""What a soak found: a table, and what is wrong with it."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .tally import Operation, Stale

MEMORY_MORE = 40.0
"""Megabytes that a gateway may have grown by, after one kernel's whole life before the clients came.

A heap that was once needed for many requests at a time is not given back.
"""
MEMORY_MORE_LATER = 6.0
"""Megabytes that it may have grown by since half time, when that heap has its size.

Half an hour of 50 clients without pauses showed 21 in the first half and 2 in the second, the two
minutes of the tests 5 and 2. There, a leak of 10 kB in each listing of kernelspecs is more than this,
and one of 400 kB a kernel; in half an hour, one of 3 kB a kernel.
"""
DESCRIPTORS_MORE = 8
"""File descriptors that it may have more at the end."""
THREADS_MORE = 4
"""Threads that it may have more at the end: of a pool that keeps them. The half hour showed none."""
TOLD = 10
"""Lines of one sort in the report."""


@dataclass(frozen=True)
class Footprint:
    """What the gateway's process occupies; memory in megabytes (VmRSS)."""

    memory: float
    descriptors: int
    threads: int

    @classmethod
    def of(cls, pid: int) -> "Footprint":
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        status = dict(line.split(":", 1) for line in text.splitlines())
        memory = int(status["VmRSS"].split()[0]) * 1024 / 1e6
        return cls(memory, len(os.listdir(f"/proc/{pid}/fd")), int(status["Threads"]))


@dataclass(frozen=True)
class Leftovers:
    """What should have gone with the clients, and with the gateway.

    Attributes:
        kernels: still listed when every client has deleted its own.
        processes: of the gateway, beside itself, then.
        files: in its folder for temporary files, and connection files, when it has ended.
        orphans: processes that outlived it.
        status: its exit status after SIGTERM; None: it had to be killed.
    """

    kernels: Sequence[str]
    processes: Sequence[str]
    files: Sequence[str]
    orphans: Sequence[str]
    status: int | None


@dataclass(frozen=True)
class Report:
    """Everything; times in the operations are milliseconds.

    Attributes:
        tracebacks: printed outside of the gateway's records, by kernels mostly: told, no complaint.
    """

    seconds: float
    clients: int
    places: int
    settle: float
    load: Sequence[float]
    changes: int
    operations: Sequence[Operation]
    errors: Sequence[str]
    logged: Sequence[str]
    tracebacks: Sequence[str]
    stale: Sequence[Stale]
    start: Footprint
    middle: Footprint
    end: Footprint
    left: Leftovers

    def complaints(self) -> list[str]:
        """Why this soak is no success; empty when it is."""
        left = self.left
        told = [
            *_several("error", self.errors),
            *_several("in the gateway's log", self.logged),
            *_several("stale", [stale.text() for stale in self.stale]),
            *_several("kernel left", left.kernels),
            *_several("process left", left.processes),
            *_several("file left", left.files),
            *_several("process outlived the gateway", left.orphans),
        ]
        if left.status != 0:
            told.append("killed" if left.status is None else f"exit status {left.status}")
        return told + self._growth()

    def _growth(self) -> list[str]:
        told = []
        if self.end.memory - self.start.memory > MEMORY_MORE:
            told.append(f"memory grew by more than {MEMORY_MORE:g} MB")
        if self.end.memory - self.middle.memory > MEMORY_MORE_LATER:
            told.append(f"memory grew by more than {MEMORY_MORE_LATER:g} MB after half time")
        if (more := self.end.descriptors - self.start.descriptors) > DESCRIPTORS_MORE:
            told.append(f"{more} more file descriptors than at the start")
        if (more := self.end.threads - self.start.threads) > THREADS_MORE:
            told.append(f"{more} more threads than at the start")
        return told

    def document(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {**asdict(self), "complaints": self.complaints()}

    def text(self) -> str:
        o = self.operations
        processors = f"{os.cpu_count()} processors"
        load = ", ".join(f"{load:.1f}" for load in self.load)
        lines = (
            f"{self.clients} clients and a panel for {self.seconds:.0f} s,",
            f"at most {self.places} kernels at once, {processors}, load before and after {load}:",
            f"{sum(row.count for row in o)} operations, {sum(row.errors for row in o)} errors,",
            f"{self.changes} times an environment came or went,",
            f"{len(self.stale)} answers that did not know it {self.settle:g} s later",
            "",
            *_table(
                ("operation", "count", "errors", "p50 ms", "p99 ms", "most ms"), map(_cells, o)
            ),
            "",
            *_table(
                ("the gateway", "start", "half time", "end"),
                (
                    self._occupied("memory, MB", "memory"),
                    self._occupied("file descriptors", "descriptors"),
                    self._occupied("threads", "threads"),
                ),
            ),
            "",
            self._left(),
            *(f"printed: {text}" for text in self.tracebacks[:TOLD]),
            *(f"WRONG: {complaint}" for complaint in self.complaints()),
        )
        return "\n".join(lines)

    def _left(self) -> str:
        left = self.left
        by_clients = f"{len(left.kernels)} kernels and {len(left.processes)} processes"
        by_gateway = f"{len(left.orphans)} processes and {len(left.files)} files"
        return (
            f"left by the clients: {by_clients}; by the gateway, status {left.status}: {by_gateway}"
        )

    def _occupied(self, words: str, name: str) -> tuple[str, ...]:
        points = (self.start, self.middle, self.end)
        return words, *(f"{getattr(point, name):.0f}" for point in points)


def _cells(row: Operation) -> tuple[str, ...]:
    times = map(_number, (row.p50, row.p99, row.most))
    return row.name, str(row.count), str(row.errors), *times


def _several(kind: str, lines: Sequence[str]) -> list[str]:
    told = [f"{kind}: {line}" for line in lines[:TOLD]]
    return [*told, f"{kind}: {len(lines) - TOLD} more"] if len(lines) > TOLD else told


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines]
    return [text[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *text[1:]]
