"""Every problem that this package knows of, in one shape and one order: the health report.

What an id means stands in ``problemtable.py``. No fact is told twice: a running kernel that did not
start is left out where the catalog says the same of it.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Final

from ..cuda import CudaReport
from ..errors import SEVERITIES, Finding
from ..kernels import Catalog
from ..reading import printable
from .api import HealthReport, Logs, NotStarted
from .cudaproblems import cuda_problems
from .logproblems import log_problems
from .service import Service
from .standins import not_started

PATIENCE: Final = 1.0
"""Seconds that the report waits for each of its parts; they are asked at the same time."""

_KERNELS: Final = "the kernels of this image"

_NOT_FRESH: Final = Finding(
    id="kernels-not-fresh",
    severity="warning",
    source=_KERNELS,
    seen="they are as they were a while ago: a file system does not answer",
    remedy="see whether every file system answers on which environments lie",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the report is made of, as far as it is known.

    Attributes:
        host: problems of the process itself.
        catalog: None where the kernels are not known, or somebody else's.
        kernels: problems of the look for them.
        stranded: running kernels that only say why.
        metadata: of the metadata document.
        cuda: None before it is known.
        logs: None where this package writes none.
        is_shipped: this host ships its log.
    """

    host: tuple[Finding, ...] = ()
    catalog: Catalog | None = None
    kernels: tuple[Finding, ...] = ()
    stranded: tuple[NotStarted, ...] = ()
    metadata: tuple[Finding, ...] = ()
    cuda: CudaReport | None = None
    logs: Logs | None = None
    is_shipped: bool = False


async def health_report(service: Service, kernel_manager: Any) -> HealthReport:
    """The report now; a part that does not answer in time is a problem of its own.

    Args:
        service: of this host.
        kernel_manager: of the host.
    """
    host, metadata, (catalog, kernels), logs = await asyncio.gather(
        service.problems.findings(), _metadata(service), _kernels(service), service.logs_async()
    )
    parts = Parts(
        host=host,
        catalog=catalog,
        kernels=kernels,
        stranded=not_started(kernel_manager),
        metadata=metadata,
        cuda=service.cuda.glance(),
        logs=logs if service.logs else None,
        is_shipped=bool(service.settings.ship_logs) and not logs.not_shipped,
    )
    return report_of(problems(parts, now_ms=time.time_ns() // 1_000_000))


def report_of(found: Iterable[Finding]) -> HealthReport:
    """Problems as a report: the worst first, else in the order given; each once."""
    ordered = sorted(dict.fromkeys(found), key=lambda problem: SEVERITIES.index(problem.severity))
    return HealthReport(
        worst=ordered[0].severity if ordered else None,
        problems=tuple(ordered),
        checked_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
    )


def problems(parts: Parts, *, now_ms: int) -> Iterator[Finding]:
    """Every problem, source by source, always in the same order."""
    yield from parts.host
    yield from parts.kernels
    if parts.catalog is not None:
        yield from parts.catalog.findings
    yield from _not_started(parts.stranded, parts.catalog)
    yield from parts.metadata
    yield from cuda_problems(parts.cuda)
    if parts.logs is not None:
        yield from log_problems(parts.logs, is_shipped=parts.is_shipped, now_ms=now_ms)


async def _metadata(service: Service) -> tuple[Finding, ...]:
    try:
        return (await service.metadata_async(PATIENCE)).findings
    except TimeoutError as error:
        problem = Finding(
            id="metadata-not-known",
            severity="warning",
            source=printable(service.settings.metadata_file),
            seen=str(error),
            remedy="see whether the file system that it lies on is reachable",
        )
        return (problem,)


async def _kernels(service: Service) -> tuple[Catalog | None, tuple[Finding, ...]]:
    if not service.active:
        return None, ()
    try:
        catalog = await service.live.fresh_async(PATIENCE)
    except Exception as error:  # noqa: BLE001 - whatever a look raises is a problem, and in the log
        problem = Finding(
            id="kernels-not-known",
            severity="error",
            source=_KERNELS,
            seen=str(error) or type(error).__name__,
            remedy="the server's log says more",
        )
        return None, (problem,)
    return catalog, (_NOT_FRESH,) if service.live.is_slow else ()


def _not_started(stranded: Iterable[NotStarted], catalog: Catalog | None) -> Iterator[Finding]:
    counts: dict[tuple[str, str, str, str], int] = {}
    for kernel in stranded:
        told = (kernel.name, kernel.file, kernel.reason, kernel.remedy)
        counts[told] = counts.get(told, 0) + 1
    for (name, file, reason, remedy), count in counts.items():
        if catalog is not None and _is_told(name, catalog):
            continue
        which = f"the kernel {name}" if count == 1 else f"{count} kernels {name}"
        yield Finding(
            id="kernel-not-started",
            severity="error",
            source=file or name,
            seen=f"{which} did not start: {reason}",
            remedy=remedy,
        )


def _is_told(name: str, catalog: Catalog) -> bool:
    """Whether the catalog's own findings say that this kernel is missing or broken."""
    entry = catalog.names.get(name) or next((e for e in catalog.entries if e.name == name), None)
    if entry is None:
        return False
    if entry.kernel is None:
        return True
    return entry.visibility == "shown" and entry.kernel.broken is not None
