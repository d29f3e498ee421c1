"""One soak from the gateway's start to its end."""

import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import processes
from host import Host, HostError
from hosts import start_gateway

from .client import PATIENCE, Client, Panel, Ward
from .environments import Environments
from .logged import serious, tracebacks
from .report import THREADS_MORE, Footprint, Leftovers, Report
from .tally import FailedError, Tally

BETWEEN_CHANGES = 0.3
"""Seconds."""
WIND_DOWN = 4 * PATIENCE
"""Seconds that clients have for what they are at, when the time is over."""
SETTLING = 10.0
"""Seconds until what was closed has gone."""


@dataclass(frozen=True)
class Plan:
    """How much.

    Attributes:
        seconds: how long clients work.
        clients: how many, without the panel.
        places: kernels at once.
        operations: after so many it is over, too.
        settle: seconds after a change on disk from which on an answer must know it.
        pause: seconds that a client waits before each operation, half of it more or less. Without any it does as much as the
            machine can; with some it leaves room for what else the machine has to do.
        seed: what decides who does what; times differ all the same.
    """

    seconds: float
    clients: int
    places: int
    operations: int
    settle: float
    pause: float
    seed: int


def soak(plan: Plan, folder: Path) -> Report:
    """Run it; ``folder`` is its own."""
    environments = Environments(folder, settle=plan.settle, choose=random.Random(plan.seed))
    temporary = folder / "tmp"
    temporary.mkdir()
    settings = {
        "MAMBA_ROOT_PREFIX": str(environments.root),
        "JUPYTER_SM_SHOW": "all",
        "TMPDIR": str(temporary),
    }
    load = [os.getloadavg()[0]]
    with start_gateway(folder, env=settings) as host:
        over, tally = threading.Event(), Tally(plan.operations)
        places = threading.Semaphore(plan.places)
        ward = Ward(host, environments, tally, places, over, plan.pause)
        start = _warm(ward, plan)
        began = time.monotonic()
        try:
            middle = _work(ward, plan, began)
        finally:
            over.set()
        seconds = time.monotonic() - began
        load.append(os.getloadavg()[0])
        kernels = [f"{kernel['id']}" for kernel in host.get("/api/kernels").json()]
        others = host.started() - {processes.find(host.process.pid)}
        alive = processes.still_alive(others, within=SETTLING)
        end = _footprint_after(host, start)
        described = sorted(map(processes.describe, alive))
        status = _stopped(host)
        left = Leftovers(kernels, described, _files(folder), host.left_behind(), status)
        return Report(
            seconds=seconds,
            clients=plan.clients,
            places=plan.places,
            settle=plan.settle,
            load=load,
            changes=environments.changes,
            operations=tally.operations(),
            errors=tally.errors(),
            logged=serious(host.log()),
            tracebacks=tracebacks(host.log()),
            stale=tally.stale,
            start=start,
            middle=middle,
            end=end,
            left=left,
        )


def _warm(ward: Ward, plan: Plan) -> Footprint:
    """One kernel's whole life, so that nothing is imported for the first time later."""
    unheard = replace(ward, tally=Tally(plan.operations), pause=0.0)
    client = Client(unheard, random.Random(plan.seed))
    try:
        client.list_kernelspecs()
        Panel(unheard).ask()
        client.use_a_kernel()
    except FailedError:
        ward.tally.failed("before the start", "failed", "; ".join(unheard.tally.errors()))
    return Footprint.of(ward.host.process.pid)


def _work(ward: Ward, plan: Plan, began: float) -> Footprint:
    """Everybody works until it is over; the footprint of half time."""
    workers: list[tuple[str, Callable[[], None]]] = [
        ("panel", Panel(ward).run),
        ("environments", lambda: _come_and_go(ward)),
        *(
            (f"client {i}", Client(ward, random.Random(plan.seed + i)).run)
            for i in range(1, plan.clients + 1)
        ),
    ]
    threads = [
        threading.Thread(target=_counted, args=(name, worker, ward), name=name, daemon=True)
        for name, worker in workers
    ]
    for thread in threads:
        thread.start()
    half, until = began + plan.seconds / 2, began + plan.seconds
    _sleep_until(half, ward)
    middle = Footprint.of(ward.host.process.pid)
    _sleep_until(until, ward)
    ward.over.set()
    _join(threads, ward)
    return middle


def _counted(name: str, worker: Callable[[], None], ward: Ward) -> None:
    try:
        worker()
    except Exception as error:  # noqa: BLE001  # whatever ended it, the report must tell
        ward.tally.failed(name, f"ended by {type(error).__name__}", str(error))


def _come_and_go(ward: Ward) -> None:
    while not ward.over.wait(BETWEEN_CHANGES):
        ward.environments.change()


def _sleep_until(when: float, ward: Ward) -> None:
    while time.monotonic() < when and not ward.tally.is_full():
        if ward.host.process.poll() is not None:
            raise RuntimeError(f"the gateway ended\n{ward.host.log()[-5000:]}")
        time.sleep(0.1)


def _join(threads: Sequence[threading.Thread], ward: Ward) -> None:
    until = time.monotonic() + WIND_DOWN
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0))
        if thread.is_alive():
            ward.tally.failed("the end", "a client hangs", thread.name)


def _footprint_after(host: Host, start: Footprint) -> Footprint:
    """At the end: as soon as what was open and at work has ended, or when time has run out."""
    until = time.monotonic() + SETTLING
    while True:
        now = Footprint.of(host.process.pid)
        ended = now.descriptors <= start.descriptors and now.threads <= start.threads + THREADS_MORE
        if ended or time.monotonic() > until:
            return now
        time.sleep(0.1)


def _stopped(host: Host) -> int | None:
    """Its exit status after SIGTERM; None: it had to be killed."""
    try:
        return host.stop()
    except HostError:
        return None


def _files(folder: Path) -> list[str]:
    """Temporary files, and connection files of kernels."""
    found = [*(folder / "tmp").rglob("*"), *(folder / "jupyter/runtime").glob("kernel-*")]
    return sorted(str(path.relative_to(folder)) for path in found)
