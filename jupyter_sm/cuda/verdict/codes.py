"""What an error code of CUDA or of NVML alone says, where nothing else explains it."""

from typing import NamedTuple

from ..model import Reason
from ..tables import cuda_error, nvml_error
from .situation import NO_DEVICE, Situation
from .wording import evidence

_AGAIN = "start the app again; if it stays, another instance, for the host's driver is not well"
_DMESG = "on the host: sudo dmesg | grep -i nvrm, which says what the driver met"


class _Meaning(NamedTuple):
    code: str
    text: str
    remedy: str


_MPS = _Meaning(
    "mps-refuses",
    "CUDA's multi-process service (MPS) refuses this process",
    "unset CUDA_MPS_PIPE_DIRECTORY, or on the host: echo quit | nvidia-cuda-mps-control",
)

_CUDA = {
    3: _Meaning("driver-not-initialized", "the driver did not begin its work", _AGAIN),
    34: _Meaning(
        "stub-library",
        "a stub of libcuda, made for linking, was loaded in place of the driver's",
        "unset LD_LIBRARY_PATH, or take the folder with `stubs` in its name from it",
    ),
    46: _Meaning(
        "device-in-use",
        "another process has the GPU for itself: it is in exclusive mode",
        "on the host: sudo nvidia-smi -c DEFAULT",
    ),
    NO_DEVICE: _Meaning(
        "no-device",
        "the driver is loaded and has no GPU for this container",
        "start the container again: docker run --gpus all …",
    ),
    101: _Meaning("invalid-device", "the driver does not know a GPU that it listed", _AGAIN),
    214: _Meaning(
        "ecc-uncorrectable",
        "the GPU's memory has an error that cannot be corrected",
        "on the host: sudo nvidia-smi --gpu-reset; if it comes back, another instance",
    ),
    802: _Meaning(
        "fabric-manager",
        "the GPUs wait for the fabric manager, which joins those of NVSwitch machines",
        "on the host: sudo systemctl start nvidia-fabricmanager",
    ),
    803: _Meaning(
        "driver-mismatch",
        "libcuda and the kernel's driver are of different versions",
        "start the container again, for the host's driver was changed; on the host itself, reboot",
    ),
    804: _Meaning(
        "compat-library",
        "NVIDIA's compatibility library was loaded, and it does not work with this GPU",
        "take the folder with `compat` in its name from LD_LIBRARY_PATH",
    ),
    **dict.fromkeys(range(805, 811), _MPS),
    999: _Meaning(
        "unknown-error",
        "the driver failed for a reason that it does not tell",
        _DMESG,
    ),
}
"""By the codes of cuda.h."""

_NVML = {
    4: _Meaning(
        "no-permission",
        "this user may not ask the driver",
        "on the host: sudo chmod a+rw /dev/nvidiactl /dev/nvidia[0-9]*",
    ),
    9: _Meaning(
        "driver-not-loaded",
        "NVIDIA's driver is not loaded on the host",
        "on the host: sudo modprobe nvidia",
    ),
    15: _Meaning(
        "gpu-lost",
        "the GPU has fallen off the bus",
        "start the app again on another instance; on a host of your own: sudo reboot",
    ),
    16: _Meaning(
        "gpu-reset-required",
        "the GPU has to be reset",
        "on the host: sudo nvidia-smi --gpu-reset",
    ),
    18: _Meaning(
        "driver-mismatch",
        "the driver's libraries and the kernel's driver are of different versions",
        "start the container again, for the host's driver was changed; on the host itself, reboot",
    ),
    999: _Meaning(
        "gpu-taken-away",
        "the container lost its GPU: `systemctl daemon-reload` on the host takes it away from "
        "containers that run",
        "start the container again; for good, run it with --device=/dev/nvidia0 (and the host's "
        "other nodes) beside --gpus all",
    ),
}
"""By the codes of nvml.h; 999 as in the issues nvidia-docker 1730 and nvidia-container-toolkit 48."""


def reason_of_code(situation: Situation) -> Reason:
    """What CUDA's own error says; for what is not known here, its name."""
    code, seen = situation.code, situation.called()
    if code is None:
        error = situation.probe.cuda_library_error if situation.probe else None
        return Reason(
            code="libcuda-unloadable",
            text="libcuda.so.1 is there, and it cannot be loaded",
            evidence=error or "cuInit was not called",
            remedy="build the image again without any part of NVIDIA's driver; the host mounts it",
        )
    meaning = _CUDA.get(code) or _Meaning("cuda-error", f"CUDA failed: {_known(code)}", _DMESG)
    return _reason(meaning, evidence(seen, _nvml(situation)))


def reason_of_nvml_code(code: int, text: str | None, situation: Situation) -> Reason | None:
    """What NVML's error says where that is more than CUDA's; None where it is not."""
    meaning = _NVML.get(code)
    if meaning is None:
        return None
    return _reason(meaning, evidence(f"nvmlInit: {code} {text or ''}".rstrip(), situation.called()))


def device_reason(code: int, call: str) -> Reason:
    """What NVML's code for one device says, of a machine whose CUDA works."""
    meaning = _NVML.get(code)
    if meaning is None:
        error = nvml_error(code)
        text = f"the driver does not give it: {error.text or error.name}"
        meaning = _Meaning("gpu-error", text, _DMESG)
    return _reason(meaning, call)


def _reason(meaning: _Meaning, seen: str) -> Reason:
    return Reason(code=meaning.code, text=meaning.text, evidence=seen, remedy=meaning.remedy)


def _known(code: int) -> str:
    error = cuda_error(code)
    return error.text or error.name


def _nvml(situation: Situation) -> str | None:
    probe = situation.probe
    if probe is None or probe.nvml_code is None:
        return None
    if probe.nvml_code:
        return f"nvmlInit: {probe.nvml_code} {probe.nvml_text or ''}".rstrip()
    return f"NVML lists {len(situation.listed)}"
