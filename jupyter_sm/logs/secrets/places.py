"""Where secrets stand in a text, whatever they are: after telling names, in URLs, by their shape.

Each function returns the text itself when there is nothing to hide, and takes time in proportion to
its length: a regular expression looks for a place, and what was read for it is not read again.
"""

import base64
import binascii
import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import unquote

REPLACEMENT = "[secret]"

_QUERY_NAMES = re.compile(
    "token|auth|key|code|state|xsrf|csrf|pass|pwd|secret|signature|credential|cookie|^sig$",
    re.IGNORECASE,
)
"""Jupyter Server's own list (jupyter_server/log.py, where a name *contains* one), and more."""

_PARAMETER = re.compile(r"""[?&#;]([^\s=?&#;"'<>]+)=""")
_SECRET_PARAMETER = re.compile(r"""(?:[^\s"'&#<>]|["'](?=[\w%.~!*-]))+""")
_OPEN_PARAMETER = re.compile(r"""[^\s"'?&#;<>]+""")
_USERINFO = re.compile(r"""(?<=//)[^\s/?#"'<>]+(?=@)""")

_NAMED = re.compile(
    r"""(?P<name>token|passw(?:or)?d|passphrase|secrets?|(?:secret|api|access|private)[_-]?key
    |xsrf|csrf|cookies?|morsel|authorization|credentials?|(?<![a-z0-9])(?:auth|pass|pw|pwd))
    (?:(?P<close>\\{0,7}["'])?[ \t]{0,3}(?:(?P<sep>=(?!=)|:(?!//)|,)(?P<gap>[ \t]{0,3}))
    |(?P<argument>[ \t]))(?=\S)""",
    re.IGNORECASE | re.VERBOSE,
)
"""A name *ends* in a telling word: ``token_ids``, ``tokenizer`` and ``cookie_name`` do not."""

_QUOTED = re.compile(r"""[bBuUrRfF]{0,2}(\\{0,7})(["'])""")
_WORD = re.compile(r"""(?:[^\s"'&<>,;)}\]]|["'<>,;)}\]](?=[\w%/+=-]))+""")
_HARMLESS = re.compile(r"(?:None|True|False|null|true|false|[.*\u2026]*)\Z")
_PAIR = re.compile(r"""(?:\(\s?[bu]?["'][\w.-]*|["']--?[\w.-]*)\Z""")
_OPTION = re.compile(r"""(?:^|[\s"'])--[\w.-]*\Z""")
_OPENED = re.compile(r"""(\\{0,7})(["'])[\w.-]*\Z""")
_BRACKET = re.compile(r"""[{}()\[\]]|(?:(?<=[\s:,=\[({])|(?<=[\s:,=\[({][bu]))(\\{0,7})(["'])""")
_CALLED = re.compile(r"[\w.]{0,80}[{\[(]")
_LOOK_BACK = 80
_LOOK_AHEAD = 256
_RANDOM_LENGTH = 16

_COOKIE_PROSE = re.compile(
    r"""(?:cookie\ signature|(?:expired|tampered)\ cookie|possible\ tampering)\ (?=b?["'])
    |(?P<line>(?:cookie\ header|cookies\ found\ in\ header:)\ )""",
    re.IGNORECASE | re.VERBOSE,
)
"""What tornado (web.py, ``_decode_signed_value_v1``) and jupyter_server (gateway_client.py) say."""

_SCHEME = re.compile(r"(?<![\w-])(bearer|token|basic)[ \t]+([\w.~+/=:|-]{8,})", re.IGNORECASE)
_SHAPES = re.compile(
    r"""(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*   # a JSON web token
    |(?<![\w|])2\|(?:1:0|[0-9a-f]{8})\|[^\s"',;]+   # tornado's signed cookie and its _xsrf
    |(?<=AWS4-HMAC-SHA256\ )[^\r\n"']+""",
    re.VERBOSE,
)
_AWS_SECRET = re.compile(r"(?<![\w/+=])[A-Za-z0-9/+]{40}(?![\w/+=])")
_HEX = re.compile(r"[0-9a-f]+\Z")


