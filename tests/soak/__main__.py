"""Many clients at one real gateway on loopback, for a bounded time; status 1 if anything is wrong."""

import argparse
import json
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .run import Plan, soak

LONG = (30.0, 50)
SHORT = (2.0, 50)
"""Minutes and clients."""


def parsed(argv: Sequence[str]) -> tuple[Plan, bool]:
    """What is to be done, and whether JSON is wanted."""
    cores = os.cpu_count() or 1
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--long", action="store_true", help="30 minutes with 50 clients")
    parser.add_argument("--minutes", type=_positive, metavar="M", help="2 by default")
    parser.add_argument("--clients", type=_count, metavar="N", help="50 by default")
    parser.add_argument("--kernels", type=_count, metavar="N", default=2 * cores, help="at once")
    parser.add_argument("--operations", type=_count, metavar="N", default=1_000_000, help="at most")
    parser.add_argument(
        "--settle",
        type=_positive,
        metavar="S",
        default=0.5,
        help="seconds after which a change on disk must be known (0.5)",
    )
    parser.add_argument(
        "--pause",
        type=_positive,
        metavar="S",
        default=0.0,
        help="seconds that a client waits before each operation (none)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="who does what")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(argv)
    minutes, clients = LONG if options.long else SHORT
    plan = Plan(
        seconds=60 * (options.minutes or minutes),
        clients=options.clients or clients,
        places=options.kernels,
        operations=options.operations,
        settle=options.settle,
        pause=options.pause,
        seed=options.seed,
    )
    return plan, options.json


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise ValueError(text)
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def main(argv: Sequence[str]) -> int:
    plan, wants_json = parsed(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # the gateway ends too
    with tempfile.TemporaryDirectory(prefix="jupyter_sm-soak-") as folder:
        report = soak(plan, Path(folder))
    text = json.dumps(report.document(), indent=1) if wants_json else report.text()
    sys.stdout.write(f"{text}\n")
    return 1 if report.complaints() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
