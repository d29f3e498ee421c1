"""The object by which a server has a shipper."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import processes
import pytest
from fake_cloudwatch import FakeCloudWatch

from jupyter_sm.logs.shipping import ShipperProcess
from jupyter_sm.logs.shipping.program import NICENESS
from jupyter_sm.logs.stream import Stream

from .running import texts, wait_until
from .spools import GROUP, STREAM, append, line

PARENT = """\
import logging, os, subprocess, sys, time
from jupyter_sm.logs.shipping import ShipperProcess
from jupyter_sm.logs.spool import SpoolHandler
from jupyter_sm.logs.stream import Stream

log_path, endpoint, group, stream = sys.argv[1:]
log = logging.getLogger("app")
log.addHandler(SpoolHandler(log_path))
shipper = ShipperProcess(log_path, Stream(group, stream), endpoint_url=endpoint, note=print)
shipper.start()
os.set_inheritable(shipper._process.stdin.fileno(), True)
log.warning("event 0")
if "leave" in sys.stdin.readline():
    # A child of the server's, with everything that the server has open.
    subprocess.Popen(["sleep", "60"], close_fds=False, stdout=subprocess.DEVNULL)
print(shipper.pid, flush=True)
sys.stdin.readline()
for number in range(1, 500):
    log.warning("event %d", number)