class _Span(NamedTuple):
    start: int
    end: int


class _Lines:
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


def hide_userinfo(text: str) -> str:
    """``user:password@`` in a URL."""
    return _USERINFO.sub(REPLACEMENT, text) if "@" in text else text


def hide_parameters(text: str, inner: Callable[[str], str]) -> str:
    """Telling query parameters, their names percent-encoded or not; presigned URLs among them.

    Args:
        text: holds URLs or parts of them.
        inner: asked about a percent-decoded value, which may be a URL again (``?next=``).
    """
    pieces, done, position = [], 0, 0
    while match := _PARAMETER.search(text, position):
        position = match.end()
        if _QUERY_NAMES.search(decoded(match[1])):
            value = _SECRET_PARAMETER.match(text, position)
            hide = value is not None and not _is_harmless(value[0])
        else:
            value = _OPEN_PARAMETER.match(text, position)
            hide = value is not None and "%" in value[0] and _hides(inner, value[0])
        if value is not None:
            position = value.end()
        if value is not None and hide:
            pieces += [text[done : value.start()], REPLACEMENT]
            done = position
    return "".join([*pieces, text[done:]]) if pieces else text


def hide_named(text: str, *, quoted_only: bool = False) -> str:
    """What follows a telling name: headers, options, settings, in any notation.

    Args:
        text: anything.
        quoted_only: leave what is not a quoted text: in the source lines of a traceback that is an
            expression.
    """
    lines = _Lines(text)
    pieces, done, position = [], 0, 0
    while match := _NAMED.search(text, position):
        position = match.end()
        span = _value(text, match, lines, quoted_only=quoted_only)
        if span is not None and not _is_harmless(text[span.start : span.end]):
            pieces += [text[done : span.start], REPLACEMENT]
            done = position = span.end
    return "".join([*pieces, text[done:]]) if pieces else text


def hide_shapes(text: str) -> str:
    """What looks like nothing but a secret, or is one by the words in front of it."""
    hidden = _SHAPES.sub(REPLACEMENT, _SCHEME.sub(_without_credentials, text))
    hidden = _hide_cookie_prose(hidden)
    if "secret" in hidden.lower():
        hidden = _AWS_SECRET.sub(_without_aws_secret, hidden)
    return text if hidden == text else hidden


def decoded(text: str) -> str:
    """Percent-decoded as often as a chain of proxies may have encoded it."""
    for _ in range(3):
        if "%" not in text:
            break
        text = unquote(text)
    return text


def _hides(inner: Callable[[str], str], value: str) -> bool:
    plain = decoded(value)
    return plain != value and inner(plain) != plain


def _is_harmless(value: str) -> bool:
    return value.startswith(REPLACEMENT) or _HARMLESS.match(value) is not None


def _value(text: str, match: "re.Match[str]", lines: _Lines, *, quoted_only: bool) -> _Span | None:
    """The value that belongs to a name, None where the name is only a word."""
    before = text[max(0, match.start() - _LOOK_BACK) : match.start()]
    if not _is_name(match, before):
        return None
    header = None if quoted_only else _header(text, match, before, lines)
    quote = _QUOTED.match(text, match.end())
    if quote is None:
        return header or (None if quoted_only else _expression(text, match, lines))
    if header is not None and match["sep"] == ":":
        return header  # Cookie: "a"; b=c
    return _Span(quote.end(), _quoted_end(text, quote.end(), quote))


def _expression(text: str, match: "re.Match[str]", lines: _Lines) -> _Span | None:
    """A word, what is in brackets, or an object's ``repr``: ``DeferredConfigString('…')``."""
    start = match.end()
    called = _CALLED.match(text, start)
    if called is not None:
        # Indented JSON goes on in the next line; a sentence with half a bracket does not.
        most = len(text) if match["close"] else lines.end(start)
        return _Span(start, _bracket_end(text, called.end() - 1, most))
    if text[start] == "<" and text[start + 1 : start + 2].isalpha():
        return _Span(start, lines.end(start))
    return _word(text, match)


