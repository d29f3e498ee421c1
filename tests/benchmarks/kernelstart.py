"""From starting a kernel to its first reply, beside the bare interpreter of its environment."""

import asyncio
import os
import time
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import zmq
import zmq.asyncio
from envs import python_spec, write_kernel
from hosts import isolated_environ
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from .activation import lay_out
from .table import Reach, Row, Value, more_at_most
from .timing import Effort, Work, in_turns

WORKS = {"kernel-start": 0, "kernel-start-scripts": 1}
"""Names, and how many scripts the environment has in activate.d."""

MORE_MS = 25
SIDES = ("ours", "bare")
PROVISIONER = "jupyter-sm-conda"
LONGEST = 60
"""Seconds for a reply."""

RETRY_MS = 2
"""Between two tries to connect. By itself zmq waits 100 to 200 ms, which is more than what is measured."""


def works() -> list[Work]:
    return [Work(name, lambda *how, name=name: measure(name, *how)) for name in WORKS]


def measure(name: str, effort: Effort, folder: Path) -> list[Row]:
    starts = Starts(folder, WORKS[name])
    for side in SIDES:  # compiles what is not, and brings all of it into the page cache
        starts.time(side)
    ours, bare = in_turns(effort.of(60, 2), *(lambda s=side: starts.time(s) for side in SIDES))
    launched = [[start.launched for start in side] for side in (ours, bare)]
    replied = [[start.replied for start in side] for side in (ours, bare)]
    return [
        _row(name, "process", launched),
        _row(name, "first reply", replied, more_at_most(MORE_MS, "ms")),
    ]


def _row(name: str, end: str, sides: list[list[float]], *reach: Reach) -> Row:
    ours, bare = sides
    scripts = WORKS[name]
    return Row(
        name=name,
        work=f"kernel start to its {end}, {scripts or 'no'} script{'s'[: scripts != 1]}",
        unit="ms",
        ours=Value.of(ours),
        peer=Value.of(bare),
        peer_name="bare interpreter",
        difference=median(mine - theirs for mine, theirs in zip(ours, bare, strict=True)),
        reach=reach,
    )


class Start(NamedTuple):
    """One start of a kernel: milliseconds until its process was there, and until it replied."""

    launched: float
    replied: float


class Starts:
    """The same kernel under two names: started by our provisioner, and by Jupyter's own.

    Args:
        folder: where its environment is made.
        scripts: how many activating it runs.
    """

    def __init__(self, folder: Path, scripts: int) -> None:
        root, self._prefix = lay_out(folder, scripts)
        self._scripts = scripts
        self._folder = folder
        # Nobody starts a kernel without compiled modules, which tests forbid Python to write.
        self._environ = isolated_environ(folder, {"PYTHONDONTWRITEBYTECODE": ""})
        config = {"prefix": str(self._prefix), "root": str(root)}
        ours = {"kernel_provisioner": {"provisioner_name": PROVISIONER, "config": config}}
        for side, metadata in zip(SIDES, (ours, {}), strict=True):
            spec = python_spec(f"{self._prefix}/bin/python", metadata=metadata)
            write_kernel(folder / "kernels" / side, spec)
        self._specs = KernelSpecManager(
            kernel_dirs=[str(folder / "kernels")], ensure_native_kernel=False
        )

    def time(self, side: str) -> Start:
        """Start the kernel once, and end it."""
        return asyncio.run(self._run(side))

    async def _run(self, side: str) -> Start:
        context = zmq.asyncio.Context()
        context.setsockopt(zmq.RECONNECT_IVL, RETRY_MS)
        manager = AsyncKernelManager(
            kernel_name=side,
            kernel_spec_manager=self._specs,
            connection_file=str(self._folder / f"{side}.json"),
            context=context,
        )
        try:
            with (self._folder / "kernels.log").open("wb") as log:
                start = await self._timed(manager, stdout=log, stderr=log)
            self._confirm(side, manager)
        finally:
            await manager.shutdown_kernel(now=True)
            context.destroy(linger=0)
        return start

    async def _timed(self, manager: AsyncKernelManager, **output: Any) -> Start:
        begun = time.perf_counter()
        await manager.start_kernel(env=self._environ, cwd=str(self._folder), **output)
        launched = time.perf_counter()
        client = manager.client(context=manager.context)
        client.start_channels(iopub=False, stdin=False, hb=False, control=False)
        try:
            client.kernel_info()
            await client.get_shell_msg(timeout=LONGEST)
            replied = time.perf_counter()
        finally:
            client.stop_channels()
        return Start((launched - begun) * 1e3, (replied - begun) * 1e3)

    def _confirm(self, side: str, manager: AsyncKernelManager) -> None:
        """That it runs in the environment it should: what tells why one cannot start replies too.

        Raises:
            ValueError: it does not.
        """
        pid = getattr(manager.provisioner, "pid", None)
        environ = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        names = {"CONDA_PREFIX", *(f"DEMO{i}_HOME" for i in range(self._scripts))}
        given = {os.fsencode(f"{name}={self._prefix}") in environ for name in names}
        if given != {side == "ours"}:
            log = (self._folder / "kernels.log").read_text(errors="replace")
            raise ValueError(f"{side} is not in its environment\n{log}")
