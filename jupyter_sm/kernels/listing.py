"""The catalog as Jupyter's clients read it."""

from typing import Any
from urllib.parse import quote

from .catalog import Catalog, FoundEntry, MissingEntry, missing
from .model import Kernel
from .stanza import explaining


def listing(catalog: Catalog, base_url: str) -> dict[str, dict[str, Any]]:
    """The shown kernels as Jupyter Server's kernelspec models, in order.

    Ready-made models spare the stock handler a thread hop and a directory scan a kernel
    (jupyter_server/services/kernelspecs/handlers.py, ``is_kernelspec_model``).
    """
    root = base_url.rstrip("/") + "/kernelspecs/"
    return {
        entry.name: {
            "name": entry.name,
            "spec": spec_of(entry),
            "resources": _resource_urls(root + quote(entry.name, safe=""), entry.kernel),
            "resource_dir": entry.kernel.resource_dir,
        }
        for entry in catalog.shown
    }


def spec_of(entry: FoundEntry) -> dict[str, Any]:
    """The entry's kernelspec as JSON values, with the display name it is shown under."""
    return {**entry.kernel.spec, "display_name": entry.display_name}


def spec_to_start(catalog: Catalog, name: str) -> dict[str, Any]:
    """The kernelspec to start for a requested name, its folder included.

    Raises:
        KernelNameError: as ``Catalog.startable``.
    """
    entry = catalog.startable(name)
    if isinstance(entry, MissingEntry):
        source = catalog.choice.source
        metadata = explaining({}, missing(entry.name, catalog.snapshot, source), source)
        return {"display_name": entry.display_name, "metadata": metadata}
    kernel = entry.kernel
    spec = {**spec_of(entry), "resource_dir": kernel.resource_dir}
    if kernel.broken is not None:
        file = f"{kernel.resource_dir}/kernel.json"
        spec["metadata"] = explaining(kernel.spec["metadata"], kernel.broken, file)
    return spec


def _resource_urls(root: str, kernel: Kernel) -> dict[str, str]:
    return {
        (file.rpartition(".")[0] if file.startswith("logo-") and "." in file else file): (
            f"{root}/{quote(file)}"
        )
        for file in kernel.resources
    }
