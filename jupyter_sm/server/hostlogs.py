"""The logs of a running host: written to the spool, free of secrets, shipped where that is asked for.

Attached in code, after the user's own ``logging_config``, because a configuration file's would replace
the user's (traitlets keeps one). The other handlers stay as they are: stderr keeps its lines.
"""

import atexit
import logging
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from tornado import web

from ..errors import JupyterSMError
from ..image import MetadataReading
from ..kernels.background import within
from ..logs import LogRoot, Shield, SpoolHandler, Stream
from ..logs.shipping import ShipperProcess, shipping_region, whether_to_ship
from ..reading import problem
from . import requestlog
from .settings import JupyterSM

RECONFIGURED = ("log_level", "log_format", "log_datefmt", "logging_config")
"""A change of these makes traitlets take every handler but its own from the application's logger."""

DRAIN_SECONDS = 2.0
"""What shipping may take at the end of a host: with the kernels' end still below docker's ten."""


OPENING_SECONDS = 10.0
"""What the disk of the log may take at the start; after that the log is on stderr only."""


class HostLogs:
    """Writes down what a host logs, from its construction to the end of the process or to `close`.

    Args:
        settings: ``log_root`` and ``ship_logs``.
        reading: the app's identity, which names the stream.
        app: the host's application, with ``log`` and the traits of ``RECONFIGURED``.
        secrets: values that must appear in no record, besides those of the environment.
        environ: the process's.

    Attributes:
        stream: group and stream that the events belong to; None where the identity gives none.
        handler: writes the spool; None when there is no place for it.
        trouble: why not; empty otherwise.
        not_shipped: why events are not shipped although that was asked for; empty otherwise.
    """

    def __init__(
        self,
        *,
        settings: JupyterSM,
        reading: MetadataReading,
        app: Any,
        secrets: Iterable[str | bytes | None],
        environ: Mapping[str, str],
    ) -> None:
        self._app = app
        self._followed: list[Any] = []
        self._has_root = False
        self._log: logging.Logger = app.log
        self.stream: Stream | None = None
        self.handler: SpoolHandler | None = None
        self.trouble = ""
        self._shield = Shield(secrets, loggers=(self._log.name,), environ=environ)
        self._shield.install()
        try:
            self.stream = Stream.of(reading.identity)
            work = partial(_handler, settings.log_root, self.stream)
            self.handler = within(OPENING_SECONDS, work)
        except (JupyterSMError, OSError) as error:  # OSError: no temporary folder, or no answer
            self.trouble = problem(error)
            self._log.warning("The log is on stderr only: %s", self.trouble)
        decision = whether_to_ship(settings.ship_logs, on_platform=reading.present)
        self.not_shipped = decision.reason or (self.trouble if decision.ship else "")
        self._shipper = self._make_shipper(reading, environ) if decision.ship else None
        if self.handler is not None:
            self.handler.addFilter(requestlog.complete)
            self._follow(app)
            self._log.info("The log is in %s%s", self.handler.path, _why_there(settings.log_root))
        atexit.register(self.drain)

    @property
    def folder(self) -> str | None:
        """Where the log is written; None while that does not work."""
        if self.handler is None or self.handler.trouble:
            return None
        return os.path.dirname(self.handler.path)

    @property
    def scrub(self) -> Callable[[str], str]:
        """Hides secrets in a text."""
        return self._shield.scrub

    def install(
        self,
        web_app: web.Application,
        *,
        request_log: logging.Logger | None,
        applications: Iterable[Any] = (),
    ) -> None:
        """Write down what others log too, and for which request; called when tornado is set up.

        Args:
            web_app: the host's.
            request_log: gets a line for each request; None where the host has a log of its own.
            applications: others in the same process, each with a log of its own, as JupyterLab.
        """
        requestlog.install(web_app, scrub=self.scrub, log=request_log)
        if self.handler is not None:
            self._has_root = True
            self._attach()
            for application in applications:
                self._follow(application)

    def ship(self) -> None:
        """Start the process that ships, where that is asked for."""
        if self.not_shipped:
            self._log.warning("The log is not shipped: %s", self.not_shipped)
        if self._shipper is not None:
            self._shipper.start()

    def drain(self) -> None:
        """Ship what is left, for as long as ``DRAIN_SECONDS``; what is logged later stays on disk."""
        if self._shipper is not None:
            self._shipper.stop(DRAIN_SECONDS)

    def close(self) -> None:
        """Take everything away again, in a process that goes on without this host."""
        atexit.unregister(self.drain)
        self.drain()
        self._shield.uninstall()
        if self.handler is None:
            return
        root = logging.getLogger()
        for application in self._followed:
            application.unobserve(self._attach, RECONFIGURED)
        for logger in (*(application.log for application in self._followed), root):
            logger.removeHandler(self.handler)
        if logging.lastResort is not None:
            root.removeHandler(logging.lastResort)
        self.handler.close()

    def _make_shipper(
        self, reading: MetadataReading, environ: Mapping[str, str]
    ) -> ShipperProcess | None:
        if self.handler is None or self.stream is None:
            return None
        return ShipperProcess(
            self.handler.path,
            self.stream,
            region=shipping_region(reading.identity.region.value, environ),
            note=self._log.warning,
        )

    def _follow(self, application: Any) -> None:
        if application not in self._followed:
            self._followed.append(application)
            application.observe(self._attach, RECONFIGURED)
            self._attach()

    def _attach(self, _change: object = None) -> None:
        """Be where traitlets' own reconfiguration may just have thrown us out.

        A root logger without a handler prints warnings by itself, and stops that with its first
        handler; so the one that does it is added too.
        """
        if self.handler is None:
            return
        # As the handler on stderr: the loggers themselves let everything through (traitlets).
        self.handler.setLevel(self._app.log_level)
        for application in self._followed:
            if self.handler not in application.log.handlers:
                application.log.addHandler(self.handler)
        root = logging.getLogger()
        if self._has_root and self.handler not in root.handlers:
            if not root.handlers and logging.lastResort is not None:
                root.addHandler(logging.lastResort)
            root.addHandler(self.handler)


def _handler(setting: str, stream: Stream) -> SpoolHandler:
    root = LogRoot.choose(
        os.path.expanduser(setting),
        tmp=tempfile.gettempdir(),
        uid=os.geteuid(),
        home=os.path.expanduser("~"),
    )
    return SpoolHandler(stream.path(root.path), root)


def _why_there(setting: str) -> str:
    """Why not in the folder that images make for it, where there is one; empty otherwise."""
    best, _ = LogRoot.candidates(tempfile.gettempdir(), os.geteuid())
    if setting or not os.path.lexists(best.path):
        return ""
    why = best.refusal(home=os.path.expanduser("~"))
    return f"; not in {best.path}: {why}" if why else ""
