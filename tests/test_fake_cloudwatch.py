"""The tests' CloudWatch Logs refuses what the documented one refuses, as the real SDK sees it."""

import itertools
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from fake_cloudwatch import FAKE_CREDENTIALS, GROUP, FakeCloudWatch, start_fake_cloudwatch

HOUR = 3_600_000
DAY = 24 * HOUR

_names = (f"d-1/ann/KernelGateway/app-{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeCloudWatch]:
    with start_fake_cloudwatch() as running:
        yield running


@pytest.fixture(scope="module")
def client(fake: FakeCloudWatch) -> Iterator[Any]:
    client = boto3.client(
        "logs",
        endpoint_url=fake.endpoint_url,
        region_name="eu-west-1",
        aws_access_key_id=FAKE_CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=FAKE_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"max_attempts": 0}, parameter_validation=False),
    )
    client.create_log_group(logGroupName=GROUP)
    yield client
    client.close()


@pytest.fixture
def stream(client: Any) -> str:
    name = next(_names)
    client.create_log_stream(logGroupName=GROUP, logStreamName=name)
    return name


def _now() -> int:
    return time.time_ns() // 1_000_000


def _put(client: Any, stream: str, *events: tuple[int, str]) -> dict[str, Any]:
    answer: dict[str, Any] = client.put_log_events(
        logGroupName=GROUP,
        logStreamName=stream,
        logEvents=[{"timestamp": timestamp, "message": message} for timestamp, message in events],
    )
    return answer


def _refused(client: Any, stream: str, *events: tuple[int, str]) -> str:
    with pytest.raises(ClientError) as refusal:
        _put(client, stream, *events)
    assert refusal.value.response["Error"]["Code"] == "InvalidParameterException"
    return str(refusal.value.response["Error"]["Message"])


def test_what_was_accepted_is_read_back_in_order_and_by_call(
    client: Any, fake: FakeCloudWatch, stream: str
) -> None:
    now = _now()
    first, second = [(now, "é😀"), (now, "b")], [(now - 5, "\0 late")]

    _put(client, stream, *first)
    answer = _put(client, stream, *second)

    assert "rejectedLogEventsInfo" not in answer
    assert fake.batches(stream) == [first, second]
    assert fake.arrived(stream) == [*first, *second]


def test_a_batch_may_have_1_048_576_bytes_and_not_one_more(
    client: Any, fake: FakeCloudWatch, stream: str
) -> None:
    now = _now()
    full = [(now, "é" * 100_000), (now, "x" * (1_048_576 - 200_000 - 2 * 26))]
    _put(client, stream, *full)
    more = [full[0], (now, full[1][1] + "x")]

    assert "Upload too large: 1048577 bytes" in _refused(client, stream, *more)
    assert fake.arrived(stream) == full


def test_an_event_may_have_a_megabyte_and_not_one_byte_more(client: Any, stream: str) -> None:
    most = 1_000_000 - 26
    _put(client, stream, (_now(), "x" * most))

    assert "Log event too large" in _refused(client, stream, (_now(), "x" * (most + 1)))


def test_a_batch_has_between_1_and_10_000_events(client: Any, stream: str) -> None:
    now = _now()
    _put(client, stream, *[(now, "x")] * 10_000)

    assert "logEvents" in _refused(client, stream, *[(now, "x")] * 10_001)
    assert "logEvents" in _refused(client, stream)


def test_an_empty_message_and_a_time_before_1970_are_refused(client: Any, stream: str) -> None:
    assert "message" in _refused(client, stream, (_now(), ""))
    assert "timestamp" in _refused(client, stream, (-1, "x"))


def test_a_batch_out_of_order_is_refused_whole(
    client: Any, fake: FakeCloudWatch, stream: str
) -> None:
    now = _now()

    assert "chronological" in _refused(client, stream, (now, "a"), (now - 1, "b"))
    assert fake.arrived(stream) == []


