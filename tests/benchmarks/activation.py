"""Activating an environment, beside the least that any activation has to do."""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from envs import make_environment
from hosts import isolated_environ

from jupyter_sm.kernels.activation import activate

from .table import Reach, Row, Value, at_most
from .timing import Effort, Work, in_turns, seconds

ROUNDS = {0: (500, 50), 1: (100, 5), 5: (50, 3)}
"""Scripts, and how often a full and a quick run activate an environment that has so many."""

REACH: Mapping[int, tuple[Reach, ...]] = {0: (at_most(0.5, "ms"),), 1: (at_most(10, "ms"),), 5: ()}

SCRIPT = """\
if [ -n "${{DEMO{i}_DATA:-}}" ]; then
    export _CONDA_SET_DEMO{i}_DATA="$DEMO{i}_DATA"
fi
export DEMO{i}_HOME="$CONDA_PREFIX"
export DEMO{i}_DATA="$CONDA_PREFIX/share/demo{i}"
export LD_LIBRARY_PATH="$CONDA_PREFIX/lib${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"
"""
"""As packages write them."""

SOURCE_ALL = 'for script; do . "$script"; done; exec /usr/bin/env -0'


def works() -> list[Work]:
    return [Work("activation", measure)]


def measure(effort: Effort, folder: Path) -> list[Row]:
    environ = isolated_environ(folder)
    return [_row(scripts, effort, folder, environ) for scripts in ROUNDS]


def lay_out(folder: Path, scripts: int) -> tuple[Path, Path]:
    """An installation that has conda, and an environment of it whose kernels start."""
    root = make_environment(
        folder / "conda", kernels=(), interpreter=None, files={"bin/conda": "#!/bin/sh\n"}
    )
    (root / "bin/conda").chmod(0o755)
    files = {f"etc/conda/activate.d/{i}.sh": SCRIPT.format(i=i) for i in range(scripts)}
    prefix = root / f"envs/scripts{scripts}"
    return root, make_environment(prefix, interpreter="real", files=files)


def _row(scripts: int, effort: Effort, folder: Path, environ: Mapping[str, str]) -> Row:
    root, prefix = lay_out(folder, scripts)

    def ours() -> Mapping[str, str]:
        return activate(str(prefix), environ, root=str(root)).environ

    def peer() -> Mapping[str, str]:
        bare = look_and_set(prefix, environ)
        return source(prefix, bare) if scripts else bare

    _confirm(prefix, scripts, ours)
    _confirm(prefix, scripts, peer)
    mine, theirs = in_turns(
        effort.of(*ROUNDS[scripts]), lambda: 1e3 * seconds(ours), lambda: 1e3 * seconds(peer)
    )
    return Row(
        name="activation",
        work=f"activation, {scripts or 'no'} script{'s'[: scripts != 1]}",
        unit="ms",
        ours=Value.of(mine),
        peer=Value.of(theirs),
        peer_name="bare bash" if scripts else "bare look",
        reach=REACH[scripts],
    )


def look_and_set(prefix: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The fewest files that tell there is nothing more to do, and the fewest variables."""
    if os.path.isdir(f"{prefix}/conda-meta") and not os.path.exists(f"{prefix}/conda-meta/state"):
        os.path.isdir(f"{prefix}/etc/conda/env_vars.d")
        os.path.isdir(f"{prefix}/etc/conda/activate.d")
    path = f"{prefix}/bin:{environ['PATH']}"
    return {**environ, "PATH": path, "CONDA_PREFIX": str(prefix)}


def source(prefix: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """What the scripts make of it, in one bash that runs them and tells nothing else."""
    folder = f"{prefix}/etc/conda/activate.d"
    scripts = [f"{folder}/{name}" for name in sorted(os.listdir(folder))]
    done = subprocess.run(
        ["/bin/bash", "--noprofile", "--norc", "-c", SOURCE_ALL, "bash", *scripts],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=True,
    )
    pairs = (entry.partition("=") for entry in os.fsdecode(done.stdout).split("\0") if entry)
    return {name: value for name, _, value in pairs}


def _confirm(prefix: Path, scripts: int, activated: Callable[[], Mapping[str, str]]) -> None:
    """That every script ran, and that the environment is active.

    Raises:
        ValueError: it is not so.
    """
    given = activated()
    expected = {f"DEMO{i}_DATA": f"{prefix}/share/demo{i}" for i in range(scripts)}
    expected["CONDA_PREFIX"] = str(prefix)
    if missing := expected.items() - given.items():
        raise ValueError(f"activating {prefix} did not set {missing}")
