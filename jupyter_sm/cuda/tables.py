"""What NVIDIA documents: drivers and releases of CUDA, GPUs and releases, and the meaning of codes.

Sources. Releases and their Linux drivers: CUDA Toolkit Release Notes, "CUDA Toolkit and Corresponding
Driver Versions". The least driver of a major version: the same, "CUDA Toolkit and Minimum Required
Driver Version for CUDA Minor Version Compatibility". GPUs: "Deprecated and dropped architectures" of
the release notes and the manual of nvcc. Codes: cuda.h and driver_types.h of CUDA 13.0, nvml.h 13.0.
PyTorch's builds: the matrices of its RELEASE.md, and its issues 157517, 172352, 182250 and 190385.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from . import versions

RELEASE_DRIVERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "8.0": "367.48",
        "9.0": "384.81",
        "9.1": "390.46",
        "9.2": "396.26",
        "10.0": "410.48",
        "10.1": "418.39",
        "10.2": "440.33",
        "11.0": "450.36.06",
        "11.1": "455.23",
        "11.2": "460.27.03",
        "11.3": "465.19.01",
        "11.4": "470.42.01",
        "11.5": "495.29.05",
        "11.6": "510.39.01",
        "11.7": "515.43.04",
        "11.8": "520.61.05",
        "12.0": "525.60.13",
        "12.1": "530.30.02",
        "12.2": "535.54.03",
        "12.3": "545.23.06",
        "12.4": "550.54.14",
        "12.5": "555.42.02",
        "12.6": "560.28.03",
        "12.8": "570.26",
        "12.9": "575.51.03",
        "13.0": "580.65.06",
        "13.1": "590.44.01",
        "13.2": "595.45.04",
        "13.3": "610.43.02",
    }
)
"""The driver that each release of CUDA came with. From 13.4 on, toolkits come without one."""

MAJOR_DRIVERS: Final[Mapping[int, str]] = MappingProxyType(
    {11: "450.80.02", 12: "525.60.13", 13: "580.65.06"}
)
"""The oldest driver for all releases of a major version ("minor version compatibility")."""

_DROPPED: Final[Mapping[int, tuple[str, ...]]] = MappingProxyType(
    {
        9: ("2.0", "2.1"),
        11: ("3.0", "3.2"),
        12: ("3.5", "3.7"),
        13: ("5.0", "5.2", "5.3", "6.0", "6.1", "6.2", "7.0", "7.2"),
    }
)

_INTRODUCED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "7.0": "9.0",
        "7.2": "9.2",
        "7.5": "10.0",
        "8.0": "11.0",
        "8.6": "11.1",
        "8.7": "11.4",
        "8.9": "11.8",
        "9.0": "11.8",
        "10.0": "12.8",
        "10.1": "12.8",
        "10.3": "12.9",
        "11.0": "13.0",
        "12.0": "12.8",
        "12.1": "12.9",
    }
)


_TORCH_BUILDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "2.0": ("11.7", "11.8"),
        "2.1": ("11.8", "12.1"),
        "2.2": ("11.8", "12.1"),
        "2.3": ("11.8", "12.1"),
        "2.4": ("11.8", "12.1", "12.4"),
        "2.5": ("11.8", "12.1", "12.4"),
        "2.6": ("11.8", "12.4", "12.6"),
        "2.7": ("11.8", "12.6", "12.8"),
        "2.8": ("12.6", "12.8", "12.9"),
        "2.9": ("12.6", "12.8", "13.0"),
        "2.10": ("12.6", "12.8", "13.0"),
        "2.11": ("12.6", "12.8", "13.0"),
        "2.12": ("12.6", "13.0", "13.2"),
        "2.13": ("12.6", "13.0", "13.2"),
        "2.14": ("12.6", "13.0", "13.2"),
    }
)

_TORCH_OLDEST: Final[Mapping[str, tuple[tuple[str, str], ...]]] = MappingProxyType(
    {
        "12.8": (("2.11", "7.5"), ("2.8", "7.0"), ("2.7", "7.5")),
        "12.9": (("2.11", "7.5"), ("2.8", "7.0")),
    }
)
"""By CUDA: from which PyTorch on, the newest first, and the oldest capability that it has code for."""


@dataclass(frozen=True, slots=True)
class ErrorMeaning:
    """A code: its name in NVIDIA's headers, and in a few words what is the matter."""

    name: str
    text: str


def minimum_driver(cuda_version: str | None) -> str | None:
    """The oldest Linux driver that runs what was built for a version of CUDA.

    From 11.0 on it is the same for all of a major version, except that a release runs on its own
    driver in any case. Code that the driver has to compile first (PTX) needs the release's own.
    """
    numbers = versions.parse(cuda_version)
    if not numbers:
        return None
    of_release = released_with(cuda_version)
    of_major = MAJOR_DRIVERS.get(numbers[0])
    if of_release and of_major:
        return min(of_release, of_major, key=versions.parse)
    return of_major or of_release


