"""The explaining kernel of a process that died before it answered."""

import os
import signal
import uuid
from pathlib import Path

import envs
import processes
import pytest

from .conftest import Start
from .standin import FIRST, TIMEOUT, StandIn, attempt, died, explanation, python

SLEEP = "import os, time; open(os.environ['HERE'], 'w').close(); time.sleep(600)"


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return path


def waiting(fifo: Path, then: str) -> tuple[str, ...]:
    """A program that waits until the test writes to a fifo, and goes on with a shell command.

    It is told that it waits by reading from the fifo once.
    """
    return ("/bin/sh", "-c", f"echo > '{fifo}'; read -r x < '{fifo}'; {then}")


def test_what_the_process_said_is_told(start: Start) -> None:
    code = "import sys; print('looking'); sys.stdout.flush(); sys.exit('no licence')"

    text = start(died(*python(code, FIRST))).ready().text()

    assert "  its process ended with status 1 before it answered\n" in text
    assert "ended with status 1 and said:\n  looking\n  no licence\n" in text


def test_an_interpreter_without_ipykernel_is_told_what_to_install(
    start: Start, tmp_path: Path
) -> None:
    prefix = envs.make_environment(tmp_path / "my env", interpreter="real")
    for path in prefix.rglob("tests.pth"):
        path.unlink()
    argv = (f"{prefix}/bin/python", "-m", "ipykernel_launcher", "-f", FIRST)

    install = f"conda install --prefix '{prefix}' ipykernel"
    kernel = start(died(*argv, prefix=str(prefix), install=install)).ready()
    reply, _ = kernel.execute("1")

    assert reply["evalue"] == f"the environment {prefix} has no ipykernel"
    assert f"  {install}" in reply["traceback"]


def test_an_interrupted_start_is_not_repeated(start: Start, tmp_path: Path) -> None:
    argv = ("/bin/sh", "-c", f"touch '{tmp_path}/repeated'")
    told = explanation(attempt=attempt(*argv, status=-signal.SIGINT))

    text = start(told).ready().text()

    assert "its process was interrupted while it started" in text
    assert not (tmp_path / "repeated").exists()


def test_a_program_that_is_gone_is_told(start: Start) -> None:
    text = start(died("/nowhere/python", FIRST)).ready().text()

    assert "cannot be started once more" in text
    assert "/nowhere/python: no such file or directory." in text


def test_executions_wait_for_it_and_the_kernel_answers_meanwhile(start: Start, fifo: Path) -> None:
    kernel = start(died(*waiting(fifo, "echo told; exit 4"))).ready()
    fifo.read_bytes()
    banner = kernel.control("kernel_info", {})["banner"]
    asked = kernel.client.execute("1")
    info = kernel.control("kernel_info", {})
    fifo.write_text("go\n")
    reply = kernel.reply_to(asked)

    assert "is being started once more" in banner
    assert info["banner"] == banner
    assert "  told" in reply["traceback"]


def test_an_interrupt_reaches_it_and_not_what_explains(start: Start, tmp_path: Path) -> None:
    here = tmp_path / "here"
    os.mkfifo(here)
    told = explanation(
        attempt=attempt(*python(SLEEP), environ={**os.environ, "HERE": str(here)}),
    )
    kernel = start(told).ready()
    here.read_bytes()
    kernel.interrupt()

    assert "Started once more to hear what it says, it was interrupted." in kernel.text()
    assert kernel.runs()


def test_who_ignores_an_interrupt_is_heard_all_the_same(start: Start, fifo: Path) -> None:
    kernel = start(died("/bin/sh", "-c", "trap '' INT; " + waiting(fifo, "echo told; exit 4")[2]))
    kernel.ready()
    fifo.read_bytes()
    asked = kernel.client.execute("1")
    for _ in range(3):
        kernel.interrupt()
        kernel.control("kernel_info", {})
    fifo.write_text("go\n")
    reply = kernel.reply_to(asked)

    assert "  told" in reply["traceback"]


def test_what_it_started_ends_with_it(start: Start, tmp_path: Path) -> None:
    script = f"sleep 600 & echo $! > '{tmp_path}/pid'; exit 3"
    kernel = start(died("/bin/sh", "-c", script)).ready()

    assert "ended with status 3 and said nothing." in kernel.text()

    child = processes.find(int((tmp_path / "pid").read_text()))
    assert child is None or not processes.still_alive({child})
    assert kernel.left() == []


@pytest.mark.parametrize("how", ["shutdown", "terminate", "terminate the group"])
def test_its_end_is_the_end_of_everything(start: Start, fifo: Path, how: str) -> None:
    script = f"trap '' TERM; sleep 600 & echo > '{fifo}'; wait"
    kernel = start(died("/bin/sh", "-c", script)).ready()
    fifo.read_bytes()
    started = kernel.second_start()
    assert len(started) == 2
    assert len(kernel.left()) == 1

    if how == "shutdown":
        assert kernel.control("shutdown", {"restart": False})["status"] == "ok"
    elif how == "terminate":
        kernel.process.terminate()
    else:
        os.killpg(kernel.process.pid, signal.SIGTERM)

    assert kernel.process.wait(TIMEOUT) == (0 if how == "shutdown" else -signal.SIGTERM)
    assert processes.still_alive(started) == set()
    assert kernel.left() == []


def test_who_kills_the_group_kills_it_too(start: Start, fifo: Path) -> None:
    kernel = start(died(*waiting(fifo, "exit 1"))).ready()
    fifo.read_bytes()
    started = kernel.second_start()
    os.killpg(kernel.process.pid, signal.SIGKILL)

    assert started
    assert processes.still_alive(started) == set()


def test_everything_ends_with_the_server(start: Start, tmp_path: Path) -> None:
    mark = uuid.uuid4().hex
    here = tmp_path / "here"
    os.mkfifo(here)
    environ = {**os.environ, "MARK": mark, "HERE": str(here)}
    server = (
        "import os, subprocess, sys\n"
        "env = {**os.environ, 'JPY_PARENT_PID': str(os.getpid())}\n"
        "subprocess.Popen(sys.argv[1:], env=env, start_new_session=True).wait()\n"
    )
    kernel: StandIn = start(
        explanation(attempt=attempt(*python(SLEEP), environ=environ)),
        env={"MARK": mark},
        through=python(server),
    ).ready()
    here.read_bytes()
    running = processes.processes_with_env(f"MARK={mark}")
    assert len(running) == 3

    kernel.process.kill()
    kernel.process.wait(TIMEOUT)

    assert processes.still_alive(running, within=20) == set()
    assert kernel.left() == []
