"""What became of the log as problems of the health report."""

from collections.abc import Iterator

from ..errors import Finding
from ..logs.shipping import ShipReport
from .api import Logs

BEHIND_MS = 5 * 60 * 1000
"""Milliseconds: an event that waits longer is not merely on its way."""


def log_problems(logs: Logs, *, is_shipped: bool, now_ms: int) -> Iterator[Finding]:
    """What is wrong with the log of a host that writes one.

    Args:
        logs: as they are told to clients.
        is_shipped: this host ships; what a shipper by hand has left is no problem.
        now_ms: milliseconds since the epoch.
    """
    source = logs.file or "the log"
    lost = f"{logs.lost} records of this server are lost" if logs.lost else ""
    if logs.trouble:
        yield _problem(
            "log-not-written",
            source,
            f"{logs.trouble}; {lost}" if lost else logs.trouble,
            "make the log root writable, or set JupyterSM.log_root to a folder that is",
        )
    elif lost:
        yield _problem(
            "log-records-lost", source, lost, "the log's event with `lost` in it says why"
        )
    if logs.not_shipped:
        yield _problem(
            "log-shipping-refused",
            "JupyterSM.ship_logs",
            logs.not_shipped,
            'unset JUPYTER_SM_SHIP_LOGS; or set it to "force" where nobody else collects the output',
        )
    if logs.shipping is not None and is_shipped:
        yield from _shipping(logs.shipping, source, now_ms)


def _shipping(report: ShipReport, source: str, now_ms: int) -> Iterator[Finding]:
    left = f"{report.behind_events} events are not shipped yet"
    age = now_ms - report.oldest if report.oldest is not None else 0
    if report.state == "waiting":
        yield _problem(
            "log-shipping-waiting",
            source,
            f"{report.reason or 'the service does not take events'}; {left}",
            "mend what is named; shipping goes on by itself then",
        )
    elif report.state == "stopped" and report.behind_events:
        yield _problem(
            "log-shipping-stopped",
            source,
            f"{report.reason or 'no shipper runs'}; {left}",
            "restart the server, or send them by hand: jupyter sm logs --ship",
        )
    elif age > BEHIND_MS:
        yield _problem(
            "log-shipping-behind",
            source,
            f"{left}, the oldest for {age // 60_000} minutes",
            "see the network; if it never catches up, log less (--log-level=WARN)",
        )
    counters = report.counters
    refused = {
        "older than the service takes": counters.rejected_too_old,
        "older than the group keeps": counters.rejected_expired,
        "ahead of the service's clock": counters.rejected_too_new,
        "called invalid": counters.dropped,
    }
    if any(refused.values()):
        counted = ", ".join(f"{number} {why}" for why, number in refused.items() if number)
        yield _problem(
            "log-events-rejected",
            source,
            f"CloudWatch Logs refused events: {counted}",
            "see the clock of this machine and the retention of the log group; the file has them",
        )
    if counters.gaps:
        yield _problem(
            "log-events-gone",
            source,
            "files of the log were gone before they were shipped",
            "see why shipping was behind",
        )
    if report.trouble:
        yield _problem("log-shipping-state", source, report.trouble, "", is_note=True)


def _problem(kind: str, source: str, seen: str, remedy: str, *, is_note: bool = False) -> Finding:
    return Finding(
        id=kind,
        severity="info" if is_note else "warning",
        source=source,
        seen=seen,
        remedy=remedy,
    )
