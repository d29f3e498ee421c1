"""Resident memory of a gateway that has just listed its kernels for the first time."""

from contextlib import ExitStack
from pathlib import Path
from statistics import median

from .gateways import SIDES, Kernels, confirm, start, wait_until_ready
from .keepalive import KeepAlive
from .table import Row, Value, more_at_most
from .timing import Effort, Work

SIZES = (1, 500)
MORE_MB = 6


def works() -> list[Work]:
    return [
        Work(f"memory-{size}", lambda *how, size=size: measure(size, *how), brief=size > 1)
        for size in SIZES
    ]


def measure(size: int, effort: Effort, folder: Path) -> list[Row]:
    kernels = Kernels(folder, size)
    pairs = [_pair(folder, kernels) for _ in range(effort.of(5, 1))]
    ours, stock = zip(*pairs, strict=True)
    return [
        Row(
            name=f"memory-{size}",
            work=f"resident memory after the first listing, {size} kernel{'s'[: size > 1]}",
            unit="MB",
            ours=Value.of(ours),
            peer=Value.of(stock),
            peer_name="stock gateway",
            difference=median(mine - theirs for mine, theirs in pairs),
            reach=(more_at_most(MORE_MB, "MB"),),
        )
    ]


def _pair(folder: Path, kernels: Kernels) -> list[float]:
    """Ours and the stock gateway's, both running at once: memory does not mind."""
    with ExitStack() as running:
        hosts = [running.enter_context(start(kind, folder, kernels)) for kind in SIDES]
        for host in hosts:
            wait_until_ready(host)
            with KeepAlive(host.url, host.token) as client:
                client.get("/api/kernelspecs")
        found = [resident(host.process.pid) for host in hosts]
        for kind, host in zip(SIDES, hosts, strict=True):
            confirm(kind, host)
        return found


def resident(pid: int) -> float:
    """Megabytes, as the kernel counts them (proc_pid_status(5), ``VmRSS``, in KiB)."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024 / 1e6
