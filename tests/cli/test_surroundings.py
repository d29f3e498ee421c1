"""A process that Jupyter cannot work in is said in a sentence."""

import os
import sys
from pathlib import Path

import pytest

from .machine import Command, Machine
from .test_main import run

COMMANDS = (["kernels"], ["metadata"], ["doctor"], ["gateway", "--help"])


@pytest.mark.parametrize("words", COMMANDS)
def test_a_working_directory_that_is_gone_is_said(
    sm_environ: dict[str, str], tmp_path: Path, words: list[str]
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code = (
        f"import os, sys; os.chdir({str(gone)!r}); os.rmdir({str(gone)!r})\n"
        f"from jupyter_sm.cli import main; sys.exit(main({words!r}))"
    )
    ended = run([sys.executable, "-c", code], sm_environ, tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "jupyter sm: the working directory cannot be used: No such file or directory; change to "
        "another one\n"
    )


@pytest.fixture
def homeless(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Nobody knows the user: neither the environment nor the password database."""

    def unknown(_uid: int) -> None:
        raise KeyError

    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", unknown)
    return machine


@pytest.mark.parametrize("words", COMMANDS)
def test_a_user_without_a_home_is_told_to_set_it(
    sm: Command, homeless: Machine, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    del homeless
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
        monkeypatch.delenv(name)
    outcome = sm(*words)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == (
        f"jupyter sm: HOME is not set and uid {os.geteuid()} has no entry in the password database: "
        "Jupyter cannot tell where its user's files are; set HOME\n"
    )


def test_where_jupyters_folders_are_named_no_home_is_needed(sm: Command, homeless: Machine) -> None:
    del homeless
    assert sm("kernels").status == 0
