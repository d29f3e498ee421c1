"""Which request a log record belongs to, and the gateway's own lines about requests.

tornado asks the application for the handler of each request in the task that then runs it, and for
``log_function`` when the request has ended (tornado/web.py, ``Application``). Both are put in place
on the one application of a host, and so hold for its own handlers too.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from tornado import httputil, web

from ..logs import FIELDS, kernel_id_of, log_request, request_id_of

_SWITCHING_PROTOCOLS = 101


@dataclass(slots=True)
class _Request:
    """What records of a request say of it, until it has ended.

    A task that a request starts for good, as the one that culls kernels, keeps the request's context.
    """

    fields: dict[str, str]
    ended: bool = False

    def end(self) -> None:
        self.ended = True


_request: ContextVar[_Request | None] = ContextVar("jupyter_sm_request", default=None)
_kernel: ContextVar[str | None] = ContextVar("jupyter_sm_kernel", default=None)
_WRITTEN = "sm_written"


def install(
    web_app: web.Application, *, scrub: Callable[[str], str], log: logging.Logger | None
) -> None:
    """Know the request of each record, and log requests.

    Args:
        web_app: the host's.
        scrub: hides secrets in a text.
        log: gets a line for each request; None where the host has a log of its own.
    """
    find_handler = web_app.find_handler

    def found(request: httputil.HTTPServerRequest, **kwargs: Any) -> Any:
        _request.set(_Request(_belongs_to(request, scrub)))
        return find_handler(request, **kwargs)

    log_request_of = web_app.log_request

    def ended(handler: web.RequestHandler) -> None:
        log_request_of(handler)
        request = _request.get()
        # A websocket is logged when it begins.
        if request is not None and handler.get_status() != _SWITCHING_PROTOCOLS:
            # Not at once: what went wrong is logged behind it, in the same step of the event loop.
            asyncio.get_running_loop().call_soon(request.end)

    def logged(handler: web.RequestHandler) -> None:
        if log is not None:
            _log(handler, log, scrub)

    # Nothing else sees every request of every handler.
    web_app.find_handler = found  # type: ignore[method-assign]
    web_app.log_request = ended  # type: ignore[method-assign]
    if log is not None and "log_function" not in web_app.settings:
        web_app.settings["log_function"] = logged


@contextlib.contextmanager
def about_kernel(kernel_id: str) -> Iterator[None]:
    """What is logged in here, and by the tasks that begin in here, is about that kernel."""
    token = _kernel.set(kernel_id)
    try:
        yield
    finally:
        _kernel.reset(token)


def complete(record: logging.LogRecord) -> bool:
    """Give a record the fields of its request and kernel; a filter of the spool's handler.

    False for a record that has passed already: loggers and their parents may both have the handler.
    """
    if record.__dict__.get(_WRITTEN):
        return False
    record.__dict__[_WRITTEN] = True
    request, kernel_id = _request.get(), _kernel.get()
    fields: dict[str, Any] = {} if request is None or request.ended else dict(request.fields)
    if kernel_id is not None:
        fields["kernel_id"] = kernel_id
    if fields:
        record.__dict__[FIELDS] = {**fields, **(record.__dict__.get(FIELDS) or {})}
    return True


def _belongs_to(request: httputil.HTTPServerRequest, scrub: Callable[[str], str]) -> dict[str, str]:
    fields = {"request_id": request_id_of(request.headers, scrub)}
    kernel_id = kernel_id_of(request.path)
    return {**fields, "kernel_id": kernel_id} if kernel_id else fields


def _log(handler: web.RequestHandler, log: logging.Logger, scrub: Callable[[str], str]) -> None:
    request, current = handler.request, _request.get()
    log_request(
        log,
        scrub=scrub,
        method=request.method or "",
        uri=request.uri or "",
        status=handler.get_status(),
        seconds=request.request_time(),
        remote=request.remote_ip or "",
        request_id=current.fields["request_id"] if current else None,
    )
