"""What can be said after `jupyter sm logs`; imports nothing that takes time."""

import argparse
import re
import time
from datetime import datetime

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}
"""As `logging` numbers them."""

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_AGO = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)([smhdw])")
_KERNEL = re.compile(r"[0-9a-f-]+")
_COUNT_MOST = 10_000_000


def add_log_options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `jupyter sm logs`."""
    parser.add_argument(
        "--follow", action="store_true", help="go on with each event as it is written"
    )
    parser.add_argument(
        "--since",
        metavar="TIME",
        type=milliseconds,
        help="events from then on, all of them: 15m, 2h, 3d, or 2026-11-20T16:30 in local time",
    )
    parser.add_argument(
        "--level", type=level, metavar="LEVEL", help="events of at least that level: warning, error"
    )
    parser.add_argument(
        "--kernel", type=kernel, metavar="ID", help="events about a kernel; the start of its id"
    )
    parser.add_argument(
        "--tail", metavar="N", type=count, help="the last N events (100, and all with --since)"
    )
    parser.add_argument(
        "--file", metavar="PATH", help="the events in this file, instead of those of this app"
    )
    parser.add_argument(
        "--ship", action="store_true", help="send what is on disk to CloudWatch Logs, once"
    )
    parser.add_argument(
        "--force", action="store_true", help="with --ship: also where SageMaker does it already"
    )
    parser.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=seconds,
        help="with --ship: the end after so long, whatever is left (none)",
    )


def milliseconds(text: str) -> int:
    """A time, in milliseconds since the epoch, from how long ago it was or from ISO 8601.

    Raises:
        argparse.ArgumentTypeError: it is neither.
    """
    ago = _AGO.fullmatch(text)
    try:
        if ago is not None:
            return round((time.time() - float(ago[1]) * _UNITS[ago[2]]) * 1000)
        # Python 3.10 does not know the Z.
        return round(datetime.fromisoformat(re.sub("[zZ]$", "+00:00", text)).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time: write 15m, 2h, 3d, or 2026-11-20T16:30"
        ) from None


def seconds(text: str) -> float:
    """A length of time.

    Raises:
        argparse.ArgumentTypeError: it is none, or nothing.
    """
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text) and float(text) > 0:
        return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")


def level(text: str) -> int:
    """A level's number from its name, or from the beginning of that.

    Raises:
        argparse.ArgumentTypeError: it is no level's.
    """
    for name, number in LEVELS.items():
        if text and name.startswith(text.lower()):
            return number
    raise argparse.ArgumentTypeError(f"{text!r} is no level: write one of {', '.join(LEVELS)}")


def kernel(text: str) -> str:
    """The beginning of a kernel's id.

    Raises:
        argparse.ArgumentTypeError: no id begins so.
    """
    if _KERNEL.fullmatch(text.lower()):
        return text.lower()
    raise argparse.ArgumentTypeError(
        f"{text!r} is not how a kernel's id begins: it has 0-9, a-f, -"
    )


def count(text: str) -> int:
    """A number of events.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if re.fullmatch("[0-9]{1,9}", text) and int(text) <= _COUNT_MOST:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number of events from 0 to {_COUNT_MOST}")
