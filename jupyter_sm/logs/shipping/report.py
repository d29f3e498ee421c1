"""What anybody who may read the spool sees of its shipping."""

from typing import Literal

import msgspec

from ...reading import problem
from ..reading.events import behind
from .claim import Holder, holder
from .state import BadStateError, Counters, Saved, load


class ShipReport(msgspec.Struct, frozen=True, kw_only=True):
    """How far the shipping of a spool is.

    Attributes:
        state: ``shipping`` while it works on it, ``idle`` when everything on disk is settled,
            ``waiting`` for what `reason` says, ``stopped`` when no shipper runs.
        reason: Why it waits or stopped; may be empty.
        group: Log group, empty where nothing was saved.
        stream: Its name, likewise.
        pid: Of the shipper that runs, None when none does or its number is not known.
        counters: What became of the events so far.
        last_success: Milliseconds since the epoch, when the service last took a batch.
        behind_events: On disk and not settled yet.
        behind_bytes: Of the same.
        oldest: Milliseconds since the epoch, of the first one of them.
        trouble: Why what was saved cannot be used, now or at the last start; may be empty.
    """

    state: Literal["shipping", "idle", "waiting", "stopped"]
    reason: str = ""
    group: str = ""
    stream: str = ""
    pid: int | None = None
    counters: Counters = Counters()
    last_success: int | None = None
    behind_events: int = 0
    behind_bytes: int = 0
    oldest: int | None = None
    trouble: str = ""


def read_report(log_path: str) -> ShipReport | None:
    """How far shipping is; None for a spool that nobody has shipped. Disturbs no shipper.

    Args:
        log_path: The spool's active file.

    Raises:
        OSError: The spool cannot be read.
    """
    trouble = ""
    saved: Saved | None = None
    try:
        saved = load(log_path)
    except BadStateError as error:
        trouble = str(error)
    try:
        held_by = holder(log_path)
    except OSError as error:
        held_by, trouble = None, trouble or problem(error)
    if saved is None and held_by is None and not trouble:
        return None
    return _report(log_path, saved or Saved(group="", stream=""), held_by, trouble)


def _report(log_path: str, saved: Saved, held_by: Holder | None, trouble: str) -> ShipReport:
    left = behind(log_path, saved.position)
    state: Literal["shipping", "idle", "waiting", "stopped"] = saved.state
    if held_by is None:
        state = "stopped"
    elif state == "shipping" and left.oldest_ms is None:
        state = "idle"
    return ShipReport(
        state=state,
        reason=saved.reason,
        group=saved.group,
        stream=saved.stream,
        pid=(held_by.pid or None) if held_by else None,
        counters=saved.counters,
        last_success=saved.last_success,
        behind_events=left.events,
        behind_bytes=left.bytes,
        oldest=left.oldest_ms,
        trouble=trouble or saved.began_again,
    )
