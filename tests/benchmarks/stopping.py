"""SIGTERM to a gateway with kernels: how long it takes, what is shut down cleanly, what is left."""

import signal
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from .gateways import Kernels, Kind, confirm, start, wait_until_ready
from .table import Reach, Row, Value, at_most, exactly
from .timing import Effort, Work, in_turns

KERNELS = 4
CELL = "import atexit, pathlib; atexit.register(pathlib.Path({file!r}).touch)"
"""Shut down cleanly, a kernel leaves a file."""


class End(NamedTuple):
    """How one gateway ended: seconds, kernels that ran their atexit, processes left behind."""

    seconds: float
    clean: int
    left: int


def works() -> list[Work]:
    return [Work("stopping", measure)]


def measure(effort: Effort, folder: Path) -> list[Row]:
    none = Kernels(folder, 0)
    ours, stock = in_turns(
        effort.of(5, 1), lambda: _stop("ours", folder, none), lambda: _stop("stock", folder, none)
    )

    sides = (ours, stock)
    spans = [Value.of([end.seconds for end in side]) for side in sides]
    clean = [Value.only(min(end.clean for end in side)) for side in sides]
    left = [Value.only(max(end.left for end in side)) for side in sides]
    return [
        _row("to the end", "s", spans, at_most(2, "s")),
        _row("shut down cleanly, worst round", "kernels", clean, exactly(KERNELS, "all")),
        _row("left behind, worst round", "processes", left, exactly(0, "none")),
    ]


def _stop(kind: Kind, folder: Path, kernels: Kernels) -> End:
    files = [folder / f"{kind}-{time.monotonic_ns()}-{i}" for i in range(KERNELS)]
    with ExitStack() as running:
        host = running.enter_context(start(kind, folder, kernels))
        wait_until_ready(host)
        confirm(kind, host)
        for file in files:
            kernel = running.enter_context(host.start_kernel("python3"))
            kernel.execute(CELL.format(file=str(file)))
        host.started()  # while the gateway's descendants can still be told
        begun = time.perf_counter()
        host.process.send_signal(signal.SIGTERM)
        host.process.wait(30)
        taken = time.perf_counter() - begun
        left = host.left_behind(within=1)
    return End(taken, sum(file.exists() for file in files), len(left))


def _row(what: str, unit: str, sides: list[Value], reach: Reach) -> Row:
    ours, stock = sides
    return Row(
        name="stopping",
        work=f"SIGTERM with {KERNELS} kernels: {what}",
        unit=unit,
        ours=ours,
        peer=stock,
        peer_name="stock gateway",
        reach=(reach,),
    )
