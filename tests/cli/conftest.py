"""Fixtures that run commands."""

import sys
from pathlib import Path

import envs
import hosts
import jupyter_core.paths
import pytest

from jupyter_sm.cli import main
from jupyter_sm.kernels.discovery import places

from .exported import LOGO
from .machine import SOURCE, Command, Machine, Outcome


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Nothing of the real machine is seen but the Python that runs, and its ipykernel."""
    made = Machine(tmp_path / "prefix", tmp_path / "jupyter/config", tmp_path / "conda")
    for folder in (made.kernels, made.prefix / "etc/jupyter"):
        folder.mkdir(parents=True)
    environ = hosts.isolated_environ(tmp_path, {"CONDA_DIR": str(made.conda)})
    for name, value in environ.items():
        if name in {"HOME", "IPYTHONDIR", "PATH", "CONDA_DIR"} or name.startswith("JUPYTER_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")  # as in every virtual environment
    monkeypatch.setenv("COLUMNS", "80")
    patched: dict[str, list[str]] = {
        "SYSTEM_JUPYTER_PATH": [],
        "ENV_JUPYTER_PATH": [str(made.prefix / "share/jupyter")],
        "SYSTEM_CONFIG_PATH": [],
        "ENV_CONFIG_PATH": [str(made.prefix / "etc/jupyter")],
    }
    for name, folders in patched.items():
        monkeypatch.setattr(jupyter_core.paths, name, folders)
    monkeypatch.setattr(places, "_passwd_homes", tuple)
    return made


@pytest.fixture
def myenv(machine: Machine) -> Path:
    """A conda environment with a kernel that has a logo, beside a base environment."""
    envs.make_environment(machine.conda)
    prefix = envs.make_environment(machine.conda / "envs/myenv")
    (prefix / "share/jupyter/kernels/python3/logo-64x64.png").write_bytes(LOGO)
    return prefix


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder that is not there yet: what a host has on its JUPYTER_PATH."""
    return tmp_path / "out"


@pytest.fixture
def sm(machine: Machine, capsys: pytest.CaptureFixture[str]) -> Command:
    """`jupyter sm` in this process, on that machine."""
    del machine

    def run(*words: str) -> Outcome:
        try:
            status = main(list(words))
        except SystemExit as end:
            status = int(end.code or 0)
        printed = capsys.readouterr()
        return Outcome(status, printed.out, printed.err)

    return run


@pytest.fixture
def sm_words() -> list[str]:
    """The words that start `jupyter sm` in a process of its own."""
    return [sys.executable, "-m", "jupyter_sm.cli"]


@pytest.fixture
def sm_environ(tmp_path: Path) -> dict[str, str]:
    """The environment for that; it knows nothing of the person who runs the tests."""
    return hosts.isolated_environ(tmp_path, {"PYTHONPATH": SOURCE})
