"""`jupyter sm cuda`: the report as text and as JSON, and how the command ends."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_sm.cli import cuda
from jupyter_sm.cuda.model import (
    CudaReport,
    Device,
    EnvironmentCuda,
    Framework,
    HostEvidence,
    Reason,
)

from .machine import Command

NO_GPU = CudaReport(status="no_gpu_host", host=HostEvidence(), checked_at="2026-11-20T12:00:00Z")
HIDDEN = CudaReport(
    status="hidden",
    reasons=(
        Reason(
            code="cuda-visible-devices",
            text="CUDA_VISIBLE_DEVICES is empty, which hides every GPU",
            evidence="CUDA_VISIBLE_DEVICES=''",
            remedy="unset CUDA_VISIBLE_DEVICES",
        ),
    ),
    host=HostEvidence(device_nodes=("/dev/nvidia0",)),
    checked_at="2026-11-20T12:00:00Z",
)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[CudaReport]:
    """Reports that the command gets instead of this machine's, one a call."""
    reports: list[CudaReport] = []

    def told(prober: object, environments: object) -> CudaReport:
        del prober, environments
        return reports.pop(0)

    monkeypatch.setattr(cuda, "examine", told)
    return reports


def test_without_a_gpu_it_is_one_line_and_healthy(sm: Command, seen: list[CudaReport]) -> None:
    seen.append(NO_GPU)
    outcome = sm("cuda")

    assert outcome.status == 0
    assert outcome.lines == ["This machine has no NVIDIA GPU, and nothing is wrong with that"]


def test_what_is_wrong_is_said_with_its_remedy_and_is_a_finding(
    sm: Command, seen: list[CudaReport]
) -> None:
    seen.append(HIDDEN)
    outcome = sm("cuda")

    assert outcome.status == 1
    assert outcome.lines[0].startswith("CUDA is hidden: CUDA_VISIBLE_DEVICES is empty")
    assert "    seen: CUDA_VISIBLE_DEVICES=''" in outcome.lines
    assert "    -> unset CUDA_VISIBLE_DEVICES" in outcome.lines


def test_json_is_the_whole_report(sm: Command, seen: list[CudaReport]) -> None:
    seen.append(HIDDEN)
    outcome = sm("cuda", "--json")

    assert outcome.status == 1
    document = outcome.json()
    assert set(document) == set(CudaReport.__struct_fields__)
    assert document["reasons"][0]["remedy"] == "unset CUDA_VISIBLE_DEVICES"


def test_the_environments_of_this_image_are_looked_at_without_asking_the_driver(
    sm: Command, myenv: Path
) -> None:
    site = myenv / "lib/python3.11/site-packages/torch"
    site.mkdir(parents=True)
    (site / "version.py").write_text("__version__ = '2.6.0+cu124'\ncuda: str = '12.4'\n")

    document = sm("cuda", "--no-probe", "--json").json()

    assert document["probe"] is None
    named = {e["prefix"]: e for e in document["environments"]}
    assert named[str(myenv)]["name"] == "myenv"
    (framework,) = named[str(myenv)]["frameworks"]
    assert (framework["name"], framework["build"], framework["cuda"]) == ("torch", "cuda", "12.4")


def test_the_table_names_the_kernels_of_an_environment(
    sm: Command, seen: list[CudaReport], myenv: Path
) -> None:
    torch = Framework(
        name="torch", version="2.6.0", build="cuda", cuda="12.4", source="version.py", fits=True
    )
    environment = EnvironmentCuda(prefix=str(myenv), name="myenv", frameworks=(torch,), fits=True)
    fields: dict[str, Any] = {"status": "visible", "reasons": (), "environments": (environment,)}
    fields["devices"] = (Device(uuid="GPU-1", name="NVIDIA A10G", cuda_visible=True),)
    seen.append(msgspec.structs.replace(HIDDEN, **fields))
    outcome = sm("cuda")

    row = next(line for line in outcome.lines if line.startswith("conda-env-myenv-py"))
    assert row.split()[-5:] == ["PyTorch", "2.6.0", "CUDA", "12.4", "yes"]


def test_this_machine_is_looked_at_for_real(sm: Command) -> None:
    outcome = sm("cuda", "--json")

    healthy = outcome.json()["status"] in {"visible", "no_gpu_host"}
    assert outcome.status == (0 if healthy else 1)


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "soon"])
def test_a_deadline_that_is_no_time_is_misuse(sm: Command, seconds: str) -> None:
    outcome = sm("cuda", f"--timeout={seconds}")

    assert outcome.status == 2
    assert "is no number of seconds above 0" in outcome.err


def test_a_deadline_that_no_clock_can_count_to_is_misuse(sm: Command) -> None:
    outcome = sm("cuda", "--timeout=1e9")

    assert outcome.status == 2
    assert outcome.err.splitlines() == ["jupyter sm: --timeout is at most 3600 seconds"]
