"""One look: the disk and the AppImageConfig become the catalog that is served."""

import dataclasses
import logging
import os
import re
import sys
from collections.abc import Callable

from jupyter_client.kernelspec import KernelSpecManager

from ..errors import DocumentError, Finding, Severity
from ..image import AppImageConfig, AppImageConfigReading, read_app_image_config
from ..kernels import Catalog, Choice, Discovery, Places, choose
from ..reading import printable
from .documents import WatchedDocument
from .settings import JupyterSM

SYSTEM_CONFIG = "/etc/jupyter_sm/app-image-config.json"
ENVIRONMENT_CONFIG = os.path.join("etc", "jupyter_sm", "app-image-config.json")

_LEVELS: dict[Severity, int] = {
    "error": logging.ERROR,
    "warning": logging.WARNING,
    "info": logging.INFO,
}


class Look:
    """Callable that makes the catalog; gives the same one again while nothing has changed.

    Args:
        settings: the configuration.
        places: where discovery looks.
        kernelspecs: Jupyter's own manager: its ``allowed_kernelspecs`` stays in force.
        show_unconfigured: show every kernel when no AppImageConfig names any.
        log: told each finding once, when it appears.

    Attributes:
        config: the AppImageConfig in use, as the last look found it; None without one.
        config_file: the file that it is read from.
    """

    def __init__(
        self,
        *,
        settings: JupyterSM,
        places: Places,
        kernelspecs: KernelSpecManager,
        show_unconfigured: bool,
        log: logging.Logger,
    ) -> None:
        self.document = WatchedDocument(config_paths(settings), _decode)
        self._settings = settings
        self._allowed = frozenset(kernelspecs.allowed_kernelspecs)
        self._show_unconfigured = show_unconfigured
        self._log = log
        pattern = settings.conda_env_filter
        self._discovery = Discovery(
            places, conda_env_filter=re.compile(pattern) if pattern else None
        )
        self._made_of: object = None
        self._good: AppImageConfigReading | None = None
        self._catalog: Catalog | None = None
        self._changed: Callable[[Catalog], None] | None = None
        self.config: AppImageConfig | None = None
        self.config_file: str | None = None

    def follow(self, changed: Callable[[Catalog], None]) -> None:
        """Have ``changed`` called with each new catalog, in the thread that looks."""
        self._changed = changed

    def __call__(self) -> Catalog:
        snapshot = self._discovery.look()
        choice, findings = self._choice()
        last = self._catalog
        # The snapshot by identity, as discovery promises; comparing 500 kernels is not free.
        if last is not None and last.snapshot is snapshot and self._made_of == (choice, findings):
            return last
        catalog = choose(snapshot, choice)
        catalog = dataclasses.replace(
            catalog,
            findings=(*findings, *catalog.findings),
            generation=last.generation + 1 if last else 1,
        )
        self._say(catalog, last)
        self._catalog, self._made_of = catalog, (choice, findings)
        if self._changed is not None:
            self._changed(catalog)
        return catalog

    def _choice(self) -> tuple[Choice, tuple[Finding, ...]]:
        """What decides which kernels are shown, and what is wrong with the document that says so."""
        reading, findings = self._read()
        config = self.config = reading.config if reading else None
        path = self.document.path()
        self.config_file = printable(path) if path and config else None
        configured = config.kernels if config else None
        choice = Choice(
            configured=configured,
            source=printable(path or "AppImageConfig"),
            everything=self._settings.show == "all"
            or (configured is None and self._show_unconfigured),
            enforce=self._settings.enforce,
            allowed=self._allowed,
        )
        return choice, findings

    def _read(self) -> tuple[AppImageConfigReading | None, tuple[Finding, ...]]:
        try:
            reading = self._good = self.document.read()
        except DocumentError as error:
            # While somebody writes it, what it said before still holds.
            return self._good, (error.finding,)
        named = self._settings.app_image_config
        if reading is None and named:
            return None, (_named_but_absent(named, self._settings),)
        return reading, reading.findings if reading else ()

    def _say(self, catalog: Catalog, last: Catalog | None) -> None:
        known = set(last.findings) if last else set()
        for finding in catalog.findings:
            if finding not in known:
                self._log.log(_LEVELS[finding.severity], "%s", finding.sentence())


def config_paths(settings: JupyterSM) -> tuple[str, ...]:
    """Where the AppImageConfig may lie, first hit wins."""
    if settings.app_image_config:
        return (os.path.expanduser(settings.app_image_config),)
    return SYSTEM_CONFIG, os.path.join(sys.prefix, ENVIRONMENT_CONFIG)


def _decode(content: bytes | None, path: str) -> AppImageConfigReading | None:
    return None if content is None else read_app_image_config(content, source=path)


def _named_but_absent(path: str, settings: JupyterSM) -> Finding:
    return Finding(
        id="app-image-config-absent",
        severity="error",
        source=f"JupyterSM.app_image_config ({settings.origin('app_image_config')})",
        seen=f"{printable(path)} is not there",
        wanted="an AppImageConfig in JSON",
        remedy="copy the file into the image, or correct the setting",
    )
