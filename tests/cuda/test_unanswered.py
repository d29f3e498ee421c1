"""What the end of the probe's process says: its own fault, or somebody else's doing."""

import os
import signal
import threading
from pathlib import Path

import pytest
from fakegpu import FakeDriver, Gpu

from jupyter_sm.cuda.model import Probe
from jupyter_sm.cuda.probe.prober import Prober
from jupyter_sm.cuda.verdict.unanswered import why_unanswered

from .probing import wait_for_child, wait_until_in_libcuda


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGKILL, "probe-killed"),
        (signal.SIGTERM, "probe-killed"),
        (signal.SIGINT, "probe-killed"),
        (signal.SIGHUP, "probe-killed"),
        (signal.SIGALRM, "probe-killed"),
        (signal.SIGSEGV, "driver-crashed"),
        (signal.SIGABRT, "driver-crashed"),
        (signal.SIGILL, "driver-crashed"),
        (signal.SIGBUS, "driver-crashed"),
    ],
)
def test_only_signals_that_a_process_brings_upon_itself_are_the_drivers_fault(
    number: int, code: str
) -> None:
    assert why_unanswered(Probe(ended="signal", stage="cuInit", signal=number)).code == code


def test_a_process_that_somebody_kills_blames_nobody(
    fake_driver: FakeDriver, tmp_path: Path
) -> None:
    machine = fake_driver.installed(tmp_path / "lib").machine(Gpu(), cuda__init="wait")
    answers: list[Probe] = []
    prober = Prober(timeout=20.0, environ=machine.environ())
    asking = threading.Thread(target=lambda: answers.append(prober.probe()))
    asking.start()
    child = wait_for_child(os.getpid())
    wait_until_in_libcuda(child)
    os.kill(child.pid, signal.SIGKILL)
    asking.join()

    (answer,) = answers
    assert (answer.ended, answer.signal) == ("signal", signal.SIGKILL)
    reason = why_unanswered(answer)
    assert reason.code == "probe-killed"
    assert "image" not in reason.remedy
