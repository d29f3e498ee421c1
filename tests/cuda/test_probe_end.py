"""How the probe's process ends when nobody ends it, and what it does without a server."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import processes
import pytest
from fakegpu import FakeDriver, Gpu

from jupyter_sm.cuda.probe import prober as driver

from .probing import MakeMachine, wait_for_child, wait_until_in_libcuda

GPUS = (Gpu(), Gpu(number=1))
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def machine(fake_driver: FakeDriver, tmp_path: Path) -> MakeMachine:
    """Makes a machine with these GPUs; values as for ``Driver.machine``."""
    return fake_driver.installed(tmp_path / "lib").machine


@pytest.fixture
def server(machine: MakeMachine) -> Iterator["subprocess.Popen[bytes]"]:
    """A process whose probe hangs, so that no signal but SIGKILL ends it."""
    program = "from jupyter_sm.cuda.probe.prober import Prober; Prober(timeout=60).probe()"
    environ = {**machine(*GPUS, cuda__init="hang").environ(), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", program], env=environ) as process:
        yield process
        process.kill()


def test_the_process_does_not_outlive_the_server(server: "subprocess.Popen[bytes]") -> None:
    child = wait_for_child(server.pid)
    wait_until_in_libcuda(child)

    server.kill()
    server.wait()

    assert not processes.still_alive([child])


def program(*arguments: str, environ: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """The process on its own, its arguments as the driver gives them."""
    folder = os.path.dirname(driver.__file__)
    command = [sys.executable, "-I", "-S", "-B", "-c", driver._BOOT, folder]
    return subprocess.run(
        [*command, *arguments], env=environ, capture_output=True, text=True, check=False
    )


def test_the_process_ends_itself_after_its_time(machine: MakeMachine) -> None:
    environ = machine(*GPUS, cuda__init="wait").environ()

    done = program("", str(os.getpid()), "0.5", environ=environ)

    assert done.returncode == -signal.SIGALRM


def test_a_process_whose_server_has_ended_already_asks_nobody(machine: MakeMachine) -> None:
    done = program("", "1", "20", environ=machine(*GPUS).environ())

    assert (done.returncode, done.stdout) == (1, "")


def test_without_nvidia_ml_py_libcuda_is_asked_all_the_same(machine: MakeMachine) -> None:
    done = program("", str(os.getpid()), "20", environ=machine(*GPUS).environ())

    assert '["add","nvml_problems","nvidia-ml-py is not installed"]' in done.stdout
    assert '["fact","cuda_init_code",0]' in done.stdout
    assert done.stdout.endswith('["end"]\n')
