"""`jupyter sm logs --ship`: what is on disk goes to CloudWatch Logs, once."""

import os
import re
import shlex
import sys
from collections.abc import Iterator

import msgspec

from ..errors import JupyterSMError, SettingError
from ..logs.shipping import (
    Counters,
    ShipReport,
    read_report,
    ship_by_hand,
    shipping_region,
)
from ..reading import printable
from . import FINDINGS
from .hostconfig import Host
from .logplaces import Place, of_file
from .report import print_lines, print_model
from .table import explanation, paragraph

_CLOSED = re.compile(r"\.[0-9]{8,}$")

_REFUSED = {
    "rejected_too_old": "refused by the service: more than 14 days old",
    "rejected_expired": "refused by the service: older than its group keeps events",
    "rejected_too_new": "refused by the service: more than 2 hours ahead of its clock",
    "dropped": "refused by the service: not a valid event",
    "skipped": "left out: lines that are no event",
    "gaps": "files that were gone before they were shipped",
}


class Shipped(msgspec.Struct, frozen=True, kw_only=True):
    """What one run did.

    Attributes:
        now: what became of the events in this run.
        report: how far the shipping of the log is.
    """

    now: Counters
    report: ShipReport


def ship(
    place: Place, host: Host, *, force: bool, as_json: bool, timeout: float | None = None
) -> int:
    """Ship all events of a log that were not shipped yet, and say what became of them.

    Args:
        place: the log.
        host: whose identity and settings count.
        force: also where there is a metadata document.
        as_json: the result as JSON.
        timeout: seconds after which the rest stays on disk; None for as long as it takes.

    Raises:
        SettingError: the file's path names no stream.
        JupyterSMError: it must not or cannot be shipped here.
    """
    if place.stream is None:
        raise SettingError(_why_nowhere(place.path))
    metadata = host.service.metadata()
    if metadata.present and not force:
        raise JupyterSMError(
            "not shipped: there is a metadata document, so SageMaker collects this app's output "
            "itself, and every line would be there twice; `--ship --force` ships all the same"
        )
    before = read_report(place.path)
    _tell(f"Shipping {place.path}; Ctrl-C ends this, and the next time goes on from there")
    report = ship_by_hand(
        place.path,
        place.stream,
        region=shipping_region(metadata.identity.region.value, os.environ),
        endpoint_url=None,
        tell=_tell,
        deadline=timeout,
    )
    shipped = Shipped(now=_since(before, report), report=report)
    if as_json:
        print_model(shipped)
    else:
        print_lines(_lines(shipped))
    lost = any(getattr(shipped.now, name) for name in _REFUSED)
    return FINDINGS if lost or report.behind_events or report.trouble else 0


def _why_nowhere(path: str) -> str:
    active = _CLOSED.sub("", path)
    if active != path and of_file(active).stream is not None:
        return (
            f"{printable(path)} is a closed segment of a log: ship "
            f"{printable(shlex.quote(active))}, that ships the closed segments too"
        )
    return (
        f"{printable(path)} is below no log group of SageMaker, so nothing says where it "
        "goes: put it below <folder>/aws/sagemaker/studio/<domain>/<user>/<app type>/"
    )


def _since(before: ShipReport | None, after: ShipReport) -> Counters:
    """What was counted in between; the whole where it was counted anew."""
    old = msgspec.structs.asdict(before.counters) if before else {}
    new = msgspec.structs.asdict(after.counters)
    if any(new[name] < count for name, count in old.items()):
        return after.counters
    return Counters(**{name: count - old.get(name, 0) for name, count in new.items()})


def _lines(shipped: Shipped) -> Iterator[str]:
    now, report = shipped.now, shipped.report
    yield from paragraph(f"{_events(now.shipped)} shipped to {report.group} {report.stream}")
    for name, what in _REFUSED.items():
        number = getattr(now, name)
        if number:
            yield from paragraph(f"{number} {what}")
    if now.doubled_possibly:
        yield from paragraph(f"{_events(now.doubled_possibly)} may be there twice")
    if report.behind_events:
        yield from explanation(
            f"{_events(report.behind_events)} not shipped: {report.reason}",
            "mend that and ship again: it goes on where it ended",
        )
    if report.trouble:
        yield from paragraph(report.trouble)


def _events(number: int) -> str:
    return "1 event" if number == 1 else f"{number} events"


def _tell(text: str) -> None:
    if sys.stderr is not None:
        print(printable(text), file=sys.stderr, flush=True)
