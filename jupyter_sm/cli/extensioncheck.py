"""Whether `jupyter server` and `jupyter lab` load this package here, and if not, why."""

import glob
import json
import os
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from traitlets.config import Config
from traitlets.config.loader import LazyConfigValue

from .. import _jupyter_server_extension_points
from ..errors import Finding
from ..reading import printable, problem
from .quickstart import without_iri_checks

_SECTION = "jupyter_server_config"
_NAME = "jupyter_sm"
_TRAIT = "jpserver_extensions"


class ExtensionReport(msgspec.Struct, frozen=True, kw_only=True):
    """What Jupyter Server and JupyterLab will do.

    Attributes:
        enabled: whether they will load this package.
        file: the file that enables or disables it; None where none mentions it.
    """

    enabled: bool
    file: str | None


def check_extension(
    folders: Sequence[str], files: Mapping[str, Config]
) -> tuple[ExtensionReport, list[Finding]]:
    """Decide as jupyter_server does (serverapp.py, ``find_server_extensions``).

    Args:
        folders: Jupyter's configuration path, highest priority first; its JSON files say what is to
            be loaded (extension/config.py, ``ExtensionConfigManager``).
        files: what each of the server's own configuration files sets, in the order of rising
            priority; an extension that they mention is decided by them.
    """
    findings: list[Finding] = []
    report = ExtensionReport(enabled=False, file=None)
    for folder in reversed(folders):
        for path, enabled in _mentions(folder, findings):
            report = ExtensionReport(enabled=enabled, file=path)
    report = _configured(files) or report
    if not report.enabled:
        findings.append(_disabled(report.file))
    else:
        findings.extend(_import_problems())
    return report, findings


def _configured(files: Mapping[str, Config]) -> ExtensionReport | None:
    """What the configuration proper says; a file's dict replaces that of the files before it."""
    setting = [
        (p, c.ServerApp[_TRAIT]) for p, c in files.items() if _TRAIT in c.get("ServerApp", {})
    ]
    if not setting:
        return None
    path, extensions = setting[-1]
    if isinstance(extensions, LazyConfigValue):  # c.ServerApp.jpserver_extensions.update(…)
        extensions = extensions.get_value({})
    if not isinstance(extensions, Mapping) or _NAME not in extensions:
        return None
    return ExtensionReport(enabled=bool(extensions[_NAME]), file=path)


def _mentions(folder: str, findings: list[Finding]) -> Iterator[tuple[str, bool]]:
    """Files of a folder that switch the extension on or off, the last one counts."""
    of_packages = sorted(glob.glob(os.path.join(glob.escape(folder), f"{_SECTION}.d", "*.json")))
    for path in (*of_packages, os.path.join(folder, f"{_SECTION}.json")):
        enabled = _mention(_document(path, findings))
        if enabled is not None:
            yield path, bool(enabled)


def _document(path: str, findings: list[Finding]) -> Any:
    if not os.path.isfile(path) or not os.path.getsize(path):
        return None
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError, RecursionError) as error:
        findings.append(
            Finding(
                id="server-config-unreadable",
                severity="warning",
                source=printable(path),
                seen=f"not JSON that can be read: {problem(error)}",
                remedy="correct the file; Jupyter Server leaves it out, or does not start",
            )
        )
        return None


def _mention(document: Any) -> Any:
    for key in ("ServerApp", _TRAIT, _NAME):
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _disabled(file: str | None) -> Finding:
    seen = "no configuration file enables it" if file is None else "it disables the extension"
    return Finding(
        id="server-extension-disabled",
        severity="warning",
        source=file or "jupyter server",
        seen=f"{seen}: jupyter server and jupyter lab will not load jupyter_sm",
        remedy=f"{shlex.quote(sys.executable)} -m jupyter server extension enable --sys-prefix {_NAME}",
    )


def _import_problems() -> Iterator[Finding]:
    try:
        with without_iri_checks():
            _jupyter_server_extension_points()
    except Exception as error:  # noqa: BLE001 - whatever it is, the server only logs it
        yield Finding(
            id="server-extension-broken",
            severity="error",
            source=_NAME,
            seen=f"the server extension cannot be imported: {type(error).__name__}: {error}",
            remedy=f"{shlex.quote(sys.executable)} -m pip install --force-reinstall jupyter_sm",
        )
