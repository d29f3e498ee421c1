"""One line of a spool: exactly one event as CloudWatch Logs takes it (InputLogEvent).

The message is JSON text itself, so that CloudWatch Logs Insights finds its fields.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Final

import msgspec

from .segments import EVENT_BYTES_MOST, EVENT_OVERHEAD

_TIMESTAMP_MOST: Final = 2**63 - 1

Scalar = str | int | float | bool | None
"""What a field may be."""

_SHORT: Final = 1_000
"""Texts of so many characters stand whole in each part; longer ones are split."""

_SHORT_BYTES_MOST: Final = EVENT_BYTES_MOST // 4
"""So much do the short fields take of each part; the long texts have the rest."""

_PARTS_DIGITS: Final = 999_999_999
"""Stands for a number of parts that is not known yet."""

_ESCAPED_MOST: Final = 6
"""Bytes that JSON in UTF-8 needs for one character at most: a backslash, u and four digits."""


class Event(msgspec.Struct, frozen=True):
    """A line.

    Attributes:
        timestamp: Milliseconds since the epoch.
        message: At least one character: JSON text when this package wrote it.
    """

    timestamp: Annotated[int, msgspec.Meta(ge=0, le=_TIMESTAMP_MOST)]
    message: Annotated[str, msgspec.Meta(min_length=1)]


_ENCODE: Final = msgspec.json.Encoder().encode
_DECODE: Final = msgspec.json.Decoder(Event).decode
_DECODE_FIELDS: Final = msgspec.json.Decoder(dict[str, Any]).decode


def encode_event(timestamp_ms: int, fields: Mapping[str, Any]) -> list[bytes]:
    """The lines of an event, each with its newline: one, or several where a text is too long.

    Of several, each has the short fields, its own piece of the long texts, ``part`` (from 1) and
    ``parts``: the pieces of one field joined in that order are its text. What JSON does not know is
    written as its `str`, half a surrogate pair as its escape.

    Args:
        timestamp_ms: Milliseconds since the epoch.
        fields: The members of the message.
    """
    try:
        text = _ENCODE(fields)
        if len(text) + EVENT_OVERHEAD <= EVENT_BYTES_MOST:
            return [_line(timestamp_ms, text)]
    except (UnicodeEncodeError, TypeError, ValueError, RecursionError):
        pass  # what is in the way of JSON is taken out below
    clean = _cleaned(fields)
    text = _ENCODE(clean)
    if len(text) + EVENT_OVERHEAD <= EVENT_BYTES_MOST:
        return [_line(timestamp_ms, text)]
    return [_line(timestamp_ms, _ENCODE(part)) for part in _parts(clean)]


def decode_line(line: bytes) -> Event | None:
    """The event of a line, with or without its newline; None for what is none."""
    try:
        return _DECODE(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def fields_of(event: Event) -> dict[str, Any]:
    """The members of the message; {} for plain text, which others may have written."""
    if not event.message.startswith("{"):
        return {}
    try:
        return _DECODE_FIELDS(event.message)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}


def valid_text(text: str) -> str:
    """The text as UTF-8 can hold it: half a surrogate pair becomes a backslash and its number."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def safe_text(value: object, text: Callable[[object], str] = str) -> str:
    """The `text` of a value, or what can be said of one that refuses to give it."""
    try:
        return text(value)
    except Exception:  # noqa: BLE001  # whatever a foreign __str__ raises
        return f"<{type(value).__name__} without a text>"


def _line(timestamp_ms: int, message: bytes) -> bytes:
    # An Event would have to be made first: this is what it is encoded to, in half the time.
    return b'{"timestamp":%d,"message":%b}\n' % (timestamp_ms, _ENCODE(message.decode()))


def _cleaned(fields: Mapping[str, Any]) -> dict[str, Scalar]:
    clean: dict[str, Scalar] = {}
    for name, value in fields.items():
        is_simple = value is None or isinstance(value, (bool, int, float))
        clean[valid_text(safe_text(name))] = value if is_simple else valid_text(safe_text(value))
    return clean


def _parts(fields: dict[str, Scalar]) -> Iterator[dict[str, Scalar]]:
    """The fields of each part; short ones by the thousand become one long text, ``others``."""
    texts: dict[str, str] = {}
    short: dict[str, Scalar] = {}
    others: dict[str, Scalar] = {}
    left = _SHORT_BYTES_MOST
    for name, value in fields.items():
        needed = len(_ENCODE({name: value}))
        if isinstance(value, str) and (len(value) > _SHORT or name == "message"):
            texts[name[:_SHORT]] = value
        elif needed <= left:
            short[name] = value
            left -= needed
        else:
            others[name] = value
    if others:
        texts["others"] = _ENCODE(others).decode()
    numbers: dict[str, Scalar] = {"part": _PARTS_DIGITS, "parts": _PARTS_DIGITS}
    room = EVENT_BYTES_MOST - EVENT_OVERHEAD - len(_ENCODE({**short, **numbers}))
    pieces = list(_pieces(texts, room))
    for number, piece in enumerate(pieces, start=1):
        yield {**short, **piece, "part": number, "parts": len(pieces)}


def _pieces(texts: dict[str, str], room: int) -> Iterator[dict[str, str]]:
    """The texts, one after the other, in as few pieces as have room."""
    piece: dict[str, str] = {}
    left = room
    for name, text in texts.items():
        begin = 0
        member = len(_ENCODE({name: ""}))
        while begin < len(text):
            taken = _fitting(text, begin, left - member)
            if taken:
                piece[name] = text[begin : begin + taken]
                left -= member + len(_ENCODE(piece[name]))
                begin += taken
            if begin < len(text):
                yield piece
                piece, left = {}, room
    if piece:
        yield piece


def _fitting(text: str, begin: int, room: int) -> int:
    """How many characters from there on have room, in JSON; nearly as many as possible."""
    count = min(len(text) - begin, max(room, 0))
    while count:
        needed = len(_ENCODE(text[begin : begin + count])) - 2
        if needed <= room:
            return count
        count = max(count * room // needed - 1, room // _ESCAPED_MOST)
    return 0
