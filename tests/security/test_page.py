"""docs/security.md names tests that there are."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/security.md").read_text()
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_row_names_a_test() -> None:
    rows = re.findall(r"^\| (?!what|---)(.*) \|$", PAGE, flags=re.MULTILINE)

    assert len(rows) > 20
    assert [row for row in rows if not NAMED.search(row)] == []


def test_every_test_that_is_named_exists() -> None:
    named = NAMED.findall(PAGE)

    assert [
        (path, test)
        for path, test in named
        if not re.search(rf"^(async )?def {test}\(", (ROOT / path).read_text(), flags=re.MULTILINE)
    ] == []
    assert PAGE.count("::test_") == len(named)
