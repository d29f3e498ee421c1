"""The shipper's process in front of a service that is strict and has faults."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest
from fake_cloudwatch import FakeCloudWatch

from jupyter_sm.logs.shipping.program import NOT_AGAIN
from jupyter_sm.logs.shipping.state import Counters

from .running import RunShipper, wait_until
from .spools import GROUP, STREAM, append, line, shipped


def messages(cloudwatch: FakeCloudWatch) -> list[str]:
    return [message for _, message in cloudwatch.arrived(STREAM)]


def numbered(begin: int, end: int) -> list[str]:
    return [f"event {n}" for n in range(begin, end)]


def test_events_arrive_while_they_are_written_and_the_rest_at_the_end(
    log_path: Path, cloudwatch: FakeCloudWatch, run_shipper: RunShipper
) -> None:
    child = run_shipper()
    append(log_path, *map(line, numbered(0, 10)))
    wait_until(lambda: messages(cloudwatch) == numbered(0, 10))
    append(log_path, *map(line, numbered(10, 20)))

    assert child.end() == 0

    assert messages(cloudwatch) == numbered(0, 20)
    assert child.saved.counters == Counters(shipped=20)
    assert child.saved.state == "stopped"
    assert child.notes == ""


def test_sigterm_is_an_end_with_everything_shipped(
    log_path: Path, cloudwatch: FakeCloudWatch, run_shipper: RunShipper
) -> None:
    child = run_shipper()
    append(log_path, line("first"))
    wait_until(lambda: messages(cloudwatch) == ["first"])
    append(log_path, line("last"))

    assert child.terminate() == 0

    assert messages(cloudwatch) == ["first", "last"]


def test_what_a_refusing_service_has_not_got_comes_at_the_next_start_once(
    log_path: Path, cloudwatch: FakeCloudWatch, run_shipper: RunShipper
) -> None:
    first = run_shipper(drain=0.5)
    append(log_path, *map(line, numbered(0, 50)))
    wait_until(lambda: messages(cloudwatch) == numbered(0, 50))
    cloudwatch.refuse()
    append(log_path, *map(line, numbered(50, 100)))
    wait_until(lambda: first.saved.state == "waiting")

    assert first.terminate() == 0
    assert "EndpointConnectionError" in first.saved.reason

    cloudwatch.recover()
    second = run_shipper()
    assert second.end() == 0
    assert messages(cloudwatch) == numbered(0, 100)
    assert second.saved.counters.shipped == 100


def test_a_call_that_hangs_is_given_up_when_the_time_is_over(
    log_path: Path, cloudwatch: FakeCloudWatch, run_shipper: RunShipper
) -> None:
    first = run_shipper(drain=0.3)
    append(log_path, line("before"))
    wait_until(lambda: messages(cloudwatch) == ["before"])
    cloudwatch.hang()
    append(log_path, line("under way"))
    wait_until(lambda: len(cloudwatch.calls("PutLogEvents")) > 2)

    assert first.end() == 0  # the SDK would wait for 40 s
    assert messages(cloudwatch) == ["before"]

    cloudwatch.recover()
    second = run_shipper()
    assert second.end() == 0
    assert messages(cloudwatch) == ["before", "under way"]
    assert second.saved.counters == Counters(shipped=2, doubled_possibly=1)


def test_two_shippers_of_a_stream_take_turns(
    log_path: Path, cloudwatch: FakeCloudWatch, run_shipper: RunShipper
) -> None:
    first = run_shipper()
    append(log_path, line("a"))
    wait_until(lambda: messages(cloudwatch) == ["a"])
    second = run_shipper()
    wait_until(lambda: "another shipper has this stream" in second.notes)
    append(log_path, line("b"))
    wait_until(lambda: messages(cloudwatch) == ["a", "b"])
    first.kill()
    append(log_path, line("c"))
    wait_until(lambda: messages(cloudwatch)[-1] == "c")

    assert second.end() == 0
    assert set(messages(cloudwatch)) == {"a", "b", "c"}
    assert len(messages(cloudwatch)) <= 4  # b's call may have been under way


def test_a_shipper_in_waiting_ends_when_the_other_has_shipped_everything(
    log_path: Path, cloudwatch: FakeCloudWatch, run_shipper: RunShipper
) -> None:
    first = run_shipper()
    append(log_path, line("a"))
    wait_until(lambda: messages(cloudwatch) == ["a"])
    second = run_shipper()
    wait_until(lambda: "another shipper" in second.notes)
    append(log_path, line("b"))

    assert second.end() == 0

    assert messages(cloudwatch) == ["a", "b"]
    assert first.process.poll() is None
    assert first.end() == 0


def test_without_credentials_everything_waits_on_disk(
    log_path: Path,
    aws_environ: pytest.MonkeyPatch,
    run_shipper: RunShipper,
    cloudwatch: FakeCloudWatch,
) -> None:
    with aws_environ.context() as without:
        without.delenv("AWS_ACCESS_KEY_ID")
        append(log_path, line("a"))
        first = run_shipper()
        wait_until(lambda: "credentials" in first.notes)
    assert first.saved.state == "waiting"
    assert "credentials" in first.saved.reason
    assert first.end() == 0
    assert cloudwatch.calls() == []

    assert run_shipper().end() == 0
    assert messages(cloudwatch) == ["a"]


def test_a_role_that_may_not_is_said_and_nothing_is_lost(
    log_path: Path, cloudwatch: FakeCloudWatch, run_shipper: RunShipper
) -> None:
    cloudwatch.fail("AccessDeniedException", times=None)
    append(log_path, line("a"))
    first = run_shipper()
    wait_until(lambda: "AccessDeniedException" in first.notes)
    assert first.end() == 0

    cloudwatch.recover()
    assert run_shipper().end() == 0
    assert messages(cloudwatch) == ["a"]


def test_without_the_aws_libraries_it_says_what_to_install_and_is_not_started_again(
    log_path: Path, aws_environ: pytest.MonkeyPatch, run_shipper: RunShipper, tmp_path: Path
) -> None:
    (tmp_path / "boto3.py").write_text("raise ImportError")
    aws_environ.setenv("PYTHONPATH", str(tmp_path))
    append(log_path, line("a"))

    child = run_shipper()

    assert child.process.wait(30) == NOT_AGAIN
    assert "jupyter_sm[aws]" in child.notes
    assert "jupyter_sm[aws]" in child.saved.reason


def test_a_full_disk_stops_no_shipping(
    log_path: Path, cloudwatch: FakeCloudWatch, run_shipper: RunShipper
) -> None:
    child = run_shipper()
    append(log_path, line("a"))
    wait_until(lambda: messages(cloudwatch) == ["a"])
    resource.prlimit(child.process.pid, resource.RLIMIT_FSIZE, (200, resource.RLIM_INFINITY))
    append(log_path, line("b"))
    wait_until(lambda: "cannot save" in child.notes)
    append(log_path, line("c"))
    wait_until(lambda: messages(cloudwatch) == ["a", "b", "c"])
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.prlimit(child.process.pid, resource.RLIMIT_FSIZE, unlimited)
    append(log_path, line("d"))

    assert child.end() == 0

    assert messages(cloudwatch) == ["a", "b", "c", "d"]
    assert child.saved.counters == Counters(shipped=4)
    assert "saves again" in child.notes


def test_with_a_corrupt_state_everything_on_disk_arrives_again(
    log_path: Path, cloudwatch: FakeCloudWatch, run_shipper: RunShipper
) -> None:
    append(log_path, line("a"), line("b"))
    shipped(log_path)
    log_path.with_suffix(".ship").write_bytes(b'{"position": [')

    child = run_shipper()

    assert child.end() == 0
    assert messages(cloudwatch) == ["a", "b"]
    assert "from the beginning" in child.notes
    assert "app.ship" in child.saved.began_again


def test_the_shippers_process_knows_no_server_and_loads_the_sdk_only_to_ship() -> None:
    program = (
        "import sys, jupyter_sm.logs.shipping.program\n"
        "for name in ('tornado', 'traitlets', 'jupyter_server', 'zmq', 'boto3', 'botocore'):\n"
        "    assert name not in sys.modules, name\n"
    )

    subprocess.run([sys.executable, "-c", program], check=True)


def test_group_and_stream_are_made_where_they_are_missing(
    log_path: Path, cloudwatch: FakeCloudWatch, run_shipper: RunShipper
) -> None:
    assert cloudwatch.streams(GROUP) is None
    append(log_path, line("a"))

    assert run_shipper().end() == 0

    assert cloudwatch.streams(GROUP) == [STREAM]
    assert messages(cloudwatch) == ["a"]
