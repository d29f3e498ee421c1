"""Keeps a test run honest: what ran for real is said by the tests that ran it, and only when passed.

A part that was skipped, deselected or removed is not in the list, so no skip can hide behind a
green line.
"""

import os
from collections.abc import Callable, Generator

import pytest

ENGINE = "container engine"
"""The only part that needs root."""

PARTS = (
    "gateway",
    "server",
    "lab",
    "kernel",
    "wheel",
    "conda environment from a built channel",
    "browser",
    "JupyterLab 4.0",
    "Notebook 7",
    ENGINE,
)
"""Everything that a whole run must have run for real."""

GPU = "/dev/nvidia0"

PROPERTY = "real"

RecordReal = Callable[[str], None]


@pytest.fixture
def record_real(record_property: Callable[[str, object], None]) -> RecordReal:
    """Call it with one of ``PARTS`` where the test has just seen that part at work."""

    def record(part: str) -> None:
        if part not in PARTS:
            raise ValueError(f"{part!r} is none of {PARTS}")
        record_property(PROPERTY, part)

    return record


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("real")
    group.addoption("--no-skips", action="store_true", help="a skipped test fails the run")
    group.addoption("--all-real", action="store_true", help=f"fail unless these ran: {PARTS}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this machine or this user cannot run; the summary says so."""
    unwanted = ["without_gpu" if _has_gpu() else "gpu", *([] if _is_root() else ["engine"])]
    left_out = [item for item in items if any(map(item.get_closest_marker, unwanted))]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def _has_gpu() -> bool:
    return os.path.exists(GPU)


def _is_root() -> bool:
    return os.geteuid() == 0


def _ran(config: pytest.Config) -> list[str]:
    """The parts that a passed test has recorded, in the order of ``PARTS``."""
    recorded = {
        value
        for report in _reporter(config).stats.get("passed", [])
        for name, value in report.user_properties
        if name == PROPERTY
    }
    return [part for part in PARTS if part in recorded]


def _reporter(config: pytest.Config) -> pytest.TerminalReporter:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    assert isinstance(reporter, pytest.TerminalReporter)
    return reporter


def _complaints(config: pytest.Config) -> list[str]:
    """Why this run is no success although no test failed."""
    complaints = []
    skipped = len(_reporter(config).stats.get("skipped", []))
    if skipped and config.getoption("--no-skips"):
        complaints.append(f"not allowed here: {skipped} skipped")
    excused = () if _is_root() or config.getoption("--no-skips") else (ENGINE,)
    missing = [part for part in PARTS if part not in (*_ran(config), *excused)]
    if missing and config.getoption("--all-real"):
        complaints.append(f"did not run for real: {', '.join(missing)}")
    return complaints


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.exitstatus == pytest.ExitCode.OK and _complaints(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, None, None]:
    yield  # coverage and the list of failures come first
    if not _has_gpu():
        terminalreporter.write_line(f"no {GPU}: NVIDIA's driver was the tests' fake")
    if not _is_root():
        terminalreporter.write_line("not root: no image was built, no container started")
    terminalreporter.write_line(f"real: {', '.join(_ran(config)) or 'nothing'}")
    for complaint in _complaints(config):
        terminalreporter.write_line(complaint, red=True)
