import os
from pathlib import Path

from fake_cloudwatch import FakeCloudWatch

from jupyter_sm.aws.answers import Answer
from jupyter_sm.logs.shipping import Counters, read_report

from .running import RunShipper, wait_until
from .spools import GROUP, STREAM, Rig, Service, append, line, shipped


def test_a_spool_that_nobody_has_shipped_has_no_report(log_path: Path) -> None:
    append(log_path, line("a"))

    assert read_report(str(log_path)) is None


def test_a_shipper_at_work_is_seen(
    log_path: Path, cloudwatch: FakeCloudWatch, run_shipper: RunShipper
) -> None:
    child = run_shipper()
    append(log_path, line("a"))
    wait_until(lambda: (report := read_report(str(log_path))) and report.counters.shipped)
    idle = read_report(str(log_path))
    cloudwatch.fail("ThrottlingException", times=None)
    timestamp = 1_700_000_000_000
    append(log_path, line("b", timestamp), line("c"))
    wait_until(lambda: (report := read_report(str(log_path))) and report.state == "waiting")
    waiting = read_report(str(log_path))
    child.kill()
    stopped = read_report(str(log_path))

    assert idle
    assert (idle.state, idle.pid, idle.behind_events) == ("idle", child.process.pid, 0)
    assert (idle.group, idle.stream, idle.counters) == (GROUP, STREAM, Counters(shipped=1))
    assert idle.last_success
    assert waiting
    assert "ThrottlingException" in waiting.reason
    assert (waiting.pid, waiting.behind_events, waiting.oldest) == (
        child.process.pid,
        2,
        timestamp,
    )
    assert stopped
    assert (stopped.state, stopped.pid, stopped.behind_events) == ("stopped", None, 2)


def test_a_report_says_what_is_wrong_with_the_state(log_path: Path) -> None:
    append(log_path, line("a"))
    log_path.with_suffix(".ship").write_bytes(b"garbage")

    report = read_report(str(log_path))

    assert report
    assert report.state == "stopped"
    assert report.behind_events == 1
    assert "app.ship" in report.trouble


def test_a_report_remembers_that_it_was_begun_again(log_path: Path) -> None:
    append(log_path, line("a"))
    log_path.with_suffix(".ship").write_bytes(b"garbage")
    shipped(log_path)

    report = read_report(str(log_path))

    assert report
    assert "app.ship" in report.trouble
    assert report.behind_events == 0


def test_a_lock_that_cannot_be_asked_is_said(log_path: Path) -> None:
    append(log_path, line("a"))
    os.symlink("/dev/null", log_path.with_suffix(".lock"))

    report = read_report(str(log_path))

    assert report
    assert report.trouble


def test_whoever_ships_is_seen_before_anything_is_saved(log_path: Path) -> None:
    append(log_path, line("a"))
    rig = Rig(log_path, Service(Answer(kind="accepted")))
    assert rig.claim.take()

    report = read_report(str(log_path))

    assert report
    assert (report.state, report.pid, report.behind_events) == ("shipping", os.getpid(), 1)
    rig.claim.release()
