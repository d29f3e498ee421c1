"""Keeps secrets out of the log records of Jupyter, tornado and this package, in every handler.

The records are cleaned where they are made, before any handler, filter or queue sees them: the
stock gateway logs ``?token=…`` of each request, Jupyter Server all variables of a kernel's
environment (jupyter_server/gateway/managers.py, ``start_kernel``) and cookies.
"""

import logging
import os
import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from .named import is_secret_name
from .quoting import REPLACEMENT
from .scrubbing import Scrubber
from .values import secret_values

LIBRARIES = ("asyncio", "traitlets")
"""Loggers by their first name."""

FAMILIES = ("Jupyter", "jupyter", "kernel_gateway", "nbclassic", "notebook", "terminado", "tornado")
"""Loggers whose names begin so."""

APPLICATION = re.compile(r"[A-Z][A-Za-z0-9]*(?:App|Application|Extension|SingleUser)(?:\.|\Z)")
"""Loggers of traitlets applications, which are called as their classes: ``KernelGatewayApp``,
``ServerApp``, ``LabApp``, and each extension of Jupyter Server (``TerminalsExtensionApp``)."""

PLAIN = frozenset({bool, float, int, type(None)})
"""Types of arguments that hold no text."""


class Shield:
    """Scrubs records as they are made. Other libraries' and the user's own records are not touched.

    Args:
        secrets: texts that are secret wherever they stand; None and empty ones are none.
        loggers: more names of loggers, besides those that ``LIBRARIES``, ``FAMILIES`` and
            ``APPLICATION`` tell; their children belong to them.
        environ: holds more secrets, under the names in ``values.py``; the process's by default.
    """

    def __init__(
        self,
        secrets: Iterable[str | bytes | None] = (),
        *,
        loggers: Iterable[str] = (),
        environ: Mapping[str, str] | None = None,
    ) -> None:
        environ = os.environ if environ is None else environ
        self._scrubber = Scrubber(secret_values(environ, secrets))
        self._loggers = frozenset([*LIBRARIES, *loggers])
        self._layer: _Layer | None = None

    @property
    def installed(self) -> bool:
        """Whether a record made now would be scrubbed, whoever else makes records by now."""
        return self._layer is not None and self._layer.is_reached()

    def install(self) -> None:
        """Stand in front of whatever makes records; once is enough, and more does no harm."""
        if self.installed:
            return
        self.uninstall()
        self._layer = _Layer(logging.getLogRecordFactory(), self.clean)
        logging.setLogRecordFactory(self._layer)

    def uninstall(self) -> None:
        """Scrub no more. What others put in front of it since stays, and passes through."""
        layer, self._layer = self._layer, None
        if layer is None:
            return
        layer.clean = None
        if logging.getLogRecordFactory() is layer:
            logging.setLogRecordFactory(layer.below)

    def learn(self, secrets: Iterable[str | bytes | None]) -> None:
        """Hide these too from now on: a token that was made only when the server started."""
        self._scrubber = self._scrubber.knowing(secret_values({}, secrets))

    def scrub(self, text: str) -> str:
        """A text without the secrets that are known now."""
        return self._scrubber.scrub(text)

    def clean(self, record: logging.LogRecord) -> None:
        """Take the secrets out of a record; it stays as it is where there is none.

        Never raises. A record that cannot be looked through says so, in place of its text.
        """
        if not self._is_ours(record.name):
            return
        try:
            self._clean_message(record)
            self._clean_exception(record)
            if record.stack_info:
                record.stack_info = self._scrubber.scrub_source(record.stack_info)
        except Exception as error:  # noqa: BLE001 - a foreign object's: who logs must not be stopped by it
            record.msg = f"[a record withheld: its secrets cannot be told, {type(error).__name__}]"
            record.args = ()
            record.exc_info = record.exc_text = record.stack_info = None

    def _is_ours(self, name: object) -> bool:
        if not isinstance(name, str):
            return False  # logging.makeLogRecord makes an empty one first
        if name.startswith(FAMILIES) or APPLICATION.match(name):
            return True
        return any(name == given or name.startswith(f"{given}.") for given in self._loggers)

    def _clean_message(self, record: logging.LogRecord) -> None:
        scrub = self._scrubber.scrub
        if isinstance(record.msg, str) and not record.args:
            record.msg = scrub(record.msg)
            return
        is_named = _hide_named_arguments(record)
        message = _message(record)
        hidden = scrub(message)
        if (
            is_named
            or hidden is not message
            or any(scrub(part) is not part for part in _parts(record))
        ):
            record.msg, record.args = hidden, ()

    def _clean_exception(self, record: logging.LogRecord) -> None:
        """An exception with a secret becomes its traceback's text, as formatters show it."""
        if record.exc_text:
            record.exc_text = self._scrubber.scrub(record.exc_text)
        info = record.exc_info
        if not info or info[1] is None:
            return
        text = "".join(traceback.format_exception(*info)).removesuffix("\n")
        if self._is_secret(info[1], text):
            record.exc_info, record.exc_text = None, self._scrubber.scrub(text)

    def _is_secret(self, error: BaseException, text: str) -> bool:
        scrub = self._scrubber.scrub
        return self._scrubber.scrub_source(text) is not text or any(
            scrub(said) is not said for said in _said(error)
        )


