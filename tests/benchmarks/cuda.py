"""What asking for CUDA costs: the probe's process, the files, and others' requests meanwhile."""

import contextlib
import http.client
import os
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import processes
from fakegpu import Gpu, Machine, build
from host import Host, HostError

from jupyter_sm.cuda.files import host
from jupyter_sm.cuda.probe import prober as driver

from .gateways import Kernels, Kind, confirm, start, wait_until_ready
from .keepalive import KeepAlive
from .table import Row, Value, at_most, times_at_most
from .timing import Effort, Work, in_turns, seconds

GPUS = tuple(Gpu(number=number) for number in range(8))
"""As many as the largest instances have."""

REFRESH = "/api/sm/cuda/refresh"
BARE = (sys.executable, "-I", "-S", "-c", "pass")
PLACES = ("/dev", "/sys/bus/pci/devices", "/proc/driver/nvidia")


def works() -> list[Work]:
    return [Work("cuda", measure), Work("cuda-hanging", measure_while_hanging)]


def measure(effort: Effort, folder: Path) -> list[Row]:
    machine = _machine(folder)
    prober = driver.Prober(environ=machine.environ())
    _confirm(prober)
    probes, bare = in_turns(
        effort.of(21, 3), lambda: seconds(prober.probe), lambda: seconds(_run_bare)
    )
    looks, lists = in_turns(
        effort.of(51, 5), lambda: seconds(host.look), lambda: seconds(_list_places)
    )
    return [
        Row(
            name="cuda",
            work=f"the driver asked, {len(GPUS)} GPUs, warm",
            unit="ms",
            ours=_milliseconds(probes),
            peer=_milliseconds(bare),
            peer_name="python -I -S -c pass",
            reach=(at_most(200, "ms"),),
            note="the driver is a fake, which answers at once",
        ),
        Row(
            name="cuda",
            work="the host's files",
            unit="ms",
            ours=_milliseconds(looks),
            peer=_milliseconds(lists),
            peer_name=f"names in {', '.join(PLACES)}",
            reach=(at_most(5, "ms"),),
        ),
    ]


def measure_while_hanging(effort: Effort, folder: Path) -> list[Row]:
    """``/api`` of a gateway whose probe hangs, and of one that asks nobody.

    Raises:
        HostError: no probe was hanging while it was measured.
    """
    hanging = _machine(folder, cuda__init="hang")
    kernels = (_Kernels(folder / "hanging", hanging), Kernels(folder / "calm", 0))
    with ExitStack() as running:
        hosts = [running.enter_context(start("ours", folder, own)) for own in kernels]
        for each in hosts:
            wait_until_ready(each)
            confirm("ours", each)
        asked = hosts[0]
        clients = [running.enter_context(KeepAlive(each.url, each.token)) for each in hosts]
        _begin_to_hang(asked)
        span = effort.of(1.0, 0.2)
        ours, peer = in_turns(
            effort.of(7, 1), *(lambda c=client: _latencies(c, span) for client in clients)
        )
        if not _probes(asked):
            raise HostError(f"the probe has ended too early\n{asked.log()}")
    return [
        Row(
            name="cuda-hanging",
            work=f"GET /api while a probe hangs, {name}",
            unit="us",
            ours=Value.of([found[which] for found in ours]),
            peer=Value.of([found[which] for found in peer]),
            peer_name="while none does",
            reach=(times_at_most(1.25),) if which == 0 else (),
        )
        for which, name in enumerate(("median", "p99"))
    ]


class _Kernels(Kernels):
    """No kernels, on a machine with a driver."""

    def __init__(self, folder: Path, machine: Machine) -> None:
        super().__init__(folder, 0)
        self._machine = machine

    def environ(self, kind: Kind) -> dict[str, str]:
        own = self._machine.environ()
        del own["PATH"]
        return super().environ(kind) | own


def _machine(folder: Path, **values: str | int) -> Machine:
    return build(folder / "built").installed(folder / "lib").machine(*GPUS, **values)


def _confirm(prober: driver.Prober) -> None:
    """That the probe asks all of the driver; the first one also compiles what it imports.

    Raises:
        ValueError: it does not.
    """
    probe = prober.probe()
    if len(probe.nvml_devices or ()) != len(GPUS) or len(probe.cuda_devices or ()) != len(GPUS):
        raise ValueError(f"the probe has not seen {len(GPUS)} GPUs: {probe}")


def _run_bare() -> None:
    subprocess.run(BARE, check=True)


def _list_places() -> None:
    for place in PLACES:
        if os.path.isdir(place):
            os.listdir(place)


def _begin_to_hang(asked: Host) -> None:
    """Ask anew; no one waits for the answer, which comes after the probe's deadline."""
    threading.Thread(target=_ask_anew, args=(asked,), daemon=True).start()
    deadline = time.monotonic() + 10
    while not _probes(asked):
        if time.monotonic() > deadline:
            raise HostError(f"{REFRESH} has started no probe\n{asked.log()}")
        time.sleep(0.01)


def _ask_anew(asked: Host) -> None:
    # The gateway is ended before it can answer.
    with contextlib.suppress(OSError, http.client.HTTPException):
        asked.post(REFRESH)


def _probes(asked: Host) -> list[processes.Process]:
    children = processes.descendants(asked.process.pid)
    return [child for child in children if "probe.program" in processes.describe(child)]


def _latencies(client: KeepAlive, span: float) -> tuple[float, float]:
    """Median and 99th percentile in microseconds."""
    taken = []
    end = time.monotonic() + span
    while time.monotonic() < end:
        taken.append(client.latency("/api") * 1e6)
    taken.sort()
    return taken[len(taken) // 2], taken[len(taken) * 99 // 100]


def _milliseconds(measured: list[float]) -> Value:
    return Value.of([second * 1000 for second in measured])
