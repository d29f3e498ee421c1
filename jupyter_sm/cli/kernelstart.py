"""`jupyter sm kernels start NAME`: one kernel, started to see whether it answers, and how fast."""

import argparse
import shlex
import time
from collections.abc import Iterator
from typing import Any

import msgspec

from ..errors import Finding
from ..kernels import Entry
from ..reading import printable
from . import FINDINGS
from .hostconfig import Host
from .kerneltrial import Trial
from .report import exit_status, finding_lines, print_lines, print_model
from .table import Row, paragraph, table

_INDENT = 4

_LONG = 10_000
"""Milliseconds from which on only seconds count."""

_STEPS = {
    "find": "find the kernels",
    "activate": "activate",
    "launch": "start the process",
    "answer": "wait for its answer",
    "end": "until it ended",
    "stop": "stop it",
    "total": "total",
}


class Seconds(msgspec.Struct, frozen=True, kw_only=True):
    """How long each step took, None for one that did not happen.

    Attributes:
        find: to look for the kernels of the image, as at the start of a gateway.
        activate: to compute the environment's variables and to run its scripts.
        launch: fork and exec.
        answer: from there to the first reply, or to the end of the waiting.
        end: from there to the end of a process that did not answer.
        stop: until its process had ended.
        total: their sum.
    """

    find: float
    activate: float | None
    launch: float | None
    answer: float | None
    end: float | None
    stop: float | None
    total: float


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the start of a kernel.

    Attributes:
        command: as its kernelspec has it, None for a kernel that was not found.
        answered: whether the kernel itself replied.
        explanation: what a notebook shows instead, where the kernel cannot be started.
        output: what the scripts of its environment wrote.
    """

    name: str
    command: tuple[str, ...] | None
    answered: bool
    seconds: Seconds
    explanation: str | None
    output: str
    findings: tuple[Finding, ...]


def run(options: argparse.Namespace, arguments: list[str]) -> int:
    """Start a kernel, wait for its reply and stop it."""
    host = Host.read(arguments)
    began = time.perf_counter()
    entry = host.catalog().startable(options.name)
    find = time.perf_counter() - began
    trial = Trial(host, options.name, options.timeout)
    trial.run()
    model = _started(host, entry, find, trial)
    if options.json:
        print_model(model)
    else:
        print_lines(_lines(model))
    return exit_status(model.findings) if model.answered else FINDINGS


def _started(host: Host, entry: Entry, find: float, trial: Trial) -> Started:
    activation = trial.provisioner.activation if trial.provisioner else None
    findings = (*host.findings(), *(activation.findings if activation else ()))
    return Started(
        name=entry.name,
        command=tuple(entry.kernel.spec["argv"]) if entry.kernel else None,
        answered=trial.answered and trial.told is None,
        seconds=_seconds(find, trial),
        explanation=trial.told,
        output=activation.output if activation else "",
        findings=findings if trial.trouble is None else (*findings, trial.trouble),
    )


def _seconds(find: float, trial: Trial) -> Seconds:
    steps = {
        "find": find,
        "activate": trial.provisioner.activation_seconds if trial.provisioner else None,
        "launch": trial.launch_seconds,
        "answer": trial.wait_seconds,
        "end": trial.provisioner.ended_seconds if trial.provisioner else None,
        "stop": trial.stop_seconds,
    }
    explanation = trial.explanation
    if explanation is not None:  # what stands in for a kernel does none of its steps
        steps |= {"answer": None, "stop": None}
        steps["launch"] = trial.launch_seconds if explanation.attempt else None
    rounded: dict[str, Any] = {
        step: None if s is None else round(s, 6) for step, s in steps.items()
    }
    return Seconds(**rounded, total=round(sum(s or 0.0 for s in rounded.values()), 6))


def _lines(model: Started) -> Iterator[str]:
    command = f": {_written(model.command)}" if model.command else ""
    yield from paragraph(f"{model.name}{command}")
    yield ""
    times = msgspec.structs.asdict(model.seconds).items()
    rows = [Row((_STEPS[step], _time(seconds))) for step, seconds in times if seconds is not None]
    yield from table(("STEP", "TIME"), rows)
    if model.output:
        yield from ("", "The scripts of the environment wrote:")
        for line in model.output.splitlines():
            yield from paragraph(line, first=_INDENT, rest=_INDENT)
    if model.explanation is not None:
        yield ""
        yield from map(printable, model.explanation.splitlines())
    yield from finding_lines(model.findings)


def _written(command: tuple[str, ...]) -> str:
    """A command as a shell would take it, but for the words that are filled in."""
    return " ".join(w if w == "{connection_file}" else shlex.quote(w) for w in command)


def _time(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    if milliseconds >= _LONG:
        return f"{seconds:.1f} s"
    return f"{milliseconds} ms" if milliseconds else "< 1 ms"
