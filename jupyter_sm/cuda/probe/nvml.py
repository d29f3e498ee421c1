"""NVML's part of the probe: the driver's version and its devices, MIG slices too.

Only ever imported in the probe's process. NVML ignores CUDA_VISIBLE_DEVICES and may well answer where
cuInit does not return, so it is asked first.
"""

import ctypes
import importlib.util
import sys
from collections.abc import Callable
from typing import Any

from .loaded import loaded

LIBRARY = "libnvidia-ml.so.1"
DEVICES_MOST = 256
"""No host has more; a driver that says so is not believed."""

# nvml.h, nvmlReturn_t
NOT_SUPPORTED = 3
NOT_FOUND = 6
LIBRARY_NOT_FOUND = 12
FUNCTION_NOT_FOUND = 13
ARGUMENT_VERSION_MISMATCH = 25

_V1_INSTEAD = (FUNCTION_NOT_FOUND, ARGUMENT_VERSION_MISMATCH)

Tell = Callable[..., None]


def ask(tell: Tell, file: str) -> frozenset[str]:
    """Say all that NVML knows; every failure of NVML is said, none is raised.

    Args:
        tell: as `program.py` says.
        file: in which ``pynvml`` is; empty if there is none.

    Returns:
        the uuids of all devices.

    Raises:
        Exception: what a ``pynvml`` that is not nvidia-ml-py's may raise.
    """
    tell("stage", f"dlopen {LIBRARY}")
    try:
        ctypes.CDLL(LIBRARY)
    except OSError as error:  # pynvml does not say why
        tell("fact", "nvml_library_error", str(error))
        tell("fact", "nvml_code", LIBRARY_NOT_FOUND)
        return frozenset()
    tell("fact", "nvml_path", loaded("libnvidia-ml.so"))
    if not file:
        tell("add", "nvml_problems", "nvidia-ml-py is not installed")
        return frozenset()
    asking = _Asking(tell, _imported(file))
    asking.all()
    return frozenset(asking.uuids)


