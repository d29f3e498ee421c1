"""Stop every kernel the clean way, in parallel, within a deadline, and leave nothing behind.

The stock gateway kills kernels one by one (kernel_gateway/services/kernels/pool.py), so that what
they registered with ``atexit`` never runs. ``docker stop`` gives ten seconds.
"""

import asyncio
import logging
import os
import signal
import time
from typing import Any

CLEAN_SECONDS = 6.0
"""For a shutdown request, then SIGTERM, then SIGKILL, as jupyter_client escalates."""

KILL_SECONDS = 1.5
"""For SIGKILL to what is left; with the time above still below docker's ten seconds."""

Tasks = dict[str, "asyncio.Future[None]"]


async def stop_kernels(kernel_manager: Any, log: logging.Logger) -> None:
    """Stop all kernels of a ``MappingKernelManager``, those that are being started too.

    Always ends. No further start may be admitted any more.

    Args:
        kernel_manager: the host's.
        log: told about the kernels that had to be killed.
    """
    groups: set[int] = set()
    await _shut_down(kernel_manager, groups, CLEAN_SECONDS, now=False)
    stubborn = list(kernel_manager.list_kernel_ids())
    if stubborn:
        log.warning("Killing kernels that did not shut down: %s", ", ".join(stubborn))
        await _shut_down(kernel_manager, groups, KILL_SECONDS, now=True)
    for group in groups:
        _kill_group(group)


async def _shut_down(kernel_manager: Any, groups: set[int], seconds: float, *, now: bool) -> None:
    """Shut every kernel down as soon as it is there; add the process group of each to ``groups``."""
    deadline = time.monotonic() + seconds
    tasks: Tasks = {}
    while time.monotonic() < deadline:
        for kernel in kernel_manager.list_kernel_ids():
            if kernel not in tasks:
                groups |= _process_group(kernel_manager.get_kernel(kernel))
                stop = kernel_manager.shutdown_kernel(kernel, now=now)
                tasks[kernel] = asyncio.ensure_future(stop)
        starting = kernel_manager._pending_kernels.values()  # noqa: SLF001 - has no public name
        busy = [task for task in (*tasks.values(), *starting) if not task.done()]
        if not busy and tasks.keys() >= set(kernel_manager.list_kernel_ids()):
            break
        await asyncio.wait(busy or [asyncio.ensure_future(asyncio.sleep(0))], timeout=0.05)
    for task in tasks.values():
        if not task.cancel() and not task.cancelled():
            task.exception()  # asked for; the failure shows in the kernel that is still listed


def _process_group(kernel: Any) -> set[int]:
    """The kernel's own process group: it leads one of its own, never the server's."""
    group = getattr(kernel.provisioner, "pgid", None)
    return {group} if group and group != os.getpgrp() else set()


def _kill_group(group: int) -> None:
    """Kill what a kernel started and left behind."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
