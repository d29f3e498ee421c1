"""An event as text for a terminal, or as JSON for a program."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ..logs.line import Event, fields_of
from ..reading import printable

_INDENT = "    "
_SHORT_ID = 8
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")


def as_json(event: Event) -> str:
    """One line, in ASCII: the time in milliseconds since the epoch, then the fields."""
    fields = fields_of(event) or {"message": event.message}
    timestamp = {"timestamp": event.timestamp}
    return json.dumps(timestamp | fields | timestamp)


def as_text(event: Event) -> str:
    """Lines as Jupyter Server writes them, with nothing in them that a terminal would act on."""
    fields = fields_of(event)
    if fields:
        level = str(fields.get("level") or "INFO")
        head = f"{level[:1]} {_local(event.timestamp)} {fields.get('logger') or '-'}"
        text = str(fields.get("message", event.message)) + _notes(fields)
    else:
        head, text = f"- {_local(event.timestamp)} -", event.message
    first, *more = _lines(f"[{head}] {text}")
    trace = fields.get("traceback")
    if trace:
        more += _lines(str(trace).rstrip("\n"))
    return "\n".join([first, *(_INDENT + line for line in more)])


def _notes(fields: dict[str, Any]) -> str:
    notes = []
    if "part" in fields:
        notes.append(f"part {fields['part']} of {fields.get('parts', '?')}")
    for what in ("kernel", "request"):
        value = fields.get(f"{what}_id")
        if isinstance(value, str) and value:
            notes.append(f"{what} {value[:_SHORT_ID]}")
    return f" ({', '.join(notes)})" if notes else ""


def _lines(text: str) -> Iterator[str]:
    for line in _COLOUR.sub("", text).replace("\r\n", "\n").split("\n"):
        yield printable(line.expandtabs())


def _local(milliseconds: int) -> str:
    """Local time with milliseconds; the number itself where it is no time of a calendar."""
    try:
        time = datetime.fromtimestamp(milliseconds / 1000).astimezone()
    except (OverflowError, ValueError, OSError):
        return str(milliseconds)
    return time.strftime("%Y-%m-%d %H:%M:%S") + f".{milliseconds % 1000:03d}"
