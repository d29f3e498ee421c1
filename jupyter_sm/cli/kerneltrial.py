"""One kernel, started as the gateway would start it, waited for, and stopped whatever happens."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from traitlets import TraitError

from ..errors import Finding, SettingError
from ..kernels import without_secrets
from ..kernels.explaining import Explanation, ending
from ..kernels.manager import CatalogKernelSpecManager
from ..kernels.provisioner import CondaProvisioner
from ..reading import printable, problem
from .configfiles import sentence
from .hostconfig import Host

_LOOK = 0.1
"""Seconds between two looks whether a process that has not answered still runs."""

_LOOKS_A_QUESTION = 5
"""Jupyter Server asks a kernel again every half a second."""

_LONG = 2.0
"""Seconds after which a person at a terminal is told what is waited for."""

_EXPLAINING = 30.0
"""Seconds that an explanation may take: a process may be started once more to hear what it says."""

_STDERR = 2


class Trial:
    """One start of one kernel.

    Args:
        host: whose configuration and kernels count.
        name: of a kernel that may be started.
        patience: seconds that its answer is waited for.

    Attributes:
        answered: it replied to ``kernel_info_request``, or what stands in for it did.
        told: what stands in for a kernel that could not be started says about that, else None.
        wait_seconds: how long the answer was waited for, None where no process was started.
        stop_seconds: how long its end took.
        trouble: why there was no answer.

    Raises:
        SettingError: the gateway's configuration holds a value that no kernel can be started with.
    """

    def __init__(self, host: Host, name: str, patience: float) -> None:
        self._kernel = _manager(host, name)
        self._name = name
        self._patience = patience
        self.answered = False
        self.told: str | None = None
        self.wait_seconds: float | None = None
        self.stop_seconds: float | None = None
        self.trouble: Finding | None = None

    @property
    def provisioner(self) -> CondaProvisioner | None:
        """What has started it, if that is this package's own."""
        used = self._kernel.provisioner
        return used if isinstance(used, CondaProvisioner) else None

    @property
    def explanation(self) -> Explanation | None:
        """Why something stands in for the kernel, None where nothing does."""
        return self.provisioner.explanation if self.provisioner else None

    @property
    def launch_seconds(self) -> float | None:
        """How long the start of its process took, None where there was none."""
        return self._kernel.launch_seconds

    def run(self) -> None:
        """Start it, wait and stop it; nothing of it is left, also when this is interrupted."""
        try:
            asyncio.run(self._run())
        finally:
            _kill_group(getattr(self._kernel.provisioner, "pgid", None))
            self._kernel.cleanup_connection_file()

    async def _run(self) -> None:
        notice = asyncio.get_running_loop().call_later(_LONG, self._say_what_is_waited_for)
        try:
            await self._start()
            if self.trouble is None:
                await self._wait()
        finally:
            notice.cancel()
            await self._stop()

    async def _start(self) -> None:
        # The gateway's log takes what a kernel writes; here the standard output belongs to the report.
        output = subprocess.DEVNULL if sys.stderr is None else _STDERR
        environ = without_secrets(os.environ)
        try:
            await self._kernel.start_kernel(env=environ, stdout=output, stderr=output)
        except Exception as error:  # noqa: BLE001 - whatever a provisioner of somebody else's raises
            self.trouble = _not_started(self._name, error)

    async def _wait(self) -> None:
        client = self._kernel.client()
        client.start_channels(iopub=False, stdin=False, hb=False, control=False)
        try:
            self.answered = await self._is_answered(client)
            self.wait_seconds = time.perf_counter() - self._kernel.launched
            if self.explanation is not None:
                self.told, self.trouble = await self._ask(client, self.explanation), None
        finally:
            client.stop_channels()

    async def _is_answered(self, client: AsyncKernelClient) -> bool:
        looks = 0
        while self.trouble is None:
            if looks % _LOOKS_A_QUESTION == 0:
                client.kernel_info()
            looks += 1
            with contextlib.suppress(Empty):
                await client.get_shell_msg(timeout=_LOOK)
                return True  # nothing else was asked
            self.trouble = await self._end_of_hope()
        return False

    async def _end_of_hope(self) -> Finding | None:
        """Why there will be no answer, or none that is waited for."""
        provisioner: Any = self._kernel.provisioner
        status = await provisioner.poll()
        if status is not None:
            return _ended(self._name, status)
        more = _EXPLAINING if self.explanation else 0.0
        if time.perf_counter() > self._kernel.launched + self._patience + more:
            return _silent(self._name, self._patience, getattr(provisioner, "pid", None))
        return None

    async def _ask(self, client: AsyncKernelClient, explanation: Explanation) -> str:
        """What a kernel says to every cell that stands in for another one."""
        with contextlib.suppress(TimeoutError):
            if self.answered:
                reply = await client.execute("", reply=True, timeout=_EXPLAINING)
                return "\n".join(reply["content"]["traceback"])
        return f"{explanation.reason}\n{explanation.remedy}"

    async def _stop(self) -> None:
        began = time.perf_counter()
        had_process = self._kernel.has_kernel
        if self.answered:
            await self._kernel.end()
        else:
            await self._kernel.shutdown_kernel(now=True)
        if had_process:
            self.stop_seconds = time.perf_counter() - began

    def _say_what_is_waited_for(self) -> None:
        if sys.stderr is not None and sys.stderr.isatty():
            print(
                f"waiting for {printable(self._name)} to start and answer, {self._patience:g} s "
                "at most",
                file=sys.stderr,
            )


