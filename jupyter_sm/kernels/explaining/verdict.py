"""What a failed start means: how it ended, and what it said when it was started once more."""

import re
import shlex
import signal
from dataclasses import dataclass

from ...reading import printable
from .explanation import Attempt, Explanation, ending
from .second_start import Heard

LINES = 40
"""Lines of what it said that are told at most, the last ones."""

CHARACTERS = 4096

_STYLE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))")
"""ECMA-48 control sequences, such as colours, and operating system commands, such as titles."""

_NO_IPYKERNEL = re.compile(r"No module named '?ipykernel(?:_launcher)?(?![\w.])")

_PYTHON = re.compile(r"^(/[^:]+): (?:No module|Error while)", re.MULTILINE)
"""``python -m`` puts ``sys.executable`` in front of what it says of a module."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the user is told.

    Attributes:
        reason: part of a sentence.
        remedy: a command or a sentence, empty when there is none.
        account: what came of the second start, a sentence; empty when there is nothing to say.
        output: what that said, ready to be shown.
        may_pass: the next start may do.
    """

    reason: str
    remedy: str
    account: str = ""
    output: tuple[str, ...] = ()
    may_pass: bool = False


def judge(explanation: Explanation, heard: Heard | None) -> Verdict:
    """Say what is wrong.

    Args:
        explanation: as the server gave it.
        heard: what became of the second start; None while it runs, and where there is none.
    """
    attempt = explanation.attempt
    if attempt is None:
        return Verdict(explanation.reason, explanation.remedy)
    if not deserves_second(attempt):
        return Verdict("its process was interrupted while it started", "", may_pass=True)
    reason = f"its process {ending(attempt.status)} before it answered"
    if heard is None:
        account = "It is being started once more to hear what it says: run a cell to read that."
        return Verdict(reason, explanation.remedy, account)
    if heard.problem:
        account = f"It cannot be started once more to hear what it says: {heard.problem}."
        return Verdict(reason, explanation.remedy, account)
    if heard.status is None:
        account = "Started once more it did run, so it may have been a matter of the moment."
        return Verdict(reason, "", account, may_pass=True)
    return _judge_words(explanation, attempt, reason, heard.status, last_lines(heard.output))


def deserves_second(attempt: Attempt) -> bool:
    """Whether a second start can tell more than the first one's end does."""
    return attempt.status != -signal.SIGINT


def last_lines(output: bytes) -> tuple[str, ...]:
    """The end of what a process said: printable, without colours, ``...`` for what is left out."""
    text = _STYLE.sub("", output.decode("utf-8", "backslashreplace")).strip("\r\n")
    lines = [printable(line.rstrip().expandtabs()) for line in text.splitlines()]
    last: list[str] = []
    room = CHARACTERS
    for line in reversed(lines[-LINES:]):
        room -= len(line) + 1
        if room < 0:
            break
        last.append(line)
    if lines and not last:
        last.append(lines[-1][-CHARACTERS:])
    return (*(["..."] if len(last) < len(lines) else []), *reversed(last))


def _judge_words(
    explanation: Explanation, attempt: Attempt, reason: str, status: int, output: tuple[str, ...]
) -> Verdict:
    if status == -signal.SIGINT or (output and output[-1].startswith("KeyboardInterrupt")):
        account = "Started once more to hear what it says, it was interrupted."
        return Verdict(reason, "", account, may_pass=True)
    account = f"Started once more, it {ending(status)} and said"
    account += ":" if output else " nothing."
    said = "\n".join(output)
    if _NO_IPYKERNEL.search(said) is None:
        return Verdict(reason, explanation.remedy, account, output)
    python = _PYTHON.search(said)
    program = python[1] if python else printable(attempt.argv[0])
    where = f"the environment {explanation.prefix}" if explanation.prefix else program
    remedy = explanation.install or f"{shlex.quote(program)} -m pip install ipykernel"
    return Verdict(f"{where} has no ipykernel", remedy, account, output)
