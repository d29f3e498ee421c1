"""Which texts of this host are secret, and how each may be spelled in a log."""

import base64
import html
import json
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

VARIABLES = (
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "JPY_API_TOKEN",
    "JPY_COOKIE_SECRET",
    "JUPYTERHUB_API_TOKEN",
    "JUPYTER_GATEWAY_AUTH_TOKEN",
    "JUPYTER_GATEWAY_HTTP_PWD",
    "JUPYTER_TOKEN",
    "KG_AUTH_TOKEN",
)
"""Environment variables whose whole value is a secret."""

HEADERS_VARIABLE = "JUPYTER_GATEWAY_HEADERS"
"""Holds a JSON object of header values (jupyter_server/gateway/gateway_client.py)."""

VALUE_CHARACTERS_LEAST = 4
"""A shorter text is no secret by itself: it would be found in every other word."""


def secret_values(
    environ: Mapping[str, str], given: Iterable[str | bytes | None] = ()
) -> frozenset[str]:
    """The secrets of an environment, and those that are given: tokens, cookie secrets.

    Args:
        environ: the host's.
        given: None and empty ones are left out. Bytes count in their printable spellings.
    """
    found = {environ.get(name, "") for name in VARIABLES}
    found.update(_header_values(environ.get(HEADERS_VARIABLE, "")))
    for value in given:
        found.update(_of_bytes(value) if isinstance(value, bytes) else [value or ""])
    return frozenset(found - {""})


def spellings(value: str) -> frozenset[str]:
    """How a value is written in a URL, in JSON, in HTML and in what ``repr`` returns."""
    octets = value.encode("utf-8", "surrogatepass")
    return frozenset(
        (
            value,
            quote(octets, safe=""),
            quote(octets),
            quote_plus(octets),
            json.dumps(value)[1:-1],
            json.dumps(value, ensure_ascii=False)[1:-1],
            repr(value)[1:-1],
            repr(octets)[2:-1],
            html.escape(value),
        )
    )


def _of_bytes(value: bytes) -> list[str]:
    """A cookie secret: Jupyter stores it as base64 lines (serverapp.py, ``_write_cookie_secret``)."""
    texts = [base64.b64encode(value).decode(), value.hex(), repr(value)[2:-1]]
    texts += base64.encodebytes(value).decode().split()
    try:
        return [*texts, value.decode()]
    except UnicodeDecodeError:
        return texts


def _header_values(text: str) -> list[str]:
    try:
        headers = json.loads(text or "{}")
    except ValueError:
        return []  # the gateway client refuses it too
    if not isinstance(headers, dict):
        return []
    values = [value for value in headers.values() if isinstance(value, str)]
    # Accept: application/json is a header too, and no secret; after a scheme stands the secret itself
    return [value.partition(" ")[2].strip() for value in values]
