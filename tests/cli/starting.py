"""Kernels to start, and what `jupyter sm kernels start` printed about them."""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import envs

from .machine import Machine, Outcome

TIMES = re.compile(r"< 1 ms|\d+ ms|\d+\.\d s")

IPYKERNEL = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]


def steps(outcome: Outcome) -> list[str]:
    """The steps in the table, once each of them is seen to have a time."""
    start = outcome.lines.index(next(line for line in outcome.lines if line.startswith("STEP ")))
    rows = [re.split(" {2,}", line) for line in outcome.lines[start + 1 :]]
    rows = rows[: rows.index([""])] if [""] in rows else rows
    assert all(TIMES.fullmatch(time) for _, time in rows)
    return [step for step, _ in rows]


def one_line(text: str) -> str:
    return " ".join(text.split())


def install(machine: Machine, name: str, *argv: str) -> None:
    """A kernelspec that is started without an environment."""
    envs.write_kernel(
        machine.kernels / name, {"argv": argv, "display_name": name, "language": "shell"}
    )


def make_myenv(machine: Machine, scripts: Mapping[str, str] | None = None) -> Path:
    """An environment whose kernel starts, and runs these when it is activated, beside a base one."""
    envs.make_environment(machine.conda)
    files = {f"etc/conda/activate.d/{name}": text for name, text in (scripts or {}).items()}
    return envs.make_environment(machine.conda / "envs/myenv", interpreter="real", files=files)


def make_bare(machine: Machine) -> Path:
    """An environment with a kernel and without an interpreter, beside a base one."""
    envs.make_environment(machine.conda)
    return envs.make_environment(machine.conda / "envs/bare", interpreter=None)


def connection_files() -> list[Path]:
    """Those of kernels that run, or were not cleaned up after."""
    return list(Path(os.environ["JUPYTER_RUNTIME_DIR"]).iterdir())
