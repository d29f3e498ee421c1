"""Which request a log record belongs to, and the gateway's own lines about requests.

tornado asks the application for the handler of each request in the task that then runs it, and for
``log_function`` when the request has ended (tornado/web.py, ``Application``). Both are put in place
on the one application of a host, and so hold for its own handlers too.
"""

import logging
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from tornado import httputil, web

from ..logs import kernel_id_of, log_request, request_id_of

_current: ContextVar[dict[str, str] | None] = ContextVar("jupyter_sm_request", default=None)


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
        _current.set(_belongs_to(request, scrub))
        return find_handler(request, **kwargs)

    def logged(handler: web.RequestHandler) -> None:
        if log is not None:
            _log(handler, log, scrub)

    web_app.find_handler = found  # type: ignore[method-assign]  # nothing else sees every request
    if log is not None and "log_function" not in web_app.settings:
        web_app.settings["log_function"] = logged


def add_request(record: logging.LogRecord) -> bool:
    """Give a record the fields of the request that it was logged in; a filter of the spool's handler."""
    request = _current.get()
    if request is not None:
        record.sm_fields = {**request, **(getattr(record, "sm_fields", None) or {})}
    return True


def _belongs_to(request: httputil.HTTPServerRequest, scrub: Callable[[str], str]) -> dict[str, str]:
    fields = {"request_id": request_id_of(request.headers, scrub)}
    kernel_id = kernel_id_of(request.path)
    return {**fields, "kernel_id": kernel_id} if kernel_id else fields


def _log(handler: web.RequestHandler, log: logging.Logger, scrub: Callable[[str], str]) -> None:
    request = handler.request
    log_request(
        log,
        scrub=scrub,
        method=request.method or "",
        uri=request.uri or "",
        status=handler.get_status(),
        seconds=request.request_time(),
        remote=request.remote_ip or "",
        request_id=(_current.get() or {}).get("request_id"),
    )
