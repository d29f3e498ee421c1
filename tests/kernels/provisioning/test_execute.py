"""`jupyter execute`, and so everything that runs notebooks unattended, fails where a kernel is broken."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .foreign import TIMEOUT, Host, dying


def without_interpreter(prefix: Path) -> None:
    (prefix / "bin/python").unlink()


def without_ipykernel(prefix: Path) -> None:
    (found,) = prefix.glob("lib/*/site-packages/tests.pth")
    found.unlink()


def ends_at_once(prefix: Path) -> None:
    dying(prefix, "echo 'no licence' >&2; exit 7")


BROKEN: dict[Callable[[Path], None], tuple[str, ...]] = {
    without_interpreter: ("bin/python cannot be started", "conda install --prefix"),
    without_ipykernel: ("has no ipykernel", "conda install --prefix"),
    ends_at_once: ("its process ended with status 7 before it answered", "no licence"),
}


def execute(host: Host, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a notebook of one cell."""
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "id": "one",
        "metadata": {},
        "outputs": [],
        "source": "print('6' + '7')",
    }
    kernel = {"name": "e", "display_name": "E", "language": "python"}
    notebook = {"metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    file = folder / "notebook.ipynb"
    file.write_text(json.dumps({**notebook, "cells": [cell]}))
    return subprocess.run(
        [os.path.join(os.path.dirname(sys.executable), "jupyter"), "execute", "--inplace", file],
        env={**os.environ, "JUPYTER_PATH": str(host.share)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def test_a_notebook_whose_kernel_works_is_executed(host: Host, tmp_path: Path) -> None:
    host.environment()

    done = execute(host, tmp_path)

    assert done.returncode == 0, done.stderr
    notebook = json.loads((tmp_path / "notebook.ipynb").read_text())
    assert notebook["cells"][0]["outputs"][0]["text"] == ["67\n"]


@pytest.mark.parametrize("harm", BROKEN, ids=lambda harm: harm.__name__)
def test_a_notebook_whose_kernel_is_broken_fails_with_the_explanation(
    host: Host, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    harm(host.environment())

    done = execute(host, tmp_path)

    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert "The kernel e did not start." in said
    for words in BROKEN[harm]:
        assert words in said
