"""Starts a kernel inside its conda environment; where it cannot be started, another tells why.

Named in the metadata of the kernels of environments, so it works in every Jupyter host that has this
package: jupyter_client finds it under the entry point ``jupyter-sm-conda``.
"""

import asyncio
import contextlib
import dataclasses
import logging
import os
import signal
import tempfile
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.ioloop.manager import AsyncIOLoopKernelManager, IOLoopKernelManager
from jupyter_client.kernelspec import KernelSpec, NoSuchKernel
from jupyter_client.launcher import launch_kernel
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Dict, Unicode

from ..errors import Severity
from ..reading import printable
from . import reasons
from .activation import Activation, activate
from .answer import Answer
from .background import in_background
from .discovery import distrusted
from .explaining import Attempt, Explanation, command, encode, ending, interrupts_held
from .installer import install_command
from .outofmemory import let_end_first
from .reasons import Reason
from .secrets import without_secrets
from .stanza import config_of

_LEVELS: Mapping[Severity, int] = {
    "error": logging.ERROR,
    "warning": logging.WARNING,
    "info": logging.INFO,
}

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 3.0
"""Seconds between two looks at a process that has not answered yet: longer and longer."""

_IN_FLIGHT = 0.05
"""Seconds for what a process published just before it ended."""


class CondaProvisioner(LocalProvisioner):
    """A local process in an activated environment, watched until it has answered.

    Attributes:
        activation: what activating the environment gave at the last start, None without one.
        activation_seconds: how long that took.
        launch_seconds: how long fork and exec took.
        ended_seconds: how long the process lived that ended before it answered, None where none did.
        explanation: set while another process stands in for the kernel and tells why.
    """

    prefix = Unicode(help="absolute path of the conda environment; empty for none")
    root = Unicode(help="the installation that the environment belongs to; empty for none")
    trouble: Any = Dict(help="reason, remedy and file, where it is known that it cannot start")

    activation: Activation | None = None
    activation_seconds: float | None = None
    launch_seconds: float | None = None
    ended_seconds: float | None = None
    explanation: Explanation | None = None

    _has_started = False
    _is_ending = False
    _answer: Answer | None = None
    _timer: asyncio.TimerHandle | None = None
    _attempt: Attempt | None = None
    _launched = 0.0
    _ended: Attempt | None = None
    _early_ends = 0
    _ends = 0

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Activate the environment, or find out why the kernel cannot be started.

        The kernelspec is read anew at a restart, so that one after a mend starts the real kernel.
        """
        ends = self._ends
        if self._has_started:
            await in_background(self._read_again)
        self._has_started, self._is_ending = True, False
        self.activation = self.activation_seconds = self.explanation = None
        self.launch_seconds = self.ended_seconds = None
        given = kwargs.pop("env", None)
        environ = without_secrets(os.environ if given is None else given)
        reason = Reason.of(self.trouble) if self.trouble else None
        ended, self._ended = self._ended, None
        if self.prefix and reason is None and ended is None:
            environ, reason = await self._activate(environ)
        if ended is not None:
            reason = self._reason_of(ended)
        others: tuple[str, ...] = ()
        if reason is not None:
            others = await in_background(partial(reasons.others, self._manager))
        if self._ends != ends:
            raise RuntimeError(f"{self._title} was shut down while it was being started")
        if reason is not None:
            self.explanation = self._explain(reason, others, ended)
        return await super().pre_launch(env=environ, **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the process and begin to watch it, or start the one that tells why not."""
        started = time.perf_counter()
        if self.explanation is None:
            try:
                self._launch(cmd, kwargs)
            except (OSError, ValueError, IndexError) as error:  # the last one: an empty argv
                if not _is_folder(kwargs.get("cwd")):
                    raise  # nothing can be started there
                reason = reasons.not_launched(cmd, error, self.kernel_spec, self._install())
                self.explanation = self._explain(reason, reasons.others(self._manager))
            else:
                self._watch(cmd, kwargs)
        if self.explanation is not None:
            self._stand_in(self.explanation, kwargs.get("cwd"))
        self.launch_seconds = time.perf_counter() - started
        return self.connection_info

    async def poll(self) -> int | None:
        """None while the kernel runs, or what stands in for it."""
        self._look()
        return await super().poll()

    async def shutdown_requested(self, restart: bool = False) -> None:
        self._is_ending = True
        await super().shutdown_requested(restart=restart)

    async def terminate(self, restart: bool = False) -> None:
        self._is_ending = True
        await super().terminate(restart=restart)

    async def kill(self, restart: bool = False) -> None:
        self._is_ending = True
        await super().kill(restart=restart)

    async def cleanup(self, restart: bool = False) -> None:
        self._ends += 1
        self._stop_watching()
        await super().cleanup(restart=restart)

    def _read_again(self) -> None:
        """Take the kernelspec as it is now; the one that is changed belongs to this kernel alone."""
        name = self._manager.kernel_name
        try:
            self._take(self._manager.kernel_spec_manager.get_kernel_spec(name))
        except NoSuchKernel as error:
            self.trouble = reasons.not_found(error, self.kernel_spec)._asdict()
        except Exception as error:  # noqa: BLE001 - whatever a file makes a foreign manager raise
            self.trouble = reasons.not_read(error, self.kernel_spec)._asdict()

    def _take(self, fresh: KernelSpec) -> None:
        config = config_of(fresh.metadata)
        self.prefix, self.root = config.get("prefix", ""), config.get("root", "")
        elsewhere = reasons.started_elsewhere(fresh)
        self.trouble = elsewhere._asdict() if elsewhere else config.get("trouble", {})
        for trait in fresh.class_trait_names():
            setattr(self.kernel_spec, trait, getattr(fresh, trait))

    async def _activate(self, environ: dict[str, str]) -> tuple[dict[str, str], Reason | None]:
        """The variables of the environment, and why there are none where that is so."""
        started = time.perf_counter()
        distrust = await in_background(partial(distrusted, self.prefix))
        if distrust is not None:
            return environ, Reason(
                distrust.reason, distrust.remedy, reasons.file_of(self.kernel_spec)
            )
        work = partial(activate, self.prefix, environ, root=self.root or None)
        self.activation = done = await in_background(work)
        self.activation_seconds = time.perf_counter() - started
        for line in done.output.splitlines():
            self.log.info("%s, activation: %s", self._title, line)
        for finding in done.findings:
            self.log.log(_LEVELS[finding.severity], "%s: %s", self._title, finding.sentence())
        lost = next((f for f in done.findings if f.severity == "error"), None)
        return dict(done.environ), reasons.not_activated(lost) if lost else None

    @property
    def _manager(self) -> Any:
        """The kernel's ``KernelManager``, which jupyter_client passes as the parent."""
        return self.parent

    @property
    def _title(self) -> str:
        return f"Kernel {self.kernel_id} ({printable(str(self._manager.kernel_name))})"

    def _install(self, *packages: str) -> str:
        return install_command(self.prefix, self.root or None, *packages) if self.prefix else ""

    def _reason_of(self, attempt: Attempt) -> Reason:
        said = f"its process {ending(attempt.status)} before it answered"
        return Reason(said, "", reasons.file_of(self.kernel_spec))

    def _explain(
        self, reason: Reason, others: tuple[str, ...], attempt: Attempt | None = None
    ) -> Explanation:
        self.log.warning("%s is not started: %s", self._title, reason.reason)
        return Explanation(
            kernel=printable(str(self._manager.kernel_name)),
            language=self.kernel_spec.language,
            reason=reason.reason,
            remedy=reason.remedy,
            file=reason.file,
            kernels=others,
            prefix=self.prefix,
            install=self._install("ipykernel"),
            attempt=attempt,
        )

    def _watch(self, cmd: list[str], kwargs: Mapping[str, Any]) -> None:
        cwd = kwargs.get("cwd")
        self._launched = time.perf_counter()
        self._attempt = Attempt(
            argv=tuple(map(os.path.expanduser, cmd)),  # as jupyter_client does
            environ=kwargs["env"],
            cwd=None if cwd is None else os.path.abspath(cwd),  # nbclient gives a Path
            connection_file=os.path.realpath(self._manager.connection_file),
            status=0,
        )
        self._answer = Answer(self._manager)
        self._look_later(_FIRST_PAUSE)

    def _look_later(self, pause: float) -> None:
        """Look again without being asked: a host asks every three seconds, and some never."""

        def look() -> None:
            try:
                self._look()
            finally:
                if self._answer is not None:
                    self._look_later(min(pause * 1.5, _LONGEST_PAUSE))

        self._timer = asyncio.get_running_loop().call_later(pause, look)

    def _look(self) -> None:
        """Stand in for a process that ended before it answered, unless it was to end."""
        if self._answer is None or self._attempt is None or self.process is None:
            return
        status = self.process.poll()
        reached = self._answer.reached
        if self._answer.heard(_IN_FLIGHT if reached and status is not None else 0):
            self._early_ends = 0
            self._stop_watching()
        elif status is not None:
            attempt = dataclasses.replace(self._attempt, status=status)
            self._stop_watching()
            self.ended_seconds = time.perf_counter() - self._launched
            if self._is_ending or self._manager.shutting_down:
                return
            if reached and self._is_restarted():
                # A request that the dead process had taken is waited for, for a minute. The host's
                # restart takes new ports, and whoever waits asks again. The first one starts the
                # kernel once more: somebody else may have taken one of its ports.
                self._ended = attempt if self._early_ends else None
                self._early_ends += 1
            else:
                self._replace(attempt)

    def _is_restarted(self) -> bool:
        """Whether the host starts a kernel again that has died."""
        restarting = (IOLoopKernelManager, AsyncIOLoopKernelManager)
        return isinstance(self._manager, restarting) and bool(self._manager.autorestart)

    def _stop_watching(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._answer is not None:
            self._answer.close()
        self._timer = self._answer = self._attempt = None

    def _replace(self, attempt: Attempt) -> None:
        if self.pgid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pgid, signal.SIGKILL)  # what it started and left behind
        try:
            others = reasons.others(self._manager)
            explanation = self._explain(self._reason_of(attempt), others, attempt)
            self._stand_in(explanation, attempt.cwd)
        except Exception:  # of any host's manager; the host still sees that the kernel has died
            self.log.exception("%s: nothing can be started to say so", self._title)
        else:
            self.explanation = explanation

    def _stand_in(self, explanation: Explanation, cwd: str | None) -> None:
        """Start the process that tells why, on the same ports."""
        with tempfile.TemporaryFile() as told, interrupts_held():
            told.write(encode(explanation))
            told.seek(0)
            self._launch(
                command(os.path.realpath(self._manager.connection_file)),
                {"stdin": told.fileno(), "env": without_secrets(os.environ), "cwd": cwd},
            )

    def _launch(self, cmd: list[str], kwargs: Mapping[str, Any]) -> None:
        """As the base does, which fails behind the start where the host's own folder is gone."""
        self.process = launch_kernel(cmd, **self._scrub_kwargs(dict(kwargs)))
        self.pid = self.process.pid
        let_end_first(self.pid)
        with contextlib.suppress(ProcessLookupError):
            self.pgid = os.getpgid(self.pid)
        self.cwd = kwargs.get("cwd")


def _is_folder(cwd: str | None) -> bool:
    return os.path.isdir(cwd or ".")
