"""What one folder of kernelspecs gives a reader that has never seen it."""

import time
from pathlib import Path

from jupyter_sm.errors import Finding
from jupyter_sm.kernels.discovery.kernel_json import KernelJson
from jupyter_sm.kernels.discovery.kernelspecs import KernelFolders, Listing


def read(folder: Path) -> Listing:
    reader = KernelFolders()
    reader.begin(time.time_ns())
    return reader.read(str(folder))


def only(folder: Path) -> tuple[KernelJson, Finding | None]:
    """The one usable kernelspec in a folder, and the one finding, if any."""
    listing = read(folder)
    (file,) = listing.files
    assert len(listing.findings) < 2
    return file.spec, next(iter(listing.findings), None)


def refused(folder: Path) -> Finding:
    """The one finding of a folder without a usable kernelspec."""
    listing = read(folder)
    assert not listing.files
    (finding,) = listing.findings
    return finding
