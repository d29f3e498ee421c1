"""What becomes of a start whose scripts take long, when somebody does something else meanwhile.

A script waits until its test lets it go on.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import processes
import pytest
from jupyter_client.manager import AsyncKernelManager

from .foreign import ACTIVATE, Host, Session, eventually, is_connectable, on_event_loop, running

Act = Callable[[AsyncKernelManager], Awaitable[object]]

ENDS: dict[str, Act] = {
    "a shutdown": lambda km: km.shutdown_kernel(),
    "a shutdown now": lambda km: km.shutdown_kernel(now=True),
}


class Gate:
    """An activation that is held.

    Attributes:
        held: files, one for each script that waits.
    """

    def __init__(self, host: Host, folder: Path) -> None:
        self._held, self._open = folder / "held", folder / "open"
        self._held.mkdir()
        script = (
            f"touch {self._held}/$$\nwhile [ ! -e {self._open} ]; do sleep 0.02; done\nexport X=1\n"
        )
        self._script = host.environment() / ACTIVATE / "0.sh"
        self._script.parent.mkdir(parents=True)
        self._text = script

    def close(self) -> None:
        """Hold every activation from now on."""
        self._script.write_text(self._text)

    def open(self) -> None:
        """Let those go on that are held, and all others."""
        self._open.touch()

    def holds(self, count: int = 1) -> bool:
        """Whether so many activations wait."""
        return len(os.listdir(self._held)) == count


@pytest.fixture
def gate(host: Host, tmp_path: Path) -> Gate:
    return Gate(host, tmp_path)


@on_event_loop
async def test_others_go_on_while_a_script_waits(host: Host, gate: Gate) -> None:
    gate.close()
    km = host.manager()

    start = asyncio.ensure_future(km.start_kernel())
    await eventually(gate.holds)
    gate.open()  # by the same event loop: were it blocked, the script would be stopped
    await start

    kernel = Session(km)
    kernel.kc.start_channels()
    await kernel.ready()
    assert (await kernel.environ())["X"] == "1"
    kernel.kc.stop_channels()
    await km.shutdown_kernel(now=True)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@on_event_loop
async def test_nothing_is_started_after_the_end_of_a_start_that_is_held(
    host: Host, gate: Gate, end: Act
) -> None:
    gate.close()
    km = host.manager()

    start = asyncio.ensure_future(km.start_kernel())
    await eventually(gate.holds)
    await end(km)
    gate.open()
    await asyncio.gather(start, return_exceptions=True)

    assert not km.has_kernel
    assert not kernels(km)
    assert not is_connectable(km)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@on_event_loop
async def test_nothing_is_started_after_the_end_of_a_restart_that_is_held(
    host: Host, gate: Gate, end: Act
) -> None:
    km = host.manager()

    async with running(km):
        gate.close()
        restart = asyncio.ensure_future(km.restart_kernel(now=True))
        await eventually(gate.holds)
        await end(km)
        gate.open()
        await asyncio.gather(restart, return_exceptions=True)

        assert not km.has_kernel
        assert not kernels(km)


@on_event_loop
async def test_of_two_restarts_at_once_one_kernel_is_left_and_it_answers(
    host: Host, gate: Gate
) -> None:
    km = host.manager()

    async with running(km) as kernel:
        gate.close()
        first = asyncio.ensure_future(km.restart_kernel(now=True))
        await eventually(gate.holds)
        second = asyncio.ensure_future(km.restart_kernel(now=True))
        await asyncio.sleep(0.2)  # it may wait for the first, or not
        gate.open()
        await asyncio.gather(first, second, return_exceptions=True)

        await kernel.ready()
        assert (await kernel.environ())["X"] == "1"
        assert len(kernels(km)) == 1


@on_event_loop
async def test_a_start_that_is_cancelled_starts_nothing(host: Host, gate: Gate) -> None:
    gate.close()
    km = host.manager()

    start = asyncio.ensure_future(km.start_kernel())
    await eventually(gate.holds)
    start.cancel()
    await asyncio.gather(start, return_exceptions=True)
    gate.open()

    assert not km.has_kernel
    assert not kernels(km)
    await km.shutdown_kernel(now=True)


def kernels(km: AsyncKernelManager) -> list[str]:
    """Command lines of the processes that were started with a kernel's connection file."""
    if not km.connection_file:  # none was ever made
        return []
    found = map(processes.describe, processes.descendants(os.getpid()))
    return [line for line in found if os.path.realpath(km.connection_file) in line]
