"""Checks what no linter knows: one version everywhere, and nothing of one machine in any file."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

REGISTRIES = r"https?://[\w.-]*(?:pypi|pythonhosted|npmjs|debian)[\w.-]*"
"""Where packages come from is each user's own setting."""


def version_problems(root: Path) -> Iterator[str]:
    """The changelog's first release is the version of the package."""
    source = (root / "jupyter_sm" / "_version.py").read_text(encoding="utf-8")
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    package = re.search(r'__version__ = "(.+)"', source)
    newest = re.search(r"^## \[?(\d[^\s\]]*)", changelog, re.MULTILINE)
    seen = [found.group(1) if found else "none" for found in (package, newest)]
    if seen[0] != seen[1]:
        yield f"CHANGELOG.md: {seen[1]}, but jupyter_sm/_version.py: {seen[0]}"


def forbidden(root: Path) -> re.Pattern[str]:
    """What no file may hold: registries, this checkout's place, this interpreter's place."""
    places = {str(root), sys.base_prefix} - {"/usr", "/usr/local", tempfile.gettempdir()}
    local = "|".join(re.escape(place) + r"(?![\w.-])" for place in sorted(places))
    return re.compile(f"{REGISTRIES}|{local}")


def place_problems(root: Path, names: list[str]) -> Iterator[str]:
    """Each line of a file, by its name, that holds what no file may."""
    pattern = forbidden(root)
    for name in names:
        text = (root / name).read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            found = pattern.search(line)
            if found:
                yield f"{name}:{number}: {found.group()}"


def file_names(root: Path) -> list[str]:
    """The files that git tracks or would track, and that are there."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE).stdout
    names = sorted(set(map(os.fsdecode, listed.split(b"\0"))) - {""})
    return [name for name in names if (root / name).is_file()]


def main() -> int:
    problems = [*version_problems(ROOT), *place_problems(ROOT, file_names(ROOT))]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
