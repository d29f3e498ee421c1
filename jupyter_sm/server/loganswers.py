"""What a client is told of the logs: where they are, what became of them, the last events."""

from ..logs import Event, fields_of, last
from ..logs.shipping import ShipReport, read_report
from ..reading import printable, problem
from .api import LogEvent, Logs
from .hostlogs import HostLogs

EVENTS_MOST = 1000
"""Of one answer."""

EVENTS_DEFAULT = 20

NO_LOG = "jupyter_sm does not serve this host's kernels, and so leaves its log alone"


def logs_of(logs: HostLogs | None, count: int) -> Logs:
    """The answer of ``/api/sm/logs``. Waits for the disk; never raises for what is there.

    Args:
        logs: of the host; None where it writes none.
        count: how many events at most.
    """
    if logs is None or logs.handler is None:
        return _without_events(logs, logs.trouble if logs else NO_LOG)
    path, trouble = logs.handler.path, ""
    shipping: ShipReport | None = None
    events: tuple[LogEvent, ...] = ()
    try:
        shipping = read_report(path)
        events = tuple(_event(event) for event in last(path, count).events)
    except OSError as error:
        trouble = problem(error)
    return Logs(
        group=logs.stream.group if logs.stream else None,
        stream=logs.stream.name if logs.stream else None,
        file=printable(path),
        trouble=trouble or logs.handler.trouble,
        lost=logs.handler.losses,
        not_shipped=logs.not_shipped,
        shipping=shipping,
        events=events,
    )


def logs_unanswered(logs: HostLogs | None) -> Logs:
    """The answer while the disk of the log does not give one."""
    return _without_events(logs, "the file system of the log does not answer")


def _without_events(logs: HostLogs | None, trouble: str) -> Logs:
    stream = logs.stream if logs else None
    return Logs(
        group=stream.group if stream else None,
        stream=stream.name if stream else None,
        file=None,
        trouble=trouble,
        lost=logs.handler.losses if logs and logs.handler else 0,
        not_shipped=logs.not_shipped if logs else "",
        shipping=None,
        events=(),
    )


def _event(event: Event) -> LogEvent:
    fields = fields_of(event)
    return LogEvent(
        timestamp=event.timestamp,
        level=str(fields.get("level", "")),
        logger=str(fields.get("logger", "")),
        message=str(fields.get("message", "")) if fields else event.message,
        traceback=str(fields.get("traceback", "")),
        request_id=_text(fields.get("request_id")),
        kernel_id=_text(fields.get("kernel_id")),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
