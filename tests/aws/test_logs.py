"""Writing to a stream of a strict service: what each of its answers becomes."""

import time
from typing import Any

import pytest
from fake_cloudwatch import FAKE_CREDENTIALS, GROUP, FakeCloudWatch

from jupyter_sm.aws import Answer, LogsClient

STREAM = "d-1/ann/KernelGateway/app"
HOUR = 3_600_000
DAY = 24 * HOUR


def _now() -> int:
    return time.time_ns() // 1_000_000


def _some() -> list[tuple[int, str]]:
    return [(_now(), '{"level":"INFO","message":"é😀"}')]


def test_an_accepted_batch_has_arrived_as_it_was(logs: LogsClient, fake: FakeCloudWatch) -> None:
    first, second = _some() * 3, [(_now(), "plain\0 text")]

    assert logs.put(first) == Answer(kind="accepted")
    assert logs.put(second) == Answer(kind="accepted")
    assert fake.batches(STREAM) == [first, second]


def test_the_largest_batch_is_accepted_with_the_default_settings(
    logs: LogsClient, fake: FakeCloudWatch
) -> None:
    batch = [(_now(), "x" * (104 - 26))] * 10_000

    assert logs.put(batch).kind == "accepted"
    assert len(fake.arrived(STREAM)) == 10_000


def test_old_and_future_events_are_counted(logs: LogsClient, fake: FakeCloudWatch) -> None:
    now = _now()
    old = [(now - 15 * DAY, "a"), (now - 15 * DAY, "b"), (now - 15 * DAY, "c")]
    expired = [(now - 2 * DAY, "d"), (now - 2 * DAY, "e")]
    new = [(now + 3 * HOUR, "g")]
    fake.retention(1)

    answer = logs.put([*old, *expired, (now, "f"), *new])

    assert answer == Answer(
        kind="accepted", rejected_too_old=3, rejected_expired=2, rejected_too_new=1
    )
    assert answer.rejected == 6
    assert fake.arrived(STREAM) == [(now, "f")]


def test_a_batch_of_nothing_but_old_events_is_accepted_and_all_are_counted(
    logs: LogsClient, fake: FakeCloudWatch
) -> None:
    answer = logs.put([(_now() - 20 * DAY, "a"), (_now() - 15 * DAY, "b")])

    assert answer == Answer(kind="accepted", rejected_too_old=2)
    assert fake.arrived(STREAM) == []


@pytest.mark.usefixtures("logs")
@pytest.mark.parametrize("group_is_there", [False, True])
def test_what_is_missing_is_said_and_made(
    open_logs: Any, fake: FakeCloudWatch, *, group_is_there: bool
) -> None:
    group = GROUP if group_is_there else "/other"
    other = open_logs(group=group, stream="other")
    missing = other.put(_some())
    assert missing.kind == "missing"
    assert ("stream" if group_is_there else "group") in missing.detail

    assert other.create().kind == "accepted"
    assert other.put(_some()).kind == "accepted"
    assert fake.streams(group) == ([STREAM, "other"] if group_is_there else ["other"])
    assert [call.operation for call in fake.calls()[-2:]] == ["CreateLogStream", "PutLogEvents"]


def test_what_is_there_already_is_not_an_error(logs: LogsClient, fake: FakeCloudWatch) -> None:
    assert logs.create() == Answer(kind="accepted")
    assert fake.calls()[-1].code == "ResourceAlreadyExistsException"


@pytest.mark.usefixtures("logs")
def test_a_group_that_is_there_needs_no_right_to_make_groups(
    open_logs: Any, fake: FakeCloudWatch
) -> None:
    fake.fail("AccessDeniedException", None, operation="CreateLogGroup")

    assert open_logs(stream="second").create().kind == "accepted"


def test_a_group_that_may_not_be_made_is_said(open_logs: Any, fake: FakeCloudWatch) -> None:
    fake.fail("AccessDeniedException", operation="CreateLogGroup", message="logs:CreateLogGroup")

    answer = open_logs().create()

    assert answer.kind == "denied"
    assert "the log group does not exist and may not be created" in answer.detail
    assert "AccessDeniedException: logs:CreateLogGroup" in answer.detail


def test_a_group_that_cannot_be_made_now_is_no_verdict(
    open_logs: Any, fake: FakeCloudWatch
) -> None:
    fake.fail("OperationAbortedException", operation="CreateLogGroup")

    assert open_logs().create().kind == "unavailable"
    assert open_logs().create().kind == "accepted"


