"""Writes docs/problems.md from the table in jupyter_sm/server/problemtable.py."""

from pathlib import Path

from jupyter_sm.server.problemtable import PROBLEMS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "problems.md"

HEAD = """# Problems

What `GET /api/sm/health/report`, the panel in JupyterLab and the field `report` of `GET /api/sm` can tell.
Each problem has an `id`, a `severity`, the `source` where it was seen, what was `seen` there, what was
`wanted` instead, and a `remedy`, which names the file, the command or the setting of your case. An id
never changes its meaning.

An `error` loses something that was asked for, a `warning` may, an `info` is worth knowing. Findings about
a document are errors in the AppImageConfig and warnings in the metadata. Those that begin with `cuda-` are
errors where CUDA does not work, warnings where a part of it does not, and else worth knowing; the rest of
the id is the code of the reason in `GET /api/sm/cuda`.

This page is made by `python scripts/problems_page.py`.

| id | severity | what it means | remedy |
|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    rows = [
        f"| `{kind}` | {', '.join(problem.severities)} | {problem.means} | {problem.remedy} |\n"
        for kind, problem in PROBLEMS.items()
    ]
    return HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
