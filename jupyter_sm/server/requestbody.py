"""Bodies of requests that start kernels, looked at before Jupyter's own handlers trust them."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypeAlias

from tornado import web

from .refusals import ErrorBodyMixin, RefusalError, Route

Fields: TypeAlias = Mapping[str, "bool | Fields"]
"""By name: the fields of an object in the body; for a text, whether it may be null."""

KERNEL: Fields = {"name": True, "path": True, "kernel_id": True}

KERNEL_OF_SESSION: Fields = {"id": True, "name": True}

SESSION: Fields = {
    "path": False,
    "name": True,
    "type": True,
    "kernel": KERNEL_OF_SESSION,
    "notebook": {"path": False, "name": False},
}
"""``notebook`` is the former place of path and name; clients of kernel gateways still use it."""

_KERNEL_ID = re.compile(r"[\w-]{1,128}", re.ASCII)
"""A kernel's id is part of a file name (jupyter_client, ``connection_file``)."""


class CheckedBodyMixin(ErrorBodyMixin):
    """Refuses a body that a handler of Jupyter would fail on; in front of that handler.

    Jupyter takes any JSON for an object with fields of the right types, and answers 500 where it is
    not (jupyter_server/services/sessions/handlers.py and services/kernels/handlers.py).
    """

    fields: ClassVar[Fields] = KERNEL

    def get_json_body(self) -> dict[str, Any] | None:
        """The body, None where there is none; called by every handler that reads it.

        Raises:
            RefusalError: 400, it names the field and what to send.
        """
        stock: Any = super()
        try:
            body = stock.get_json_body()
        except UnicodeDecodeError:
            raise RefusalError(
                400, "bad-body", "The body is not UTF-8", "send JSON in UTF-8"
            ) from None
        if body is None:
            return None
        if not isinstance(body, dict):
            hint = "send an object, such as {}"
            raise RefusalError(400, "bad-body", "The body is not a JSON object", hint)
        _check(body, self.fields)
        return body


def with_checked_bodies(stock: Iterable[tuple[str, type[web.RequestHandler]]]) -> list[Route]:
    """A host's own routes of sessions, whose errors then say why a kernel was not started."""
    return [
        (path, type(h.__name__, (CheckedBodyMixin, h), {"fields": SESSION}), {})
        for path, h in stock
    ]


def _check(value: Mapping[str, Any], fields: Fields, above: str = "") -> None:
    for name in fields.keys() & value.keys():
        field, wanted, sent = f"{above}{name}", fields[name], value[name]
        if not isinstance(wanted, bool):
            if not isinstance(sent, dict):
                _refuse(field, "is not an object", f"send an object with {_listed(wanted)}")
            _check(sent, wanted, f"{field}.")
        elif isinstance(sent, str):
            if name in ("id", "kernel_id"):
                _check_id(field, sent)
            # Which kernel is meant is looked up, and where no kernel is called so that is said.
            elif fields is not KERNEL and fields is not KERNEL_OF_SESSION:
                _check_text(field, sent)
        elif sent is not None or not wanted:
            _refuse(field, "is not a string", "send a string")


def _check_id(field: str, text: str) -> None:
    if text and not _KERNEL_ID.fullmatch(text):
        hint = "send such an id of at most 128 characters, or none"
        _refuse(field, "is not made of letters, digits, - and _", hint)


def _check_text(field: str, text: str) -> None:
    """Jupyter Server keeps it in a database of sessions, which takes UTF-8 alone."""
    if "\0" in text:
        _refuse(field, "holds a NUL", "send text without control characters")
    try:
        text.encode()
    except UnicodeEncodeError:
        _refuse(field, "holds half a surrogate pair", "send text that UTF-8 can hold")


def _listed(fields: Fields) -> str:
    return " and ".join(f"`{name}`" for name in fields)


def _refuse(field: str, what: str, hint: str) -> None:
    raise RefusalError(400, f"bad-{field}", f"`{field}` {what}", hint)
