"""The verdict about CUDA, from what files and the driver said: which, why, and what mends it."""

from collections.abc import Iterator, Sequence

import msgspec

from ..model import (
    CudaDevice,
    CudaReport,
    Device,
    EnvironmentCuda,
    HostEvidence,
    Probe,
    Reason,
    Status,
    Toolkit,
)
from .causes import seen_in_files, why_not
from .drivers_libraries import baked_reason
from .fits import Installed, Machine, judge_environment
from .flaws import flaws
from .situation import Situation
from .toolkits import toolkit_reason
from .unanswered import NOT_ASKED, unanswered, why_unanswered
from .wording import counted, joined


def judge(
    host: HostEvidence,
    probe: Probe | None,
    toolkits: Sequence[Toolkit],
    environments: Sequence[Installed],
    *,
    checked_at: str,
    previous: Sequence[Device] = (),
) -> CudaReport:
    """The report. Nothing is read, and nothing is asked.

    Args:
        host: the evidence of files.
        probe: what the driver said; None if it was not asked.
        toolkits: in the image.
        environments: with their frameworks.
        checked_at: ISO 8601, UTC.
        previous: the devices of the last report, to notice one that is gone.
    """
    situation = Situation(host, probe)
    devices = join_devices(situation)
    machine = _machine(situation, devices)
    judged = tuple(judge_environment(installed, machine) for installed in environments)
    shipped = tuple(_toolkit_reasons(toolkits, judged, machine))
    status, reasons = _verdict(situation, devices, previous, judged, shipped)
    return CudaReport(
        status=status,
        reasons=tuple(dict.fromkeys(reasons)),
        devices=devices,
        driver_version=situation.driver,
        cuda_driver_version=_newest_cuda(probe),
        toolkits=tuple(toolkits),
        host=host,
        probe=probe,
        environments=judged,
        probe_seconds=probe.seconds if probe else None,
        checked_at=checked_at,
    )


def verdict(report: CudaReport) -> str:
    """The report in one sentence, for a first line and for a log."""
    main = report.reasons[0].text if report.reasons else ""
    if report.status == "no_gpu_host":
        return "This machine has no NVIDIA GPU, and nothing is wrong with that"
    if report.status == "hidden":
        return f"CUDA is hidden: {main}"
    if report.status == "not_visible":
        known = Situation(report.host, report.probe).has_gpu
        return f"CUDA does not work {'on this GPU host' if known else 'here'}: {main}"
    if report.status == "probe_failed":
        return f"Whether CUDA works is not known: {main}"
    if report.probe is None:
        rest = "" if report.status == "visible" else f"; but {main}"
        return f"The GPU is visible: {NOT_ASKED}{rest}"
    found = f"CUDA is visible: {_what_is_visible(report)}"
    return f"{found}; but {main}" if report.status == "degraded" else found


def join_devices(situation: Situation) -> tuple[Device, ...]:
    """NVML's devices with what CUDA says of them, by UUID, and behind them what only CUDA lists."""
    listed, shown = situation.listed, _shown(situation)
    if shown is None:
        return listed
    uuids = {device.uuid for device in shown}
    # Drivers before CUDA 9.2 tell no UUID; then only a count can be compared.
    unnamed = None in uuids
    missing = None if unnamed else False
    if unnamed and len(shown) == len(listed):
        return tuple(_with_cuda(device, visible=True) for device in listed)
    known = {device.uuid for device in listed}
    return (
        *(_with_cuda(d, visible=True if d.uuid in uuids else missing) for d in listed),
        *(_only_in_cuda(device) for device in shown if device.uuid not in known),
    )


def _shown(situation: Situation) -> tuple[CudaDevice, ...] | None:
    """CUDA's devices; None if it did not say which there are."""
    if situation.probe is None or situation.code is None:
        return None
    return situation.probe.cuda_devices or ()


def _only_in_cuda(device: CudaDevice) -> Device:
    return Device(
        uuid=device.uuid or f"CUDA device {device.index}",
        name=device.name,
        memory_total=device.memory_total,
        compute_capability=device.compute_capability,
        cuda_visible=True,
    )


def _with_cuda(device: Device, *, visible: bool | None) -> Device:
    return msgspec.structs.replace(device, cuda_visible=visible)


def _verdict(
    situation: Situation,
    devices: Sequence[Device],
    previous: Sequence[Device],
    environments: Sequence[EnvironmentCuda],
    toolkits: Sequence[Reason],
) -> tuple[Status, tuple[Reason, ...]]:
    if not situation.has_gpu:
        return _without_gpu(situation)
    if situation.works or (situation.probe is None and seen_in_files(situation) is None):
        found = list(flaws(situation, devices, previous, environments, toolkits))
        found.sort(key=lambda flaw: not flaw.degrades)
        degraded = any(flaw.degrades for flaw in found)
        return "degraded" if degraded else "visible", tuple(flaw.reason for flaw in found)
    if situation.answered:
        status, reasons = why_not(situation)
    else:
        status, reasons = unanswered(situation)
    return status, (*reasons, *toolkits)


def _without_gpu(situation: Situation) -> tuple[Status, tuple[Reason, ...]]:
    """No file tells of a GPU; what is wrong is the libraries, or a driver that fails all the same."""
    probe, baked = situation.probe, situation.baked
    reasons = (baked_reason(situation, baked),) if baked else ()
    if probe is not None and probe.ended in {"timed out", "not run"}:
        return "probe_failed", (why_unanswered(probe), *reasons)
    if situation.fails_without_gpu:
        return why_not(situation)
    if probe is not None and probe.ended == "signal":
        reasons = (why_unanswered(probe), *reasons)
    return "no_gpu_host", reasons


def _toolkit_reasons(
    toolkits: Sequence[Toolkit], environments: Sequence[EnvironmentCuda], machine: Machine
) -> Iterator[Reason]:
    """Those of toolkits on their own; what belongs to a framework is judged with it."""
    if not machine.has_gpu:
        return
    with_frameworks = {e.prefix for e in environments if e.frameworks}
    for toolkit in toolkits:
        if toolkit.prefix not in with_frameworks:
            reason = toolkit_reason(toolkit, machine)
            if reason is not None:
                yield reason


def _machine(situation: Situation, devices: Sequence[Device]) -> Machine:
    usable = [d for d in devices if not d.mig or d.parent_uuid is not None]
    visible = [d for d in usable if d.cuda_visible]
    says = situation.uses_compat or situation.driver is None
    return Machine(
        driver=situation.driver,
        libcuda=_newest_cuda(situation.probe) if says else None,
        devices=tuple(visible or usable),
        has_gpu=situation.has_gpu,
    )


def _newest_cuda(probe: Probe | None) -> str | None:
    if probe is None:
        return None
    return probe.cuda_driver_version or probe.nvml_cuda_version


def _what_is_visible(report: CudaReport) -> str:
    visible = [device for device in report.devices if device.cuda_visible]
    names = joined(dict.fromkeys(device.name or "unnamed" for device in visible))
    slices = all(device.parent_uuid for device in visible)
    parts = [f"{counted(len(visible), 'MIG slice' if slices else 'GPU')} ({names})"]
    if report.driver_version:
        parts.append(f"driver {report.driver_version}")
    if report.cuda_driver_version:
        parts.append(f"runs CUDA {report.cuda_driver_version}")
    return ", ".join(parts)
