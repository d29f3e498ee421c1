"""Answers made from parts that no service gives at will."""

import pytest
from botocore.exceptions import CredentialRetrievalError, NoCredentialsError, ReadTimeoutError

from jupyter_sm.aws.answers import Answer, accepted, failed, told


@pytest.mark.parametrize(
    ("rejected", "old", "expired", "new"),
    [
        ({}, 0, 0, 0),
        ({"tooOldLogEventEndIndex": 3}, 3, 0, 0),
        ({"expiredLogEventEndIndex": 3}, 0, 3, 0),
        ({"tooOldLogEventEndIndex": 3, "expiredLogEventEndIndex": 5}, 3, 2, 0),
        ({"tooOldLogEventEndIndex": 3, "expiredLogEventEndIndex": 2}, 3, 0, 0),
        ({"tooNewLogEventStartIndex": 7}, 0, 0, 3),
        ({"tooOldLogEventEndIndex": 4, "tooNewLogEventStartIndex": 2}, 4, 0, 6),
        ({"tooOldLogEventEndIndex": 99}, 10, 0, 0),
        ({"tooOldLogEventEndIndex": -1, "tooNewLogEventStartIndex": -1}, 0, 0, 10),
        ({"tooNewLogEventStartIndex": 99}, 0, 0, 0),
    ],
)
def test_rejected_events_are_counted_once_and_never_more_than_were_sent(
    rejected: dict[str, int], old: int, expired: int, new: int
) -> None:
    answer = accepted(10, rejected)

    assert answer == Answer(
        kind="accepted", rejected_too_old=old, rejected_expired=expired, rejected_too_new=new
    )
    assert answer.rejected <= 10


@pytest.mark.parametrize(
    ("error", "kind", "detail"),
    [
        (NoCredentialsError(), "credentials", "NoCredentialsError: Unable to locate credentials"),
        (
            CredentialRetrievalError(provider="p", error_msg="sesame"),
            "credentials",
            "CredentialRetrievalError: the provider 'p' gave no credentials",
        ),
        (
            ReadTimeoutError(endpoint_url="http://me:sesame@host/"),
            "endpoint",
            'ReadTimeoutError: Read timeout on endpoint URL: "http://***@host/"',
        ),
        (AttributeError("'list' object"), "endpoint", "AttributeError: 'list' object"),
    ],
)
def test_an_exception_of_the_sdk_becomes_an_answer(
    error: Exception, kind: str, detail: str
) -> None:
    answer = failed(error)

    assert (answer.kind, answer.detail) == (kind, detail)


def test_what_is_told_is_one_short_line() -> None:
    assert told("Name", "two\n  lines") == "Name: two lines"
    assert told("Name", "") == "Name"
    assert len(told("Name", "x" * 5000)) == 400


def test_the_longer_of_two_secrets_is_struck_first() -> None:
    assert told("Name", "abcdef abc", ["abc", "abcdef", ""]) == "Name: *** ***"
