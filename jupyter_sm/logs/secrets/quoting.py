"""Where a value ends: at a quote, a bracket, the end of a line; and which value is none."""

import re
from typing import NamedTuple

REPLACEMENT = "[secret]"

QUOTED = re.compile(r"""[bBuUrRfF]{0,2}(\\{0,7})(["'])""")
"""A quote that begins a text: the backslashes in front of it, and the mark."""

_BRACKET = re.compile(r"""[{}()\[\]]|(?:(?<=[\s:,=\[({])|(?<=[\s:,=\[({][bu]))(\\{0,7})(["'])""")
_HARMLESS = re.compile(
    r"""(?:\[secret\][)\]}>.,;:!?]*|None|True|False|null|true|false|[.*\u2026]*)\Z"""
)
_RANDOM_LENGTH = 16


class Span(NamedTuple):
    """A part of a text."""

    start: int
    end: int


class Lines:
    """Where the lines of a text end; asked in ascending order, it reads the text once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = -1

    def end(self, start: int) -> int:
        """The end of the line that ``start`` is in."""
        text = self._text
        if start > self._end:
            found = text.find("\n", start)
            self._end = len(text) if found < 0 else found
        end = self._end
        return end - 1 if end > start and text[end - 1] == "\r" else end


def is_harmless(text: str, span: Span) -> bool:
    """Whether a value is no secret, or is hidden already."""
    return _HARMLESS.match(text, span.start, span.end) is not None


def looks_random(word: str) -> bool:
    """Whether a word is long or has a digit, as the words of a sentence do not."""
    return len(word) >= _RANDOM_LENGTH or any(character.isdigit() for character in word)


def quoted_end(text: str, start: int, quote: "re.Match[str]", most: int | None = None) -> int:
    r"""Where a quoted text ends: at a quote with as many backslashes as the one that began it.

    With each level of quotation (JSON in JSON) the backslashes double: inside ``\"…\"``, three of
    them stand for a quote of the text itself.

    Args:
        text: holds it.
        start: its first character's place.
        quote: the quote in front: its backslashes and the mark itself.
        most: where it ends at the latest; at the end of ``text`` when not given.
    """
    most = len(text) if most is None else most
    level, position = len(quote[1]), start
    while (position := text.find(quote[2], position, most)) >= 0:
        first = position
        while first > start and text[first - 1] == "\\":
            first -= 1
        following = text[position + 1 : position + 2]
        is_word = following.isalnum() or following == "_"
        if (position - first) % (2 * level + 2) == level and not is_word:
            return position - level
        position += 1
    return most


def bracket_end(text: str, start: int, end: int) -> int:
    """Behind the bracket that closes the one at ``start``, at the latest at ``end``."""
    depth, position = 0, start
    while position < end and (match := _BRACKET.search(text, position, end)):
        position = match.end()
        if match[2]:
            position = quoted_end(text, position, match, end) + len(match[0])
        elif match[0] in "{[(":
            depth += 1
        else:
            depth -= 1
            if not depth:
                return position
    return end
