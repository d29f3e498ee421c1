"""``scripts/bench``: prints one table, ours beside a peer of the same run in each row."""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import (
    activation,
    cuda,
    discovery,
    importing,
    kernelstart,
    listing,
    logcalls,
    logloss,
    memory,
    startup,
    stopping,
)
from .table import Row, rendered
from .timing import Effort, Work

MISUSE = 2


def works() -> list[Work]:
    rooms = (
        discovery,
        listing,
        startup,
        activation,
        kernelstart,
        importing,
        memory,
        stopping,
        logcalls,
        logloss,
        cuda,
    )
    return [work for room in rooms for work in room.works()]


def selected(names: Sequence[str], *, quick: bool) -> list[Work]:
    """The works with one of these names, or whose name begins with one of them; all for none.

    Raises:
        ValueError: a name selects nothing.
    """
    everything = works()
    for name in names:
        if not any(_is_meant(work, name) for work in everything):
            known = ", ".join(work.name for work in everything)
            raise ValueError(f"nothing is called {name!r}; there are {known}")
    if not names:
        return [work for work in everything if work.brief or not quick]
    return [work for work in everything if any(_is_meant(work, name) for name in names)]


def _is_meant(work: Work, name: str) -> bool:
    return work.name == name or work.name.startswith(f"{name}-")


def measured(chosen: Sequence[Work], effort: Effort) -> list[Row]:
    rows = []
    for work in chosen:
        if sys.stderr.isatty():
            sys.stderr.write(f"measuring {work.name}\n")
        with tempfile.TemporaryDirectory(prefix="jupyter_sm-bench-") as folder:
            rows += work.measure(effort, Path(folder))
    return rows


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("names", metavar="NAME", nargs="*", help="what to measure; all by default")
    parser.add_argument("--quick", action="store_true", help="about a minute, and less exact")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(argv)
    try:
        chosen = selected(options.names, quick=options.quick)
    except ValueError as error:
        sys.stderr.write(f"scripts/bench: {error}\n")
        return MISUSE
    rows = measured(chosen, Effort(quick=options.quick))
    sys.stdout.write(_document(rows, quick=options.quick) if options.json else rendered(rows))
    sys.stdout.write("\n")
    return 0


def _document(rows: Sequence[Row], *, quick: bool) -> str:
    document = {
        "quick": quick,
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "rows": [row.document() for row in rows],
    }
    return json.dumps(document, indent=1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
