"""Each problem that can be told has its row, and docs/problems.md is made of the rows."""

import re
from pathlib import Path

import problems_page

from jupyter_sm.errors import SEVERITIES
from jupyter_sm.server.cudaproblems import cuda_id
from jupyter_sm.server.problemtable import PROBLEMS

PACKAGE = Path(__file__).parents[2] / "jupyter_sm"

NAME = r'\(?\s*"([a-z0-9]+(?:-[a-z0-9]+)+)"'
FINDING = re.compile(
    rf"(?:\bid={NAME}|\bkind={NAME}|\breport\({NAME}|\bunreadable\({NAME}|\b_problem\({NAME}"
    rf"|\b_finding\({NAME}|(?<!self\.)\b_refusal\({NAME}|\bkind = {NAME} if .*? else {NAME})"
)
REASON = re.compile(rf"(?:\bcode={NAME}|_Meaning\({NAME}|^[A-Z_]+ = {NAME}$)", re.MULTILINE)

ELSEWHERE = {"build-unknown", "capability-of-one-not-in-build"}
"""Of an environment, and no reason why its kernels do not run."""

TO_THE_LOG = ("kernels/activation", "cli")


def ids_of(pattern: re.Pattern[str], *folders: str) -> set[str]:
    files = [path for folder in folders for path in (PACKAGE / folder).rglob("*.py")]
    kept = [f for f in files if not str(f.relative_to(PACKAGE)).startswith(TO_THE_LOG)]
    found = [match for file in kept for match in pattern.findall(file.read_text())]
    return {name for names in found for name in ([names] if isinstance(names, str) else names)} - {
        ""
    }


def told() -> set[str]:
    findings = ids_of(FINDING, "image", "kernels", "server")
    reasons = ids_of(REASON, "cuda/verdict") - ELSEWHERE
    return findings | {cuda_id(code) for code in reasons}


def test_every_problem_has_its_row_and_every_row_its_problem() -> None:
    assert told() == set(PROBLEMS)


def test_ids_are_kebab_case_and_severities_worst_first() -> None:
    for kind, problem in PROBLEMS.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", kind)
        assert list(problem.severities) == [s for s in SEVERITIES if s in problem.severities]
        assert problem.severities
        assert problem.means
        assert problem.remedy
        assert "|" not in problem.means + problem.remedy


def test_the_page_is_made_of_the_table() -> None:
    written = problems_page.PAGE.read_text(encoding="utf-8")

    assert written == problems_page.page(), "run: python scripts/problems_page.py"
