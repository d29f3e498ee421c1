"""Why CUDA does not work in a container whose host has a GPU: one cause a function, worst first."""

import shlex
from collections.abc import Callable

from ..model import Reason, Status
from . import selection
from .codes import reason_of_code, reason_of_nvml_code
from .drivers_libraries import (
    baked_driver,
    compat_library,
    empty_library,
    loader_path,
    stub_library,
)
from .situation import NO_DEVICE, Situation
from .wording import counted, evidence, joined

RUN_WITH_GPUS = "docker run --gpus all …"


def why_not(situation: Situation) -> tuple[Status, tuple[Reason, ...]]:
    """What keeps CUDA from working where it does not; the last cause is the code itself."""
    hidden = hidden_by_variable(situation)
    if hidden is not None and situation.gives_gpu:
        return "hidden", (hidden,)
    reasons = [reason for cause in _CAUSES if (reason := cause(situation)) is not None]
    if not reasons:
        reasons = [_by_code(situation)]
    if hidden is not None:
        reasons.append(hidden)
    return "not_visible", tuple(reasons)


def seen_in_files(situation: Situation) -> tuple[Status, tuple[Reason, ...]] | None:
    """The same where the driver was not asked, as far as files tell; None if they show no cause."""
    hidden = hidden_by_variable(situation)
    if hidden is not None and situation.gives_gpu:
        return "hidden", (hidden,)
    reasons = tuple(r for cause in _CAUSES if (r := cause(situation)) is not None)
    return ("not_visible", reasons) if reasons else None


def hidden_by_variable(situation: Situation) -> Reason | None:
    """CUDA_VISIBLE_DEVICES leaves nothing, and nothing worse is the matter."""
    if situation.code not in (NO_DEVICE, None):
        return None
    value = situation.host.cuda_visible_devices
    text = selection.why_nothing_is_left(value, situation.listed)
    if value is None or text is None:
        return None
    return Reason(
        code="cuda-visible-devices",
        text=text,
        evidence=evidence(f"{selection.VARIABLE}={shlex.quote(value)}", situation.called()),
        remedy=f"unset {selection.VARIABLE}, where the image, the kernel or a start script sets it",
    )


def _no_kernel_driver(situation: Situation) -> Reason | None:
    host = situation.host
    if host.kernel_driver or situation.gives_gpu or host.control_node:
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
    if variable == "none" or (variable and host.control_node):
        return Reason(
            code="no-gpu-assigned",
            text="this container was given NVIDIA's libraries, and no GPU",
            evidence=seen,
            remedy="docker run --gpus all -e NVIDIA_VISIBLE_DEVICES=all …",
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
    if not given or not _libcuda_is_missing(situation):
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
    if not _libcuda_is_missing(situation) or not situation.gives_gpu:
        return None
    if _no_compute(situation) is not None or empty_library(situation) is not None:
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
            evidence=evidence(_not_found(situation), loader_path(situation)),
            remedy=f"export LD_LIBRARY_PATH={shlex.quote(folder)}:$LD_LIBRARY_PATH",
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
    stub_library,
    compat_library,
    baked_driver,
    _no_compute,
    _not_mounted,
    _nodes_closed,
    _no_uvm_node,
    _mig_without_slices,
)


def _by_code(situation: Situation) -> Reason:
    """What the codes alone say: NVML's where it failed, for CUDA's is the same for many causes."""
    probe = situation.probe
    if probe is not None and probe.nvml_code:
        known = reason_of_nvml_code(probe.nvml_code, probe.nvml_text, situation)
        if known is not None:
            return known
    return reason_of_code(situation)


def _libcuda_is_missing(situation: Situation) -> bool:
    probe = situation.probe
    if probe is None:
        return situation.host.libcuda_path is None
    # The loader's words (elf/dl-load.c of glibc); a library that is there and lacks another one begins
    # with that one's name.
    error = probe.cuda_library_error or ""
    return error.startswith("libcuda.so.1: cannot open shared object file")


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
