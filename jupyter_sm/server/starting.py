"""Every start of a kernel passes here, whichever route or task it comes from."""

import os
from collections.abc import Awaitable, Callable
from typing import Any

from tornado import web

from ..kernels import without_secrets
from .refusals import RefusalError, fresh_catalog, require_startable
from .requestlog import about_kernel
from .service import Service

Start = Callable[..., Awaitable[str]]


def guard_starts(
    kernel_manager: Any, service: Service, *, limit: int | None = None, forced: str = ""
) -> None:
    """Put a ``StartGuard`` in front of a ``MappingKernelManager``; the arguments are its own."""
    kernel_manager.start_kernel = StartGuard(kernel_manager, service, limit=limit, forced=forced)
    kernel_manager.kernel_model = _of_started(kernel_manager)


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
        # After the wait: the default may have changed, the host may be stopping by now.
        name = self._forced or kernel_name or self._manager.default_kernel_name
        if catalog is not None:
            require_startable(catalog, name)
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
                return await self._start(
                    kernel_id=kernel_id, kernel_name=name, env=environ, **options
                )
        finally:
            self._starting -= 1

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
