"""The driver's libraries at fault: empty, stubs, NVIDIA's compatibility package, or the image's own."""

import shlex
import signal
from collections.abc import Iterator

from ..files.libraries import LIBCUDA
from ..model import Library, Probe, Reason
from . import loaderpath
from .situation import Situation
from .wording import evidence

BAKED = "baked-driver"

LIBRARY_CAUSES = frozenset(
    {BAKED, "compat-library", "empty-library", "library-closed", "stub-library"}
)
"""What is wrong with the driver's libraries themselves."""

_NOT_ON_DEVICE = 804
"""CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE of cuda.h."""

_WITH_MISMATCH = frozenset({803, _NOT_ON_DEVICE})
"""803 is CUDA_ERROR_SYSTEM_DRIVER_MISMATCH."""

_MISMATCH = 803

_NVML_MISMATCH = 18
"""NVML_ERROR_LIB_RM_VERSION_MISMATCH of nvml.h."""

_NOT_OPENED = (
    "cannot open shared object file: No such file or directory",
    "cannot open shared object file: Permission denied",
)
"""The loader's words (elf/dl-load.c of glibc): those for the last folder that it looked into."""

_CRASHES = frozenset(
    {
        signal.SIGABRT,
        signal.SIGBUS,
        signal.SIGFPE,
        signal.SIGILL,
        signal.SIGSEGV,
        signal.SIGSYS,
        signal.SIGTRAP,
    }
)
"""Signals that a process brings upon itself; the others come from outside."""


def empty_library(situation: Situation) -> Reason | None:
    """The libcuda that the loader comes to has nothing in it."""
    library = situation.libcuda
    error = situation.probe.cuda_library_error if situation.probe else None
    empty = [x for x in situation.drivers_libraries("empty") if x.name.startswith("libcuda.so")]
    if library is None and error is not None and empty:
        library = empty[0]  # the loader passed it by, and found no other
    if library is None or library.kind != "empty":
        return None
    return Reason(
        code="empty-library",
        text=f"the image carries {library.path} with nothing in it, left over from its build",
        evidence=evidence(_what_it_is(library), error),
        remedy=_remove(library),
    )


def stub_library(situation: Situation) -> Reason | None:
    """A stub, made for linking, stands before the driver's libcuda."""
    library = situation.libcuda
    if library is None or library.kind != "stub":
        return None
    return Reason(
        code="stub-library",
        text=f"{library.path} is a stub for linking, and it is found before the driver's libcuda",
        evidence=evidence(situation.called(), loaderpath.shown(situation.host), library.evidence),
        remedy=loaderpath.without_folder(situation.host, library),
    )


def closed_library(situation: Situation) -> Reason | None:
    """The driver's libcuda is there, and this user may not read it."""
    if not is_libcuda_missing(situation):
        return None
    found = situation.drivers_libraries("mounted", "baked", "unknown")
    closed = [x for x in found if x.name.startswith("libcuda.so") and not x.readable]
    if not closed:
        return None
    library = closed[0]
    error = situation.probe.cuda_library_error if situation.probe else None
    where = "on the host:" if library.kind == "mounted" else "in the Dockerfile: RUN"
    return Reason(
        code="library-closed",
        text=f"this user may not read {library.resolved}, so the loader passes it by",
        evidence=evidence(error, library.evidence),
        remedy=f"{where} chmod a+r {shlex.quote(library.resolved)}",
    )


def is_libcuda_missing(situation: Situation) -> bool:
    """The loader finds none; by files, where it was not asked."""
    probe = situation.probe
    if probe is None:
        return situation.host.libcuda_path is None
    # A library that is there and lacks another one begins with that one's name.
    error = probe.cuda_library_error or ""
    return error.startswith(f"{LIBCUDA}: ") and error.endswith(_NOT_OPENED)


def compat_library(situation: Situation) -> Reason | None:
    """The compatibility package was loaded where it does not work."""
    library = situation.libcuda
    if library is None or library.kind != "compat" or situation.code not in _WITH_MISMATCH:
        return None
    whom = "this GPU" if situation.code == _NOT_ON_DEVICE else "this driver"
    return Reason(
        code="compat-library",
        text=f"the compatibility library {library.path} does not work with {whom}",
        evidence=evidence(situation.called(), _versions(situation, library)),
        remedy=loaderpath.without_folder(situation.host, library),
    )


def baked_driver(situation: Situation) -> Reason | None:
    """The libraries that were loaded are the image's own."""
    baked = situation.baked
    library = situation.libcuda
    nvml = situation.probe.nvml_code if situation.probe else None
    if library not in baked and not (baked and nvml == _NVML_MISMATCH):
        return None
    crashed = situation.probe is not None and crashes(situation.probe)
    if situation.code is None and not nvml and not crashed and not is_of_other_version(situation):
        return None
    return baked_reason(situation, baked)


def is_of_other_version(situation: Situation) -> bool:
    """The image's own driver libraries are surely not the kernel driver's."""
    probe, kernel = situation.probe, situation.host.kernel_driver
    if situation.code == _MISMATCH or (probe is not None and probe.nvml_code == _NVML_MISMATCH):
        return True
    return any(x.version and kernel and x.version != kernel for x in situation.baked)


def crashes(probe: Probe) -> bool:
    """The probe's process ended by its own fault, and not by a signal that somebody sent it."""
    return probe.ended == "signal" and probe.signal in _CRASHES


def baked_reason(situation: Situation, baked: tuple[Library, ...]) -> Reason:
    """The image carries libraries of the driver."""
    libraries = sorted(baked, key=lambda x: not x.name.startswith("libcuda.so"))
    first = libraries[0]
    files = dict.fromkeys(path for x in libraries for path in (x.path, x.resolved))
    return Reason(
        code=BAKED,
        text=f"the image carries its own {first.name} at {first.path}; SageMaker and `docker run "
        "--gpus` mount the driver's, so the image must have none",
        evidence=evidence(situation.called(), _versions(situation, first), first.evidence),
        remedy="remove the driver's package from the image, or in its Dockerfile: RUN rm -f "
        + shlex.join(files),
    )


def _what_it_is(library: Library) -> str:
    size = "a link to nothing" if library.bytes is None else f"{library.bytes} bytes"
    return f"{library.resolved}: {size}"


def _versions(situation: Situation, library: Library) -> str | None:
    parts = list(_version_parts(situation, library))
    return ", ".join(parts) or None


def _version_parts(situation: Situation, library: Library) -> Iterator[str]:
    if library.version:
        yield f"{library.resolved} is of driver {library.version}"
    if situation.host.kernel_driver:
        yield f"the kernel's driver is {situation.host.kernel_driver}"


def _remove(library: Library) -> str:
    files = shlex.join(dict.fromkeys((library.path, library.resolved)))
    return f"in the Dockerfile, as its last step: RUN rm -f {files} && ldconfig"
