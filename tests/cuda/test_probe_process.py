"""The process that asks the driver: its deadline, its end, and what it is given."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from fakegpu import FakeDriver, Gpu, scenario

from jupyter_sm.cuda.model import Probe
from jupyter_sm.cuda.probe.prober import Child, Prober, environment, kill
from jupyter_sm.cuda.probe.saying import TAIL_BYTES

from .probing import MakeMachine, probes, wait_for_child, wait_until_in_libcuda

GPUS = (Gpu(), Gpu(number=1))
UUIDS = [gpu.uuid for gpu in GPUS]
SHORT = 1.5
"""Seconds for a probe that hangs; what comes before must fit in."""

PATIENT = 20.0
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def machine(fake_driver: FakeDriver, tmp_path: Path) -> MakeMachine:
    """Makes a machine with these GPUs; values as for ``Driver.machine``."""
    return fake_driver.installed(tmp_path / "lib").machine


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], str]:
    """Makes an "interpreter" out of shell commands."""

    def make(commands: str) -> str:
        path = tmp_path / "python"
        path.write_text(f"#!/bin/sh\n{commands}\n")
        path.chmod(0o755)
        return str(path)

    return make


def uuids(probe: Probe) -> list[str]:
    assert probe.nvml_devices is not None
    return [device.uuid for device in probe.nvml_devices]


@pytest.mark.parametrize(
    ("key", "stage"),
    [
        ("cuda.init", "cuInit"),
        ("cuda.count", "cuDeviceGetCount"),
        ("nvml.0.utilization", "nvmlDeviceGetUtilizationRates 0"),
    ],
)
def test_a_driver_that_hangs_still_leaves_the_list_of_devices(
    machine: MakeMachine, key: str, stage: str
) -> None:
    prober = Prober(timeout=SHORT, environ=machine(*GPUS, **{key: "hang"}).environ())

    probe = prober.probe()

    assert (probe.ended, probe.stage) == ("timed out", stage)
    assert uuids(probe) == UUIDS
    assert prober.hung is None
    assert not probes(os.getpid())


def test_an_nvml_that_hangs_leaves_nothing_but_where(machine: MakeMachine) -> None:
    probe = Prober(timeout=SHORT, environ=machine(*GPUS, nvml__init="hang").environ()).probe()

    assert (probe.ended, probe.stage) == ("timed out", "nvmlInit")
    assert probe.nvml_path is not None
    assert (probe.nvml_devices, probe.nvml_code, probe.cuda_init_code) == (None, None, None)


def test_a_driver_that_crashes_is_told_and_leaves_the_list_of_devices(machine: MakeMachine) -> None:
    probe = Prober(timeout=PATIENT, environ=machine(*GPUS, cuda__init="segv").environ()).probe()

    assert (probe.ended, probe.signal, probe.stage) == ("signal", signal.SIGSEGV, "cuInit")
    assert uuids(probe) == UUIDS
    assert probe.cuda_init_code is None


def test_a_process_that_cannot_be_killed_is_given_up_and_no_other_is_started(
    machine: MakeMachine,
) -> None:
    # A process that sleeps in the kernel ignores SIGKILL until the driver's call returns. No test can
    # put one to such a sleep; to this side it is the same if SIGKILL is not sent until later.
    hanging = machine(*GPUS, cuda__init="hang")
    given_up: list[Child] = []
    prober = Prober(timeout=SHORT, environ=hanging.environ(), end=given_up.append)

    first = prober.probe()
    (child,) = given_up
    hung, second = prober.hung, prober.probe()
    hanging.becomes(scenario(*GPUS))
    while_it_lives = prober.probe()
    alive = probes(os.getpid())
    kill(child)
    child.wait()
    after = prober.probe()

    assert (first.ended, first.stage, uuids(first)) == ("timed out", "cuInit", UUIDS)
    assert hung == child.pid
    assert {process.pid for process in alive} == {child.pid}
    for probe in (second, while_it_lives):
        assert probe.ended == "not run"
        assert probe.stderr_tail == (
            f"process {child.pid} of an earlier probe still hangs in the driver"
        )
    assert prober.hung is None
    assert (after.ended, uuids(after)) == ("complete", UUIDS)


def test_who_asks_meanwhile_gets_the_same_answer_from_the_same_process(
    machine: MakeMachine,
) -> None:
    prober = Prober(timeout=SHORT, environ=machine(*GPUS, cuda__init="hang").environ())
    answers: list[Probe] = []
    threads = [threading.Thread(target=lambda: answers.append(prober.probe())) for _ in range(3)]

    threads[0].start()
    wait_for_child(os.getpid())
    for thread in threads[1:]:
        thread.start()
    children = probes(os.getpid())
    for thread in threads:
        thread.join()

    assert len(children) == 1
    assert len(answers) == 3
    assert len({id(answer) for answer in answers}) == 1


def test_an_interrupt_leaves_no_process_and_no_one_who_waits_for_ever(
    machine: MakeMachine,
) -> None:
    prober = Prober(timeout=PATIENT, environ=machine(*GPUS, cuda__init="hang").environ())

    def interrupt() -> None:
        wait_until_in_libcuda(wait_for_child(os.getpid()))
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        prober.probe()

    assert not probes(os.getpid())
    assert prober.hung is None


def test_what_a_driver_prints_is_not_taken_for_an_answer(machine: MakeMachine) -> None:
    environ = machine(*GPUS, cuda__chatter=640).environ()

    probe = Prober(timeout=PATIENT, environ=environ).probe()

    assert (probe.ended, probe.cuda_init_code) == ("complete", 0)
    assert '["fact","cuda_init_code",7]' in probe.stderr_tail
    assert "\ufffd[31mthe driver talks" in probe.stderr_tail


def test_a_driver_that_never_stops_printing_is_kept_in_bounds(machine: MakeMachine) -> None:
    environ = machine(*GPUS, cuda__chatter=8_000_000).environ()

    probe = Prober(timeout=PATIENT, environ=environ).probe()

    assert (probe.ended, probe.cuda_init_code) == ("complete", 0)
    assert 0 < len(probe.stderr_tail) <= TAIL_BYTES


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        ('exec yes \'["stage","x"]\'', "the probe said too much"),
        ("exec yes", "the probe said nonsense: b'y'"),
        ("echo '[\"fact\"]'", "the probe said nonsense: b'[\"fact\"]'"),
        ('echo \'["fact","nvml_code","!"]\'', "the probe said nonsense: Expected `int"),
        ("echo no such module >&2; exit 1", "no such module"),
    ],
)
def test_a_process_that_does_not_what_it_should_has_failed(
    script: Callable[[str], str], commands: str, expected: str
) -> None:
    probe = Prober(timeout=PATIENT, python=script(commands)).probe()

    assert probe.ended == "failed"
    assert probe.stderr_tail.startswith(expected)


def test_a_process_that_said_all_and_does_not_end_is_ended(script: Callable[[str], str]) -> None:
    probe = Prober(timeout=PATIENT, python=script("echo '[\"end\"]'; exec sleep 60 >&-")).probe()

    assert probe.ended == "complete"
    assert not probes(os.getpid())


def test_an_interpreter_that_is_not_there_is_a_failure_and_no_exception(tmp_path: Path) -> None:
    prober = Prober(python=str(tmp_path / "nowhere"))

    for _ in range(2):  # a failure does not stand in the way of the next one
        probe = prober.probe()
        assert probe.ended == "failed"
        assert probe.stderr_tail.startswith("the probe's process could not be started: [Errno 2]")


def test_the_process_is_given_nothing_that_it_does_not_need(
    script: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "the secret"
    for name in ("KG_AUTH_TOKEN", "JUPYTER_TOKEN", "AWS_SECRET_ACCESS_KEY", "NVIDIA_API_KEY"):
        monkeypatch.setenv(name, secret)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    read, write = os.pipe()
    os.set_inheritable(write, True)

    found = Prober(python=script("echo $(ls /proc/self/fd) >&2; pwd >&2; env >&2")).probe()
    os.close(read)
    os.close(write)

    numbers, folder, *variables = found.stderr_tail.splitlines()
    assert numbers == "0 1 2 3"  # 3 is the folder that ls reads
    assert folder == "/"
    assert "CUDA_VISIBLE_DEVICES=3" in variables
    assert secret not in found.stderr_tail


def test_the_driver_is_given_its_variables() -> None:
    given = {
        "LD_LIBRARY_PATH": "/usr/local/cuda/lib64",
        "NVIDIA_VISIBLE_DEVICES": "all",
        "CUDA_MPS_PIPE_DIRECTORY": "/tmp/mps",
        "HOME": "/root",
    }

    assert environment({**given, "JPY_API_TOKEN": "x", "EG_KEY": "y"}) == given


def test_it_leads_a_session_of_its_own(machine: MakeMachine) -> None:
    prober = Prober(timeout=SHORT, environ=machine(*GPUS, cuda__init="hang").environ())
    thread = threading.Thread(target=prober.probe)

    thread.start()
    child = wait_for_child(os.getpid())
    session = os.getsid(child.pid)
    thread.join()

    assert session == child.pid


WATCHED = """\
import sys
from jupyter_sm.cuda.probe.prober import Prober
before = set(sys.modules)
probe = Prober(timeout=20).probe()
print(probe.ended, probe.nvml_code, probe.cuda_init_code)
print(sorted(set(sys.modules) & {"ctypes", "pynvml", "jupyter_sm.cuda.probe.nvml", "jupyter_sm.cuda.probe.libcuda"}))
with open("/proc/self/maps") as maps:
    print([line for line in maps if "libnvidia" in line or "libcuda" in line])
"""


def test_nothing_of_the_driver_is_ever_in_the_process_that_wants_to_know(
    machine: MakeMachine,
) -> None:
    environ = {**machine(*GPUS).environ(), "PYTHONPATH": str(ROOT)}

    done = subprocess.run(
        [sys.executable, "-c", WATCHED], env=environ, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines() == ["complete 0 0", "[]", "[]"]
