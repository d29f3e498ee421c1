"""The scripts of environments, run so that each one that fails costs only itself."""

import os
import re
import stat
import time
from collections.abc import Mapping

from ...errors import Finding
from ...reading import printable, problem
from .protocol import EXPORT, PRIVATE, TO_SET, Told
from .shell import Tools, run_steps

_KEPT = frozenset(
    {"BASHOPTS", "BASH_VERSINFO", "EUID", "OLDPWD", "PPID", "PWD", "SHELLOPTS", "SHLVL", "UID", "_"}
)
"""What bash sets for itself: whoever is started next gets what there was before."""

_WITHHELD = frozenset({"BASHOPTS", "BASH_ENV", "ENV", "PS1", "SHELLOPTS"})
"""What changes a bash from the outside; it is there again afterwards unless a script set it."""

_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*|BASH_FUNC_.*", re.DOTALL)
"""What bash can change; variables of other names pass it by."""


def find_scripts(folder: str) -> tuple[list[str], list[Finding]]:
    """The ``*.sh`` in ``folder`` that can be read, sorted; the others are findings."""
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".sh"))
    except FileNotFoundError:
        return [], []
    except OSError as error:
        return [], [_unreadable(folder, problem(error))]
    paths = [f"{folder}/{name}" for name in names]
    seen = [_trouble(path) for path in paths]
    return (
        [path for path, trouble in zip(paths, seen, strict=True) if not trouble],
        [_unreadable(path, trouble) for path, trouble in zip(paths, seen, strict=True) if trouble],
    )


class Scripts:
    """Runs scripts in one bash, and in one more after each script that ended it.

    Attributes:
        environ: the variables after the scripts that ran so far.
        findings: what went wrong, one for each script.
        output: what they wrote, 64 KiB of each bash at most.
    """

    def __init__(
        self,
        old: list[str],
        new: list[str],
        environ: Mapping[str, str],
        exports: Mapping[str, str],
    ) -> None:
        """Plan the scripts ``old``, then to set ``exports``, then the scripts ``new``."""
        self._steps = [*old, EXPORT, *new] if old else [*new]
        self._exports = exports
        self.environ: dict[str, str] = {**environ} if old else {**environ, **exports}
        self.findings: list[Finding] = []
        self.output = b""

    def run(self, tools: Tools | None, *, conda: str, timeout: float, total: float) -> None:
        """Run them.

        Args:
            tools: None where there are none to run scripts with.
            conda: the program that the command ``conda`` starts; empty for none.
            timeout: seconds that each script may take.
            total: seconds that all of them may take.
        """
        left = total
        while self._steps:
            if left <= 0:
                self._give_up(f"the others have taken {total:g} s already")
                return
            began = time.monotonic()
            if tools is None:
                self._give_up("there is no bash, or no env")
                return
            try:
                ran = run_steps(
                    tools, self._steps, self._given(), conda=conda, timeout=timeout, total=left
                )
            except (OSError, ValueError) as error:
                self._give_up(problem(error))
                return
            left -= time.monotonic() - began
            self.output += ran.output
            for step, told in zip(self._steps, ran.told, strict=False):
                self._take(step, told)
            self._steps = self._steps[len(ran.told) :]
            if self._steps and not (ran.told and ran.told[-1].exited):
                self._lose(self._steps.pop(0), min(timeout, total) if ran.timed_out else None)

    def _given(self) -> dict[str, str]:
        """What bash is started with: values to set are never part of a command."""
        given = {name: value for name, value in self.environ.items() if name not in _WITHHELD}
        if EXPORT in self._steps:
            pairs = enumerate(self._exports.items())
            given |= {f"{TO_SET}{i}": f"{name}={value}" for i, (name, value) in pairs}
        return given

    def _take(self, step: str, told: Told) -> None:
        if step == EXPORT:
            self.environ |= self._exports
            return
        self.environ = _restored(told.environ, self.environ)
        if told.exited:
            self.findings.append(_exited(step, told.status))
        elif told.status:
            self.findings.append(_failed(step, told.status))

    def _lose(self, step: str, timeout: float | None) -> None:
        if step == EXPORT:
            self.environ |= self._exports
        else:
            self.findings.append(_lost(step) if timeout is None else _stopped(step, timeout))

    def _give_up(self, why: str) -> None:
        if EXPORT in self._steps:
            self.environ |= self._exports
        self.findings.append(_not_run([s for s in self._steps if s != EXPORT], why))
        self._steps = []


def _restored(made: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """The variables that scripts made, without what bash adds and with what it takes away."""
    passed = _KEPT | _WITHHELD
    return {
        **{n: v for n, v in before.items() if n in passed or not _NAME.fullmatch(n)},
        **{n: v for n, v in made.items() if n not in _KEPT and not n.startswith(PRIVATE)},
    }


def _trouble(path: str) -> str:
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        return problem(error)
    if not stat.S_ISREG(mode):
        return "is not a regular file"
    return "" if os.access(path, os.R_OK) else "cannot be read by the server's user"


def _unreadable(path: str, seen: str) -> Finding:
    return Finding(
        id="activation-script-unreadable",
        severity="warning",
        source=printable(path),
        seen=seen,
        remedy="it is not run: mend it, or remove it",
    )


def _failed(path: str, status: int) -> Finding:
    return Finding(
        id="activation-script-failed",
        # `[ -n "$X" ] && export Y` at the end gives 1 and is no fault.
        severity="info" if status == 1 else "warning",
        source=printable(path),
        seen=f"ended with status {status}",
        remedy="what it set counts, as with conda; what it wrote is in the server's log",
    )


def _exited(path: str, status: int) -> Finding:
    return Finding(
        id="activation-script-exited",
        severity="warning",
        source=printable(path),
        seen=f"ended the shell with status {status}",
        remedy="what it had exported counts and the other scripts ran, while conda itself stops: "
        "write `return` for `exit` in it, and avoid `set -u`",
    )


def _lost(path: str) -> Finding:
    return Finding(
        id="activation-script-lost",
        severity="warning",
        source=printable(path),
        seen="ended the shell or closed its files, and what it set is lost",
        remedy="the other scripts ran: remove `exec`, `kill` or the like from it",
    )


def _stopped(path: str, timeout: float) -> Finding:
    return Finding(
        id="activation-script-stopped",
        severity="warning",
        source=printable(path),
        seen=f"still ran after {timeout:g} s and was stopped, and what it set is lost",
        remedy="the other scripts ran: mend or remove it, as it delays each start of a kernel",
    )


def _not_run(paths: list[str], why: str) -> Finding:
    return Finding(
        id="activation-scripts-not-run",
        severity="warning",
        source=printable(", ".join(paths)),
        seen=f"cannot be run: {why}",
        wanted="bash and env in /bin or /usr/bin, and variables that a program can be given",
        remedy="what they would set is missing: install bash and coreutils in the image, or "
        "shorten the variables",
    )
