"""Reads a Jupyter application's configuration files as it would itself, and remembers which sets what."""

import contextlib
import copy
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_core.application import JupyterApp
from traitlets.config import Config
from traitlets.config.loader import (
    ConfigFileNotFound,
    FileConfigLoader,
    JSONFileConfigLoader,
    PyFileConfigLoader,
)

from ..errors import Finding, SettingError
from ..reading import printable, problem
from .quickstart import without_iri_checks


class Configuration(JupyterApp):
    """An application's name, and with it its configuration files, without the application."""

    def migrate_config(self) -> None:
        """Leave old configuration where it is: who only looks changes nothing."""

    def exit(self, exit_status: int | str | None = 0) -> None:  # noqa: ARG002 - its signature
        """Called by traitlets where it has caught a configuration error.

        Raises:
            SettingError: always, with that error's words.
        """
        raise SettingError(sentence(sys.exc_info()[1], "correct it there")) from None


class ServerConfiguration(Configuration):
    """Jupyter Server's."""

    name = "jupyter-server"


@dataclass(frozen=True, slots=True)
class ConfigFiles:
    """What the configuration files say.

    Attributes:
        app: holds the merged configuration and the command line's part of it.
        files: each file that was read, in the order of rising priority, with what it sets.
        problems: each file that could not be used, with what is wrong; the application leaves it out.
    """

    app: JupyterApp
    files: Mapping[str, Config]
    problems: Mapping[str, Finding]


def read_config_files(
    kind: type[Configuration], arguments: Sequence[str], *, tolerant: bool = False
) -> ConfigFiles:
    """Read the files of one application.

    Args:
        kind: names the application.
        arguments: its command line, as far as it configures traits.
        tolerant: go on without a file that cannot be used, as the application does; the one that
            ``--config`` names has to be good all the same.

    Raises:
        SettingError: a file or an argument cannot be used.
    """
    files: dict[str, Config] = {}
    problems: dict[str, Finding] = {}
    app = _recording(kind, files, problems, raise_config_file_errors=not tolerant)
    # The file that pip installs imports the gateway; and what a file prints is no part of our answer.
    with without_iri_checks(), contextlib.redirect_stdout(sys.stderr):
        app.initialize(list(arguments))
    _require_named_file(app.config_file, files, problems)
    return ConfigFiles(app, files, problems)


def sentence(error: BaseException | None, remedy: str) -> str:
    """An error's words and a remedy, in one line."""
    words = " ".join(str(error).split()) or type(error).__name__
    return f"{words.rstrip('.')}; {remedy}"


def _recording(
    kind: type[Configuration],
    files: dict[str, Config],
    problems: dict[str, Finding],
    **traits: Any,
) -> JupyterApp:
    """The application, recording what each file sets."""
    kept = {"files": files, "problems": problems}
    loaders = {
        f"{language}_config_loader_class": type("Recording", (_Recording, loader), kept)
        for language, loader in (("python", PyFileConfigLoader), ("json", JSONFileConfigLoader))
    }
    app_class: Callable[..., JupyterApp] = type(kind.__name__, (kind,), loaders)
    # What is worth saying is a finding; the application itself logs the same to whom it concerns.
    silence = logging.Logger("jupyter_sm", logging.CRITICAL + 1)  # noqa: LOG001 - nobody else's
    return app_class(log=silence, **traits)


class _Recording(FileConfigLoader):
    """A loader that keeps what each file sets, and what is wrong with a file that cannot be used."""

    files: dict[str, Config]
    problems: dict[str, Finding]

    def load_config(self) -> Config:
        try:
            config = super().load_config()
            # A copy: traitlets merges files of higher priority into the sections of the first one.
            kept = copy.deepcopy(config)
        except (ConfigFileNotFound, SettingError):
            raise
        except (Exception, SystemExit) as error:  # whatever the file does
            finding = _broken(self.full_filename, error)
            self.problems[self.full_filename] = finding
            raise SettingError(finding.sentence()) from error
        self.files[self.full_filename] = kept
        return config


def _broken(path: str, error: Exception | SystemExit) -> Finding:
    remedy = "correct it"
    if isinstance(error, SystemExit):
        seen = f"it ends the process that reads it, with SystemExit({error.code!r})"
    elif isinstance(error, RecursionError):
        seen = "its values are nested too deeply"
    else:
        seen = problem(error).rstrip(".")
    if isinstance(error, PermissionError):
        remedy = f"let uid {os.geteuid()} read it"
    return Finding(
        id="config-file-broken",
        severity="error",
        source=printable(path),
        seen=seen,
        remedy=remedy,
    )


def _require_named_file(
    named: str, files: Mapping[str, Config], problems: Mapping[str, Finding]
) -> None:
    """The gateway goes on in silence when the file that --config names is not there."""
    if not named:
        return
    wanted = _stem(os.path.expanduser(named))
    for path, finding in problems.items():
        if _stem(path) == wanted:
            raise SettingError(finding.sentence())
    if not any(_stem(path) == wanted for path in files):
        raise SettingError(f"--config={named}: there is no such file; correct the path")


def _stem(path: str) -> str:
    return os.path.realpath(os.path.splitext(path)[0])
