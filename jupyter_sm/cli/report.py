"""How every command tells what it found: findings as text, models as JSON, both as an exit status."""

import json
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from ..errors import SEVERITIES, Finding
from . import FINDINGS
from .table import explanation


def print_lines(lines: Iterable[str]) -> None:
    print("\n".join(lines))


def print_model(model: msgspec.Struct) -> None:
    """Print a response model as JSON in ASCII, so that no locale can spoil it."""
    print(json.dumps(msgspec.to_builtins(model), indent=2))


def exit_status(findings: Iterable[Finding]) -> int:
    """1 if the user lost something that they asked for, else 0."""
    return FINDINGS if any(finding.severity == "error" for finding in findings) else 0


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, each once, errors before warnings before information."""
    return sorted(dict.fromkeys(findings), key=lambda finding: SEVERITIES.index(finding.severity))


def finding_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """Findings as paragraphs, worst first, an empty line in front."""
    if findings:
        yield ""
    for finding in worst_first(findings):
        wanted = f"; expected {finding.wanted}" if finding.wanted else ""
        seen = f"{finding.severity}: {finding.source}: {finding.seen}{wanted}"
        yield from explanation(seen, finding.remedy)
