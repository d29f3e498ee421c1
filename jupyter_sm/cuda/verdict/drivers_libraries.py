"""The driver's libraries at fault: empty, stubs, NVIDIA's compatibility package, or the image's own."""

import shlex
from collections.abc import Iterator

from ..model import Library, Reason
from .situation import Situation
from .wording import evidence

_NOT_ON_DEVICE = 804
"""CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE of cuda.h."""

_WITH_MISMATCH = frozenset({803, _NOT_ON_DEVICE})
"""803 is CUDA_ERROR_SYSTEM_DRIVER_MISMATCH."""

_NVML_MISMATCH = 18
"""NVML_ERROR_LIB_RM_VERSION_MISMATCH of nvml.h."""


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
        evidence=evidence(situation.called(), loader_path(situation), library.evidence),
        remedy=_without_folder(situation, library, "stubs"),
    )


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
        remedy=_without_folder(situation, library, "compat"),
    )


def baked_driver(situation: Situation) -> Reason | None:
    """The libraries that were loaded are the image's own."""
    baked = situation.baked
    library = situation.libcuda
    nvml = situation.probe.nvml_code if situation.probe else None
    if library not in baked and not (baked and nvml == _NVML_MISMATCH):
        return None
    if situation.code is None and not nvml and not _crashed(situation):
        kernel = situation.host.kernel_driver
        if not any(x.version and kernel and x.version != kernel for x in baked):
            return None
    return baked_reason(situation, baked)


def baked_reason(situation: Situation, baked: tuple[Library, ...]) -> Reason:
    """The image carries libraries of the driver."""
    libraries = sorted(baked, key=lambda x: not x.name.startswith("libcuda.so"))
    first = libraries[0]
    files = dict.fromkeys(path for x in libraries for path in (x.path, x.resolved))
    return Reason(
        code="baked-driver",
        text=f"the image carries its own {first.name} at {first.path}; SageMaker and `docker run "
        "--gpus` mount the driver's, so the image must have none",
        evidence=evidence(situation.called(), _versions(situation, first), first.evidence),
        remedy="remove the driver's package from the image, or in its Dockerfile: RUN rm -f "
        + shlex.join(files),
    )


def _crashed(situation: Situation) -> bool:
    return situation.probe is not None and situation.probe.ended == "signal"


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


def loader_path(situation: Situation) -> str | None:
    """LD_LIBRARY_PATH as evidence; None if it is not set."""
    value = situation.host.ld_library_path
    return f"LD_LIBRARY_PATH={shlex.quote(value)}" if value else None


def _without_folder(situation: Situation, library: Library, kind: str) -> str:
    """Take the library's folder from the loader's path, wherever it stands there."""
    folder = library.path.rpartition("/")[0]
    entries = (situation.host.ld_library_path or "").split(":")
    if any(entry.rstrip("/") == folder for entry in entries):
        rest = ":".join(e for e in entries if e.rstrip("/") != folder)
        return f"export LD_LIBRARY_PATH={shlex.quote(rest)}" if rest else "unset LD_LIBRARY_PATH"
    return (
        f"take the {kind} folder from /etc/ld.so.conf.d in the Dockerfile: RUN grep -rlF "
        f"{shlex.quote(folder)} /etc/ld.so.conf.d | xargs -r rm && ldconfig"
    )


def _remove(library: Library) -> str:
    files = shlex.join(dict.fromkeys((library.path, library.resolved)))
    return f"in the Dockerfile, as its last step: RUN rm -f {files} && ldconfig"