def _imported(file: str) -> Any:
    """The module of a file, under the name by which it looks for itself."""
    spec = importlib.util.spec_from_file_location("pynvml", file)
    if spec is None or spec.loader is None:
        raise ImportError(file)
    module = sys.modules["pynvml"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class _Asking:
    """Calls functions of pynvml by name; what fails is said, and None is the answer."""

    def __init__(self, tell: Tell, pynvml: Any) -> None:
        self._tell = tell
        self._pynvml = pynvml
        self._with_codes: set[int] = set()
        self.uuids: list[str] = []

    def all(self) -> None:
        if not self._begun():
            return
        self._tell("fact", "driver_version", self._call("nvmlSystemGetDriverVersion"))
        version = self._call("nvmlSystemGetCudaDriverVersion_v2")
        self._tell("fact", "nvml_cuda_version", cuda_version(version))
        count = self._call("nvmlDeviceGetCount")
        if count is None:
            return
        self._tell("fact", "nvml_devices", [])
        listed = [(index, self._identity(index)) for index in range(min(count, DEVICES_MOST))]
        # Details last: one that hangs still leaves the list of all devices.
        for index, found in listed:
            if found is not None:
                self._details(index, *found)

    def _begun(self) -> bool:
        self._tell("stage", "nvmlInit")
        try:
            self._pynvml.nvmlInit()
        except self._pynvml.NVMLError as error:
            self._tell("fact", "nvml_code", error.value)
            self._tell("fact", "nvml_text", str(error))
            return False
        self._tell("fact", "nvml_code", 0)
        return True

    def _identity(self, index: int) -> "tuple[Any, str] | None":
        """Handle and uuid."""
        handle = self._call("nvmlDeviceGetHandleByIndex", index, of=index)
        uuid = None if handle is None else self._call("nvmlDeviceGetUUID", handle, of=index)
        if uuid is None:
            return None
        name = self._call("nvmlDeviceGetName", handle, of=index)
        self._tell("nvml_device", {"uuid": uuid, "index": index, "name": name})
        self.uuids.append(uuid)
        return handle, uuid

    def _details(self, index: int, handle: Any, uuid: str) -> None:
        mode = self._call("nvmlDeviceGetMigMode", handle, of=index)
        capability = self._call("nvmlDeviceGetCudaComputeCapability", handle, of=index)
        kind = {
            "compute_capability": None if capability is None else "{}.{}".format(*capability),
            "mig": None if mode is None else bool(mode[0]),
        }
        self._tell("nvml_device", {"uuid": uuid, **kind})
        if kind["mig"]:
            self._slices(index, handle, uuid, kind["compute_capability"])
        use = self._call("nvmlDeviceGetUtilizationRates", handle, of=index)
        state = {
            **self._memory(index, handle),
            "utilization_gpu": None if use is None else int(use.gpu),
            "ecc_uncorrected": self._ecc(index, handle),
        }
        self._tell("nvml_device", {"uuid": uuid, **state})

    def _slices(self, index: int, gpu: Any, parent: str, capability: object) -> None:
        most = self._call("nvmlDeviceGetMaxMigDeviceCount", gpu, of=index) or 0
        for number in range(min(most, DEVICES_MOST)):
            handle = self._call(
                "nvmlDeviceGetMigDeviceHandleByIndex", gpu, number, of=index, usual=(NOT_FOUND,)
            )
            uuid = None if handle is None else self._call("nvmlDeviceGetUUID", handle, of=index)
            if uuid is None:
                continue
            fields = {
                "uuid": uuid,
                "name": self._call("nvmlDeviceGetName", handle, of=index),
                "mig": True,
                "parent_uuid": parent,
                "compute_capability": capability,
            }
            self._tell("nvml_device", fields)
            self.uuids.append(uuid)
            self._tell("nvml_device", {"uuid": uuid, **self._memory(index, handle)})

    def _memory(self, index: int, handle: Any) -> dict[str, int]:
        """Used without what the driver reserves, as nvidia-smi has it; drivers before 510 tell both."""
        name = "nvmlDeviceGetMemoryInfo"
        second = getattr(self._pynvml, "nvmlMemory_v2", None)
        found = None
        if second is not None:
            found = self._call(name, handle, second, of=index, usual=_V1_INSTEAD)
        if found is None:
            found = self._call(name, handle, of=index)
        if found is None:
            return {}
        return {"memory_total": int(found.total), "memory_used": int(found.used)}

    def _ecc(self, index: int, handle: Any) -> int | None:
        kinds = (
            self._pynvml.NVML_MEMORY_ERROR_TYPE_UNCORRECTED,
            self._pynvml.NVML_VOLATILE_ECC,
        )
        count: int | None = self._call("nvmlDeviceGetTotalEccErrors", handle, *kinds, of=index)
        return count

    def _call(
        self, name: str, *arguments: Any, of: int | None = None, usual: tuple[int, ...] = ()
    ) -> Any:
        """What the function returns; None if it fails, or is not in this pynvml.

        Args:
            name: of the function.
            arguments: for it.
            of: index of the device that it is asked about.
            usual: codes that say nothing, beside "not supported".
        """
        where = name if of is None else f"{name} {of}"
        self._tell("stage", where)
        try:
            answer = getattr(self._pynvml, name)(*arguments)
            return answer.decode() if isinstance(answer, bytes) else answer
        except self._pynvml.NVMLError as error:
            code = error.value
            if code != NOT_SUPPORTED and code not in usual:
                self._failed(where, of, code, str(error))
        except (AttributeError, TypeError, ValueError) as error:  # of an older pynvml
            self._tell("add", "nvml_problems", f"{where}: {error}")
        return None

    def _failed(self, where: str, of: int | None, code: int, text: str) -> None:
        self._tell("add", "nvml_problems", f"{where}: {code} {text}")
        if of is not None and of not in self._with_codes:
            self._with_codes.add(of)
            self._tell("nvml_device_code", of, code)


def cuda_version(number: int | None) -> str | None:
    """``12.4`` for 12040, as NVML and libcuda count; None if there is none."""
    return f"{number // 1000}.{number % 1000 // 10}" if number else None
