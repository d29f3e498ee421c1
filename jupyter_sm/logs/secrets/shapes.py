"""Secrets that are known by their own shape, or by the words in front of them."""

import base64
import binascii
import re

from .quoting import QUOTED, REPLACEMENT, Lines, looks_random, quoted_end

_LOOK_BACK = 80

_PROSE = re.compile(
    r"""(?:cookie\ signature|(?:expired|tampered)\ cookie|possible\ tampering
        |invalid\ header\ (?:name|value)|(?:unsafe|unsupported)\ header\ value
        |invalid\ cookie\ (?:'[^'\n]{0,256}'|"[^"\n]{0,256}"):)\ (?=\\{0,7}b?["'])
    |(?P<line>(?:cookie\ header|(?:cookies\ found)?\ in\ header:)\ )""",
    re.IGNORECASE | re.VERBOSE,
)
r"""What tornado and jupyter_server say.

tornado/web.py ``_decode_signed_value_v1``, ``_convert_header_value`` and ``set_cookie``; httputil.py
``HTTPHeaders.add``, which does not say whose value it refuses: ``Invalid header value 'a=b\x01'``;
http1connection.py ``write_headers``; jupyter_server/gateway/gateway_client.py.
"""

_SCHEME = re.compile(r"(?<![\w-])(bearer|token|basic)[ \t]+([\w.~+/=:|-]{8,})", re.IGNORECASE)
_SHAPES = re.compile(
    r"""(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*   # a JSON web token
    |(?<![\w|])2\|(?:1:0|[0-9a-f]{8})\|[^\s"',;]+   # tornado's signed cookie and its _xsrf
    |(?<=AWS4-HMAC-SHA256\ )[^\r\n"']+
    |(?:(?<![\w-])|(?<=%[0-9A-Fa-f]{2}))(?:         # GitHub, GitLab, Hugging Face, OpenAI
        (?:gh[opsur]_|github_pat_|glpat-|hf_)[\w-]{16,}|sk-(?=[a-z-]{0,40}[A-Z0-9])[\w-]{16,})""",
    re.VERBOSE,
)
_COMMAND_USER = re.compile(
    r"""(?<![\w-])(?:-u|--(?:proxy-)?user)(?:[ \t]{1,3}|=|["'],[ ]?["'])["']?
    (?![0-9]+:[0-9]+(?![^\s"',;)\]]))[^\s:"'/=]{1,128}:(?!//)([^\s"']+)""",
    re.VERBOSE,
)
"""``curl -u user:password``; the ``-u 1000:100`` of a container is no secret."""

_AWS_SECRET = re.compile(r"(?<![\w/+=])[A-Za-z0-9/+]{40}(?![\w/+=])")
_HEX = re.compile(r"[0-9a-f]+\Z")


def hide_shapes(text: str) -> str:
    """What looks like nothing but a secret, or is one by the words in front of it."""
    hidden = _SHAPES.sub(REPLACEMENT, _SCHEME.sub(_without_credentials, text))
    hidden = _COMMAND_USER.sub(_without_password, _hide_prose(hidden))
    if "secret" in hidden.lower():
        hidden = _AWS_SECRET.sub(_without_aws_secret, hidden)
    return text if hidden == text else hidden


def _hide_prose(text: str) -> str:
    lines = Lines(text)
    pieces, done = [], 0
    while match := _PROSE.search(text, done):
        quote = None if match["line"] else QUOTED.match(text, match.end())
        start = match.end() if quote is None else quote.end()
        end = lines.end(start) if quote is None else quoted_end(text, start, quote)
        pieces += [text[done:start], REPLACEMENT]
        done = end
    return "".join([*pieces, text[done:]]) if pieces else text


def _without_credentials(match: "re.Match[str]") -> str:
    """``Bearer …`` and ``Basic …``; "basic functions" and "token authentication" stay."""
    scheme, value = match[1].lower(), match[2]
    if scheme == "basic":
        is_secret = _is_basic(value)
    else:
        is_secret = looks_random(value) or (scheme == "bearer" and not value.isalpha())
    return match[0][: match.start(2) - match.start()] + REPLACEMENT if is_secret else match[0]


def _is_basic(value: str) -> bool:
    try:
        return b":" in base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error):
        return False


def _without_password(match: "re.Match[str]") -> str:
    return match[0][: match.start(1) - match.start()] + REPLACEMENT


def _without_aws_secret(match: "re.Match[str]") -> str:
    """40 characters behind the word *secret*, unless they are a commit's name."""
    before = match.string[max(0, match.start() - _LOOK_BACK) : match.start()].lower()
    return match[0] if _HEX.match(match[0]) or "secret" not in before else REPLACEMENT
