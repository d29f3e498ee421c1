"""Puts it together: what is computed, then what the environment's scripts make of it."""

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from ...errors import Finding
from ...reading import printable
from .installation import conda_program
from .scripts import Scripts, find_scripts
from .shell import find_tools
from .static import compute


@dataclass(frozen=True, slots=True)
class Activation:
    """What activating an environment gave.

    Attributes:
        environ: every variable that a process in the environment should be started with; what is
            not UTF-8 stands as ``os.fsdecode`` has it.
        findings: what went wrong, one each. Only where one is an ``error`` was nothing activated;
            ``environ`` is then what was given.
        output: what the scripts wrote to stdout and stderr, for a log: printable lines, the first
            64 KiB of it.
    """

    environ: Mapping[str, str]
    findings: tuple[Finding, ...] = ()
    output: str = ""


def activate(
    prefix: str,
    environ: Mapping[str, str],
    *,
    root: str | None,
    timeout: float = 20.0,
    total: float = 30.0,
) -> Activation:
    """The environment after ``conda activate prefix`` in a shell that has ``environ``.

    Blocks while scripts run, so not for an event loop. conda itself is never run, and nothing on
    disk raises: a file or a script that cannot be used costs only itself and is a finding. What a
    script does to its own process (``ulimit``, ``umask``, ``cd``) does not outlive it, and
    processes that it leaves behind are killed unless they made a session of their own.

    Args:
        prefix: absolute path of the environment.
        environ: variables to start from; never changed.
        root: the conda, mamba or micromamba installation that the environment belongs to.
        timeout: seconds that each script may take.
        total: seconds that all of them may take: clients do not wait for a start for ever,
            JupyterLab for 42 s (jupyter_server/gateway/gateway_client.py, ``request_timeout``).
    """
    prefix = os.path.normpath(prefix)
    if not os.path.isabs(prefix) or not os.path.isdir(f"{prefix}/conda-meta"):
        return Activation(dict(environ), (_no_environment(prefix),))
    root = os.path.normpath(root) if root else None
    static = compute(prefix, environ, root)
    old, unreadable = (
        find_scripts(f"{static.leaves}/etc/conda/deactivate.d") if static.leaves else ([], [])
    )
    new, more = find_scripts(f"{prefix}/etc/conda/activate.d")
    scripts = Scripts(old[::-1], new, environ, static.exports)
    scripts.run(find_tools(), conda=conda_program(root) or "", timeout=timeout, total=total)
    findings = (*static.findings, *unreadable, *more, *scripts.findings)
    return Activation(scripts.environ, findings, _lines(scripts.output))


def _lines(output: bytes) -> str:
    text = output.decode("utf-8", "backslashreplace")
    return "\n".join(printable(line.replace("\t", " ")) for line in text.splitlines())


def _no_environment(prefix: str) -> Finding:
    return Finding(
        id="environment-missing",
        severity="error",
        source=printable(prefix),
        seen="is no conda environment that the server's user can see",
        wanted="a folder with conda-meta in it",
        remedy=f"create it again: conda create -p {shlex.quote(printable(prefix))} ipykernel",
    )
