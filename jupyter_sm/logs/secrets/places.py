"""Where secrets stand in a URL.

Each function of this room that hides something returns the text itself when there is nothing to
hide, and takes time in proportion to its length: a regular expression looks for a place, and what
was read for it is not read again.
"""

import re
from collections.abc import Callable
from urllib.parse import unquote

from .names import is_secret_parameter
from .quoting import REPLACEMENT, Span, is_harmless

_PARAMETER = re.compile(r"""[?&#;]([^\s=?&#;"'<>]+)=""")
_SECRET_PARAMETER = re.compile(r"""(?:[^\s"'&#<>]|["'](?=[\w%.~!*-]))+""")
_OPEN_PARAMETER = re.compile(r"""[^\s"'?&#;<>]+""")
_USERINFO = re.compile(
    r"""(?:(?<=//)|(?<=Invalid\ Host\ header:\ ['"]))[^\s/?#"'<>]+(?=@)""", re.VERBOSE
)
"""In a URL, or in the ``Host`` that tornado refuses (httputil.py, ``HTTPServerRequest``)."""


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
        value = _OPEN_PARAMETER.match(text, position)
        if is_secret_parameter(decoded(match[1]), "" if value is None else value[0]):
            value = _SECRET_PARAMETER.match(text, position)
            hide = value is not None and not is_harmless(text, Span(*value.span()))
        else:
            hide = value is not None and "%" in value[0] and _hides(inner, value[0])
        if value is not None:
            position = value.end()
        if value is not None and hide:
            pieces += [text[done : value.start()], REPLACEMENT]
            done = position
    return "".join([*pieces, text[done:]]) if pieces else text


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
