"""The one shape of an error's body: message, reason, code, hint."""

from collections.abc import Mapping
from http.client import responses
from typing import Any

import msgspec
from tornado import web

from .api import Error

_HINTS: Mapping[int, str] = {
    401: "send the host's token: Authorization: token TOKEN",
    403: "send the host's token: Authorization: token TOKEN",
    500: "this is a bug: the host's log has the traceback",
}


class RefusalError(web.HTTPError):
    """A request that is refused with a code and a hint of its own.

    Args:
        status: HTTP status.
        code: stable, for programs.
        message: what is wrong, for a person.
        hint: what to do about it.
    """

    def __init__(self, status: int, code: str, message: str, hint: str = "") -> None:
        super().__init__(status, "%s", message)
        self.code = code
        self.message = message
        self.hint = hint


class ErrorBodyMixin:
    """Writes errors as ``Error``; in front of a tornado handler."""

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        self.set_header("Content-Type", "application/json")  # type: ignore[attr-defined]  # tornado's
        self.finish(msgspec.json.encode(error_body(status_code, error)))  # type: ignore[attr-defined]


def error_body(status: int, error: object) -> Error:
    """The body for an exception; its text is shown only where it was written for a client."""
    reason = responses.get(status, "Unknown")
    code, message, hint = reason.lower().replace(" ", "-"), reason, _HINTS.get(status, "")
    if isinstance(error, RefusalError):
        code, message, hint = error.code, error.message, error.hint
    elif isinstance(error, web.HTTPError) and error.log_message:
        # tornado doubles the percent signs of a message without arguments.
        message = error.log_message % error.args
    return Error(message=message, reason=reason, code=code, hint=hint)
