"""What a gateway printed that nobody should have to read."""

import re
from collections import Counter

SERIOUS = ("[E ", "[C ")
RECORD = re.compile(r"^(?=\[[A-Z] |Traceback )", re.MULTILINE)
"""Where a record begins, or a traceback that is part of none: a kernel's, or a library's."""
FAREWELL = "received signal 15, stopping"
"""Critical to the gateway, and what the soak asked for."""


def serious(log: str) -> list[str]:
    """The gateway's errors, a line each kind with the traceback's last line, the most frequent first.

    Lines of the request log are left out: clients count what they are answered.
    """
    found: Counter[str] = Counter()
    for record in RECORD.split(log):
        place, _, words = record.partition("\n")[0].partition("] ")
        if place.startswith(SERIOUS) and " access:" not in place and words != FAREWELL:
            found[f"{words} {_last(record)}".strip()] += 1
    return _counted(found)


def tracebacks(log: str) -> list[str]:
    """Those that are part of no record, with the place of each one's last call."""
    found: Counter[str] = Counter()
    for record in RECORD.split(log):
        if record.startswith("Traceback "):
            text = [line.strip() for line in record.splitlines()]
            calls = [line for line in text if line.startswith("File ")]
            # Unlike the calls, what was raised is not indented; what follows is somebody else's.
            raised = [line for line in record.splitlines()[1:] if not line.startswith(" ")]
            found[" ".join([*calls[-1:], *raised[:1]])] += 1
    return _counted(found)


def _last(record: str) -> str:
    lines = record.rstrip().splitlines()
    return lines[-1].strip() if lines[1:] else ""


def _counted(found: Counter[str]) -> list[str]:
    return [f"{text}, {count} times" for text, count in found.most_common()]
