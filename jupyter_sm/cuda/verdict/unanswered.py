"""The driver was asked, and gave no answer: it hung, it crashed, or it could not be asked."""

import signal

from ..model import Probe, Reason, Status
from .causes import seen_in_files
from .drivers_libraries import LIBRARY_CAUSES, crashes
from .situation import Situation
from .wording import evidence

NOT_ASKED = "the files are as they should be, and the driver was not asked"
_AWAKE = (
    "on the host: sudo nvidia-smi -pm 1, for a driver that sleeps takes seconds for each GPU, then "
    "ask with more time: jupyter sm cuda --timeout=60"
)
_ELSEWHERE = "start the app again on another instance; on a host of your own, reboot it"


def unanswered(situation: Situation) -> tuple[Status, tuple[Reason, ...]]:
    """The verdict about a host with a GPU whose driver said nothing of CUDA."""
    seen = seen_in_files(situation)
    probe = situation.probe
    others = seen[1] if seen else ()
    if probe is None:
        return (seen[0], others) if seen else ("visible", (not_asked(situation),))
    if crashes(probe):
        # What is wrong with the library is why it crashes.
        first = tuple(reason for reason in others if reason.code in LIBRARY_CAUSES)
        rest = tuple(reason for reason in others if reason not in first)
        return "probe_failed", (*first, why_unanswered(probe), *rest)
    return "probe_failed", (why_unanswered(probe), *others)


def is_ended_from_outside(probe: Probe) -> bool:
    """Somebody ended the probe's process: the kernel for want of memory, or a person."""
    return probe.ended == "signal" and not crashes(probe)


def why_unanswered(probe: Probe) -> Reason:
    """How the probe's process ended instead of answering."""
    if probe.ended == "timed out":
        return Reason(
            code="driver-hangs",
            text=f"the driver did not answer in {probe.seconds:.0f} s: {_stage(probe)} has not "
            "returned",
            evidence=evidence(f"the probe's last stage: {_stage(probe)}", _stderr(probe)),
            remedy=f"{_AWAKE}; if it stays, {_ELSEWHERE}",
        )
    if is_ended_from_outside(probe):
        return Reason(
            code="probe-killed",
            text=f"something ended the process that asks the driver ({_signal(probe)}), often for "
            "lack of memory",
            evidence=evidence(
                f"the probe ended with {_signal(probe)} in {_stage(probe)}", _stderr(probe)
            ),
            remedy="ask again: jupyter sm cuda",
        )
    if probe.ended == "signal":
        return Reason(
            code="driver-crashed",
            text=f"the driver's library crashed in {_stage(probe)}: {_signal(probe)}",
            evidence=evidence(
                f"the probe ended with {_signal(probe)}", probe.libcuda_path, _stderr(probe)
            ),
            remedy="remove from the image what belongs to NVIDIA's driver (`find / -name "
            "'libcuda.so*'` lists it), for the host mounts its own; if there is nothing, "
            + _ELSEWHERE,
        )
    if probe.ended == "not run":
        return Reason(
            code="probe-still-hangs",
            text="an earlier probe hangs in the driver and cannot be ended, so no other is begun",
            evidence=evidence(_stderr(probe) or "a process in state D (ps -eo pid,stat,args)"),
            remedy=_ELSEWHERE,
        )
    return Reason(
        code="probe-failed",
        text="the process that asks the driver could not do so",
        evidence=evidence(_stderr(probe) or "it said nothing that can be read"),
        remedy="see that this runs, and mend what it says: python -I -c 'import ctypes, pynvml'",
    )


def not_asked(situation: Situation) -> Reason:
    """Files show nothing wrong, and the driver was left alone."""
    host = situation.host
    return Reason(
        code="driver-not-asked",
        text=NOT_ASKED,
        evidence=evidence(", ".join(host.device_nodes), host.libcuda_path),
        remedy="jupyter sm cuda",
    )


def _stage(probe: Probe) -> str:
    return probe.stage or "the first step"


def _signal(probe: Probe) -> str:
    number = probe.signal or 0
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _stderr(probe: Probe) -> str | None:
    lines = probe.stderr_tail.strip().splitlines()
    return lines[-1].strip() if lines else None
