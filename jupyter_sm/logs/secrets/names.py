"""Which names of query parameters tell that their values are secret."""

import re

from .quoting import looks_random

_ENDINGS = (
    *("token", "passwd", "password", "passphrase", "secret", "secrets", "credential"),
    *("credentials", "cookie", "cookies", "xsrf", "csrf", "authorization", "signature", "jwt"),
    *("apikey", "accesskey", "secretkey", "privatekey", "sessionid", "sessid"),
)
"""In these a word of a name ends: ``authtoken``, ``JSESSIONID``."""

_WORDS = frozenset(
    [
        *("auth", "oauth", "key", "pass", "pwd", "pw", "sig", "otp", "totp", "ticket", "sid"),
        *("assertion", "saml", "authenticity", "morsel"),
    ]
)
"""Secret where they are a whole word of a name: ``key`` is in *keyboard*, ``pass`` in *passive*."""

_LAST_WORDS = frozenset({"session"})
"""Secret at a name's end; the ``session_id`` of Jupyter's WebSockets names a notebook, and stays."""

_DOUBTFUL_WORDS = frozenset({"code", "state"})
"""OAuth's, but also ``state=running`` and ``code=404``."""

_CODE_LENGTH = 6

_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_APART = re.compile(r"[^a-z]+")


def is_secret_parameter(name: str, value: str) -> bool:
    """Whether the value of a query parameter is a secret by its name.

    Args:
        name: percent-decoded. Its words stand apart by case or by what is no letter.
        value: tells where the name is in doubt.
    """
    words = _words(name)
    if words & _WORDS or any(word.endswith(_ENDINGS) for word in words):
        return True
    if _APART.split(name.lower().rstrip("[]"))[-1] in _LAST_WORDS:
        return True
    return bool(words & _DOUBTFUL_WORDS) and len(value) >= _CODE_LENGTH and looks_random(value)


def _words(name: str) -> set[str]:
    """The words of a name, in lower case; ``AUTH_Token`` and ``authToken`` have the same two."""
    return {word.lower() for word in _CAMEL.findall(name)} | set(_APART.split(name.lower()))
