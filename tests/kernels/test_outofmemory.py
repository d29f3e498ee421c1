"""Which process Linux ends where memory runs out."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_sm.kernels.outofmemory import let_end_first


def adjustment(pid: int | str) -> int:
    return int(Path(f"/proc/{pid}/oom_score_adj").read_text())


@pytest.fixture
def child() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_a_child_ends_before_this_process(child: "subprocess.Popen[bytes]") -> None:
    for _ in range(2):
        let_end_first(child.pid)
        assert adjustment(child.pid) == min(adjustment("self") + 500, 1000)


def test_one_that_would_end_sooner_already_stays_so(child: "subprocess.Popen[bytes]") -> None:
    Path(f"/proc/{child.pid}/oom_score_adj").write_text("987")

    let_end_first(child.pid)

    assert adjustment(child.pid) == 987


def test_a_process_that_is_gone_is_none(child: "subprocess.Popen[bytes]") -> None:
    child.kill()
    child.wait()

    let_end_first(child.pid)
