"""Jupyter's kernelspec routes, answered from the catalog.

The stock listing builds its body anew for each request, with a directory scan in a thread for each
kernel. Here the bytes are kept for as long as the catalog stays the same.
"""

import hashlib
import json
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.services.kernelspecs.handlers import (
    AUTH_RESOURCE,
    KernelSpecHandler,
    MainKernelSpecHandler,
)
from jupyter_server.utils import url_unescape

from ..errors import KernelNameError
from ..kernels import Catalog, Live, listing
from .access import guarded
from .refusals import ErrorBodyMixin, RefusalError, fresh_catalog

LIST_PATH = r"/api/kernelspecs"
# Studio's names hold an ARN; the stock expression stops at its colons.
ONE_PATH = r"/api/kernelspecs/(?P<kernel_name>[^/]+)"


class Listing:
    """The body of ``GET /api/kernelspecs`` and its ETag, built once a catalog.

    Args:
        live: the catalog that is listed.
    """

    def __init__(self, live: Live[Catalog]) -> None:
        self.live = live
        self._made_of: tuple[Catalog | None, str, str] = (None, "", "")
        self._body = b""
        self._etag = ""

    def body(self, catalog: Catalog, base_url: str, default: str) -> tuple[bytes, str]:
        """The JSON bytes and their strong ETag."""
        made_of = (catalog, base_url, default)
        if made_of != self._made_of:
            model = {"default": default, "kernelspecs": listing(catalog, base_url)}
            self._body = json.dumps(model).encode()
            self._etag = f'"{hashlib.sha256(self._body).hexdigest()[:32]}"'
            self._made_of = made_of
        return self._body, self._etag


class ListHandler(MainKernelSpecHandler):
    """The kernels that the catalog shows."""

    def initialize(self, listing: Listing) -> None:
        self.listing = listing

    @guarded("read", AUTH_RESOURCE)
    async def get(self) -> None:
        catalog = await fresh_catalog(self.listing.live)
        default = self.kernel_manager.default_kernel_name
        body, etag = self.listing.body(catalog, self.base_url, default)
        self.set_header("Etag", etag)
        if self.check_etag_header():
            self.set_status(304)
            self.finish()
            return
        self.finish(body)

    def compute_etag(self) -> str | None:
        """Already set: the body is hashed once a catalog, not once a request."""
        return None


class OneHandler(KernelSpecHandler):
    """One kernel by name or alias, as the disk is now."""

    def initialize(self, listing: Listing) -> None:
        self.listing = listing

    @guarded("read", AUTH_RESOURCE)
    async def get(self, kernel_name: str) -> None:
        catalog = await fresh_catalog(self.listing.live)
        try:
            catalog.resolve(url_unescape(kernel_name))
        except KernelNameError as error:
            raise RefusalError(404, "kernel-unknown", str(error), error.remedy) from None
        await ensure_async(super().get(kernel_name))


def routes(live: Live[Catalog], *mixins: type) -> list[tuple[str, type, dict[str, Any]]]:
    """Both routes, with the host's own mixins in front."""
    shared = {"listing": Listing(live)}
    return [
        (path, type(handler.__name__, (ErrorBodyMixin, *mixins, handler), {}), shared)
        for path, handler in ((LIST_PATH, ListHandler), (ONE_PATH, OneHandler))
    ]
