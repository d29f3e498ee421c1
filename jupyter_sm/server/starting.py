"""Every start of a kernel passes here, whichever route or task it comes from."""

import asyncio
import contextlib
import errno
import os
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from tornado import web

from ..kernels import Entry, without_secrets
from ..kernels.background import in_background
from ..kernels.outofmemory import let_end_first
from ..reading import printable, problem
from .refusals import RefusalError, fresh_catalog, require_startable
from .requestlog import about_kernel
from .service import Service

Start = Callable[..., Awaitable[str]]

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)

_START_SECONDS = 3.0
"""For starts that a stop meets; with Jupyter's five for a shutdown still below docker's ten."""


def guard_starts(
    kernel_manager: Any, service: Service, *, limit: int | None = None, forced: str = ""
) -> None:
    """Put a ``StartGuard`` in front of a ``MappingKernelManager``; the arguments are its own."""
    kernel_manager.start_kernel = StartGuard(kernel_manager, service, limit=limit, forced=forced)
    kernel_manager.kernel_model = _of_started(kernel_manager)
    kernel_manager.shutdown_all = _after_starts(kernel_manager)


def _after_starts(kernel_manager: Any) -> Callable[..., Awaitable[None]]:
    """The manager's ``shutdown_all``, which fails on a kernel that is being started.

    Jupyter Server answers itself that there is no such kernel, and runs on for ever
    (jupyter_server/services/kernels/kernelmanager.py, ``_async_shutdown_kernel``).
    """
    stock: Callable[..., Awaitable[None]] = kernel_manager.shutdown_all

    async def shutdown_all(**how: Any) -> None:
        starting = kernel_manager._pending_kernels  # noqa: SLF001 - has no public name
        if starting:
            await asyncio.wait(set(starting.values()), timeout=_START_SECONDS)
        for kernel_id in starting.keys() - set(kernel_manager.list_kernel_ids()):
            del starting[kernel_id]
        await stock(**how)

    return shutdown_all


def _of_started(kernel_manager: Any) -> Callable[[str], Any]:
    """The manager's ``kernel_model``, for which a kernel that is being started is not there yet.

    Jupyter lists it already and fails on what it lacks: ``GET /api/kernels`` is 500 meanwhile
    (jupyter_server/services/kernels/kernelmanager.py, ``list_kernels`` forgives HTTPError only).
    """
    model_of = kernel_manager.kernel_model

    def kernel_model(kernel_id: str) -> Any:
        if kernel_id in kernel_manager:
            kernel = kernel_manager.get_kernel(kernel_id)
            if not hasattr(kernel, "last_activity"):
                raise web.HTTPError(404, f"Kernel {kernel_id} is being started")
        return model_of(kernel_id)

    return kernel_model


async def _until_its_disk_answers(entry: Entry) -> None:
    """Wait for the file system of the kernel's program, and hold nobody else up.

    The start itself would: until the new process has executed its program, `subprocess` stops every
    thread of this one.
    """
    argv = entry.kernel.spec.get("argv") if entry.kernel is not None else None
    if argv and os.path.isabs(argv[0]):
        await in_background(partial(_read_a_byte, argv[0]))


def _read_a_byte(path: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # it may be a pipe
        try:
            os.read(descriptor, 1)
        finally:
            os.close(descriptor)


def _let_each_end_first(provisioner: Any) -> None:
    """The process that it has started, and each that a restart makes it start."""
    post_launch = provisioner.post_launch

    async def after_launch(**options: Any) -> None:
        if provisioner.pid:
            let_end_first(provisioner.pid)
        await post_launch(**options)

    provisioner.post_launch = after_launch
    if provisioner.pid:
        let_end_first(provisioner.pid)


class StartGuard:
    """Stands in for a kernel manager's ``start_kernel``: the fresh catalog decides, then it starts.

    Jupyter's handlers, its sessions and the gateway's prespawning all call that one method.

    Args:
        kernel_manager: the host's ``MappingKernelManager``.
        service: its catalog is asked where it is active; nothing starts once it is stopping.
        limit: most kernels at a time, None for any number.
        forced: the kernel that the gateway starts whatever is asked for, or empty.
    """

    def __init__(
        self, kernel_manager: Any, service: Service, *, limit: int | None = None, forced: str = ""
    ) -> None:
        self._manager = kernel_manager
        self._start: Start = kernel_manager.start_kernel
        self._service = service
        self._limit = limit
        self._forced = forced
        self._starting = 0

    async def __call__(
        self, *, kernel_id: str | None = None, kernel_name: str | None = None, **options: Any
    ) -> str:
        """Start a kernel, or return the one that runs under that id already.

        Raises:
            RefusalError: the host is stopping, the limit is reached, or the catalog says no.
        """
        if kernel_id is not None and kernel_id in self._manager:
            return await self._start(kernel_id=kernel_id, kernel_name=kernel_name, **options)
        catalog = await fresh_catalog(self._service.live) if self._service.active else None
        # After the wait: the default may have changed.
        name = self._forced or kernel_name or self._manager.default_kernel_name
        if catalog is not None:
            await _until_its_disk_answers(require_startable(catalog, name))
        if self._service.stopping:
            raise RefusalError(503, "stopping", "The host is stopping: it starts no kernel")
        self._keep_limit()
        environ = options.pop("env", None)
        environ = without_secrets(os.environ if environ is None else environ)
        kernel_id = kernel_id or self._manager.new_kernel_id()
        # Begun here: its task is about all kernels, and would be taken for one about this kernel.
        self._manager.initialize_culler()
        self._starting += 1
        try:
            with about_kernel(kernel_id):
                started = await self._start(
                    kernel_id=kernel_id, kernel_name=name, env=environ, **options
                )
                self._let_end_first(started)
                return started
        except OSError as error:
            self._refuse(error, name)
            raise
        finally:
            self._starting -= 1
            if kernel_id not in self._manager:
                # Jupyter forgets it only after a start that went well, and cannot stop any more.
                self._manager._pending_kernels.pop(kernel_id, None)  # noqa: SLF001 - no public name

    def _refuse(self, error: OSError, name: str) -> None:
        said = f"the kernel {printable(name)} cannot be started: {problem(error)}"
        if error.errno == errno.E2BIG:
            hint = "send less in `env`: Linux takes 128 KiB at most in one variable"
            raise RefusalError(400, "bad-env", said, hint) from error
        if error.errno in _NO_ROOM:
            raise RefusalError(
                HTTPStatus.INSUFFICIENT_STORAGE,
                "no-room",
                f"{said}: {error.filename or self._manager.connection_dir}",
                "make room there, or let JUPYTER_RUNTIME_DIR name a folder with room",
            ) from error

    def _let_end_first(self, kernel_id: str) -> None:
        """As our own provisioner does; this is for Jupyter's. Others may start on another machine."""
        kernel = self._manager.get_kernel(kernel_id) if kernel_id in self._manager else None
        provisioner = getattr(kernel, "provisioner", None)
        if isinstance(provisioner, LocalProvisioner):
            _let_each_end_first(provisioner)

    def _keep_limit(self) -> None:
        # A kernel that is being started may be listed already: counting it twice is the safe side.
        pending = len(self._manager.list_kernel_ids()) + self._starting
        if self._limit is not None and pending >= self._limit:
            raise RefusalError(
                403,
                "kernel-limit",
                f"{self._limit} kernels are running or starting, which is the limit",
                "delete one, or raise KernelGatewayApp.max_kernels",
            )
