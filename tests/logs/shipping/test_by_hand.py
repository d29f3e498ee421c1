from pathlib import Path

import pytest
from fake_cloudwatch import FakeCloudWatch

from jupyter_sm.aws import AwsMissingError
from jupyter_sm.logs.shipping import ShipperRunsError, ShipReport, ship_by_hand
from jupyter_sm.logs.shipping.claim import Claim
from jupyter_sm.logs.stream import Stream

from .spools import GROUP, STREAM, append, line


def by_hand(
    log_path: Path, cloudwatch: FakeCloudWatch, notes: list[str], deadline: float | None = None
) -> ShipReport:
    return ship_by_hand(
        str(log_path),
        Stream(GROUP, STREAM),
        endpoint_url=cloudwatch.endpoint_url,
        tell=notes.append,
        deadline=deadline,
    )


def test_all_that_is_there_is_shipped_once(log_path: Path, cloudwatch: FakeCloudWatch) -> None:
    append(log_path, line("a"), line("b"))
    first = by_hand(log_path, cloudwatch, [])
    append(log_path, line("c"))
    second = by_hand(log_path, cloudwatch, [])

    assert [message for _, message in cloudwatch.arrived(STREAM)] == ["a", "b", "c"]
    assert (first.state, first.reason, first.behind_events) == ("stopped", "", 0)
    assert second.counters.shipped == 3


def test_a_stream_that_is_being_shipped_is_left_alone(
    log_path: Path, cloudwatch: FakeCloudWatch
) -> None:
    append(log_path, line("a"))
    other = Claim(str(log_path))
    assert other.take()

    with pytest.raises(ShipperRunsError, match=r"process \d+.*app\.log"):
        by_hand(log_path, cloudwatch, [])

    other.release()
    assert cloudwatch.arrived(STREAM) == []


def test_without_credentials_it_ends_and_says_why(
    log_path: Path, cloudwatch: FakeCloudWatch, aws_environ: pytest.MonkeyPatch
) -> None:
    aws_environ.delenv("AWS_ACCESS_KEY_ID")
    append(log_path, line("a"))
    notes: list[str] = []

    report = by_hand(log_path, cloudwatch, notes)

    assert "credentials" in report.reason
    assert report.behind_events == 1
    assert notes == []  # the report says it


def test_a_deadline_ends_it_though_the_service_hangs(
    log_path: Path, cloudwatch: FakeCloudWatch
) -> None:
    append(log_path, line("a"))
    cloudwatch.hang()

    report = by_hand(log_path, cloudwatch, [], deadline=0.2)

    assert report.behind_events == 1
    assert report.reason == "the time, 0.2 s, was over"
    cloudwatch.recover()  # ends the call that was left alone


def test_without_the_aws_libraries_that_is_said(
    log_path: Path, cloudwatch: FakeCloudWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "boto3", None)
    append(log_path, line("a"))

    with pytest.raises(AwsMissingError, match=r"jupyter_sm\[aws\]"):
        by_hand(log_path, cloudwatch, [])
