"""Each state of a host leads to its verdict, its reasons, and a text that says what to do."""

import dataclasses
import os
import re
from pathlib import Path

import msgspec
import pytest

from jupyter_sm.cli.cuda import report_lines
from jupyter_sm.cli.table import WIDTH, columns
from jupyter_sm.cuda.model import CudaReport
from jupyter_sm.cuda.verdict.report import verdict

from .scenarios import SCENARIOS, Scenario

GOLDEN = Path(__file__).parent.parent / "golden/cuda"
REWRITE = "REWRITE_GOLDEN"

scenarios = pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)


def text_of(scenario: Scenario) -> str:
    return "\n".join(report_lines(scenario.report(), scenario.kernels)) + "\n"


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_text_of_a_scenario_is_its_golden_file(name: str) -> None:
    """After a change that is meant, write them anew and read the difference:

    REWRITE_GOLDEN=1 scripts/test tests/cuda/test_report.py
    """
    path = GOLDEN / f"{name}.txt"
    text = text_of(SCENARIOS[name])
    if os.environ.get(REWRITE):
        path.write_text(text)
    assert text == path.read_text(), f"{path}: if that is meant, run this test with {REWRITE}=1"


def test_every_golden_file_has_its_scenario() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(SCENARIOS)


@scenarios
def test_status_and_codes_are_those_of_the_scenario(scenario: Scenario) -> None:
    report = scenario.report()

    assert (report.status, tuple(r.code for r in report.reasons)) == (
        scenario.status,
        scenario.codes,
    )


@scenarios
def test_every_reason_names_its_evidence_and_what_mends_it(scenario: Scenario) -> None:
    report = scenario.report()

    for reason in (*report.reasons, *(r for e in report.environments for r in e.reasons)):
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", reason.code)
        assert reason.text
        assert reason.evidence
        assert reason.remedy
    assert bool(report.reasons) or report.status in {"visible", "no_gpu_host"}


@scenarios
def test_no_line_is_wider_than_a_terminal_and_nothing_is_cut_off(scenario: Scenario) -> None:
    report = scenario.report()
    text = text_of(scenario)

    assert max(map(columns, text.splitlines())) <= WIDTH
    packed = re.sub(r"\s", "", text)
    for reason in report.reasons:
        for part in (reason.code, reason.text, reason.evidence, reason.remedy):
            assert re.sub(r"\s", "", part) in packed


@scenarios
def test_the_first_line_is_the_verdict(scenario: Scenario) -> None:
    text = " ".join(line.strip() for line in text_of(scenario).split("\n\n")[0].splitlines())

    assert re.sub(r"\s", "", text) == re.sub(r"\s", "", verdict(scenario.report()))


@scenarios
def test_a_report_survives_the_way_over_rest(scenario: Scenario) -> None:
    report = scenario.report()

    assert msgspec.json.decode(msgspec.json.encode(report), type=CudaReport) == report


def test_a_machine_without_a_gpu_says_so_in_one_line() -> None:
    assert text_of(SCENARIOS["no-gpu"]).count("\n") == 1


def test_a_hang_keeps_the_devices_and_leaves_open_what_cuda_sees() -> None:
    (device,) = SCENARIOS["cuinit-hangs"].report().devices

    assert device.name == "NVIDIA A10G"
    assert device.cuda_visible is None


def test_devices_are_matched_by_uuid_and_not_by_index() -> None:
    first, second = SCENARIOS["hidden-one-of-two"].report().devices

    assert (first.index, first.cuda_visible) == (0, False)
    assert (second.index, second.cuda_visible) == (1, True)


def test_without_nvml_the_devices_are_those_of_cuda() -> None:
    (device,) = SCENARIOS["no-nvml"].report().devices

    assert device.uuid.startswith("GPU-")
    assert (device.index, device.memory_used, device.cuda_visible) == (None, None, True)


def test_where_cuda_tells_no_uuid_no_gpu_is_said_to_be_missing() -> None:
    scenario = SCENARIOS["healthy-two"]
    answer = scenario.probe
    assert answer is not None
    shown = tuple(
        msgspec.structs.replace(device, uuid=None) for device in answer.cuda_devices or ()
    )

    reports = [
        dataclasses.replace(
            scenario, probe=msgspec.structs.replace(answer, cuda_devices=shown[:count])
        ).report()
        for count in (1, 2)
    ]

    one, two = ([device.cuda_visible for device in report.devices] for report in reports)
    assert (one, two) == ([None, None, True], [True, True])
    assert [report.status for report in reports] == ["visible", "visible"]
