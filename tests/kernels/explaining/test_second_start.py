"""A process that ended before it answered is started once more, to hear what it says."""

import contextlib
import os
import sys
from pathlib import Path

import pytest

from jupyter_sm.kernels.explaining.explanation import Attempt
from jupyter_sm.kernels.explaining.second_start import OUTPUT_LIMIT, Heard, SecondStart

from .standin import FIRST, TIMEOUT, attempt, python


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files, where nothing may stay."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def hear(failed: Attempt, patience: float = TIMEOUT) -> Heard:
    second = SecondStart(failed, patience)
    second.start()
    return second.heard.result(TIMEOUT)


def test_the_end_and_the_words_are_heard(temporary: Path) -> None:
    code = "import sys; print('out'); sys.stdout.flush(); sys.exit('err')"

    assert hear(attempt(*python(code))) == Heard(status=1, output=b"out\nerr\n")
    assert os.listdir(temporary) == []


def test_it_is_started_as_before_on_a_connection_of_its_own(tmp_path: Path) -> None:
    code = (
        "import json, os, sys\n"
        "files = {sys.argv[1], *sys.argv[2].removeprefix('--f=').split('+')}\n"
        "(file,) = files\n"
        "info = json.load(open(file))\n"
        "ports = {value for name, value in info.items() if name.endswith('_port')}\n"
        "mode = oct(os.stat(file).st_mode & 0o777)\n"
        "print(len(ports), info['ip'], len(info['key']) > 30, mode, os.getcwd(), sys.argv[3])\n"
        "print(os.environ['JPY_PARENT_PID'], os.environb[b'A\\x80'], sys.stdin.read() == '')\n"
    )
    failed = attempt(
        *python(code, FIRST, f"--f={FIRST}+{FIRST}", "rest"),
        environ={**os.environ, "A\udc80": "\udcff", "JPY_PARENT_PID": "1"},
        cwd=str(tmp_path),
    )

    heard = hear(failed)

    assert heard.output.decode().splitlines() == [
        f"5 127.0.0.1 True 0o600 {tmp_path} rest",
        f"{os.getpid()} b'\\xff' True",
    ]
    assert heard.status == 0


def test_only_its_own_environment_reaches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_THE_SERVER", "1")
    environ = {"ONLY": "this"}

    heard = hear(attempt("/usr/bin/env", environ=environ))

    assert sorted(heard.output.decode().splitlines()) == [
        f"JPY_PARENT_PID={os.getpid()}",
        "ONLY=this",
    ]


def test_what_is_said_last_is_kept() -> None:
    code = "import sys; sys.stdout.write('x' * 500_000 + 'end'); sys.exit(3)"

    heard = hear(attempt(*python(code)))

    assert heard.status == 3
    assert len(heard.output) == OUTPUT_LIMIT
    assert heard.output.endswith(b"xend")


def test_who_lives_longer_than_the_patience_has_started(temporary: Path) -> None:
    code = "import time; print('here', flush=True); time.sleep(600)"

    heard = hear(attempt(*python(code)), patience=0.3)

    assert heard.status is None
    assert os.listdir(temporary) == []


def test_who_closes_its_output_is_waited_for() -> None:
    code = (
        "import os, time; os.write(1, b'x'); os.close(1); os.close(2); time.sleep(0.3); os._exit(5)"
    )

    assert hear(attempt(*python(code))) == Heard(status=5, output=b"x")


@pytest.mark.parametrize(
    ("failed", "problem"),
    [
        (attempt("/no\x1bwhere/python"), "/no\\x1bwhere/python: no such file or directory"),
        (attempt(sys.executable, cwd="/nowhere"), "/nowhere: no such file or directory"),
        (attempt("/usr"), "/usr: permission denied"),
        (attempt(sys.executable, "\0"), "embedded null byte"),
    ],
)
def test_what_cannot_be_started_is_told(failed: Attempt, problem: str, temporary: Path) -> None:
    assert hear(failed) == Heard(problem=problem)
    assert os.listdir(temporary) == []


def test_a_folder_for_temporary_files_that_is_missing_is_told(temporary: Path) -> None:
    temporary.rmdir()

    assert hear(attempt(sys.executable)).problem.endswith(": no such file or directory")


def test_it_ends_when_it_is_stopped(tmp_path: Path, temporary: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    second = SecondStart(attempt("/bin/sh", "-c", f"echo > '{fifo}'; exec sleep 600"))

    second.stop()  # nothing runs yet
    second = SecondStart(attempt("/bin/sh", "-c", f"echo > '{fifo}'; exec sleep 600"))
    second.start()
    fifo.read_bytes()  # it runs
    second.stop()

    assert second.heard.result(0) == Heard(problem="this kernel is shut down")
    assert os.listdir(temporary) == []
    second.stop()


def test_no_descriptor_stays_open() -> None:
    hear(attempt(*python("")))
    before = set(os.listdir("/proc/self/fd"))
    hear(attempt(*python("print(1)")))
    with contextlib.suppress(OSError):
        hear(attempt("/nowhere"))

    assert set(os.listdir("/proc/self/fd")) == before
