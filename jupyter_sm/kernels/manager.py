"""The one KernelSpecManager for every host: Jupyter's interface in front of the live catalog."""

import asyncio
import copy
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel

from ..errors import KernelNameError
from .catalog import Catalog
from .listing import listing, spec_to_start
from .live import PATIENCE, Live


class KernelNotStarted(NoSuchKernel):
    """``NoSuchKernel`` that says why, and what to do about it."""

    def __init__(self, error: KernelNameError) -> None:
        super().__init__(error.name)
        self.error = error

    def __str__(self) -> str:
        return str(self.error)


class CatalogKernelSpecManager(KernelSpecManager):
    """Lists the kernels that the catalog shows; finds every kernel that may be started.

    ``get_all_specs`` and ``get_kernel_spec`` stay synchronous, because jupyter_client calls them so
    (jupyter_client/manager.py, ``KernelManager.kernel_spec``). Called on an event loop they wait for the
    disk ``live.PATIENCE`` seconds at most; hosts ask for the fresh catalog before that, without
    waiting.

    Args:
        live: the catalog that is served.
    """

    def __init__(self, *, live: Live[Catalog], **kwargs: Any) -> None:
        self.live = live
        super().__init__(**kwargs)

    def find_kernel_specs(self) -> dict[str, str]:
        """Listed kernel names and their resource folders."""
        return {name: model["resource_dir"] for name, model in self.get_all_specs().items()}

    def get_all_specs(self) -> dict[str, Any]:
        """Listed kernels as REST models, which every caller of Jupyter's own form can read too.

        Raises:
            TimeoutError: the first look for kernels has not ended yet.
        """
        catalog = self.live.fresh(PATIENCE if _on_event_loop() else None)
        return listing(catalog, getattr(self.parent, "base_url", "/"))

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The kernelspec to start for a name or alias, with or without Studio's suffix.

        That of a kernel which is broken, or configured and missing, starts one that says why.

        Raises:
            KernelNotStarted: unknown, excluded, or not shown while ``enforce`` is on.
            TimeoutError: the first look for kernels has not ended yet.
        """
        try:
            values = self._values(kernel_name)
        except KernelNameError as error:
            raise KernelNotStarted(error) from None
        # Older clients know fewer keys than newer kernels write; provisioners change what they get.
        known = self.kernel_spec_class.class_trait_names()
        spec: KernelSpec = self.kernel_spec_class(
            **{k: copy.deepcopy(v) for k, v in values.items() if k in known}
        )
        return spec

    def startable_names(self) -> list[str]:
        """The listed kernels that are not known to be broken, from memory.

        Raises:
            TimeoutError: the first look for kernels has not ended yet.
        """
        return [e.name for e in self.live.last(PATIENCE).shown if e.kernel.broken is None]

    def _values(self, kernel_name: str) -> dict[str, Any]:
        if not _on_event_loop():
            return spec_to_start(self.live.fresh(), kernel_name)
        try:
            return spec_to_start(self.live.last(PATIENCE), kernel_name)
        except KernelNameError:
            # It may have been made, or allowed, a moment ago.
            return spec_to_start(self.live.fresh(PATIENCE), kernel_name)


def _on_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
