"""What a record of `logging` becomes: the fields of an event, whatever was handed to the logger."""

import io
import logging
import traceback
from typing import Any

from .line import safe_text


def record_fields(record: logging.LogRecord) -> dict[str, Any]:
    """The fields of an event.

    A message that cannot be formatted is told as it was given, with ``format_error``. The record's
    attribute ``sm_fields``, a dict, gives further ones; it cannot replace those that are always
    there.
    """
    fields: dict[str, Any] = {"level": record.levelname, "logger": record.name}
    try:
        fields["message"] = record.getMessage()
    except Exception as error:  # noqa: BLE001  # formatting calls what the caller handed over
        fields["message"] = _unformatted(record)
        fields["format_error"] = f"{type(error).__name__}: {safe_text(error)}"
    extra = record.__dict__.get("sm_fields")
    if isinstance(extra, dict):
        fields = {**extra, **fields} if extra.keys() & fields.keys() else {**fields, **extra}
    if record.exc_info or record.exc_text or record.stack_info:
        fields["traceback"] = _traceback(record)
    return fields


def _unformatted(record: logging.LogRecord) -> str:
    message = safe_text(record.msg)
    if not record.args:
        return message
    arguments: Any = record.args if isinstance(record.args, tuple) else (record.args,)
    return f"{message} % ({', '.join(safe_text(argument, repr) for argument in arguments)})"


def _traceback(record: logging.LogRecord) -> str:
    parts = [_exception(record), safe_text(record.stack_info or "")]
    return "\n".join(part.rstrip("\n") for part in parts if part)


def _exception(record: logging.LogRecord) -> str:
    if not record.exc_info:
        return safe_text(record.exc_text or "")
    try:
        text = io.StringIO()
        traceback.print_exception(*record.exc_info, file=text)
        return text.getvalue()
    except Exception as error:  # noqa: BLE001  # tracebacks ask the exceptions for their texts
        why = f"{type(error).__name__}: {safe_text(error)}"
        return f"{safe_text(record.exc_text or record.exc_info)}\n(no traceback: {why})"
