"""Ships what a spool holds, once, for a person who waits for it."""

import threading
from collections.abc import Callable
from contextlib import closing

from msgspec.structs import replace

from ...aws.logs import LogsClient
from ...errors import JupyterSMError
from ..stream import Stream
from .claim import Claim, holder
from .delivery import Delivery
from .drain import Drain
from .ledger import Ledger
from .report import ShipReport, read_report
from .shipper import Shipper

WITHOUT_END = 10.0**9
"""Seconds, where no deadline is given."""

_TRIES = 3


class ShipperRunsError(JupyterSMError):
    """Another process ships this stream already."""


def ship_by_hand(
    log_path: str,
    stream: Stream,
    *,
    region: str | None = None,
    endpoint_url: str | None = None,
    tell: Callable[[str], None],
    deadline: float | None = None,
) -> ShipReport:
    """Ship all that is there, and end; at the first thing that a person has to mend, too.

    Args:
        log_path: The spool's active file.
        stream: Where it goes.
        region: Of AWS; None for what the environment says.
        endpoint_url: Of the service; None for AWS's own.
        tell: Told in one line what happens meanwhile, but not what the result says.
        deadline: Seconds for all of it; None for as long as it takes. A call to the service that
            hangs then is left alone: a thread of this process may live on.

    Returns:
        How far it is now; ``reason`` says what was in the way.

    Raises:
        ShipperRunsError: A shipper has the stream.
        ForeignLogError: The log is another user's.
        AwsMissingError: The extra ``aws`` is not installed.
        OSError: The spool cannot be locked or read.
    """
    claim = _claim(log_path)
    drain = Drain()
    drain.begin(WITHOUT_END if deadline is None else deadline)
    errors: list[BaseException] = []

    def ship() -> None:
        try:
            ledger = Ledger(log_path, stream.group, stream.name, tell)
            ledger.count(doubled_possibly=claim.left_in_flight())
            client = LogsClient(stream.group, stream.name, region=region, endpoint_url=endpoint_url)
            with closing(client):
                delivery = Delivery(client, ledger, claim, drain, patient=False)
                is_all = Shipper(log_path, ledger, delivery, drain).run()
            ledger.say("stopped", "" if is_all else ledger.saved.reason, aloud=False)
        except BaseException as error:  # noqa: BLE001  # the thread's last frame: raised again below
            errors.append(error)
        finally:
            claim.release()

    thread = threading.Thread(target=ship, name="jupyter_sm-ship", daemon=True)
    thread.start()
    thread.join(drain.left + 1)
    if errors:
        raise errors[0]
    report = read_report(log_path)
    report = report or ShipReport(state="stopped", group=stream.group, stream=stream.name)
    if deadline is not None and drain.over and report.behind_events:
        last = f"; the last trouble was: {report.reason}" if report.reason else ""
        return replace(report, reason=f"the time, {deadline:g} s, was over{last}")
    return report


def _claim(log_path: str) -> Claim:
    claim = Claim(log_path)
    wait = threading.Event()
    for _ in range(_TRIES):
        if claim.take():
            return claim
        wait.wait(0.05)  # perhaps somebody only looks whether it is taken
    held_by = holder(log_path)
    who = f", process {held_by.pid}," if held_by and held_by.pid else ""
    raise ShipperRunsError(f"a shipper{who} has this stream: {log_path} is being shipped already")
