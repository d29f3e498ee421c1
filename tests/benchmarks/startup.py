"""From starting a gateway's process to the first 200 on ``/api``."""

import time
from pathlib import Path
from statistics import median

from .gateways import Kernels, Kind, confirm, start, wait_until_ready
from .table import Reach, Row, Value, more_at_most, times_at_most
from .timing import Effort, Work, in_turns

ENVIRONMENTS = 10
MORE_MS = 60


def works() -> list[Work]:
    return [Work("startup", measure)]


def measure(effort: Effort, folder: Path) -> list[Row]:
    kernels = Kernels(folder, ENVIRONMENTS)
    kinds: tuple[Kind, ...] = ("ours", "stock", "sm gateway")

    def side(kind: Kind) -> float:
        begun = time.perf_counter()
        with start(kind, folder, kernels) as host:
            wait_until_ready(host)
            taken = time.perf_counter() - begun
            confirm(kind, host)
            return taken * 1e3

    for kind in kinds:  # compiles what is not, and brings all of it into the page cache
        side(kind)
    taken = in_turns(effort.of(20, 5), *(lambda k=kind: side(k) for kind in kinds))
    ours, stock, own = taken
    return [
        _row("jupyter kernelgateway", ours, stock, more_at_most(MORE_MS, "ms")),
        _row("jupyter sm gateway", own, stock, times_at_most(1)),
    ]


def _row(command: str, ours: list[float], stock: list[float], reach: Reach) -> Row:
    return Row(
        name="startup",
        work=f"`{command}` to the first 200, {ENVIRONMENTS} environments",
        unit="ms",
        ours=Value.of(ours),
        peer=Value.of(stock),
        peer_name="stock gateway",
        difference=median(mine - theirs for mine, theirs in zip(ours, stock, strict=True)),
        reach=(reach,),
    )
