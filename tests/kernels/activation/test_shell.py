"""The process that runs the scripts: what it tells, and that nothing of it is left."""

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import processes
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_sm.kernels.activation import shell
from jupyter_sm.kernels.activation.protocol import Messages, Told
from jupyter_sm.kernels.activation.shell import Tools, find_tools, reap

from .installation import Installation

FIRST = Told(exited=False, status=0, environ={"A": "1", "B": "", "C": "x=y\nz"})
SECOND = Told(exited=True, status=3, environ={})
STREAM = b"0 end 0\0A=1\0B=\0C=x=y\nz\0\0" + b"1 exit 3\0\0"


@given(st.lists(st.integers(0, len(STREAM)), max_size=6))
def test_messages_may_come_in_any_pieces(cuts: list[int]) -> None:
    messages = Messages()

    edges = [0, *sorted(cuts), len(STREAM)]
    for start, end in itertools.pairwise(edges):
        messages.feed(STREAM[start:end])

    assert messages.told == [FIRST, SECOND]


@pytest.mark.parametrize("junk", [b"\0\0", b"junk\0\0", b"7 end 0\0A=2\0\0", b"0 end x\0\0"])
def test_what_is_no_message_is_dropped(junk: bytes) -> None:
    messages = Messages()

    messages.feed(junk + STREAM)

    assert messages.told == [FIRST, SECOND]


@given(st.binary())
def test_any_bytes_are_taken(data: bytes) -> None:
    messages = Messages()

    messages.feed(data + b"\0\0")

    assert len(messages.told) <= 1


def test_the_tools_are_found_by_absolute_path(tmp_path: Path) -> None:
    here, plain = tmp_path / "bash", tmp_path / "plain"
    here.touch(mode=0o755)
    plain.touch(mode=0o644)

    found = find_tools((str(plain), "/nowhere/bash", str(here)), (str(here),))

    assert found == Tools(str(here), str(here))
    assert find_tools(("/nowhere",)) is None
    assert find_tools(env=("/nowhere",)) is None


LEFT = {
    "a child": "sleep 300 &",
    "one that closed its output": "sleep 300 >/dev/null 2>&1 &",
    "one that ignores signals": "(trap '' TERM HUP INT; sleep 300) &",
    "one in another group": "set -m\nsleep 300 &",
    "one under another program": "timeout 300 sleep 300 &",
    "one that writes": "yes &",
}


def left_by(mark: str) -> set[processes.Process]:
    return processes.still_alive(processes.processes_with_env(mark), within=2)


@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT)
def test_nothing_that_a_script_started_is_left(
    conda: Installation, tmp_path: Path, text: str
) -> None:
    before = time.monotonic()

    found = conda.activate(conda.between(text), conda.plain(MARK=str(tmp_path)))

    assert time.monotonic() - before < 5
    assert found.findings == ()
    assert found.environ["LAST"] == "1"
    assert not left_by(f"MARK={tmp_path}")


@pytest.mark.parametrize("text", ["sleep 300", "timeout 300 sleep 300", "set -m; sleep 300 & wait"])
def test_nothing_of_a_script_that_was_stopped_is_left(
    conda: Installation, tmp_path: Path, text: str
) -> None:
    conda.activate(conda.between(text), conda.plain(MARK=str(tmp_path)), timeout=0.4)

    assert not left_by(f"MARK={tmp_path}")


def test_a_script_does_not_outlive_the_process_that_waits_for_it_in_a_daemon_thread(
    conda: Installation, tmp_path: Path
) -> None:
    prefix = conda.with_scripts(f"touch {tmp_path}/runs\nsleep 600\n")
    program = f"""
import os, sys, threading, time
from jupyter_sm.kernels.activation import activate
work = lambda: activate({str(prefix)!r}, dict(os.environ), root=None, timeout=600)
threading.Thread(target=work, daemon=True).start()
while not os.path.exists({str(tmp_path / "runs")!r}):
    time.sleep(0.01)
"""
    mark = f"MARK={tmp_path}"

    subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "MARK": str(tmp_path)},
        check=True,
        timeout=60,
    )

    assert left_by(mark) == set()


