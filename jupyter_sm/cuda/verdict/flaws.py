"""What is not as it should be although CUDA works."""

import shlex
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..model import Device, EnvironmentCuda, Reason
from . import selection
from .codes import nvml_not_asked, reasons_of_devices
from .drivers_libraries import baked_reason
from .fits import UNFIT
from .situation import Situation
from .unanswered import is_ended_from_outside, not_asked, why_unanswered
from .wording import counted, evidence, joined


class Flaw(NamedTuple):
    """A reason, and whether it makes the verdict ``degraded``: something does not work."""

    reason: Reason
    degrades: bool = True


def flaws(
    situation: Situation,
    devices: Sequence[Device],
    previous: Sequence[Device],
    environments: Sequence[EnvironmentCuda],
    toolkits: Sequence[Reason],
) -> Iterator[Flaw]:
    """All of them, the worst first.

    Args:
        situation: one whose CUDA works, or whose files are well and whose driver was not asked.
        devices: what NVML and CUDA list, joined.
        previous: what they listed the last time; empty if there was none.
        environments: judged already.
        toolkits: what is wrong with the toolkits of the image.
    """
    if situation.probe is None:
        yield Flaw(not_asked(situation), degrades=False)
    yield from _lost(situation)
    yield from _gone(situation, devices, previous)
    yield from _memory_errors(devices)
    yield from _not_in_cuda(situation, devices)
    if situation.probe is not None and situation.probe.ended != "complete":
        killed = is_ended_from_outside(situation.probe)
        yield Flaw(why_unanswered(situation.probe), degrades=not killed)
    yield from map(Flaw, toolkits)
    yield from _frameworks(environments)
    yield from _without_nvml(situation)
    yield from _baked_beside(situation)


def _lost(situation: Situation) -> Iterator[Flaw]:
    """Devices for which a call failed: the first such call of each."""
    probe = situation.probe
    if probe is None:
        return
    yield from map(Flaw, reasons_of_devices(probe))
    for device in probe.cuda_devices or ():
        if device.code:
            named = f" ({device.name})" if device.name else ""
            text = f"CUDA counts device {device.index}{named}, and cannot use it"
            seen = evidence(*probe.cuda_problems[:1]) or f"CUDA: {device.code}"
            yield Flaw(Reason(code="device-unusable", text=text, evidence=seen, remedy=_RESET))


def _about(reason: Reason, whom: str) -> Reason:
    text = f"{whom}: {reason.text}"
    return Reason(code=reason.code, text=text, evidence=reason.evidence, remedy=reason.remedy)


def _gone(
    situation: Situation, devices: Sequence[Device], previous: Sequence[Device]
) -> Iterator[Flaw]:
    """GPUs that NVML listed before and does not now; slices come and go as they are made."""
    probe = situation.probe
    if probe is None or probe.nvml_code != 0 or probe.nvml_devices is None:
        return
    here = {device.uuid for device in devices}
    for device in previous:
        if device.uuid in here or device.parent_uuid is not None or device.index is None:
            continue
        reason = Reason(
            code="gpu-gone",
            text=f"{_called(device)} was here when the driver was last asked, and is not any more",
            evidence=f"{device.uuid} is not among the {len(devices)} that the driver lists",
            remedy="start the app again; on a host of your own, see `sudo dmesg | grep -i xid`",
        )
        yield Flaw(reason)


_RESET = "on the host: sudo nvidia-smi --gpu-reset; if it comes back, start on another instance"


def _memory_errors(devices: Sequence[Device]) -> Iterator[Flaw]:
    for device in devices:
        if device.ecc_uncorrected:
            reason = Reason(
                code="ecc-uncorrected",
                text=f"{_called(device)} has {counted(device.ecc_uncorrected, 'memory error')} "
                "that could not be corrected: what it computes may be wrong",
                evidence=f"NVML: uncorrected volatile ECC errors of {device.uuid}: "
                f"{device.ecc_uncorrected}",
                remedy=_RESET,
            )
            yield Flaw(reason)


def _not_in_cuda(situation: Situation, devices: Sequence[Device]) -> Iterator[Flaw]:
    """GPUs that NVML lists and CUDA does not. Of MIG slices CUDA shows a process only one."""
    unseen = [d for d in devices if d.cuda_visible is False and not d.mig]
    if not unseen:
        return
    value = situation.host.cuda_visible_devices
    names = joined([_called(device) for device in unseen])
    if value is None:
        reason = Reason(
            code="gpu-not-in-cuda",
            text=f"the driver lists {names}, and CUDA does not",
            evidence=f"NVML lists {len(situation.listed)}; {_cuda_counts(situation)}",
            remedy="start the app again; on a host of your own: sudo nvidia-smi --gpu-reset",
        )
        yield Flaw(reason)
        return
    reason = Reason(
        code="gpus-hidden",
        text=f"{selection.VARIABLE} hides {names}",
        evidence=f"{selection.VARIABLE}={shlex.quote(value)}; {_cuda_counts(situation)}",
        remedy=f"unset {selection.VARIABLE}, if all of them are to be used",
    )
    yield Flaw(reason, degrades=False)


def _cuda_counts(situation: Situation) -> str:
    probe = situation.probe
    return f"cuDeviceGetCount: {len(probe.cuda_devices or ()) if probe else 0}"


def _frameworks(environments: Sequence[EnvironmentCuda]) -> Iterator[Flaw]:
    """What keeps a CUDA build from the GPU, once for all environments that it is about."""
    for environment in environments:
        for reason in environment.reasons:
            if reason.code not in UNFIT:
                continue
            yield Flaw(_about(reason, f"environment {environment.name}"))


def _without_nvml(situation: Situation) -> Iterator[Flaw]:
    probe = situation.probe
    unknown = nvml_not_asked(situation)
    if unknown is not None:
        yield Flaw(unknown, degrades=False)
    if probe is None or not probe.nvml_code:
        return
    given = situation.host.driver_capabilities
    seen = probe.nvml_library_error or f"nvmlInit: {probe.nvml_code} {probe.nvml_text or ''}"
    variable = f"NVIDIA_DRIVER_CAPABILITIES={shlex.quote(given)}" if given else None
    reason = Reason(
        code="no-nvml",
        text="CUDA works and NVML does not: memory in use and utilization are not known",
        evidence=evidence(seen.rstrip(), variable),
        remedy="docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=compute,utility …",
    )
    yield Flaw(reason, degrades=False)


def _baked_beside(situation: Situation) -> Iterator[Flaw]:
    """The image carries the driver's libraries, beside those mounted or of another version."""
    baked = situation.baked
    mounted = situation.drivers_libraries("mounted")
    other = [x for x in baked if x.version and x.version != situation.driver]
    if (baked and mounted) or other:
        yield Flaw(baked_reason(situation, tuple(baked if mounted else other)), degrades=False)


def _called(device: Device) -> str:
    name = device.name or "a GPU"
    return f"GPU {device.index} ({name})" if device.index is not None else f"{name} {device.uuid}"
