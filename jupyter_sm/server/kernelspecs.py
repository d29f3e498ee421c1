"""Jupyter's kernelspec routes, answered from the catalog.

The stock listing builds its body anew for each request, with a directory scan in a thread for each
kernel. Here the bytes are kept for as long as the catalog stays the same.
"""

import hashlib
import json
import mimetypes
import os
from functools import partial
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.services.kernelspecs.handlers import (
    AUTH_RESOURCE,
    KernelSpecHandler,
    MainKernelSpecHandler,
)
from jupyter_server.utils import url_unescape

from ..errors import KernelNameError
from ..kernels import Catalog, FoundEntry, Live, listing
from ..kernels.background import Flights
from ..reading import read_small
from .access import guarded
from .refusals import ErrorBodyMixin, RefusalError, fresh_catalog

LIST_PATH = r"/api/kernelspecs"
# Studio's names hold an ARN; the stock expression stops at its colons.
ONE_PATH = r"/api/kernelspecs/(?P<kernel_name>[^/]+)"
RESOURCE_PATH = r"/kernelspecs/(?P<kernel_name>[^/]+)/(?P<path>.*)"

RESOURCE_BYTES = 16 << 20
"""A larger file beside a kernel.json is neither a picture nor a script of a page."""

PICTURE_AGE = 60 * 60 * 24 * 30
"""Seconds for which a browser keeps a picture, as Jupyter Server says it."""


class Listing:
    """The body of ``GET /api/kernelspecs`` and its ETag, built once a catalog.

    Args:
        live: the catalog that is listed.

    Attributes:
        files: those that are being read, by folder and path.
    """

    def __init__(self, live: Live[Catalog]) -> None:
        self.live = live
        self.files: Flights[bytes] = Flights("file")
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
        await _resolve(self.listing.live, kernel_name)
        await ensure_async(super().get(kernel_name))


class ResourceHandler(JupyterHandler):
    """A file beside a kernel's kernel.json, such as its picture.

    The stock handler reads it in the event loop: an environment on a disk that does not answer would
    hold up every other request.
    """

    def initialize(self, listing: Listing) -> None:
        self.listing = listing

    @guarded("read", AUTH_RESOURCE)
    async def get(self, kernel_name: str, path: str) -> None:
        entry = await _resolve(self.listing.live, kernel_name)
        asked = (entry.kernel.resource_dir, path)
        content = await self.listing.files.next(asked, partial(_read_below, *asked))
        self.set_header("Content-Type", mimetypes.guess_type(path)[0] or "application/octet-stream")
        if path.lower().endswith(".png"):
            self.set_header("Cache-Control", f"max-age={PICTURE_AGE}")
        self.finish(content)

    async def head(self, kernel_name: str, path: str) -> None:
        await self.get(kernel_name, path)


async def _resolve(live: Live[Catalog], kernel_name: str) -> FoundEntry:
    catalog = await fresh_catalog(live)
    try:
        return catalog.resolve(url_unescape(kernel_name))
    except KernelNameError as error:
        raise RefusalError(404, "kernel-unknown", str(error), error.remedy) from None


def _read_below(folder: str, path: str) -> bytes:
    """A file in ``folder``; neither its name nor a link leads out of there.

    Raises:
        RefusalError: 403, it lies elsewhere or is no file; 404, it is not there.
    """
    try:
        root = os.path.realpath(folder)
        whole = os.path.realpath(os.path.join(root, path.lstrip("/")))
        if os.path.commonpath((root, whole)) != root:
            raise RefusalError(403, "forbidden", "It is not in the folder of the kernelspec")
        return read_small(whole, os.stat(whole), RESOURCE_BYTES)
    except FileNotFoundError:
        raise RefusalError(404, "not-found", "The kernelspec has no such file") from None
    except (OSError, ValueError):  # ValueError: a NUL
        raise RefusalError(403, "forbidden", "It is no file that can be read") from None


def routes(live: Live[Catalog], *mixins: type) -> list[tuple[str, type, dict[str, Any]]]:
    """The routes, with the host's own mixins in front."""
    shared = {"listing": Listing(live)}
    return [
        (path, type(handler.__name__, (ErrorBodyMixin, *mixins, handler), {}), shared)
        for path, handler in (
            (LIST_PATH, ListHandler),
            (ONE_PATH, OneHandler),
            (RESOURCE_PATH, ResourceHandler),
        )
    ]
