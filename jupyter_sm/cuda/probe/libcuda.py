"""libcuda's part of the probe: whether CUDA works here, and which devices it shows.

Only ever imported in the probe's process: cuInit holds GPU handles until the process ends, breaks
children that are forked later, may hang, and may crash. The functions are those of cuda.h.
"""

import ctypes
from collections.abc import Collection
from typing import Any

from .loaded import loaded
from .nvml import DEVICES_MOST, Tell, cuda_version

LIBRARY = "libcuda.so.1"
"""Not libcuda.so: that is the stub for linking, where there is one."""

_CAPABILITY_MAJOR, _CAPABILITY_MINOR = 75, 76  # CUdevice_attribute
_NAME_BYTES = 256
_UUID_GROUPS = ((0, 4), (4, 6), (6, 8), (8, 10), (10, 16))


def ask(tell: Tell, known: Collection[str]) -> None:
    """Say all that libcuda knows; every failure is said, none is raised.

    Args:
        tell: as `program.py` says.
        known: the uuids that NVML listed: only they tell whether a uuid is a GPU's or a slice's.
    """
    tell("stage", f"dlopen {LIBRARY}")
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError as error:
        tell("fact", "cuda_library_error", str(error))
        return
    tell("fact", "libcuda_path", loaded("libcuda.so"))
    asking = _Asking(tell, library)
    if asking.begin():
        asking.devices(known)


class _Asking:
    """Calls functions of libcuda by name, and says which one is next and which one failed."""

    def __init__(self, tell: Tell, library: ctypes.CDLL) -> None:
        self._tell = tell
        self._library = library

    def begin(self) -> bool:
        """Whether cuInit succeeded."""
        number = ctypes.c_int()
        # Before cuInit, which it does not need and which may never return.
        if self._call("cuDriverGetVersion", ctypes.byref(number)) == 0:
            self._tell("fact", "cuda_driver_version", cuda_version(number.value))
        code = self._call("cuInit", ctypes.c_uint(0))
        self._tell("fact", "cuda_init_code", code)
        if code:
            self._tell("fact", "cuda_init_text", self._name_of(code))
        return code == 0

    def devices(self, known: Collection[str]) -> None:
        count = ctypes.c_int()
        code = self._call("cuDeviceGetCount", ctypes.byref(count))
        self._tell("fact", "cuda_count_code", code)
        if code != 0:
            self._problem("cuDeviceGetCount", code)
            return
        self._tell("fact", "cuda_devices", [])
        for index in range(min(count.value, DEVICES_MOST)):
            self._tell("add", "cuda_devices", self._device(index, known))

    def _device(self, index: int, known: Collection[str]) -> dict[str, object]:
        device = ctypes.c_int()
        name = ctypes.create_string_buffer(_NAME_BYTES)
        size = ctypes.c_size_t()
        major, minor = ctypes.c_int(), ctypes.c_int()
        codes: list[int] = []

        def good(function: str, *arguments: Any) -> bool:
            code = self._call(function, *arguments, of=index)
            if code != 0:
                self._problem(f"{function} {index}", code)
                codes.append(-1 if code is None else code)
            return code == 0

        fields: dict[str, object] = {"index": index}
        if good("cuDeviceGet", ctypes.byref(device), index):
            if good("cuDeviceGetName", name, _NAME_BYTES, device):
                fields["name"] = name.value.decode(errors="replace")
            fields["uuid"] = self._uuid(index, device, known)
            get = "cuDeviceGetAttribute"
            if good(get, ctypes.byref(major), _CAPABILITY_MAJOR, device) and good(
                get, ctypes.byref(minor), _CAPABILITY_MINOR, device
            ):
                fields["compute_capability"] = f"{major.value}.{minor.value}"
            if good("cuDeviceTotalMem_v2", ctypes.byref(size), device):
                fields["memory_total"] = size.value
        return {**fields, "code": codes[0] if codes else 0}

    def _uuid(self, index: int, device: ctypes.c_int, known: Collection[str]) -> str | None:
        """As NVML writes it. Drivers before 470 have only the first form, which knows no slices."""
        value = (ctypes.c_ubyte * 16)()
        for function in ("cuDeviceGetUuid_v2", "cuDeviceGetUuid"):
            if self._call(function, ctypes.byref(value), device, of=index) == 0:
                text = "-".join(bytes(value[begin:end]).hex() for begin, end in _UUID_GROUPS)
                return next((uuid for uuid in known if uuid.endswith(text)), f"GPU-{text}")
        return None

    def _call(self, name: str, *arguments: Any, of: int | None = None) -> int | None:
        """The code; None if the library has no such function."""
        self._tell("stage", name if of is None else f"{name} {of}")
        function = getattr(self._library, name, None)
        return None if function is None else int(function(*arguments))

    def _problem(self, where: str, code: int | None) -> None:
        said = "not in this library" if code is None else f"{code} {self._name_of(code)}"
        self._tell("add", "cuda_problems", f"{where}: {said}")

    def _name_of(self, code: int) -> str | None:
        """``CUDA_ERROR_NO_DEVICE``; None if the library does not know it."""
        name = ctypes.c_char_p()
        if self._call("cuGetErrorName", code, ctypes.byref(name)) != 0 or name.value is None:
            return None
        return name.value.decode(errors="replace")
