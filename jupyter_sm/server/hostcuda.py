"""Whether CUDA is visible to a running host: asked at its start and when somebody wants to know."""

import logging
import sys
import time
from collections.abc import Callable

from ..cuda import CudaReport, Device, Prober, examine, verdict
from ..kernels import Catalog, Live

MAX_AGE = 30.0
"""Seconds for which a report is given without asking the driver again."""

PATIENCE = 1.0
"""Seconds that an answer waits for a new report before the last one is given instead."""

SLOW = 60.0
"""Seconds after which it is no more the driver, which has a deadline, that does not answer."""

REFRESH_SECONDS = 5.0
"""Between two reports that are asked for out of turn."""

ALARMS = ("not_visible", "probe_failed")


class HostCuda:
    """The last report, made anew in a thread of its own, so that no request waits for a driver.

    Args:
        catalog: the kernels as they are known now; what it raises costs the environments only.
        ask_driver: False leaves the driver alone.
        log: told the verdict whenever it changes.
    """

    def __init__(
        self, catalog: Callable[[], Catalog], *, ask_driver: bool, log: logging.Logger
    ) -> None:
        self._catalog = catalog
        self._prober = Prober() if ask_driver else None
        self._log = log
        self._last: CudaReport | None = None
        self._seen: dict[str, Device] = {}
        self._refreshed = float("-inf")
        self._live: Live[CudaReport] = Live(
            self._look, log, "CUDA", max_age=MAX_AGE, patience=PATIENCE, slow=SLOW
        )

    def begin(self) -> None:
        """Ask for the first time; nobody waits."""
        self._live.begin()

    def glance(self) -> CudaReport | None:
        """The last report at once, None before the first one; a new one is made where it is due."""
        return self._live.glance()

    async def report(self) -> CudaReport:
        """The report, `MAX_AGE` old at most unless the driver is slow.

        Raises:
            TimeoutError: the first one has not ended.
        """
        return await self._live.fresh_async()

    async def refresh(self) -> CudaReport:
        """A report of what is so after this call.

        Raises:
            TooSoonError: another one was asked for less than `REFRESH_SECONDS` ago.
            TimeoutError: it has not ended.
        """
        now = time.monotonic()
        left = self._refreshed + REFRESH_SECONDS - now
        if left > 0:
            raise TooSoonError(left)
        self._refreshed = now
        return await self._live.next_async()

    def _look(self) -> CudaReport:
        # All that were ever seen: a device that is lost stays lost in each further report.
        seen = tuple(self._seen.values())
        report = examine(self._prober, self._environments(), previous=seen)
        # Slices come and go as MIG is set up; a GPU does not.
        found = [device for device in report.devices if device.parent_uuid is None]
        self._seen.update((device.uuid, device) for device in found)
        if self._last is None or _summary(report) != _summary(self._last):
            self._tell(report)
        self._last = report
        return report

    def _environments(self) -> list[tuple[str, str]]:
        try:
            return environments_of(self._catalog())
        except Exception:  # noqa: BLE001 - whoever looks for the kernels says it; the GPU is there all the same
            return [(sys.prefix, "python3")]

    def _tell(self, report: CudaReport) -> None:
        if report.status not in ALARMS or self._prober is None:
            self._log.info("%s", verdict(report))
            return
        remedy = next((reason.remedy for reason in report.reasons if reason.remedy), "")
        self._log.error("%s%s", verdict(report), f". To mend it: {remedy}" if remedy else "")


class TooSoonError(Exception):
    """A report is asked for out of turn too often.

    Attributes:
        seconds: until the next one can be.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(f"asked again too soon: wait {seconds:.1f} s")
        self.seconds = seconds


def environments_of(catalog: Catalog) -> list[tuple[str, str]]:
    """Prefix and name of all that kernels run in: conda's environments, and other prefixes."""
    environments = [(e.prefix, e.name) for e in catalog.snapshot.environments]
    others = [(k.prefix, k.name) for k in catalog.snapshot.kernels if k.prefix is not None]
    return [*environments, *others]


def _summary(report: CudaReport) -> tuple[object, ...]:
    return report.status, tuple(reason.code for reason in report.reasons)
