"""The request log: one line for each answer, with the same facts as fields, and no secret in either.

The stock gateway leaves it to tornado, which writes ``?token=…`` in clear.
"""

import logging
import re
import secrets
from collections.abc import Callable, Mapping

FIELDS = "sm_fields"
"""Attribute of a log record: a dict of facts that the spool writes beside the message."""

REQUEST_ID_HEADERS = ("X-Request-Id", "X-Amzn-Trace-Id")
"""Where a proxy in front says its own name for a request, the first one that is usable."""

PATH_CHARACTERS_MOST = 2048
METHOD_CHARACTERS_MOST = 32
REMOTE_CHARACTERS_MOST = 64

_WARNING_STATUS = 400
_ERROR_STATUS = 500

_REQUEST_ID = re.compile(r"[A-Za-z0-9._=:;-]{1,128}")
_KERNEL = re.compile(
    r"/api/kernels/([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})(?=[/?#]|\Z)"
)
_NOT_IN_URLS = " \"'<>\\^`{|}"


def request_id_of(headers: Mapping[str, str], scrub: Callable[[str], str] = str) -> str:
    """What a request is called: the client's or proxy's own name for it, else a new one.

    Args:
        headers: the request's, their names in any case, as tornado's are.
        scrub: hides secrets in a text; a name that it changes is not taken.
    """
    for name in REQUEST_ID_HEADERS:
        given = headers.get(name, "")
        if _REQUEST_ID.fullmatch(given) and scrub(given) == given:
            return given
    return secrets.token_hex(4)


def kernel_id_of(uri: str) -> str | None:
    """Which kernel a request is about, None for any other request."""
    match = _KERNEL.search(uri.partition("?")[0])
    return match[1].lower() if match else None


def log_request(
    log: logging.Logger,
    *,
    scrub: Callable[[str], str],
    method: str,
    uri: str,
    status: int,
    seconds: float,
    remote: str,
    request_id: str | None = None,
) -> None:
    """Log one answered request, at the level that tornado uses.

    Args:
        log: receives the record; its facts are in the attribute ``FIELDS`` too.
        scrub: hides secrets in a text (``Shield.scrub``, ``Scrubber.scrub``).
        method: as the client sent it.
        uri: as the client sent it, query and all.
        status: the answer's.
        seconds: from the request to its answer.
        remote: the client's address; empty when there is none.
        request_id: from ``request_id_of``.
    """
    level = _level(status)
    if not log.isEnabledFor(level):
        return
    path = scrubbed_path(uri, scrub)
    method = _printable(method)[:METHOD_CHARACTERS_MOST] or "-"
    remote = _printable(remote)[:REMOTE_CHARACTERS_MOST] or "-"
    milliseconds = seconds * 1000
    fields = {
        "method": method,
        "path": path,
        "status": status,
        "duration_ms": round(milliseconds, 3),
        "remote": remote,
        "request_id": request_id,
        "kernel_id": kernel_id_of(uri),
    }
    known = {name: value for name, value in fields.items() if value is not None}
    log.log(
        level,
        "%d %s %s (%s) %.2fms",
        *(status, method, path, remote, milliseconds),
        extra={FIELDS: known},
    )


def scrubbed_path(uri: str, scrub: Callable[[str], str]) -> str:
    """A request's path and query without secrets, in printable characters, of bounded length."""
    # Scrubbed whole: what is cut first may end within a secret that nobody recognizes any more.
    path = scrub(_printable(uri))
    left_out = len(path) - PATH_CHARACTERS_MOST
    if left_out <= 0:
        return path
    return f"{path[:PATH_CHARACTERS_MOST]}…[{left_out} more characters]"


def _level(status: int) -> int:
    if status < _WARNING_STATUS:
        return logging.INFO
    return logging.WARNING if status < _ERROR_STATUS else logging.ERROR


def _printable(text: str) -> str:
    """Percent-encode what does not belong into a URL: no request writes a second line or field."""
    if text.isascii() and text.isprintable() and not any(mark in text for mark in _NOT_IN_URLS):
        return text
    return "".join(
        character
        if character.isprintable() and character not in _NOT_IN_URLS
        else _percent_encoded(character)
        for character in text
    )


def _percent_encoded(character: str) -> str:
    try:
        octets = character.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half of a pair that stands for no byte
        octets = character.encode("utf-8", "surrogatepass")
    return "".join(f"%{octet:02X}" for octet in octets)