def test_a_group_made_by_another_meanwhile_is_not_an_error(
    open_logs: Any, fake: FakeCloudWatch
) -> None:
    fake.fail("ResourceAlreadyExistsException", operation="CreateLogGroup")

    assert open_logs().create().kind == "missing"  # not there yet: to be tried again
    assert open_logs().create().kind == "accepted"


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("DataAlreadyAcceptedException", 400, "accepted"),
        ("ResourceNotFoundException", 400, "missing"),
        ("ThrottlingException", 400, "throttled"),
        ("Throttling", 400, "throttled"),
        ("TooManyRequestsException", 429, "throttled"),
        ("RequestLimitExceeded", 503, "throttled"),
        ("LimitExceededException", 400, "throttled"),
        ("Unheard", 429, "throttled"),
        ("OperationAbortedException", 400, "unavailable"),
        ("ServiceUnavailableException", 500, "unavailable"),
        ("InternalFailure", 500, "unavailable"),
        ("UnheardOfException", 503, "unavailable"),
        ("UnheardOfException", 400, "unavailable"),
        ("InvalidSequenceTokenException", 400, "unavailable"),
        ("InvalidParameterException", 400, "invalid"),
        ("SerializationException", 400, "invalid"),
        ("Unheard", 413, "invalid"),
        ("AccessDeniedException", 400, "denied"),
        ("UnrecognizedClientException", 400, "credentials"),
        ("InvalidSignatureException", 400, "credentials"),
        ("ExpiredTokenException", 400, "credentials"),
        ("ExpiredToken", 403, "credentials"),
        ("MissingAuthenticationTokenException", 400, "credentials"),
        ("RequestTimeTooSkewed", 403, "credentials"),
    ],
)
def test_an_error_is_classified_by_its_name_and_said(
    logs: LogsClient, fake: FakeCloudWatch, code: str, status: int, kind: str
) -> None:
    fake.fail(code, status=status, message="why it was")

    answer = logs.put(_some())

    assert answer.kind == kind
    assert answer.detail.startswith("" if kind == "accepted" else f"{code}: why it was")
    assert [call.code for call in fake.calls("PutLogEvents")] == [code]  # and tried once
    assert logs.put(_some()).kind == "accepted"


def test_another_clock_is_said(logs: LogsClient, fake: FakeCloudWatch) -> None:
    fake.fail(
        "InvalidSignatureException",
        message="Signature expired: 20240101T000000Z is now earlier than 20240101T001000Z",
    )

    assert "this machine's clock is not the service's" in logs.put(_some()).detail


def test_a_secret_that_the_service_repeats_is_not_in_the_detail(
    open_logs: Any, fake: FakeCloudWatch, aws_environ: pytest.MonkeyPatch
) -> None:
    token = "a/session+token=="
    aws_environ.setenv("AWS_SESSION_TOKEN", token)
    secret = FAKE_CREDENTIALS["AWS_SECRET_ACCESS_KEY"]
    fake.fail(
        "InvalidSignatureException",
        message=f"{secret} does not match {token}.\nThe Canonical String was 'a%2Fsession%2Btoken'",
    )

    answer = open_logs().put(_some())

    assert answer.detail == "InvalidSignatureException: *** does not match ***."


def test_a_batch_that_the_service_refuses_is_invalid(
    logs: LogsClient, fake: FakeCloudWatch
) -> None:
    answer = logs.put([(_now(), "b"), (_now() - 1000, "a")])

    assert answer.kind == "invalid"
    assert "chronological" in answer.detail
    assert fake.arrived(STREAM) == []


@pytest.mark.parametrize("events", [[], [(5, "")], [("not a time", "the user's own text")]])
def test_a_batch_that_the_sdk_refuses_is_invalid_and_not_quoted(
    logs: LogsClient, events: Any
) -> None:
    answer = logs.put(events)

    assert answer.kind == "invalid"
    assert "the user's own text" not in answer.detail


def test_a_name_that_is_none_is_invalid(open_logs: Any) -> None:
    assert open_logs(stream="a:b").create().kind == "invalid"
    assert open_logs(stream="").create().kind == "invalid"


def test_close_opens_again_with_the_next_call(logs: LogsClient) -> None:
    logs.close()
    logs.close()

    assert logs.put(_some()).kind == "accepted"


def test_an_imitation_that_still_wants_a_token_is_given_it(
    logs: LogsClient, fake: FakeCloudWatch
) -> None:
    body = '{"__type": "InvalidSequenceTokenException", "expectedSequenceToken": "49"}'
    fake.answer_raw(400, body, content_type="application/x-amz-json-1.1")

    assert logs.put(_some()).kind == "accepted"
    assert len(fake.arrived(STREAM)) == 1
