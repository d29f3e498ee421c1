"""Looks at what an export did."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .machine import Command

LOGO = b"\x89PNG logo"


def kernel_json(out: Path, name: str) -> Any:
    return json.loads((out / "kernels" / name / "kernel.json").read_text())


def done(sm: Command, out: Path, *words: str) -> dict[str, str]:
    """What an export does, by kernel."""
    outcome = sm("kernels", "--export", str(out), "--json", *words)
    return {kernel["name"]: kernel["action"] for kernel in outcome.json()["kernels"]}


def tree(folder: Path) -> Mapping[str, tuple[bytes, int]]:
    """Content and modification time of every file."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }
