"""The one KernelSpecManager for every host: Jupyter's interface in front of the live catalog."""

import copy
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel

from ..errors import KernelNameError, UnknownKernelError
from .catalog import Entry
from .listing import listing, spec_of
from .live import LiveCatalog


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
    (jupyter_client/manager.py, ``KernelManager.kernel_spec``); they answer from memory, and wait for
    the disk no longer than ``live.PATIENCE``.

    Args:
        live: the catalog that is served.
    """

    def __init__(self, *, live: LiveCatalog, **kwargs: Any) -> None:
        self.live = live
        super().__init__(**kwargs)

    def find_kernel_specs(self) -> dict[str, str]:
        """Listed kernel names and their resource folders."""
        return {name: model["resource_dir"] for name, model in self.get_all_specs().items()}

    def get_all_specs(self) -> dict[str, Any]:
        """Listed kernels as REST models, which every caller of Jupyter's own form can read too."""
        return listing(self.live.fresh(), getattr(self.parent, "base_url", "/"))

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The kernelspec to start for a name or alias, with or without Studio's suffix.

        Raises:
            KernelNotStarted: unknown, excluded, or not shown while ``enforce`` is on.
        """
        try:
            entry = self._resolve(kernel_name)
        except KernelNameError as error:
            raise KernelNotStarted(error) from None
        resource_dir = entry.kernel.resource_dir if entry.kernel else ""
        # Older clients know fewer keys than newer kernels write; provisioners change what they get.
        known = self.kernel_spec_class.class_trait_names()
        values = {k: copy.deepcopy(v) for k, v in spec_of(entry).items() if k in known}
        spec: KernelSpec = self.kernel_spec_class(resource_dir=resource_dir, **values)
        return spec

    def _resolve(self, kernel_name: str) -> Entry:
        try:
            return self.live.last().resolve(kernel_name)
        except UnknownKernelError:
            # It may have been made a moment ago.
            return self.live.fresh().resolve(kernel_name)


def manager_class(live: LiveCatalog) -> type[KernelSpecManager]:
    """The manager bound to one catalog, for hosts that take a class and construct it themselves."""

    class Bound(CatalogKernelSpecManager):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(live=live, **kwargs)

    Bound.__name__ = Bound.__qualname__ = CatalogKernelSpecManager.__name__
    return Bound
