"""A kernel that is started to see whether it answers: how it is started, and that nothing is left."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import processes
import pytest

from jupyter_sm.cli import kerneltrial

from .machine import Command, Machine
from .starting import IPYKERNEL, connection_files, install, make_bare, make_myenv, one_line, steps
from .test_main import run

AT_EXIT = """\
import atexit, pathlib
from ipykernel import kernelapp
atexit.register(pathlib.Path({file!r}).touch)
kernelapp.launch_new_instance()
"""


@contextmanager
def interrupted_when(
    ready: Path, words: list[str], environ: dict[str, str], folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is sent SIGINT once that file is there."""
    with subprocess.Popen(
        words, env=environ, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        while not ready.exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        yield process


@pytest.mark.parametrize("timeout", ["60", "0.001"])
def test_the_reason_is_told_when_what_stands_in_for_a_kernel_takes_too_long(
    sm: Command, machine: Machine, timeout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before its answer, or before its words."""
    monkeypatch.setattr(kerneltrial, "_EXPLAINING", 0.0)
    prefix = make_bare(machine)
    model = sm("kernels", "start", "conda-env-bare-py", "--json", f"--timeout={timeout}").json()
    reason, remedy = model["explanation"].splitlines()
    assert (model["answered"], model["findings"]) == (False, [])
    assert reason == f"the interpreter {prefix}/bin/python does not exist (yet)"
    assert f"install --prefix {prefix}" in remedy


def test_the_gateways_configuration_of_kernels_counts(sm: Command, machine: Machine) -> None:
    machine.configure("c.KernelManager.shutdown_wait_time = 'no number'")
    outcome = sm("kernels", "start", "python3")
    assert (outcome.status, outcome.out) == (2, "")
    assert "'shutdown_wait_time' trait" in outcome.err
    assert outcome.err.endswith("; correct it in the gateway's configuration\n")


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_person_at_a_terminal_is_told_what_is_waited_for(
    sm: Command, monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool
) -> None:
    monkeypatch.setattr(kerneltrial, "_LONG", 0.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)
    outcome = sm("kernels", "start", "python3", "--timeout=50")
    told = "waiting for python3 to start and answer, 50 s at most\n"
    assert outcome.err == (told if is_terminal else "")


def test_a_kernel_is_ended_cleanly(sm: Command, machine: Machine, tmp_path: Path) -> None:
    """What it registered with `atexit` runs."""
    code = AT_EXIT.format(file=str(tmp_path / "ended"))
    install(machine, "polite", sys.executable, "-c", code, "-f", "{connection_file}")
    assert sm("kernels", "start", "polite").status == 0
    assert (tmp_path / "ended").exists()


def test_what_a_kernel_leaves_behind_is_ended(
    sm: Command, machine: Machine, tmp_path: Path
) -> None:
    line = f'(sleep 300 & echo $! >{tmp_path}/pid); exec "$@"'
    install(machine, "messy", "/bin/sh", "-c", line, "sh", *IPYKERNEL)
    assert sm("kernels", "start", "messy").status == 0
    left = processes.find(int((tmp_path / "pid").read_text()))
    assert not processes.still_alive([left] if left else [])


def test_what_a_kernel_writes_goes_to_the_standard_error(
    machine: Machine, sm_words: list[str], sm_environ: dict[str, str], tmp_path: Path
) -> None:
    line = 'echo out; echo err >&2; exec "$@"'
    install(machine, "loud", "/bin/sh", "-c", line, "sh", *IPYKERNEL)
    environ = {**sm_environ, "JUPYTER_PATH": str(machine.prefix / "share/jupyter")}
    ended = run([*sm_words, "kernels", "start", "loud", "--json"], environ, tmp_path)
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["answered"] is True
    assert {"out", "err"} <= set(ended.stderr.splitlines())


def test_without_a_standard_error_it_works_as_well(
    machine: Machine, sm_words: list[str], sm_environ: dict[str, str], tmp_path: Path
) -> None:
    line = 'echo out; echo err >&2; exec "$@"'
    install(machine, "loud", "/bin/sh", "-c", line, "sh", *IPYKERNEL)
    environ = {**sm_environ, "JUPYTER_PATH": str(machine.prefix / "share/jupyter")}
    words = [*sm_words, "kernels", "start", "loud"]
    ended = run(["/bin/sh", "-c", '"$@" 2>&-', "sh", *words], environ, tmp_path)
    assert ended.returncode == 0
    assert ended.stdout.startswith("loud: ")


def test_the_tokens_of_the_host_do_not_reach_the_kernel(
    sm: Command, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("KG_AUTH_TOKEN", "JUPYTER_TOKEN", "JUPYTER_GATEWAY_AUTH_TOKEN", "HARMLESS"):
        monkeypatch.setenv(name, "value-of-a-variable")
    install(machine, "curious", "/bin/sh", "-c", f"/usr/bin/env >{tmp_path}/environ")
    sm("kernels", "start", "curious")
    told = [li for li in (tmp_path / "environ").read_text().splitlines() if "value-of-a" in li]
    assert told == ["HARMLESS=value-of-a-variable"]


@pytest.mark.parametrize(
    ("line", "how"),
    [
        ("exit 3", "ended with status 3"),
        ("kill -9 $$", "was killed by SIGKILL, perhaps for want of memory,"),
    ],
)
def test_a_process_that_ends_is_said(sm: Command, machine: Machine, line: str, how: str) -> None:
    install(machine, "mortal", "/bin/sh", "-c", line)
    outcome = sm("kernels", "start", "mortal")
    assert outcome.status == 1
    assert steps(outcome)[1:3] == ["start the process", "wait for its answer"]
    told = " ".join(line.strip() for line in outcome.lines)
    assert told.endswith(
        f"error: mortal: its process {how} before it answered "
        "-> what it wrote to the standard error says why"
    )
    assert not connection_files()


def test_a_program_that_the_system_refuses_is_said(sm: Command, machine: Machine) -> None:
    program = machine.prefix / "program"
    program.write_bytes(b"\0\0\0\0")
    program.chmod(0o755)
    install(machine, "refused", str(program))
    outcome = sm("kernels", "start", "refused")
    assert outcome.status == 1
    assert steps(outcome) == ["find the kernels", "total"]
    said = one_line(outcome.out.partition("error: ")[2]).replace(" ", "")
    wanted = f"refused: its process could not be started: {program}: exec format error"
    assert said == wanted.replace(" ", "")


def test_a_kernel_that_does_not_answer_is_said_and_stopped(
    sm: Command, machine: Machine, tmp_path: Path
) -> None:
    line = f"echo $$ >{tmp_path}/pids; sleep 300 & echo $! >>{tmp_path}/pids; wait"
    install(machine, "silent", "/bin/sh", "-c", line)
    outcome = sm("kernels", "start", "silent", "--timeout=1")
    assert outcome.status == 1
    assert steps(outcome)[-3:] == ["wait for its answer", "stop it", "total"]
    assert one_line(outcome.out.partition("error: ")[2]) == (
        "silent: it has not answered in 1 s; its process still runs and has used 0.0 s of CPU time "
        "-> with little CPU time it waits for a disk, a network or a lock; with much it is busy with "
        "imports or start-up files; what it wrote to the standard error may say more, and "
        "--timeout=3 waits longer"
    )
    found = [processes.find(int(pid)) for pid in (tmp_path / "pids").read_text().split()]
    assert not processes.still_alive(process for process in found if process)
    assert not connection_files()


def test_where_the_system_does_not_tell_the_work_of_a_process_nothing_is_said_of_it() -> None:
    finding = kerneltrial._silent("name", 60, None)
    assert finding.seen == "it has not answered in 60 s; its process still runs"


def test_an_interrupt_leaves_nothing_behind(
    machine: Machine, sm_words: list[str], sm_environ: dict[str, str], tmp_path: Path
) -> None:
    line = f"echo $$ >{tmp_path}/new; mv {tmp_path}/new {tmp_path}/pid; sleep 300; true"
    install(machine, "silent", "/bin/sh", "-c", line)
    environ = {**sm_environ, "JUPYTER_PATH": str(machine.prefix / "share/jupyter")}
    words = [*sm_words, "kernels", "start", "silent"]
    with interrupted_when(tmp_path / "pid", words, environ, tmp_path) as process:
        assert process.communicate(timeout=60) == (b"", b"")
    assert process.returncode == 130
    kernel = processes.find(int((tmp_path / "pid").read_text()))
    assert not processes.still_alive([kernel] if kernel else [])
    assert not list(Path(environ["JUPYTER_RUNTIME_DIR"]).iterdir())


def test_an_interrupt_while_scripts_run_leaves_nothing_behind(
    machine: Machine,
    sm_words: list[str],
    sm_environ: dict[str, str],
    tmp_path: Path,
) -> None:
    script = f"sleep 300 & echo $! >{tmp_path}/new; mv {tmp_path}/new {tmp_path}/pid; wait"
    make_myenv(machine, {"a.sh": script})
    environ = {**sm_environ, "CONDA_DIR": str(machine.conda)}
    words = [*sm_words, "kernels", "start", "conda-env-myenv-py"]
    with interrupted_when(tmp_path / "pid", words, environ, tmp_path) as process:
        assert process.communicate(timeout=60) == (b"", b"")
    assert process.returncode == 130
    script_child = processes.find(int((tmp_path / "pid").read_text()))
    assert not processes.still_alive([script_child] if script_child else [])
    assert not list(Path(environ["JUPYTER_RUNTIME_DIR"]).iterdir())


def test_an_interrupt_while_a_kernel_takes_its_time_to_end_leaves_nothing_behind(
    machine: Machine, sm_words: list[str], sm_environ: dict[str, str], tmp_path: Path
) -> None:
    code = f"import atexit, time; atexit.register(time.sleep, 300)\n{AT_EXIT}"
    code = code.format(file=str(tmp_path / "ending"))
    install(machine, "slow", sys.executable, "-c", code, "-f", "{connection_file}")
    environ = {**sm_environ, "JUPYTER_PATH": str(machine.prefix / "share/jupyter"), "MARK": "x"}
    words = [*sm_words, "kernels", "start", "slow"]
    with interrupted_when(tmp_path / "ending", words, environ, tmp_path) as process:
        assert process.communicate(timeout=60)[0] == b""
    assert process.returncode == 130
    mark = f"JUPYTER_RUNTIME_DIR={environ['JUPYTER_RUNTIME_DIR']}"
    assert not processes.still_alive(processes.processes_with_env(mark))
    assert not list(Path(environ["JUPYTER_RUNTIME_DIR"]).iterdir())
