"""The words of an explanation, for a notebook and for a terminal."""

import textwrap
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ...reading import printable
from .explanation import Explanation
from .verdict import Verdict

LISTED = 10
"""How many kernel names are listed at most."""

_WIDTH = 76

_RESTART = "a restart of this kernel starts the real one."


class Told(NamedTuple):
    """What the user reads.

    Attributes:
        summary: the reason, one line.
        lines: the whole text, printable.
    """

    summary: str
    lines: tuple[str, ...]


def tell(explanation: Explanation, verdict: Verdict) -> Told:
    """Put it into words."""
    paragraphs = [
        _headline(explanation.kernel),
        [*_indented(_prose(verdict.reason)), *_origin(explanation)],
        [*_prose(verdict.account), *_indented(verdict.output)],
        _mending(verdict),
        _others(explanation.kernels),
    ]
    text = "\n\n".join("\n".join(lines) for lines in paragraphs if lines)
    lines = tuple(printable(line) for line in text.split("\n"))
    return Told(printable(" ".join(verdict.reason.split())), lines)


def _headline(kernel: str) -> list[str]:
    return [f"The kernel {kernel} did not start." if kernel else "This kernel did not start."]


def _origin(explanation: Explanation) -> list[str]:
    if not explanation.file:
        return []
    if explanation.attempt is None:
        return [f"  in {explanation.file}"]
    return [f"  it was started as {explanation.file} says"]


def _mending(verdict: Verdict) -> list[str]:
    if verdict.remedy:
        remedy = _indented(line for text in verdict.remedy.splitlines() for line in _prose(text))
        return ["To mend it:", *remedy, *_wrapped(f"Once that is done, {_RESTART}")]
    if verdict.output:
        return _wrapped(f"Once what it said is mended, {_RESTART}")
    if verdict.may_pass:
        return [_RESTART.capitalize()]
    return _wrapped(f"Once that is mended, {_RESTART}")


def _others(kernels: Sequence[str]) -> list[str]:
    if not kernels:
        return ["There is no other kernel that can be started."]
    listed = ", ".join(kernels[:LISTED])
    more = f" and {len(kernels) - LISTED} more" if len(kernels) > LISTED else ""
    return _wrapped(f"Kernels that can be started: {listed}{more}")


def _prose(text: str) -> list[str]:
    """Lines of a text; one that may hold a path, with spaces even, stays whole to be copied."""
    return [text] if "/" in text else _wrapped(text)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]
