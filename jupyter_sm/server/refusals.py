"""Requests that are refused: the one shape of an error's body, and a code for each refusal."""

import sys
from collections.abc import Mapping
from http import HTTPStatus
from http.client import responses
from typing import Any, cast

import msgspec
from tornado import web

from ..errors import KernelNameError, KernelRefusedError
from ..kernels import Catalog, FoundEntry, Live, MissingEntry
from ..reading import printable
from .api import Error

Route = tuple[str, type[web.RequestHandler], dict[str, Any]]

_HINTS: Mapping[int, str] = {
    401: "send the host's token: Authorization: token TOKEN",
    403: "send the host's token: Authorization: token TOKEN",
    500: "the host's log has the traceback",
}


class RefusalError(web.HTTPError):
    """A request that is refused with a code and a hint of its own.

    Args:
        status: HTTP status.
        code: stable, for programs.
        message: what is wrong, for a person.
        hint: what to do about it.
        retry_after: seconds after which it may be asked again; None where that is not the matter.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        hint: str = "",
        *,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(status, "%s", printable(message))
        self.retry_after = retry_after
        self.code = code
        self.message = printable(message)
        self.hint = printable(hint)

    def __str__(self) -> str:
        return self.message


class ErrorBodyMixin:
    """Writes errors as ``Error``; in front of a tornado handler."""

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        # Jupyter's session handler wraps whatever a start raises into a 500 of its own.
        cause = getattr(error, "__cause__", None)
        if isinstance(cause, web.HTTPError):
            status_code, error = cause.status_code, cause
        handler: Any = self
        handler.set_status(status_code)
        handler.set_header("Content-Type", "application/json")
        if isinstance(error, RefusalError) and error.retry_after is not None:
            handler.set_header("Retry-After", error.retry_after)
        handler.finish(msgspec.json.encode(error_body(status_code, error)))

    def finish(self, *chunk: Any, **how: Any) -> Any:
        error, handler, stock = sys.exc_info()[1], cast("Any", self), cast("Any", super())
        # Jupyter's PATCH of a session makes a 501 of its own of whatever a start raises.
        if isinstance(error, RefusalError) and handler.get_status() == HTTPStatus.NOT_IMPLEMENTED:
            raise error
        return stock.finish(*chunk, **how)


def error_body(status: int, error: object) -> Error:
    """The body for an exception; its text is shown only where it was written for a client."""
    reason = responses.get(status, "Unknown")
    code, message, hint = reason.lower().replace(" ", "-"), reason, _HINTS.get(status, "")
    if isinstance(error, RefusalError):
        code, message, hint = error.code, error.message, error.hint
    elif isinstance(error, web.HTTPError) and error.log_message:
        # tornado doubles the percent signs of a message without arguments.
        message = printable(error.log_message % error.args)
    return Error(message=message, reason=reason, code=code, hint=hint)


async def fresh_catalog(live: Live[Catalog]) -> Catalog:
    """The catalog for a request.

    Raises:
        RefusalError: 503, no look has succeeded yet.
    """
    try:
        return await live.fresh_async()
    except Exception as error:
        hint = "the host's log says more; ask again"
        message = str(error) or type(error).__name__
        raise RefusalError(503, "kernels-not-known", message, hint) from error


def require_startable(catalog: Catalog, name: str) -> FoundEntry | MissingEntry:
    """What to start; one that cannot start says so by itself, and is not refused here.

    Raises:
        RefusalError: 404 for a name that no kernel has, 403 for one that must not be started.
    """
    try:
        return catalog.startable(name)
    except KernelRefusedError as error:
        raise RefusalError(403, "kernel-refused", str(error), error.remedy) from None
    except KernelNameError as error:
        raise RefusalError(404, "kernel-unknown", str(error), error.remedy) from None
