"""``import jupyter_sm`` beside a Python that does nothing."""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

from hosts import isolated_environ

from .table import Reach, Row, Value, more_at_most
from .timing import Effort, Work, in_turns, seconds

MORE_MS = 30
HEAVY = ("boto3", "msgspec", "tornado")
"""Modules that an import of the package must not bring."""


def works() -> list[Work]:
    return [Work("import", measure)]


def measure(effort: Effort, folder: Path) -> list[Row]:
    environ = isolated_environ(folder, {"PYTHONDONTWRITEBYTECODE": ""})

    def run(code: str) -> bytes:
        command = [sys.executable, "-c", code]
        return subprocess.run(
            command, env=environ, cwd=folder, check=True, stdout=subprocess.PIPE
        ).stdout

    loaded = json.loads(run(f"import jupyter_sm, json, sys; {PRINT_LOADED}"))
    ours, bare = in_turns(
        effort.of(30, 5),
        lambda: 1e3 * seconds(lambda: run("import jupyter_sm")),
        lambda: 1e3 * seconds(lambda: run("pass")),
    )
    return [
        Row(
            name="import",
            work="`import jupyter_sm`",
            unit="ms",
            ours=Value.of(ours),
            peer=Value.of(bare),
            peer_name="bare Python",
            difference=median(mine - theirs for mine, theirs in zip(ours, bare, strict=True)),
            reach=(
                more_at_most(MORE_MS, "ms"),
                Reach(f"no {', '.join(HEAVY)}", lambda _: not loaded),
            ),
            note=f"imports {', '.join(loaded)}" if loaded else "",
        )
    ]


PRINT_LOADED = f"print(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