def test_a_batch_spans_24_hours_and_not_a_millisecond_more(client: Any, stream: str) -> None:
    now = _now()
    _put(client, stream, (now - DAY, "a"), (now, "b"))

    assert "24 hours" in _refused(client, stream, (now - DAY - 1, "a"), (now, "b"))


def test_old_and_future_events_are_rejected_and_the_rest_is_accepted(
    client: Any, fake: FakeCloudWatch, stream: str
) -> None:
    now = _now()
    old = [(now - 15 * DAY, "a"), (now - 14 * DAY - 1, "b")]
    valid = [(now - DAY, "c"), (now, "d")]
    new = [(now + 2 * HOUR + 60_000, "e"), (now + 3 * HOUR, "f"), (now + 4 * HOUR, "g")]

    answer = _put(client, stream, *old, *valid, *new)

    assert answer["rejectedLogEventsInfo"] == {
        "tooOldLogEventEndIndex": 2,
        "tooNewLogEventStartIndex": 4,
    }
    assert fake.arrived(stream) == valid


def test_events_before_the_retention_are_rejected_as_expired(
    client: Any, fake: FakeCloudWatch, stream: str
) -> None:
    now = _now()
    fake.retention(3)
    try:
        answer = _put(client, stream, (now - 4 * DAY, "a"), (now, "b"))
    finally:
        fake.retention(None)

    assert answer["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
    assert fake.arrived(stream) == [(now, "b")]


@pytest.mark.parametrize("name", ["", "aws/sagemaker", "a b", "a:b", "x" * 513])
def test_a_group_name_outside_the_pattern_is_refused(client: Any, name: str) -> None:
    with pytest.raises(client.exceptions.InvalidParameterException):
        client.create_log_group(logGroupName=name)


@pytest.mark.parametrize("name", ["", "a:b", "a*b", "x" * 513])
def test_a_stream_name_outside_the_pattern_is_refused(client: Any, name: str) -> None:
    with pytest.raises(client.exceptions.InvalidParameterException):
        client.create_log_stream(logGroupName=GROUP, logStreamName=name)


def test_the_longest_names_are_accepted(client: Any) -> None:
    group = "/" + "#" * 511
    client.create_log_group(logGroupName=group)
    client.create_log_stream(logGroupName=group, logStreamName=" " * 512)


def test_what_is_missing_and_what_is_there_are_said(client: Any, stream: str) -> None:
    with pytest.raises(client.exceptions.ResourceAlreadyExistsException):
        client.create_log_group(logGroupName=GROUP)
    with pytest.raises(client.exceptions.ResourceAlreadyExistsException):
        client.create_log_stream(logGroupName=GROUP, logStreamName=stream)
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="log group"):
        client.create_log_stream(logGroupName="/none", logStreamName=stream)
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="log stream"):
        _put(client, "never/made", (_now(), "x"))


def test_readers_get_pages_of_a_megabyte_in_both_directions(client: Any, stream: str) -> None:
    now = _now()
    written = [(now + number, f"{number}" + "x" * 400_000) for number in range(5)]
    for event in written:
        _put(client, stream, event)

    forward: list[tuple[int, str]] = []
    token: dict[str, str] = {}
    pages = 0
    while True:
        page = client.get_log_events(
            logGroupName=GROUP, logStreamName=stream, startFromHead=True, **token
        )
        forward += [(event["timestamp"], event["message"]) for event in page["events"]]
        if page["nextForwardToken"] == token.get("nextToken"):
            break
        pages, token = pages + 1, {"nextToken": page["nextForwardToken"]}
    assert (forward, pages) == (written, 3)

    newest = client.get_log_events(logGroupName=GROUP, logStreamName=stream, limit=1)
    assert newest["events"][0]["timestamp"] == now + 4
    described = client.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=stream)
    assert [found["logStreamName"] for found in described["logStreams"]] == [stream]
