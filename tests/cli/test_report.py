"""Findings as text and as an exit status."""

import json

import msgspec
import pytest

from jupyter_sm.cli.report import exit_status, finding_lines, print_model, worst_first
from jupyter_sm.errors import Finding, Severity


def finding(severity: Severity, *, wanted: str = "", remedy: str = "") -> Finding:
    return Finding(
        id="an-id",
        severity=severity,
        source="/a/file",
        seen=f"seen {severity}",
        wanted=wanted,
        remedy=remedy,
    )


ERROR, WARNING, INFO = finding("error"), finding("warning"), finding("info")


@pytest.mark.parametrize(
    ("findings", "status"), [([], 0), ([INFO, WARNING], 0), ([INFO, ERROR], 1)]
)
def test_only_an_error_makes_a_command_fail(findings: list[Finding], status: int) -> None:
    assert exit_status(findings) == status


def test_errors_come_first_and_each_finding_once() -> None:
    assert worst_first([INFO, ERROR, WARNING, ERROR]) == [ERROR, WARNING, INFO]


def test_no_findings_are_no_lines() -> None:
    assert list(finding_lines([])) == []


def test_a_finding_is_one_paragraph_and_its_remedy_another() -> None:
    found = finding("warning", wanted="green", remedy="paint it")
    assert list(finding_lines([found, INFO])) == [
        "",
        "warning: /a/file: seen warning; expected green",
        "    -> paint it",
        "info: /a/file: seen info",
    ]


def test_json_is_ascii_and_holds_what_the_model_holds(capsys: pytest.CaptureFixture[str]) -> None:
    class Model(msgspec.Struct):
        name: str
        findings: tuple[Finding, ...]

    print_model(Model("Größe \udcff", (ERROR,)))
    out = capsys.readouterr().out
    assert out.isascii()
    assert json.loads(out) == {
        "name": "Größe \udcff",
        "findings": [
            {
                "id": "an-id",
                "severity": "error",
                "source": "/a/file",
                "seen": "seen error",
                "wanted": "",
                "remedy": "",
            }
        ],
    }