def released_with(cuda_version: str | None) -> str | None:
    """The driver that a release of CUDA came with; ``12`` alone is no release."""
    return RELEASE_DRIVERS.get(versions.major_minor(cuda_version) or "")


def runs_on(driver_version: str | None) -> str | None:
    """The newest CUDA release that a driver knows all of: ``550.54.15`` runs ``12.4``.

    A driver newer than the table runs at least its last release.
    """
    driver = versions.parse(driver_version)
    known = [cuda for cuda, least in RELEASE_DRIVERS.items() if versions.parse(least) <= driver]
    return max(known, key=versions.parse, default=None)


def dropped_by(cuda_major: int | None) -> tuple[str, ...]:
    """The compute capabilities that a major version of CUDA, or one before it, stopped to support.

    13 dropped Maxwell, Pascal and Volta: with it, a V100 (7.0) does nothing whatever its driver.
    """
    if cuda_major is None:
        return ()
    return tuple(cc for major in sorted(_DROPPED) if major <= cuda_major for cc in _DROPPED[major])


def introduced_in(compute_capability: str | None) -> str | None:
    """The first CUDA release whose libraries hold code for a GPU; None for older and unknown ones.

    Code for 8.0 runs on 8.9 as well, but none for 8.x runs on 9.0: where that GPU itself is not in
    the table, the first of its generation counts.
    """
    exact = versions.major_minor(compute_capability)
    generation = versions.major(compute_capability)
    if exact is None or generation is None:
        return None
    of_generation = [cuda for cc, cuda in _INTRODUCED.items() if versions.major(cc) == generation]
    return _INTRODUCED.get(exact) or min(of_generation, key=versions.parse, default=None)


def torch_builds(torch_version: str) -> tuple[str, ...]:
    """The CUDA releases that PyTorch publishes a version for, oldest first; () if it is not known."""
    return _TORCH_BUILDS.get(versions.major_minor(torch_version) or "", ())


def torch_oldest(torch_version: str, cuda_version: str | None) -> str | None:
    """The oldest compute capability for which PyTorch's own build has code.

    None where it is the same as CUDA's: the builds for 12.6 keep all that CUDA 12 knows. Those of
    others, conda-forge's among them, are not in this table.
    """
    rows = _TORCH_OLDEST.get(versions.major_minor(cuda_version) or "", ())
    return next((cc for since, cc in rows if versions.at_least(torch_version, since)), None)


def cuda_error(code: int) -> ErrorMeaning:
    """The meaning of a code of the CUDA driver or runtime."""
    if code == _INSUFFICIENT_DRIVER[0]:
        return _INSUFFICIENT_DRIVER[1]
    return _CUDA.get(code) or ErrorMeaning(f"CUDA error {code}", "")


def nvml_error(code: int) -> ErrorMeaning:
    """The meaning of a code of NVML."""
    return _NVML.get(code) or ErrorMeaning(f"NVML error {code}", "")


_INSUFFICIENT_DRIVER: Final = (
    35,
    ErrorMeaning(
        "cudaErrorInsufficientDriver",
        "there is no driver, or it is older than this CUDA needs",
    ),
)
"""The runtime's alone; it says so as well where there is no driver at all."""


def _meanings(prefix: str, rows: str) -> Mapping[int, ErrorMeaning]:
    split = (line.split(maxsplit=2) for line in rows.strip().splitlines())
    return MappingProxyType(
        {int(code): ErrorMeaning(prefix + name, text) for code, name, text in split}
    )


