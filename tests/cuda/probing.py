"""Which processes of a probe there are, and a machine for it."""

import time
from collections.abc import Callable
from pathlib import Path

import processes
from fakegpu import CUDA, Machine

MakeMachine = Callable[..., Machine]
"""``Driver.machine`` of a driver that is installed in the test's folder."""


def probes(of: int) -> list[processes.Process]:
    """The probes' processes that another one has started."""
    return [child for child in processes.descendants(of) if _asks(child)]


def _asks(process: processes.Process) -> bool:
    return "from probe.program import main" in processes.describe(process)


def wait_for_child(of: int) -> processes.Process:
    """The probe's process, as soon as it is there."""
    while not (found := probes(of)):
        time.sleep(0.01)
    return found[0]


def wait_until_in_libcuda(child: processes.Process) -> None:
    """Until it is about to ask libcuda: what it says and does before is done."""
    maps = Path(f"/proc/{child.pid}/maps")
    while CUDA not in maps.read_text():
        time.sleep(0.01)
