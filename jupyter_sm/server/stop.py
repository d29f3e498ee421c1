"""Stop every kernel the clean way, in parallel, within a deadline, and leave nothing behind.

The stock gateway kills kernels one by one (kernel_gateway/services/kernels/pool.py), so that what
they registered with ``atexit`` never runs. ``docker stop`` gives ten seconds.
"""

import asyncio
import logging
import os
import signal
from typing import Any

PENDING_SECONDS = 1.0
"""For kernels that are just being started."""

CLEAN_SECONDS = 5.5
"""For a shutdown request, then SIGTERM, then SIGKILL, as jupyter_client escalates."""

KILL_SECONDS = 1.5
"""For SIGKILL to what is left; with the two above still below docker's ten seconds."""


async def stop_kernels(kernel_manager: Any, log: logging.Logger) -> None:
    """Stop all kernels of a ``MappingKernelManager``; never raises, and always ends.

    Args:
        kernel_manager: the host's.
        log: told about each kernel that had to be killed.
    """
    starting = [task for task in kernel_manager._pending_kernels.values() if not task.done()]  # noqa: SLF001  # no public name
    if starting:
        await asyncio.wait(starting, timeout=PENDING_SECONDS)
    kernels = list(kernel_manager.list_kernel_ids())
    groups = _process_groups(kernel_manager, kernels)
    stubborn = await _shut_down(kernel_manager, kernels, now=False, seconds=CLEAN_SECONDS)
    if stubborn:
        log.warning(
            "Killing %d kernels that did not shut down: %s", len(stubborn), ", ".join(stubborn)
        )
        await _shut_down(kernel_manager, stubborn, now=True, seconds=KILL_SECONDS)
    for group in groups:
        _kill_group(group)


async def _shut_down(
    kernel_manager: Any, kernels: list[str], *, now: bool, seconds: float
) -> list[str]:
    """Shut kernels down at the same time; returns those that are still there."""
    tasks = {
        asyncio.ensure_future(kernel_manager.shutdown_kernel(kernel, now=now)): kernel
        for kernel in kernels
    }
    if tasks:
        await asyncio.wait(tasks, timeout=seconds)
    left = []
    for task, kernel in tasks.items():
        if not task.done():
            task.cancel()
            left.append(kernel)
        elif task.cancelled() or task.exception() is not None:
            left.append(kernel)
    return [kernel for kernel in left if kernel in kernel_manager]


def _process_groups(kernel_manager: Any, kernels: list[str]) -> list[int]:
    """Each kernel's own process group: it leads one of its own, never the server's."""
    provisioners = (kernel_manager.get_kernel(kernel).provisioner for kernel in kernels)
    groups = (getattr(provisioner, "pgid", None) for provisioner in provisioners)
    return [group for group in groups if group and group != os.getpgrp()]


def _kill_group(group: int) -> None:
    """Kill what a kernel started and left behind."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
