"""A kernel in an environment is interrupted, restarted, shut down and killed as any other."""

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any

import processes
import pytest
from jupyter_client.ioloop.manager import AsyncIOLoopKernelManager
from traitlets.config import Config

from .foreign import (
    Host,
    Session,
    eventually,
    explanation_of,
    group_of,
    is_connectable,
    on_event_loop,
    process_of,
    provisioner_of,
    running,
)

SLEEPS = "import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.01)"
SPINS = "print('begun', flush=True)\nwhile True: pass"
STUBBORN = """\
import subprocess, time
subprocess.Popen(["sleep", "600"])
print("begun", flush=True)
while True:
    try:
        time.sleep(0.01)
    except KeyboardInterrupt:
        pass
"""


async def begin(kernel: Session, code: str) -> str:
    """Let a cell run, and wait until it says that it has begun."""
    asked: str = kernel.kc.execute(code, stop_on_error=False)  # what is asked next is not given up
    while True:
        message: Any = await kernel.kc.get_iopub_msg(timeout=60)
        if message["msg_type"] == "stream" and "begun" in message["content"]["text"]:
            return asked


@pytest.mark.parametrize("code", [SLEEPS, SPINS], ids=["sleeps", "spins"])
@on_event_loop
async def test_an_interrupt_reaches_a_busy_cell_and_leaves_the_kernel(
    host: Host, code: str
) -> None:
    host.scripted("export KEPT=1\n")

    async with running(host.manager()) as kernel:
        asked = await begin(kernel, code)
        await kernel.km.interrupt_kernel()
        reply = await kernel.kc._async_recv_reply(asked, timeout=60)
        environ = await kernel.environ()

    assert reply["content"]["ename"] == "KeyboardInterrupt"
    assert environ["KEPT"] == "1"


@pytest.mark.parametrize("code", [SPINS, STUBBORN], ids=["spins", "stubborn"])
@on_event_loop
async def test_the_shutdown_of_a_busy_kernel_leaves_nothing_of_its_group(
    host: Host, code: str
) -> None:
    host.environment()
    km = host.manager(shutdown_wait_time=1.0)

    async with running(km) as kernel:
        await begin(kernel, code)
        group = process_of(km).pid
        assert group_of(group)
        await km.shutdown_kernel()

        assert not processes.still_alive(group_of(group), within=1)
        assert explanation_of(km) is None
        assert not is_connectable(km)


@pytest.mark.parametrize("now", [False, True], ids=["politely", "now"])
@on_event_loop
async def test_a_restart_activates_anew_on_the_same_connection(host: Host, now: bool) -> None:
    prefix = host.scripted("export ROUND=1\n")

    async with running(host.manager()) as kernel:
        before = process_of(kernel.km)
        await kernel.run("left = 1")
        (prefix / "etc/conda/activate.d/0.sh").write_text("export ROUND=2\n")
        await kernel.km.restart_kernel(now=now)
        await kernel.ready()

        assert (await kernel.environ())["ROUND"] == "2"
        assert "NameError" in (await kernel.run("left")).error
        assert process_of(kernel.km) != before
        assert not processes.is_alive(before)


@on_event_loop
async def test_a_killed_kernel_is_restarted_by_its_host_in_its_environment(host: Host) -> None:
    host.scripted("export KEPT=1\n")
    km = restarting(host)

    async with running(km) as kernel:
        process = process_of(km)
        await killed(km, lambda: os.kill(process.pid, signal.SIGKILL))
        await kernel.ready()

        assert (await kernel.environ())["KEPT"] == "1"
        assert process_of(km) != process
        assert explanation_of(km) is None


@on_event_loop
async def test_a_cell_that_ends_its_kernel_gets_a_new_one_and_no_explanation(host: Host) -> None:
    host.environment()
    km = restarting(host)

    async with running(km) as kernel:
        code = "import os; os._exit(3)"
        await killed(km, lambda: kernel.kc.execute(code))
        await kernel.ready()

        assert (await kernel.run("print(1)")).text == "1\n"
        assert explanation_of(km) is None


def restarting(host: Host) -> AsyncIOLoopKernelManager:
    """As in a server, only sooner; on the same ports, as there once a kernel is ten seconds old."""
    often = {"time_to_dead": 0.1, "random_ports_until_alive": False}
    config = Config({"AsyncIOLoopKernelRestarter": often})
    km: AsyncIOLoopKernelManager = host.made(AsyncIOLoopKernelManager, config=config)
    return km


async def killed(km: AsyncIOLoopKernelManager, kill: Callable[[], object]) -> None:
    """Kill a kernel, and wait until its host has started it again."""
    before = process_of(km)
    is_seen = asyncio.Event()
    km.add_restart_callback(is_seen.set)
    kill()
    await asyncio.wait_for(is_seen.wait(), 60)
    await eventually(lambda: km.has_kernel and provisioner_of(km).pid != before.pid)
