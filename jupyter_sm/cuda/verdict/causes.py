"""Why CUDA does not work in a container whose host has a GPU: one cause a function, worst first."""

import shlex
from collections.abc import Callable, Sequence

from ..files.host import has_gpu
from ..model import Reason, Status
from . import loaderpath, selection
from .codes import (
    SPECIFIC,
    nvml_not_asked,
    reason_of_code,
    reason_of_nvml_code,
    reasons_of_devices,
)
from .drivers_libraries import (
    BAKED,
    baked_driver,
    closed_library,
    compat_library,
    empty_library,
    is_libcuda_missing,
    is_of_other_version,
    stub_library,
)
from .situation import NO_DEVICE, Situation
from .wording import counted, evidence, joined

CUDA_VISIBLE_DEVICES = "cuda-visible-devices"
NO_GPU_ASSIGNED = "no-gpu-assigned"
_CHOICES = frozenset({CUDA_VISIBLE_DEVICES, NO_GPU_ASSIGNED})
"""Reasons that are settings: somebody may well want it so."""

_SERIOUS_NVML = frozenset({15, 16, 999})

RUN_WITH_GPUS = "docker run --gpus all …"


def why_not(situation: Situation) -> tuple[Status, tuple[Reason, ...]]:
    """What keeps CUDA from working where it does not; the codes themselves where nothing else does."""
    reasons = _causes(situation)
    lost = [] if situation.probe is None else reasons_of_devices(situation.probe)
    status = _status(reasons)
    if status == "hidden":
        return status, (*reasons, *lost)
    if not reasons or reasons[0].code == CUDA_VISIBLE_DEVICES:
        reasons = _by_codes(situation, lost) + reasons
    elif reasons[0].code == BAKED and not is_of_other_version(situation):
        # The image's own driver is a mistake; of the right version, it is not what fails.
        reasons = _by_codes(situation, lost, vague=False) + reasons
    else:
        reasons += lost
    unknown = nvml_not_asked(situation)
    return status, tuple(reasons if unknown is None else [*reasons, unknown])


def seen_in_files(situation: Situation) -> tuple[Status, tuple[Reason, ...]] | None:
    """The same where the driver was not asked, as far as files tell; None if they show no cause."""
    reasons = tuple(_causes(situation))
    return (_status(reasons), reasons) if reasons else None


def _causes(situation: Situation) -> list[Reason]:
    """All but the codes, worst first. What hides a GPU comes first where nothing else is missing."""
    reasons = [reason for cause in _CAUSES if (reason := cause(situation)) is not None]
    hidden = hidden_by_variable(situation)
    if hidden is None:
        return reasons
    if situation.gives_gpu and not _lacks_libcuda(situation):
        return [hidden, *reasons]
    return [*reasons, hidden]


def _status(reasons: Sequence[Reason]) -> Status:
    return "hidden" if reasons and reasons[0].code in _CHOICES else "not_visible"


def hidden_by_variable(situation: Situation) -> Reason | None:
    """CUDA_VISIBLE_DEVICES leaves nothing, and nothing worse is the matter."""
    if situation.code not in (NO_DEVICE, None):
        return None
    value = situation.host.cuda_visible_devices
    text = selection.why_nothing_is_left(value, situation.listed)
    if value is None or text is None:
        return None
    return Reason(
        code=CUDA_VISIBLE_DEVICES,
        text=text,
        evidence=evidence(f"{selection.VARIABLE}={shlex.quote(value)}", situation.called()),
        remedy=f"unset {selection.VARIABLE}, where the image, the kernel or a start script sets it",
    )


def _no_kernel_driver(situation: Situation) -> Reason | None:
    host = situation.host
    if host.kernel_driver or situation.gives_gpu or host.control_node or not has_gpu(host):
        return None
    return Reason(
        code="no-kernel-driver",
        text="the host has an NVIDIA GPU, and NVIDIA's driver is not loaded there",
        evidence=evidence(_on_the_bus(situation), "there is no /proc/driver/nvidia/version"),
        remedy="on the host, install NVIDIA's driver, then: sudo modprobe nvidia",
    )


def _no_gpus_given(situation: Situation) -> Reason | None:
    host = situation.host
    if situation.gives_gpu or not (host.kernel_driver or host.control_node):
        return None
    variable = host.nvidia_visible_devices
    value = None if variable is None else f"NVIDIA_VISIBLE_DEVICES={shlex.quote(variable)}"
    seen = evidence(_on_the_bus(situation), "there is no /dev/nvidia0", value)
    if host.container is False:
        return Reason(
            code="no-device-nodes",
            text="NVIDIA's driver is loaded, and its device files are not there",
            evidence=seen,
            remedy="sudo nvidia-modprobe -c 0 -u",
        )
    if variable in {"none", "void"}:
        return Reason(
            code=NO_GPU_ASSIGNED,
            text=f"NVIDIA_VISIBLE_DEVICES={variable} asks for a container without a GPU",
            evidence=seen,
            remedy="if it shall have one: docker run --gpus all -e NVIDIA_VISIBLE_DEVICES=all …",
        )
    return Reason(
        code="no-gpus-given",
        text="the host has a GPU, and this container was started without it",
        evidence=seen,
        remedy=f"start the container with --gpus all: {RUN_WITH_GPUS}",
    )