_CUDA: Final = _meanings(
    "CUDA_",
    """
    0 SUCCESS no error
    1 ERROR_INVALID_VALUE an argument is outside of what is allowed
    2 ERROR_OUT_OF_MEMORY the device or the host has no memory left for it
    3 ERROR_NOT_INITIALIZED the driver was not initialised, or its initialisation failed
    4 ERROR_DEINITIALIZED the driver is shutting down
    34 ERROR_STUB_LIBRARY the library is a stub, which is for linking only
    36 ERROR_CALL_REQUIRES_NEWER_DRIVER the driver is older than what was asked of it
    46 ERROR_DEVICE_UNAVAILABLE another process has the device to itself
    100 ERROR_NO_DEVICE the driver sees no device, or CUDA_VISIBLE_DEVICES shows none
    101 ERROR_INVALID_DEVICE there is no device of that number
    102 ERROR_DEVICE_NOT_LICENSED the virtual GPU has no licence
    200 ERROR_INVALID_IMAGE the code for the device is damaged
    201 ERROR_INVALID_CONTEXT the device's context is not valid
    209 ERROR_NO_BINARY_FOR_GPU there is no code for this kind of GPU
    214 ERROR_ECC_UNCORRECTABLE the device's memory has an error that cannot be corrected
    218 ERROR_INVALID_PTX the driver could not compile the code
    220 ERROR_NVLINK_UNCORRECTABLE the link between GPUs has an error that cannot be corrected
    221 ERROR_JIT_COMPILER_NOT_FOUND the driver's compiler (libnvidia-ptxjitcompiler) is missing
    222 ERROR_UNSUPPORTED_PTX_VERSION the code was made for a newer CUDA than this driver compiles
    226 ERROR_CONTAINED a memory error on the device, kept to this process
    301 ERROR_FILE_NOT_FOUND a file is missing
    302 ERROR_SHARED_OBJECT_SYMBOL_NOT_FOUND a function of another library is missing
    303 ERROR_SHARED_OBJECT_INIT_FAILED another library could not be initialised
    304 ERROR_OPERATING_SYSTEM a call to the operating system failed
    500 ERROR_NOT_FOUND what was asked for is not there
    700 ERROR_ILLEGAL_ADDRESS the device was told to use memory that is not there
    702 ERROR_LAUNCH_TIMEOUT the device took too long
    719 ERROR_LAUNCH_FAILED the device failed while it ran code
    800 ERROR_NOT_PERMITTED the operation is not permitted
    801 ERROR_NOT_SUPPORTED this system or device does not support it
    802 ERROR_SYSTEM_NOT_READY the GPUs are not ready: NVIDIA's fabric manager does not run
    803 ERROR_SYSTEM_DRIVER_MISMATCH libcuda is not the kernel driver's version
    804 ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE this GPU does not take the forward compatibility library
    805 ERROR_MPS_CONNECTION_FAILED the MPS daemon cannot be reached
    806 ERROR_MPS_RPC_FAILURE the MPS server does not answer
    807 ERROR_MPS_SERVER_NOT_READY the MPS server is not ready
    808 ERROR_MPS_MAX_CLIENTS_REACHED the MPS server has as many clients as it takes
    809 ERROR_MPS_MAX_CONNECTIONS_REACHED the device has as many MPS connections as it takes
    810 ERROR_MPS_CLIENT_TERMINATED the MPS client was ended by the server
    999 ERROR_UNKNOWN the driver does not say what is wrong
    """,
)

_NVML: Final = _meanings(
    "NVML_",
    """
    0 SUCCESS no error
    1 ERROR_UNINITIALIZED NVML was not initialised
    2 ERROR_INVALID_ARGUMENT an argument is not valid
    3 ERROR_NOT_SUPPORTED this device does not support it
    4 ERROR_NO_PERMISSION this user may not do it
    5 ERROR_ALREADY_INITIALIZED NVML was initialised before
    6 ERROR_NOT_FOUND what was asked for is not there
    7 ERROR_INSUFFICIENT_SIZE the answer does not fit into the space for it
    8 ERROR_INSUFFICIENT_POWER the GPU's power cables are not attached properly
    9 ERROR_DRIVER_NOT_LOADED the kernel driver is not loaded
    10 ERROR_TIMEOUT the driver took too long
    11 ERROR_IRQ_ISSUE the GPU's interrupts do not arrive
    12 ERROR_LIBRARY_NOT_FOUND libnvidia-ml.so.1 cannot be loaded
    13 ERROR_FUNCTION_NOT_FOUND this driver is too old to know what was asked
    14 ERROR_CORRUPTED_INFOROM the GPU's own record of itself is damaged
    15 ERROR_GPU_IS_LOST the GPU has fallen off the bus
    16 ERROR_RESET_REQUIRED the GPU must be reset before it works again
    17 ERROR_OPERATING_SYSTEM the operating system or its control groups block the GPU
    18 ERROR_LIB_RM_VERSION_MISMATCH libnvidia-ml is not the kernel driver's version
    19 ERROR_IN_USE the GPU is in use
    20 ERROR_MEMORY there is no memory left for it
    21 ERROR_NO_DATA there is no data
    22 ERROR_VGPU_ECC_NOT_SUPPORTED a virtual GPU cannot do it while ECC is on
    23 ERROR_INSUFFICIENT_RESOURCES something other than memory has run out
    24 ERROR_FREQ_NOT_SUPPORTED that frequency is not supported
    25 ERROR_ARGUMENT_VERSION_MISMATCH the version of an argument is not known
    26 ERROR_DEPRECATED the function is no longer supported
    27 ERROR_NOT_READY the system is not ready
    28 ERROR_GPU_NOT_FOUND there is no GPU
    29 ERROR_INVALID_STATE the GPU is in a state that does not allow it
    30 ERROR_RESET_TYPE_NOT_SUPPORTED the GPU cannot be reset in that way
    999 ERROR_UNKNOWN the driver does not say what is wrong
    """,
)
