"""ipykernel's own kernel, for a server whose Jupyter path has no python3."""

import os

import msgspec

from ...errors import Finding
from ...reading import unreadable
from .kernel_json import KernelJson
from .kernelspecs import SpecFile, resources_in
from .places import Places

NATIVE_NAME = "python3"


def native_kernel(places: Places) -> tuple[SpecFile | None, Finding | None]:
    """What jupyter_client offers then (``ensure_native_kernel``); nothing without ipykernel.

    Imports ipykernel, so it is only called when its kernel is needed.
    """
    folder = places.native_dir
    if folder is None or not os.path.isdir(folder):
        return None, None
    try:
        from ipykernel.kernelspec import get_kernel_dict  # noqa: PLC0415  # see above

        spec = msgspec.convert(get_kernel_dict(), KernelJson)
    except Exception as error:  # noqa: BLE001  # a broken package may raise anything; it is reported
        remedy = "python3 is left out; install ipykernel anew: python -m pip install ipykernel"
        return None, unreadable("native-kernel-unusable", folder, error, remedy, "error")
    argv = [places.server_executable, *spec.argv[1:]]
    spec = msgspec.structs.replace(spec, argv=argv)
    return SpecFile(NATIVE_NAME, folder, spec, resources_in(folder)), None