def _nodes_closed(situation: Situation) -> Reason | None:
    closed = situation.host.closed_nodes
    if not closed:
        return None
    return Reason(
        code="device-nodes-closed",
        text=f"this user may not read and write {joined(closed)}",
        evidence=joined(closed),
        remedy=f"on the host: sudo chmod a+rw {shlex.join(closed)}",
    )


def _no_uvm_node(situation: Situation) -> Reason | None:
    host = situation.host
    if host.uvm_node or not host.device_nodes:
        return None
    return Reason(
        code="no-uvm-node",
        text="/dev/nvidia-uvm is not there, and CUDA cannot begin without it",
        evidence=evidence("there is no /dev/nvidia-uvm", situation.called()),
        remedy="on the host: sudo nvidia-modprobe -u -c 0, then start the container again",
    )


def _no_compute(situation: Situation) -> Reason | None:
    given = situation.host.driver_capabilities
    if not given or not is_libcuda_missing(situation):
        return None
    words = {word.strip() for word in given.split(",")}
    if words & {"all", "compute"}:
        return None
    return Reason(
        code="no-compute-capability",
        text="this container was given the driver without CUDA: NVIDIA_DRIVER_CAPABILITIES "
        "lacks compute",
        evidence=evidence(
            f"NVIDIA_DRIVER_CAPABILITIES={shlex.quote(given)}", _not_found(situation)
        ),
        remedy="docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=compute,utility …",
    )


def _not_mounted(situation: Situation) -> Reason | None:
    if not is_libcuda_missing(situation) or not situation.gives_gpu:
        return None
    others = (_no_compute, empty_library, closed_library)
    if any(cause(situation) is not None for cause in others):
        return None
    elsewhere = [
        library
        for library in situation.drivers_libraries("mounted", "baked")
        if library.name.startswith("libcuda.so")
    ]
    if elsewhere:
        folder = elsewhere[0].path.rpartition("/")[0]
        return Reason(
            code="libcuda-off-the-path",
            text=f"{elsewhere[0].path} is there, and the loader does not look in that folder",
            evidence=evidence(_not_found(situation), loaderpath.shown(situation.host)),
            remedy=loaderpath.with_folder(folder),
        )
    return Reason(
        code="driver-not-mounted",
        text="the GPU's device is here, and the driver's libcuda.so.1 is not",
        evidence=evidence(
            _not_found(situation), joined(situation.host.device_nodes[:1] or ("NVML",))
        ),
        remedy=f"start the container with --gpus all and not with --device: {RUN_WITH_GPUS}",
    )


def _mig_without_slices(situation: Situation) -> Reason | None:
    listed = situation.listed
    if situation.code != NO_DEVICE or not listed:
        return None
    if any(device.parent_uuid for device in listed) or not all(device.mig for device in listed):
        return None
    return Reason(
        code="mig-without-slices",
        text=f"MIG is on and {counted(len(listed), 'GPU')} here has no slice, so there is nothing "
        "to compute on"
        if len(listed) == 1
        else f"MIG is on and none of the {len(listed)} GPUs here has a slice",
        evidence=evidence(situation.called(), "NVML lists no MIG device"),
        remedy="on the host, make slices (sudo nvidia-smi mig -cgi 0 -C) or switch MIG off: "
        "sudo nvidia-smi -mig 0",
    )


_CAUSES: tuple[Callable[[Situation], Reason | None], ...] = (
    _no_kernel_driver,
    _no_gpus_given,
    empty_library,
    closed_library,
    stub_library,
    compat_library,
    baked_driver,
    _no_compute,
    _not_mounted,
    _nodes_closed,
    _no_uvm_node,
    _mig_without_slices,
)


def _by_codes(situation: Situation, lost: list[Reason], *, vague: bool = True) -> list[Reason]:
    """What the codes alone say: NVML's where there is one, for CUDA's is the same for many causes.

    Args:
        situation: of which nothing else is known.
        lost: what NVML says of single GPUs.
        vague: with a code that may mean anything as well.
    """
    probe = situation.probe
    nvml = probe.nvml_code if probe is not None else None
    if probe is not None and nvml and (vague or nvml in _SERIOUS_NVML):
        known = reason_of_nvml_code(nvml, probe.nvml_text, situation)
        if known is not None:
            return [known]
    if situation.code in SPECIFIC or (vague and not lost):
        return [*lost, reason_of_code(situation)]
    return lost


def _lacks_libcuda(situation: Situation) -> bool:
    """Whether libcuda cannot be loaded, whatever is hidden from it."""
    if situation.probe is not None:
        return situation.probe.cuda_library_error is not None
    return is_libcuda_missing(situation) or empty_library(situation) is not None


def _not_found(situation: Situation) -> str:
    probe = situation.probe
    error = probe.cuda_library_error if probe else None
    return error or "libcuda.so.1 is in none of the loader's folders"


def _on_the_bus(situation: Situation) -> str | None:
    host = situation.host
    if host.pci:
        device = host.pci[0]
        driver = f" has the driver {device.driver}" if device.driver else ""
        return f"/sys/bus/pci/devices/{device.address}{driver}"
    if host.kernel_driver:
        return f"/proc/driver/nvidia/version: {host.kernel_driver}"
    return None