def _is_name(match: "re.Match[str]", before: str) -> bool:
    """Whether a telling word is the name of what follows."""
    if match["argument"]:
        return _OPTION.search(before) is not None
    if match["sep"] == ",":
        return match["close"] is not None and _PAIR.search(before) is not None
    is_working_directory = match["name"].lower() == "pwd" and before[-1:] not in {"_", "-", "."}
    return not is_working_directory


def _header(text: str, match: "re.Match[str]", before: str, lines: _Lines) -> _Span | None:
    """``Cookie: …`` and ``Authorization: …`` to the end of the line, or of the quoted line."""
    name, start = match["name"].lower(), match.end()
    if match["close"] or name not in {"authorization", "cookie", "cookies", "morsel"}:
        return None
    end = lines.end(start)
    is_prose = match["sep"] == ":" and match["name"].startswith("c")
    if is_prose and text.find("=", start, min(end, start + _LOOK_AHEAD)) < 0:
        return None
    opened = _OPENED.search(before)
    if opened is not None:
        end = _quoted_end(text, start, opened, end)
    return _Span(start, end)


def _word(text: str, match: "re.Match[str]") -> _Span | None:
    word = _WORD.match(text, match.end())
    if word is None:
        return None
    if match["sep"] == ":" and not match["close"]:
        if not match["gap"]:
            return None  # arn:aws:secretsmanager:…:secret:name
        is_last = text[word.end() : word.end() + 1] in {
            "",
            "\r",
            "\n",
            ",",
            ";",
            ")",
            "}",
            "'",
            '"',
        }
        if not (is_last or _looks_random(word[0])):
            return None  # a sentence goes on
    return _Span(word.start(), word.end())


def _quoted_end(text: str, start: int, quote: "re.Match[str]", most: int | None = None) -> int:
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


def _bracket_end(text: str, start: int, end: int) -> int:
    """Behind the bracket that closes the one at ``start``, at the latest at ``end``."""
    depth, position = 0, start
    while position < end and (match := _BRACKET.search(text, position, end)):
        position = match.end()
        if match[2]:
            position = _quoted_end(text, position, match, end) + len(match[0])
        elif match[0] in "{[(":
            depth += 1
        else:
            depth -= 1
            if not depth:
                return position
    return end


def _looks_random(word: str) -> bool:
    return len(word) >= _RANDOM_LENGTH or any(character.isdigit() for character in word)


def _hide_cookie_prose(text: str) -> str:
    lines = _Lines(text)
    pieces, done = [], 0
    while match := _COOKIE_PROSE.search(text, done):
        quote = None if match["line"] else _QUOTED.match(text, match.end())
        start = match.end() if quote is None else quote.end()
        end = lines.end(start) if quote is None else _quoted_end(text, start, quote)
        pieces += [text[done:start], REPLACEMENT]
        done = end
    return "".join([*pieces, text[done:]]) if pieces else text


def _without_credentials(match: "re.Match[str]") -> str:
    """``Bearer …`` and ``Basic …``; "basic functions" and "token authentication" stay."""
    scheme, value = match[1].lower(), match[2]
    if scheme == "basic":
        is_secret = _is_basic(value)
    else:
        is_secret = _looks_random(value) or (scheme == "bearer" and not value.isalpha())
    return match[0][: match.start(2) - match.start()] + REPLACEMENT if is_secret else match[0]


def _is_basic(value: str) -> bool:
    try:
        return b":" in base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error):
        return False


def _without_aws_secret(match: "re.Match[str]") -> str:
    """40 characters behind the word *secret*, unless they are a commit's name."""
    before = match.string[max(0, match.start() - _LOOK_BACK) : match.start()].lower()
    return match[0] if _HEX.match(match[0]) or "secret" not in before else REPLACEMENT
