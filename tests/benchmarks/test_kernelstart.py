"""What the benchmarks of activation and of a kernel's start stand on."""

import shutil
from pathlib import Path

import pytest

from . import activation
from .kernelstart import SIDES, Starts
from .timing import Effort


def test_a_kernel_replies_after_its_process_is_there(tmp_path: Path) -> None:
    starts = Starts(tmp_path, scripts=1)

    for side in SIDES:
        start = starts.time(side)
        assert 0 < start.launched < start.replied


def test_what_tells_why_a_kernel_cannot_start_is_not_taken_for_it(tmp_path: Path) -> None:
    starts = Starts(tmp_path, scripts=0)
    shutil.rmtree(tmp_path / "conda/envs/scripts0/conda-meta")

    with pytest.raises(ValueError, match="ours is not in its environment"):
        starts.time("ours")


def test_a_script_that_does_not_run_is_no_fast_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activation, "SCRIPT", "exit 3\n")

    with pytest.raises(ValueError, match=r"did not set .*DEMO0_DATA"):
        activation.measure(Effort(quick=True), tmp_path)