def test_a_process_that_made_a_session_of_its_own_is_meant_to_stay(
    conda: Installation, tmp_path: Path
) -> None:
    prefix = conda.between("setsid sleep 300 &\nsleep 0.2")

    found = conda.activate(prefix, conda.plain(MARK=str(tmp_path)))

    stayed = processes.processes_with_env(f"MARK={tmp_path}")
    processes.kill(stayed)
    assert len(stayed) == 1
    assert found.environ["LAST"] == "1"


def test_a_process_that_stays_and_writes_is_not_listened_to_for_ever(
    conda: Installation, tmp_path: Path
) -> None:
    found = conda.activate(conda.between("setsid yes &"), conda.plain(MARK=str(tmp_path)))

    processes.kill(processes.processes_with_env(f"MARK={tmp_path}"))
    assert found.environ["LAST"] == "1"


def test_no_file_and_no_child_is_left_open(conda: Installation) -> None:
    prefix = conda.with_scripts("export A=1", "exit 2", "sleep 300 &", "exec true")
    conda.activate(prefix)
    before = os.listdir("/proc/self/fd")
    others = processes.descendants(os.getpid())  # as a browser of other tests

    for _ in range(5):
        conda.activate(prefix)

    assert os.listdir("/proc/self/fd") == before
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    assert not children.exists() or not processes.descendants(os.getpid()) - others


def test_no_file_is_left_open_where_no_shell_can_be_started(
    conda: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = conda.with_scripts("export A=1")
    before = os.listdir("/proc/self/fd")

    conda.activate(prefix, conda.plain(NUL="a\0b"))
    monkeypatch.setattr(shell, "_CHANNEL", 1 << 30)
    found = conda.activate(prefix)

    assert os.listdir("/proc/self/fd") == before
    assert [finding.seen for finding in found.findings] == ["cannot be run: invalid argument"]


def test_scripts_have_neither_a_terminal_nor_input_nor_our_files(
    conda: Installation, tmp_path: Path
) -> None:
    with open(tmp_path / "ours", "w") as ours:
        os.set_inheritable(ours.fileno(), True)
        text = "read -r LINE || export INPUT=none\n: 2>/dev/null </dev/tty || export TTY=none\n"
        files = 'export FILES="$(ls -l /proc/$$/fd)"\n'

        environ = conda.activate(conda.with_scripts(text, files)).environ

    assert (environ["INPUT"], environ["TTY"]) == ("none", "none")
    assert "/dev/null" in environ["FILES"]
    assert f"{tmp_path}/ours" not in environ["FILES"]


def test_a_child_that_somebody_else_waited_for_is_not_killed_by_its_number(
    conda: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is the first process of a container may wait for every child."""
    wait = os.waitid
    killed: list[int] = []

    def first_to_wait(kind: int, pid: int, options: int) -> os.waitid_result | None:
        if wait(kind, pid, options) is not None:
            os.waitpid(pid, 0)
        return wait(kind, pid, options)

    monkeypatch.setattr(os, "waitid", first_to_wait)
    monkeypatch.setattr(os, "killpg", lambda pid, _signal: killed.append(pid))

    found = conda.activate(conda.with_scripts("exec true", "exec true"))

    assert len(found.findings) == 2
    assert killed == []


def test_a_process_that_does_not_die_is_not_waited_for() -> None:
    process = subprocess.Popen(["/bin/sleep", "300"])
    before = time.monotonic()

    reap(process, patience=0.01)

    assert time.monotonic() - before < 5
    process.kill()
    deadline = time.monotonic() + 5
    while process.returncode is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert process.returncode == -signal.SIGKILL
