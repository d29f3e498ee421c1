"""`jupyter sm logs --follow`, in a process of its own: live, over rotations, and quiet at its end."""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from .logged import Logged, event

SECONDS = 30
"""More than anything here takes."""

Follow = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def logged(tmp_path: Path) -> Logged:
    return Logged(tmp_path)


@pytest.fixture
def follow(sm_words: list[str], sm_environ: dict[str, str], logged: Logged) -> Iterator[Follow]:
    started: list[subprocess.Popen[bytes]] = []

    def start(*words: str, stdout: int = subprocess.PIPE) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [*sm_words, "logs", "--follow", *words],
            env={**sm_environ, **logged.settings},
            stdout=stdout,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def read_until(pipe: "IO[bytes] | None", wanted: str) -> str:
    """What comes out of a pipe until that was there."""
    assert pipe is not None
    got = b""
    deadline = time.monotonic() + SECONDS
    while wanted.encode() not in got:
        left = deadline - time.monotonic()
        assert select.select([pipe], [], [], max(left, 0))[0], got
        data = os.read(pipe.fileno(), 65_536)
        assert data, got
        got += data
    return got.decode()


def ended(process: "subprocess.Popen[bytes]") -> tuple[int, bytes, bytes]:
    out, err = process.communicate(timeout=SECONDS)
    return process.returncode, out, err


def test_events_come_as_they_are_written_also_over_a_rotation(
    logged: Logged, follow: Follow
) -> None:
    logged.add(*(event(f"old{n}") for n in range(3)))
    process = follow("--tail=2")
    out = read_until(process.stdout, "old2")
    assert "old0" not in out
    for number in range(1, 4):
        logged.add(event(f"before{number}"))
        logged.rotate(number)
        logged.add(event(f"after{number}"))
        out += read_until(process.stdout, f"after{number}")
    assert out.count("\n") == 2 + 6
    process.send_signal(signal.SIGINT)
    code, rest, _ = ended(process)
    assert (code, rest) == (130, b"")


def test_it_waits_for_a_log_that_is_not_there_yet_and_says_so(
    logged: Logged, follow: Follow
) -> None:
    process = follow("--level=warning")
    err = read_until(process.stderr, "Waiting for it")
    assert str(logged.path) in err
    logged.add(event("first"), event("second", level="ERROR"))
    assert read_until(process.stdout, "second").count("\n") == 1
    process.send_signal(signal.SIGINT)
    code, _, told = ended(process)
    assert code == 130
    assert b"Traceback" not in told


def test_an_interrupt_while_it_waits_is_no_error(follow: Follow) -> None:
    process = follow()
    read_until(process.stderr, "Waiting for it")
    process.send_signal(signal.SIGINT)
    assert ended(process)[::2] == (130, b"")


def test_a_file_that_is_not_there_yet_is_waited_for(logged: Logged, follow: Follow) -> None:
    path = logged.folder / "other.log"
    process = follow(f"--file={path}", "--json")
    read_until(process.stderr, "not there yet")
    logged.add(event("there"), path=path)
    assert read_until(process.stdout, "there").startswith('{"timestamp": ')


def test_since_a_time_goes_on_live(logged: Logged, follow: Follow) -> None:
    logged.add(event("old", ago=7200), *(event(f"new{n}") for n in range(120)))
    process = follow("--since=1h")
    out = read_until(process.stdout, "new119")
    assert "old" not in out
    assert out.count("\n") == 120
    logged.add(event("live"))
    assert read_until(process.stdout, "live").count("\n") == 1


def test_a_file_deleted_or_truncated_is_said(logged: Logged, follow: Follow) -> None:
    logged.add(event("one"))
    process = follow()
    read_until(process.stdout, "one")
    os.truncate(logged.path, 0)
    read_until(process.stderr, "events may be missing here")
    logged.add(event("two"))
    read_until(process.stdout, "two")
    logged.path.unlink()
    logged.add(event("three"))
    read_until(process.stdout, "three")


def test_it_ends_quietly_when_its_reader_goes_though_nothing_is_written(
    logged: Logged, follow: Follow
) -> None:
    logged.add(event("one"))
    reading, writing = os.pipe()
    process = follow(stdout=writing)
    os.close(writing)
    assert b"one" in os.read(reading, 65_536)
    os.close(reading)
    assert process.wait(SECONDS) == 141
    assert b"Traceback" not in ended(process)[2]
