"""What an error code of CUDA or of NVML alone says, where nothing else explains it."""

import shlex
from typing import NamedTuple

import msgspec

from ..files.host import is_given_by_windows
from ..model import Probe, Reason
from ..tables import cuda_error, nvml_error
from .situation import NO_DEVICE, Situation
from .wording import counted, evidence

_UNKNOWN = 999
_SERIOUS = frozenset({15, 16, _UNKNOWN})
"""NVML's codes for a device that is lost, has to be reset, or fails without a reason."""

_AGAIN = "start the app again; if it stays, another instance, for the host's driver is not well"
_DMESG = "on the host: sudo dmesg | grep -i nvrm, which says what the driver met"


class _Meaning(NamedTuple):
    code: str
    text: str
    remedy: str


def _mps(text: str, remedy: str) -> _Meaning:
    return _Meaning("mps-refuses", f"CUDA's multi-process service (MPS) {text}", remedy)


_MPS_AWAY = _mps(
    "does not answer",
    "on the host: sudo nvidia-cuda-mps-control -d; or, where this container shall not use it: "
    "unset CUDA_MPS_PIPE_DIRECTORY",
)
_MPS_FULL = _mps(
    "takes no more processes",
    "end one of your own that uses the GPU (`nvidia-smi` lists them), then ask again",
)

SPECIFIC = frozenset({46, 102, 214, 802, *range(805, 811)})
"""Codes of CUDA that have one meaning, whatever else is wrong."""

_WINDOWS = "in Windows: update NVIDIA's driver, then: wsl --shutdown"

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
    102: _Meaning(
        "gpu-not-licensed",
        "this virtual GPU has no licence, without which CUDA does not begin",
        "in the machine that has the driver: put NVIDIA's licence token into "
        "/etc/nvidia/ClientConfigToken, then: sudo systemctl restart nvidia-gridd",
    ),
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
    805: _MPS_AWAY,
    806: _MPS_AWAY,
    807: _mps("is not ready for this process yet", "ask again in a moment: jupyter sm cuda"),
    808: _MPS_FULL,
    809: _MPS_FULL,
    810: _mps("has ended this process's part of it", "ask again: jupyter sm cuda"),
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
    if code == NO_DEVICE and situation.gives_gpu:
        return _sees_none(situation)
    if code is None:
        error = situation.probe.cuda_library_error if situation.probe else None
        return Reason(
            code="libcuda-unloadable",
            text="libcuda.so.1 is there, and it cannot be loaded",
            evidence=error or "cuInit was not called",
            remedy="build the image again without any part of NVIDIA's driver; the host mounts it",
        )
    meaning = _CUDA.get(code) or _Meaning("cuda-error", f"CUDA failed: {_known(code)}", _DMESG)
    return _reason(_here(meaning, situation), evidence(seen, _nvml(situation)))


def reason_of_nvml_code(code: int, text: str | None, situation: Situation) -> Reason | None:
    """What NVML's error says where that is more than CUDA's; None where it is not."""
    meaning = _NVML.get(code)
    if meaning is None:
        return None
    if code == _UNKNOWN and not situation.host.device_nodes:
        meaning = _here(_CUDA[_UNKNOWN], situation)  # there was no GPU to lose
    return _reason(meaning, evidence(f"nvmlInit: {code} {text or ''}".rstrip(), situation.called()))


def reasons_of_devices(probe: Probe) -> list[Reason]:
    """GPUs that are lost, or that NVML does not give, by the first call that failed for each."""
    reasons = []
    for index, code in sorted(probe.nvml_device_codes.items()):
        calls = [p for p in probe.nvml_problems if p.partition(":")[0].endswith(f" {index}")]
        call = calls[0] if calls else f"NVML: {code}"
        # What a driver does not tell of a device that works is no flaw: MIG, virtual GPUs.
        if code in _SERIOUS or call.startswith("nvmlDeviceGetHandle"):
            reason = _device_reason(code, call)
            text = f"GPU {index}: {reason.text}"
            reasons.append(msgspec.structs.replace(reason, text=text))
    return reasons


def nvml_not_asked(situation: Situation) -> Reason | None:
    """NVML's Python module is missing or broken, so that only libcuda was asked."""
    probe = situation.probe
    if probe is None or probe.ended != "complete":
        return None
    if probe.nvml_code is not None or not probe.nvml_problems:
        return None
    return Reason(
        code="no-nvml",
        text="NVML was not asked: memory in use and utilization are not known",
        evidence=probe.nvml_problems[0],
        remedy="in the environment of the Jupyter server: pip install nvidia-ml-py, and with "
        "--force-reinstall where it is there already",
    )


def _sees_none(situation: Situation) -> Reason:
    """The container has its GPU, and CUDA says that there is none."""
    listed = situation.listed
    where = situation.host.device_nodes[:1] or ("/dev/dxg",)
    text = (
        f"NVML lists {counted(len(listed), 'GPU')} here, and CUDA finds none"
        if listed
        else f"{where[0]} is here, and CUDA finds no GPU"
    )
    value = situation.host.cuda_visible_devices
    variable = None if value is None else f"CUDA_VISIBLE_DEVICES={shlex.quote(value)}"
    return Reason(
        code="no-device",
        text=text,
        evidence=evidence(situation.called(), _nvml(situation), variable),
        remedy="start the app again; on a host of your own: sudo nvidia-modprobe -u -c 0, and "
        "`sudo dmesg | grep -i nvrm` says what the driver met",
    )


def _here(meaning: _Meaning, situation: Situation) -> _Meaning:
    """Of an error without a reason, what helps where Windows has the driver."""
    if meaning.remedy == _DMESG and is_given_by_windows(situation.host):
        return meaning._replace(remedy=_WINDOWS)
    return meaning


def _device_reason(code: int, call: str) -> Reason:
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
