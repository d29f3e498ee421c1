"""What CloudWatch Logs accepts and refuses, as its documentation says and no more generously.

The limits are those of botocore's own model of the service (``data/logs/2014-03-28``). Where its
text leaves room, the narrow reading holds here: "1 MB" is 1,000,000 bytes, header included.
"""

import bisect
import itertools
import re
import time
from dataclasses import dataclass, field
from typing import Any

BATCH_BYTES_MOST = 1_048_576
EVENT_BYTES_MOST = 1_000_000
EVENT_HEADER_BYTES = 26
BATCH_EVENTS_MOST = 10_000
NAME_MOST = 512
HOUR = 3_600_000
SPAN_MOST = 24 * HOUR
AGE_MOST = 14 * 24 * HOUR
FUTURE_MOST = 2 * HOUR
PAGE_BYTES_MOST = 1_000_000
PAGE_EVENTS_MOST = 10_000
STREAMS_PAGE_MOST = 50

GROUP_NAME = re.compile(r"[.\-_/#A-Za-z0-9]+")
STREAM_NAME = re.compile(r"[^:*]+", re.DOTALL)

Event = tuple[int, str]
"""Milliseconds since 1970 and the message."""


class ServiceError(Exception):
    """An answer that is not a success.

    Attributes:
        code: the service's name of the error.
        message: its text.
        status: HTTP status.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidParameterException", message)


@dataclass
class LogStream:
    """One stream; ``batches`` holds what each call put into it, in the order of arrival."""

    batches: list[list[Event]] = field(default_factory=list)

    def arrived(self) -> list[Event]:
        return [event for batch in self.batches for event in batch]


@dataclass
class LogGroup:
    streams: dict[str, LogStream] = field(default_factory=dict)
    retention_days: int | None = None


class Service:
    """The state of one account in one region. Not safe to call from two threads at once."""

    def __init__(self) -> None:
        self.groups: dict[str, LogGroup] = {}
        self.clock_offset_ms = 0

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self.clock_offset_ms

    def answer(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        """What the service answers.

        Raises:
            ServiceError: it refuses.
        """
        operations = {
            "CreateLogGroup": self._create_group,
            "CreateLogStream": self._create_stream,
            "DescribeLogStreams": self._describe_streams,
            "GetLogEvents": self._get_events,
            "PutLogEvents": self._put,
        }
        if operation not in operations:
            raise ServiceError("UnknownOperationException", f"no operation {operation!r} here")
        return operations[operation](body)

    def _create_group(self, body: dict[str, Any]) -> dict[str, Any]:
        name = _group_name(body)
        if name in self.groups:
            raise ServiceError(
                "ResourceAlreadyExistsException", "The specified log group already exists"
            )
        self.groups[name] = LogGroup()
        return {}

    def _create_stream(self, body: dict[str, Any]) -> dict[str, Any]:
        group, stream = self._group(body), _stream_name(body)
        if stream in group.streams:
            raise ServiceError(
                "ResourceAlreadyExistsException", "The specified log stream already exists"
            )
        group.streams[stream] = LogStream()
        return {}

    def _group(self, body: dict[str, Any]) -> LogGroup:
        name = _group_name(body)
        if name not in self.groups:
            raise ServiceError(
                "ResourceNotFoundException", "The specified log group does not exist."
            )
        return self.groups[name]

    def _stream(self, body: dict[str, Any]) -> tuple[LogGroup, LogStream]:
        name = _stream_name(body)
        group = self._group(body)
        if name not in group.streams:
            raise ServiceError(
                "ResourceNotFoundException", "The specified log stream does not exist."
            )
        return group, group.streams[name]

    def _put(self, body: dict[str, Any]) -> dict[str, Any]:
        events = _events(body)
        group, stream = self._stream(body)
        times = [timestamp for timestamp, _ in events]
        now = self.now_ms()
        too_old = bisect.bisect_left(times, now - AGE_MOST)
        too_new = bisect.bisect_right(times, now + FUTURE_MOST)
        expired = 0
        if group.retention_days is not None:
            expired = bisect.bisect_left(times, now - group.retention_days * 24 * HOUR)
        valid = events[max(too_old, expired) : too_new]
        if valid and valid[-1][0] - valid[0][0] > SPAN_MOST:
            raise _invalid(
                "The batch of log events in a single PutLogEvents request cannot span "
                "more than 24 hours."
            )
        if valid:
            stream.batches.append(valid)
        rejected: dict[str, int] = {}
        if too_old:
            rejected["tooOldLogEventEndIndex"] = too_old
        if expired:
            rejected["expiredLogEventEndIndex"] = expired
        if too_new < len(events):
            rejected["tooNewLogEventStartIndex"] = too_new
        answer: dict[str, Any] = {"nextSequenceToken": f"{len(stream.batches):056d}"}
        return {**answer, "rejectedLogEventsInfo": rejected} if rejected else answer

    def _get_events(self, body: dict[str, Any]) -> dict[str, Any]:
        _, stream = self._stream(body)
        events = sorted(stream.arrived(), key=lambda event: event[0])
        begin, end = body.get("startTime", 0), body.get("endTime")
        events = [one for one in events if one[0] >= begin and (end is None or one[0] < end)]
        limit = min(int(body.get("limit", PAGE_EVENTS_MOST)), PAGE_EVENTS_MOST)
        from_head = bool(body.get("startFromHead"))
        token = body.get("nextToken") or (f"f/{0}" if from_head else f"b/{len(events)}")
        first, last = _page(events, token, limit)
        page = [
            {"timestamp": timestamp, "message": message, "ingestionTime": self.now_ms()}
            for timestamp, message in events[first:last]
        ]
        return {"events": page, "nextForwardToken": f"f/{last}", "nextBackwardToken": f"b/{first}"}

    def _describe_streams(self, body: dict[str, Any]) -> dict[str, Any]:
        group = self._group(body)
        prefix = body.get("logStreamNamePrefix", "")
        names = sorted(name for name in group.streams if name.startswith(prefix))
        first = int(body.get("nextToken", "0"))
        last = first + min(int(body.get("limit", STREAMS_PAGE_MOST)), STREAMS_PAGE_MOST)
        answer: dict[str, Any] = {
            "logStreams": [{"logStreamName": name} for name in names[first:last]]
        }
        return {**answer, "nextToken": str(last)} if last < len(names) else answer


def _group_name(body: dict[str, Any]) -> str:
    name = body.get("logGroupName")
    if (
        not isinstance(name, str)
        or not GROUP_NAME.fullmatch(name)
        or len(name) > NAME_MOST
        or name.startswith("aws/")
    ):
        raise _invalid(
            "1 validation error detected: Value at 'logGroupName' failed to satisfy constraint"
        )
    return name


def _stream_name(body: dict[str, Any]) -> str:
    name = body.get("logStreamName")
    if not isinstance(name, str) or not STREAM_NAME.fullmatch(name) or len(name) > NAME_MOST:
        raise _invalid(
            "1 validation error detected: Value at 'logStreamName' failed to satisfy constraint"
        )
    return name


def _events(body: dict[str, Any]) -> list[Event]:
    given = body.get("logEvents")
    if not isinstance(given, list) or not 1 <= len(given) <= BATCH_EVENTS_MOST:
        raise _invalid(
            "1 validation error detected: Value at 'logEvents' failed to satisfy "
            f"constraint: length between 1 and {BATCH_EVENTS_MOST}"
        )
    events = [_event(one) for one in given]
    sizes = [len(message.encode()) + EVENT_HEADER_BYTES for _, message in events]
    if max(sizes) > EVENT_BYTES_MOST:
        raise _invalid(
            f"Log event too large: {max(sizes)} bytes exceeds limit of {EVENT_BYTES_MOST}"
        )
    if sum(sizes) > BATCH_BYTES_MOST:
        raise _invalid(f"Upload too large: {sum(sizes)} bytes exceeds limit of {BATCH_BYTES_MOST}")
    if any(later[0] < earlier[0] for earlier, later in itertools.pairwise(events)):
        raise _invalid(
            "Log events in a single PutLogEvents request must be in chronological order."
        )
    return events


def _event(one: Any) -> Event:
    if not isinstance(one, dict):
        raise ServiceError("SerializationException", "Start of structure expected")
    timestamp, message = one.get("timestamp"), one.get("message")
    if not isinstance(timestamp, int) or isinstance(timestamp, bool) or timestamp < 0:
        raise _invalid("1 validation error detected: Value at 'logEvents.member.timestamp'")
    if not isinstance(message, str) or not message:
        raise _invalid(
            "1 validation error detected: Value at 'logEvents.member.message' failed "
            "to satisfy constraint: Member must have length greater than or equal to 1"
        )
    try:
        message.encode()
    except UnicodeEncodeError:
        raise ServiceError("SerializationException", "Unpaired surrogate in a string") from None
    return timestamp, message


def _page(events: list[Event], token: str, limit: int) -> tuple[int, int]:
    """First and last index of a page of at most ``limit`` events and 1 MB."""
    direction, _, place = token.partition("/")
    if direction not in ("f", "b") or not place.isdigit():
        raise _invalid("The specified nextToken is invalid.")
    first = last = min(int(place), len(events))
    size = 0
    while last - first < limit:
        index = last if direction == "f" else first - 1
        if not 0 <= index < len(events):
            break
        size += len(events[index][1].encode()) + EVENT_HEADER_BYTES
        if size > PAGE_BYTES_MOST and last > first:
            break
        first, last = (first, last + 1) if direction == "f" else (first - 1, last)
    return first, last
