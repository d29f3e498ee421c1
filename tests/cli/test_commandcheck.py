"""Whose gateway `jupyter kernelgateway` is."""

import os
import sys
from pathlib import Path

import pytest
from unprivileged import as_ordinary_user

from jupyter_sm.cli.commandcheck import check_command


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A jupyter-kernelgateway that comes first on PATH."""
    folder = tmp_path / "usr/bin"
    folder.mkdir(parents=True)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder / "jupyter-kernelgateway"


def write_script(path: Path, first_line: str) -> None:
    path.write_text(f"{first_line}\npass\n")
    path.chmod(0o755)


@pytest.mark.parametrize("first_line", ["#!/usr/bin/python3", "#!/usr/bin/env python", "", "#!"])
def test_the_gateway_of_another_python_is_a_warning(command: Path, first_line: str) -> None:
    write_script(command, first_line)
    found, (finding,) = check_command()
    assert found == str(command)
    assert (finding.id, finding.severity, finding.source) == (
        "gateway-command-foreign",
        "warning",
        str(command),
    )
    assert f"jupyter sm kernels --export {sys.prefix}/share/jupyter, with that folder on its " in (
        finding.remedy
    )


def test_a_script_elsewhere_with_our_python_is_ours(command: Path) -> None:
    write_script(command, f"#!{sys.executable}")
    assert check_command() == (str(command), [])


def test_a_link_to_our_script_is_ours(command: Path) -> None:
    script = Path(sys.executable).parent / "jupyter-kernelgateway"
    assert script.exists()
    command.symlink_to(script)
    assert check_command() == (str(command), [])


def test_a_program_that_cannot_be_read_is_of_another_python(command: Path) -> None:
    write_script(command, "#!/usr/bin/python3")
    command.chmod(0o111)
    found, (finding,) = as_ordinary_user(check_command, owning=command.parent.parent.parent)
    assert (found, finding.id) == (str(command), "gateway-command-foreign")


def test_no_command_on_path_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found, (finding,) = check_command()
    assert found is None
    assert (finding.id, finding.remedy) == (
        "gateway-command-absent",
        f"put {os.path.dirname(sys.executable)} on PATH",
    )