print("written", flush=True)
time.sleep(60)
"""

MakeShipper = Callable[..., ShipperProcess]


def opened_by(pid: int) -> list[str]:
    found = []
    for descriptor in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            found.append(os.readlink(f"/proc/{pid}/fd/{descriptor}"))
    return found


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def make_shipper(
    log_path: Path, cloudwatch: FakeCloudWatch, notes: list[str]
) -> Iterator[MakeShipper]:
    """A shipper, running; stopped with the test."""
    with ExitStack() as running:

        def make() -> ShipperProcess:
            shipper = ShipperProcess(
                str(log_path),
                Stream(GROUP, STREAM),
                endpoint_url=cloudwatch.endpoint_url,
                note=notes.append,
            )
            running.callback(shipper.stop, 0.5)
            shipper.start()
            return shipper

        yield make


def test_a_stop_ships_what_is_there_and_leaves_no_process(
    log_path: Path, cloudwatch: FakeCloudWatch, make_shipper: MakeShipper, notes: list[str]
) -> None:
    shipper = make_shipper()
    pid = shipper.pid
    assert pid
    append(log_path, line("a"), line("b"))

    shipper.stop(20)

    assert [message for _, message in cloudwatch.arrived(STREAM)] == ["a", "b"]
    assert not shipper.alive
    assert not os.path.exists(f"/proc/{pid}")  # not even a zombie
    assert notes == []


def test_a_stop_ends_with_its_deadline_though_the_service_hangs(
    log_path: Path, cloudwatch: FakeCloudWatch, make_shipper: MakeShipper
) -> None:
    cloudwatch.hang()
    shipper = make_shipper()
    append(log_path, line("a"))
    wait_until(cloudwatch.calls)
    pid = shipper.pid

    shipper.stop(1.0)

    assert not os.path.exists(f"/proc/{pid}")
    assert cloudwatch.arrived(STREAM) == []


def test_a_process_that_does_not_end_is_killed(make_shipper: MakeShipper) -> None:
    shipper = make_shipper()
    pid = shipper.pid
    assert pid
    os.kill(pid, signal.SIGSTOP)

    shipper.stop(0.3)

    assert not os.path.exists(f"/proc/{pid}")


def test_a_stop_without_a_process_is_nothing(make_shipper: MakeShipper) -> None:
    shipper = make_shipper()
    shipper.stop(5)
    shipper.stop(5)

    assert shipper.pid is None


def test_it_can_be_started_again(
    log_path: Path, cloudwatch: FakeCloudWatch, make_shipper: MakeShipper
) -> None:
    shipper = make_shipper()
    shipper.start()
    first = shipper.pid
    shipper.stop(5)
    append(log_path, line("a"))
    shipper.start()

    assert shipper.pid != first
    wait_until(lambda: cloudwatch.arrived(STREAM))


def test_a_killed_shipper_is_started_again_and_that_is_said(
    log_path: Path, cloudwatch: FakeCloudWatch, make_shipper: MakeShipper, notes: list[str]
) -> None:
    shipper = make_shipper()
    assert shipper.pid
    os.kill(shipper.pid, signal.SIGKILL)
    append(log_path, line("a"))

    wait_until(lambda: cloudwatch.arrived(STREAM))

    assert notes == ["the log shipper ended with status -9; starts again in 1 s"]


def test_a_shipper_that_somebody_else_has_asked_to_end_is_started_again_and_that_is_said(
    log_path: Path, cloudwatch: FakeCloudWatch, make_shipper: MakeShipper, notes: list[str]
) -> None:
    shipper = make_shipper()
    append(log_path, line("a"))
    wait_until(lambda: cloudwatch.arrived(STREAM))
    first = shipper.pid
    assert first
    os.kill(first, signal.SIGTERM)
    wait_until(lambda: notes)
    append(log_path, line("b"))

    wait_until(lambda: len(cloudwatch.arrived(STREAM)) == 2)

    assert notes == ["the log shipper ended with status 0; starts again in 1 s"]
    assert shipper.pid != first


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_stop_ships_the_rest_though_the_shipper_was_ended_just_before(
    log_path: Path, cloudwatch: FakeCloudWatch, make_shipper: MakeShipper, number: int
) -> None:
    shipper = make_shipper()
    append(log_path, line("a"))
    wait_until(lambda: cloudwatch.arrived(STREAM))
    pid = shipper.pid
    assert pid
    os.kill(pid, number)
    wait_until(lambda: not shipper.alive)
    append(log_path, line("b"))

    shipper.stop(20)

    arrived = [message for _, message in cloudwatch.arrived(STREAM)]
    # A shipper that is killed before it has saved how far it is sends its last batch again.
    assert (list(dict.fromkeys(arrived)), arrived.count("b")) == (["a", "b"], 1)
    assert not shipper.alive


def test_a_shipper_without_the_aws_libraries_is_not_started_again(
    log_path: Path,
    make_shipper: MakeShipper,
    notes: list[str],
    aws_environ: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (tmp_path / "boto3.py").write_text("raise ImportError")
    aws_environ.setenv("PYTHONPATH", str(tmp_path))
    append(log_path, line("a"))
    shipper = make_shipper()

    wait_until(lambda: not shipper.alive)
    shipper.stop(5)

    assert notes == []


def test_a_shipper_that_cannot_be_started_stops_no_server(
    log_path: Path, notes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    shipper = ShipperProcess(str(log_path), Stream(GROUP, STREAM), note=notes.append)

    shipper.start()
    wait_until(lambda: notes)
    shipper.stop(5)

    assert not shipper.alive
    assert "cannot be started" in notes[0]


def test_it_is_alone_in_its_session_polite_and_inherits_nothing(
    make_shipper: MakeShipper, tmp_path: Path
) -> None:
    secret = os.open(tmp_path / "secret", os.O_RDWR | os.O_CREAT)
    os.set_inheritable(secret, True)
    shipper = make_shipper()
    pid = shipper.pid
    os.close(secret)
    assert pid
    wait_until(lambda: os.getpriority(os.PRIO_PROCESS, pid) == NICENESS)

    assert os.getsid(pid) == pid
    assert os.readlink(f"/proc/{pid}/cwd") == "/"
    assert str(tmp_path / "secret") not in opened_by(pid)
    assert os.readlink(f"/proc/{pid}/fd/1") == os.devnull


def test_what_lies_in_the_servers_folder_is_not_imported(
    log_path: Path,
    cloudwatch: FakeCloudWatch,
    make_shipper: MakeShipper,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "msgspec.py").write_text("raise SystemExit('wrong')")
    monkeypatch.chdir(tmp_path)
    make_shipper()
    append(log_path, line("a"))

    wait_until(lambda: cloudwatch.arrived(STREAM))


@pytest.mark.parametrize("inheritance", [b"none\n", b"leave\n"])
def test_when_its_parent_is_killed_it_ships_the_rest_and_ends(
    log_path: Path, cloudwatch: FakeCloudWatch, inheritance: bytes
) -> None:
    arguments = [str(log_path), cloudwatch.endpoint_url, GROUP, STREAM]
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdin.write(inheritance)
        shipper = processes.find(int(parent.stdout.readline()))
        assert shipper is not None
        wait_until(lambda: cloudwatch.arrived(STREAM))
        parent.stdin.write(b"go\n")
        assert parent.stdout.readline() == b"written\n"
        left = processes.descendants(parent.pid) - {shipper}
        parent.kill()

    assert processes.still_alive([shipper], within=30) == set()
    assert texts(cloudwatch.arrived(STREAM)) == [f"event {n}" for n in range(500)]
    processes.kill(left)
