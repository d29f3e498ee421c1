"""The verdict about CUDA as problems of the health report."""

from collections.abc import Iterator

from ..cuda import UNFIT, CudaReport
from ..cuda.model import Reason
from ..errors import Finding, Severity
from .cudatable import CUDA_PREFIX
from .hostcuda import ALARMS

NOTES = frozenset(
    {
        "baked-driver",
        "driver-not-asked",
        "gpus-hidden",
        "libraries-unknown",
        "no-nvml",
        "probe-killed",
    }
)
"""Reasons that take nothing away from a GPU that works."""

BY_CHOICE = "driver-not-asked"
"""The driver was not asked because ``JupyterSM.cuda_check`` is off."""


def cuda_problems(report: CudaReport | None) -> Iterator[Finding]:
    """What is wrong with the GPU, the most important first; nothing before it is known.

    An environment that does not fit is told once, also where the verdict repeats it.
    """
    if report is None:
        return
    environments = [
        (environment, reason)
        for environment in report.environments
        for reason in environment.reasons
        if reason.code in UNFIT
    ]
    repeated = {f"environment {e.name}: {reason.text}" for e, reason in environments}
    for index, reason in enumerate(report.reasons):
        if reason.text not in repeated:
            yield _problem(reason, _severity(report, reason, index), reason.evidence)
    for environment, reason in environments:
        text = f"environment {environment.name}: {reason.text}"
        yield _problem(reason, "warning", environment.prefix, text)


def cuda_id(code: str) -> str:
    """The id of a reason: its code, told apart from other problems."""
    return f"{CUDA_PREFIX}{code.removeprefix(CUDA_PREFIX)}"


def _severity(report: CudaReport, reason: Reason, index: int) -> Severity:
    if reason.code == BY_CHOICE:
        return "info"
    if report.status in ALARMS:
        return "warning" if index else "error"
    if report.status == "degraded" and reason.code not in NOTES:
        return "warning"
    return "info"


def _problem(reason: Reason, severity: Severity, source: str, text: str = "") -> Finding:
    return Finding(
        id=cuda_id(reason.code),
        severity=severity,
        source=source or "NVIDIA's driver",
        seen=text or reason.text,
        remedy=reason.remedy,
    )
