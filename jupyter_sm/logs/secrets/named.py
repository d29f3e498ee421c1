"""Values behind telling names, in any notation: headers, options, settings, ``repr`` and JSON."""

import re

from .quoting import (
    QUOTED,
    REPLACEMENT,
    Lines,
    Span,
    bracket_end,
    is_harmless,
    looks_random,
    quoted_end,
)

_NAME = r"""(?P<name>(?i:token|passw(?:or)?d|passphrase|secrets?|(?:secret|api|access|private)[_-]?key
    |xsrf|csrf|cookies?|morsel|authorization|credentials?)
    |(?<![A-Za-z0-9])(?i:auth|pass|pwd?|jwt|t?otp)|(?<=[a-z0-9])(?:Auth|Pass|Pwd?|Jwt|T?otp|OTP))"""
"""A name *ends* in a telling word: ``token_ids``, ``tokenizer`` and ``cookie_name`` do not."""

_NAMED = re.compile(
    _NAME
    + r"""(?:(?P<close>\\{0,7}["'])?[ \t]{0,3}(?:(?P<sep>=(?!=)|:(?!//)|,)(?P<gap>[ \t]{0,3}))
    |(?P<argument>[ \t]{1,3}))(?=\S)""",
    re.VERBOSE,
)
_WHOLE_NAME = re.compile(rf"[^\s:=]*?{_NAME}\Z", re.VERBOSE)
_WORD = re.compile(r"""(?:[^\s"'&<>,;)}\]]|["'<>,;)}\]](?=[\w%/+=-]))+""")
_PAIR = re.compile(r"""(?:\(\s?[bu]?["'][\w.-]*|["']--?[\w.-]*)\Z""")
_OPTION = re.compile(r"""(?:^|[\s"'])--[\w.-]*\Z""")
_VARIABLE = re.compile(r"""(?:^|[\s"'$({])[A-Z][A-Z0-9_]*_\Z""")
_OPENED = re.compile(r"""(\\{0,7})(["'])[\w.-]*\Z""")
_CALLED = re.compile(r"[\w.]{0,80}[{\[(]")
_LOOK_BACK = 80
_LOOK_AHEAD = 256
_WORD_ENDS = frozenset(["", *"\r\n,;)}'\""])


def hide_named(text: str, *, quoted_only: bool = False) -> str:
    """What follows a telling name: headers, options, settings, in any notation.

    Args:
        text: anything.
        quoted_only: leave what is not a quoted text: in the source lines of a traceback that is an
            expression.
    """
    lines = Lines(text)
    pieces, done, position = [], 0, 0
    while match := _NAMED.search(text, position):
        position = match.end()
        span = _value(text, match, lines, quoted_only=quoted_only)
        if span is not None and not is_harmless(text, span):
            pieces += [text[done : span.start], REPLACEMENT]
            done = position = span.end
    return "".join([*pieces, text[done:]]) if pieces else text


def is_secret_name(name: str) -> bool:
    """Whether a name by itself, of a variable or a member, tells that its value is a secret."""
    match = _WHOLE_NAME.match(name)
    return match is not None and not _is_working_directory(match["name"], name)


def _value(text: str, match: "re.Match[str]", lines: Lines, *, quoted_only: bool) -> Span | None:
    """The value that belongs to a name, None where the name is only a word."""
    before = text[max(0, match.start() - _LOOK_BACK) : match.start()]
    if not _is_name(match, before):
        return None
    quote = QUOTED.match(text, match.end())
    if not quoted_only and (quote is None or match["sep"] == ":"):
        header = _header(text, match, before, lines)
        if header is not None:
            return header  # Cookie: "a"; b=c
    if quote is not None:
        return Span(quote.end(), quoted_end(text, quote.end(), quote))
    if quoted_only:
        return None
    is_variable = match["argument"] and match["name"].isupper() and not _OPTION.search(before)
    return _random_word(text, match) if is_variable else _expression(text, match, lines)


def _is_name(match: "re.Match[str]", before: str) -> bool:
    """Whether a telling word is the name of what follows."""
    if match["argument"]:
        is_variable = match["name"].isupper() and _VARIABLE.search(before) is not None
        return is_variable or _OPTION.search(before) is not None
    if match["sep"] == ",":
        return match["close"] is not None and _PAIR.search(before) is not None
    return not _is_working_directory(match["name"], before[-1:] + match["name"])


def _is_working_directory(name: str, whole: str) -> bool:
    """``PWD`` by itself, or behind what joins no words: ``OLDPWD``."""
    return name.lower() == "pwd" and whole[: -len(name)][-1:] not in {"_", "-", "."}


def _expression(text: str, match: "re.Match[str]", lines: Lines) -> Span | None:
    """A word, what is in brackets, or an object's ``repr``: ``DeferredConfigString('…')``."""
    start = match.end()
    called = _CALLED.match(text, start)
    if called is not None:
        # Indented JSON goes on in the next line; a sentence with half a bracket does not.
        most = len(text) if match["close"] else lines.end(start)
        return Span(start, bracket_end(text, called.end() - 1, most))
    if text[start] == "<" and text[start + 1 : start + 2].isalpha():
        return Span(start, lines.end(start))
    return _word(text, match)


def _header(text: str, match: "re.Match[str]", before: str, lines: Lines) -> Span | None:
    """``Cookie: …`` and ``Authorization: …`` to the end of the line, or of the quoted line."""
    name, start = match["name"].lower(), match.end()
    if match["close"] or name not in {"authorization", "cookie", "cookies", "morsel"}:
        return None
    if match["sep"] == "=" and text.startswith(REPLACEMENT, start):
        return None  # a parameter of a URL, which goes on
    end = lines.end(start)
    is_prose = match["sep"] == ":" and match["name"].startswith("c")
    if is_prose and text.find("=", start, min(end, start + _LOOK_AHEAD)) < 0:
        return None
    opened = _OPENED.search(before)
    if opened is not None:
        end = quoted_end(text, start, opened, end)
    return Span(start, end)


def _word(text: str, match: "re.Match[str]") -> Span | None:
    # Each name has its own look at the text: what it does not take must not be read first.
    is_prose = match["sep"] == ":" and not match["close"]
    if is_prose and not match["gap"]:
        return None  # arn:aws:secretsmanager:…:secret:name
    word = _WORD.match(text, match.end())
    if word is None:
        return None
    is_last = text[word.end() : word.end() + 1] in _WORD_ENDS
    if is_prose and not (is_last or looks_random(word[0])):
        return None  # a sentence goes on
    return Span(*word.span())


def _random_word(text: str, match: "re.Match[str]") -> Span | None:
    """Behind a variable's name and a blank: ``AWS_SESSION_TOKEN IQoJb3…``, or a sentence goes on."""
    word = _WORD.match(text, match.end())
    return Span(*word.span()) if word is not None and looks_random(word[0]) else None
