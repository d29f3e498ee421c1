"""Keeps a test run honest: what ran for real is said by the tests that ran it, and only when passed.

A part that was skipped, deselected or removed is not in the list, so no skip can hide behind a
green line.
"""

import os
from collections.abc import Callable, Generator

import pytest

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
)
"""Everything that a whole run must have run for real."""

GPU = "/dev/nvidia0"
LEFT_OUT = pytest.StashKey[bool]()

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
    group.addoption("--engine", action="store_true", help="run what needs a container engine too")
    group.addoption("--all-real", action="store_true", help=f"fail unless these ran: {PARTS}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a GPU where there is none, and the other way round; the summary says so."""
    unwanted = "without_gpu" if os.path.exists(GPU) else "gpu"
    left_out = [item for item in items if item.get_closest_marker(unwanted)]
    config.stash[LEFT_OUT] = bool(left_out)
    if not config.getoption("--engine"):
        left_out += [item for item in items if item.get_closest_marker("engine")]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


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
    missing = [part for part in PARTS if part not in _ran(config)]
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
    terminalreporter.write_line(f"real: {', '.join(_ran(config)) or 'nothing'}")
    if config.stash.get(LEFT_OUT, False) and not os.path.exists(GPU):
        terminalreporter.write_line(f"no {GPU}: NVIDIA's driver was the tests' fake")
    for complaint in _complaints(config):
        terminalreporter.write_line(complaint, red=True)
