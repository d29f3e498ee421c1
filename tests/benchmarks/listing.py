"""``GET /api/kernelspecs`` with one client, and ``/api`` while eight clients list."""

import json
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path
from threading import Thread

from host import Host

from .gateways import SIDES, Kernels, confirm, start, wait_until_ready
from .keepalive import KeepAlive
from .table import Row, Value, at_most, times_at_least
from .timing import Effort, Work, in_turns

SIZES = (1, 10, 100, 500)
JUDGED = 500
CLIENTS = 8
LIST = "/api/kernelspecs"
PROBE_EVERY = 0.01
"""Seconds between two questions beside the busy clients."""


def works() -> list[Work]:
    ends = (SIZES[0], SIZES[-1])
    return [
        Work(f"listing-{size}", lambda *how, size=size: measure(size, *how), brief=size in ends)
        for size in SIZES
    ]


def measure(size: int, effort: Effort, folder: Path) -> list[Row]:
    kernels = Kernels(folder, size)
    with ExitStack() as running:
        hosts = [running.enter_context(start(kind, folder, kernels)) for kind in SIDES]
        for kind, host in zip(SIDES, hosts, strict=True):
            wait_until_ready(host)
            confirm(kind, host)
        ours, stock = (running.enter_context(KeepAlive(host.url, host.token)) for host in hosts)
        note = _note(size, *(_warm(client, size) for client in (ours, stock)))
        rounds, span = effort.of(7, 2), effort.of(1.0, 0.3)
        alone = in_turns(rounds, lambda: _list(ours, span), lambda: _list(stock, span))
        rounds, span = effort.of(7, 1), effort.of(1.5, 0.6)
        worst = in_turns(rounds, *(lambda h=host: _worst(h, span) for host in hosts))
    return _rows(size, alone, worst, note)


def _warm(client: KeepAlive, size: int) -> int:
    """Bytes of a listing that holds every kernel.

    Raises:
        ValueError: it does not.
    """
    for _ in range(3):
        body = client.get(LIST)
    listed = [name for name in json.loads(body)["kernelspecs"] if name.startswith("conda-env-env")]
    if len(listed) != size:
        raise ValueError(f"{len(listed)} of {size} kernels are listed")
    return len(body)


def _list(client: KeepAlive, span: float) -> list[float]:
    """Latencies of one request after the other, for ``span`` seconds and five requests at least."""
    latencies: list[float] = []
    deadline = time.perf_counter() + span
    while len(latencies) < 5 or time.perf_counter() < deadline:
        latencies.append(client.latency(LIST))
    return latencies


def _worst(host: Host, span: float) -> float:
    """The longest time in milliseconds that ``/api`` took while others listed."""
    with _busy(host), KeepAlive(host.url, host.token) as client:
        deadline = time.perf_counter() + span
        worst = client.latency("/api")
        while time.perf_counter() < deadline:
            time.sleep(PROBE_EVERY)
            worst = max(worst, client.latency("/api"))
    return worst * 1e3


@contextmanager
def _busy(host: Host) -> Iterator[None]:
    """Clients in a process of their own, which share neither the server's lock nor the probe's."""
    context = multiprocessing.get_context("fork")
    started, stop = context.Event(), context.Event()
    others = context.Process(target=list_until, args=(host.url, host.token, started, stop))
    others.start()
    try:
        if not started.wait(30):
            raise TimeoutError("the busy clients did not start")
        yield
    finally:
        stop.set()
        others.join()


def list_until(url: str, token: str, started: Event, stop: Event) -> None:
    """List with ``CLIENTS`` connections at once until ``stop`` is set."""

    def work() -> None:
        with KeepAlive(url, token) as client:
            client.get(LIST)
            started.set()
            while not stop.is_set():
                client.latency(LIST)

    threads = [Thread(target=work) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _note(size: int, ours: int, stock: int) -> str:
    return f"ours {ours / 1e3:.0f} kB, stock {stock / 1e3:.0f} kB" if size == JUDGED else ""


def _rows(
    size: int,
    alone: tuple[list[list[float]], ...],
    worst: tuple[list[float], ...],
    note: str,
) -> list[Row]:
    rates = [Value.of([len(r) / sum(r) for r in s], most_is_best=True) for s in alone]
    middle = [Value.of([1e3 * Value.of(r).median for r in side]) for side in alone]
    probes = [Value.of(side) for side in worst]
    kernels = f"{size} kernels" if size > 1 else "1 kernel"
    judged = size == JUDGED
    return [
        Row(
            name=f"listing-{size}",
            work=f"{what}, {kernels}",
            unit=unit,
            ours=ours,
            peer=stock,
            peer_name="stock gateway",
            reach=(reach,) if judged else (),
            note=more,
        )
        for what, unit, (ours, stock), reach, more in (
            ("GET /api/kernelspecs", "req/s", rates, times_at_least(20), note),
            ("GET /api/kernelspecs, p50", "ms", middle, at_most(6, "ms"), ""),
            (f"worst /api beside {CLIENTS} listing", "ms", probes, at_most(20, "ms"), ""),
        )
    ]
