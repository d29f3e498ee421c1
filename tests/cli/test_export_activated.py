"""Exported kernels for hosts that have this package: activated, and telling why they do not start."""

import json
import os
import subprocess
import sysconfig
from pathlib import Path

import envs
import pytest

from .exported import done, kernel_json
from .machine import Command, Machine

OURS = "jupyter-sm-conda"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def execute(
    out: Path, tmp_path: Path, kernel: str, code: str
) -> "subprocess.CompletedProcess[str]":
    """What `jupyter execute` does with a notebook of one cell."""
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "source": code}
    spec = {"name": kernel, "display_name": kernel, "language": "python"}
    notebook = tmp_path / "notebook.ipynb"
    notebook.write_text(
        json.dumps(
            {
                "cells": [{**cell, "execution_count": None}],
                "metadata": {"kernelspec": spec},
                "nbformat": 4,
                "nbformat_minor": 5,
            }
        )
    )
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    return subprocess.run(
        [sysconfig.get_path("scripts") + "/jupyter", "execute", "--inplace", str(notebook)],
        env={**os.environ, "JUPYTER_PATH": str(out), "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_an_export_names_our_provisioner_only_when_asked_to(
    sm: Command, machine: Machine, out: Path
) -> None:
    prefix = envs.make_environment(machine.conda / "envs/myenv")
    done(sm, out)
    plain = kernel_json(out, "conda-env-myenv-py")["metadata"]

    assert done(sm, out, "--activated")["conda-env-myenv-py"] == "written"

    metadata = kernel_json(out, "conda-env-myenv-py")["metadata"]
    assert "kernel_provisioner" not in plain
    assert metadata["kernel_provisioner"]["provisioner_name"] == OURS
    assert metadata["kernel_provisioner"]["config"]["prefix"] == str(prefix)
    assert "kernel_provisioner" not in kernel_json(out, "python3")["metadata"]


def test_a_provisioner_of_the_kernels_own_is_exported_either_way(
    sm: Command, machine: Machine, out: Path
) -> None:
    own = {"provisioner_name": "local-provisioner", "config": {}}
    spec = envs.python_spec(metadata={"kernel_provisioner": own})
    envs.make_environment(machine.conda / "envs/myenv", kernels={"python3": spec})

    for words in ([], ["--activated"]):
        done(sm, out, *words)
        found = kernel_json(out, "conda-env-myenv-py")["metadata"]["kernel_provisioner"]
        assert found == own


def test_a_broken_kernel_is_exported_when_it_can_tell_so(
    sm: Command, machine: Machine, out: Path
) -> None:
    envs.make_environment(machine.conda / "envs/broken", interpreter=None)

    assert "conda-env-broken-py" not in done(sm, out)
    assert "conda-env-broken-py" in done(sm, out, "--activated")


def test_jupyter_execute_runs_an_activated_kernel_and_fails_on_a_broken_one(
    sm: Command, machine: Machine, out: Path, tmp_path: Path
) -> None:
    script = {"etc/conda/activate.d/a.sh": "export MINE=yes\n"}
    envs.make_environment(machine.conda / "envs/good", interpreter="real", files=script)
    envs.make_environment(machine.conda / "envs/broken", interpreter=None)
    done(sm, out, "--activated")

    good = execute(out, tmp_path, "conda-env-good-py", "import os; assert os.environ['MINE']")
    broken = execute(out, tmp_path, "conda-env-broken-py", "1")

    assert good.returncode == 0, good.stderr
    assert broken.returncode != 0
    assert f"{machine.conda}/envs/broken/bin/python" in broken.stderr
    assert f"conda install --prefix {machine.conda}/envs/broken" in broken.stderr


def test_activated_without_an_export_is_misuse(sm: Command) -> None:
    outcome = sm("kernels", "--activated")

    assert outcome.status == 2
    assert "--export DIR --activated" in outcome.err
