"""The process's logging as Python ships it, for tests that look at records.

What ran before may have left levels, handlers, factories or disabled loggers behind.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

OWN = ("level", "propagate", "disabled")


@contextmanager
def fresh_logging() -> Iterator[None]:
    """Every logger enabled, without handlers, of no level; everything back as it was afterwards."""
    root = logging.getLogger()
    manager = root.manager
    factory, disable, raising = (
        logging.getLogRecordFactory(),
        manager.disable,
        logging.raiseExceptions,
    )
    kept = {logger: _taken(logger) for logger in [root, *_known()]}
    logging.setLogRecordFactory(logging.LogRecord)
    logging.disable(logging.NOTSET)
    logging.raiseExceptions = True
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        for logger in [root, *_known()]:
            _give_back(logger, kept.get(logger))
        logging.setLogRecordFactory(factory)
        logging.disable(disable)
        logging.raiseExceptions = raising


def _known() -> list[logging.Logger]:
    found = logging.getLogger().manager.loggerDict.values()
    return [logger for logger in found if isinstance(logger, logging.Logger)]


def _taken(logger: logging.Logger) -> dict[str, Any]:
    state = {name: getattr(logger, name) for name in OWN}
    state |= {"handlers": logger.handlers[:], "filters": logger.filters[:]}
    _give_back(logger, None)
    return state


def _give_back(logger: logging.Logger, state: dict[str, Any] | None) -> None:
    state = state or {"level": logging.NOTSET, "propagate": True, "disabled": False}
    logger.setLevel(state["level"])
    logger.propagate, logger.disabled = state["propagate"], state["disabled"]
    logger.handlers[:] = state.get("handlers", [])
    logger.filters[:] = state.get("filters", [])


class Kept(logging.Handler):
    """Keeps the records of a logger."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def last(self) -> logging.LogRecord:
        return self.records[-1]

    @property
    def text(self) -> str:
        """All that any handler could show of any record."""
        formatter = logging.Formatter("%(message)s")
        return "\n".join(formatter.format(r) + repr(r.__dict__) for r in self.records)