class _Layer:
    """A record factory on top of another. Taken out of use, it stays where others refer to it."""

    def __init__(
        self,
        below: Callable[..., logging.LogRecord],
        clean: Callable[[logging.LogRecord], None],
    ) -> None:
        self.below = below
        self.clean: Callable[[logging.LogRecord], None] | None = clean
        self._probed = False

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        self._probed = True
        record = self.below(*args, **kwargs)
        clean = self.clean
        if clean is not None:
            clean(record)
        return record

    def is_reached(self) -> bool:
        """Make a record that nobody sees, and notice whether it passes here."""
        factory = logging.getLogRecordFactory()
        if factory is self:
            return True
        self._probed = False
        try:
            factory("jupyter_sm.logs", logging.DEBUG, __file__, 0, "", (), None)
        except Exception:  # noqa: BLE001 - a foreign factory's; it breaks each log call as well
            return self._probed
        return self._probed


def _hide_named_arguments(record: logging.LogRecord) -> bool:
    """Whether an argument is a secret by its name alone: ``log.info("%(token)s", {"token": …})``.

    Its value does not get into the message either: ``%(token)s`` becomes the replacement.
    """
    if not isinstance(record.args, Mapping):
        return False
    arguments: Mapping[Any, object] = record.args
    secret = [name for name in arguments if isinstance(name, str) and _is_secret(arguments, name)]
    if secret:
        record.args = {**arguments, **dict.fromkeys(secret, REPLACEMENT)}
    return bool(secret)


def _is_secret(arguments: Mapping[Any, object], name: str) -> bool:
    value = arguments[name]
    is_nothing = value is None or isinstance(value, bool) or (isinstance(value, str) and not value)
    return not is_nothing and is_secret_name(name)


def _message(record: logging.LogRecord) -> str:
    """The formatted message; what logging would print about it where it cannot be formatted."""
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - a foreign object's, or a wrong format
        return f"{record.msg!s} {record.args!r}"


def _parts(record: logging.LogRecord) -> Iterator[str]:
    """What a handler that looks at a record's parts could show beside its message."""
    if not isinstance(record.msg, str):
        yield repr(record.msg)
    if isinstance(record.args, Mapping):
        yield repr(record.args)
        return
    for argument in record.args or ():
        if isinstance(argument, str):
            yield argument
        elif type(argument) not in PLAIN:
            yield repr(argument)


def _said(error: BaseException) -> Iterator[str]:
    """The texts of an exception and of all that led to it."""
    waiting, seen = [error], set()
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield "".join(traceback.format_exception_only(type(current), current))
        causes = (current.__cause__, current.__context__, *getattr(current, "exceptions", ()))
        waiting += [cause for cause in causes if isinstance(cause, BaseException)]
