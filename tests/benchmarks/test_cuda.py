"""That the work ``cuda`` measures a probe that sees every GPU."""

from pathlib import Path

import pytest
from fakegpu import build

from jupyter_sm.cuda.probe.prober import Prober

from . import cuda
from .timing import Effort


def test_both_claims_have_a_row(tmp_path: Path) -> None:
    rows = cuda.measure(Effort(quick=True), tmp_path)

    assert [(row.work, row.reach[0].text) for row in rows] == [
        ("the driver asked, 8 GPUs, warm", "<= 200 ms"),
        ("the host's files", "<= 5 ms"),
    ]


def test_a_probe_that_misses_a_gpu_is_not_measured(tmp_path: Path) -> None:
    machine = build(tmp_path / "built").installed(tmp_path / "lib").machine(*cuda.GPUS[:-1])

    with pytest.raises(ValueError, match="has not seen 8 GPUs"):
        cuda._confirm(Prober(environ=machine.environ()))