class _TimedManager(AsyncKernelManager):
    """Starts kernels as its base does, and takes the time.

    Attributes:
        launched: when the process was there, by ``time.perf_counter``.
        launch_seconds: how long that took, None before.
    """

    launched = 0.0
    launch_seconds: float | None = None

    async def _async_launch_kernel(self, kernel_cmd: list[str], **kw: Any) -> None:
        began = time.perf_counter()
        await super()._async_launch_kernel(kernel_cmd, **kw)
        self.launched = time.perf_counter()
        self.launch_seconds = self.launched - began

    async def end(self) -> None:
        """As ``shutdown_kernel``, without the interrupt in front: an idle kernel complains of it."""
        self.shutting_down = True
        await self.request_shutdown()
        await self.finish_shutdown()
        await self.cleanup_resources()


def _manager(host: Host, name: str) -> _TimedManager:
    specs = CatalogKernelSpecManager(live=host.service.live, parent=host.app)
    try:
        return _TimedManager(kernel_name=name, kernel_spec_manager=specs, parent=host.app)
    except TraitError as error:
        raise SettingError(sentence(error, "correct it in the gateway's configuration")) from None


def _kill_group(group: int | None) -> None:
    """Kill what a kernel has left behind, or itself where its end was interrupted."""
    if group is not None and group != os.getpgrp():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def _not_started(name: str, error: Exception) -> Finding:
    file = getattr(error, "filename", None)
    what = f"{printable(str(file))}: " if file else ""
    return Finding(
        id="kernel-not-started",
        severity="error",
        source=name,
        seen=f"its process could not be started: {what}{problem(error)}",
    )


def _ended(name: str, status: int) -> Finding:
    return Finding(
        id="kernel-ended",
        severity="error",
        source=name,
        seen=f"its process {ending(status)} before it answered",
        remedy="what it wrote to the standard error says why",
    )


def _silent(name: str, patience: float, pid: int | None) -> Finding:
    return Finding(
        id="kernel-silent",
        severity="error",
        source=name,
        seen=f"it has not answered in {patience:g} s; its process still runs{_work(pid)}",
        remedy="with little CPU time it waits for a disk, a network or a lock; with much it is busy "
        "with imports or start-up files; what it wrote to the standard error may say more, and "
        f"--timeout={3 * patience:g} waits longer",
    )


def _work(pid: int | None) -> str:
    """The CPU time that a process has used (proc_pid_stat(5)), where it can be known."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return ""
    ticks = int(fields[11]) + int(fields[12])
    return f" and has used {ticks / os.sysconf('SC_CLK_TCK'):.1f} s of CPU time"
