"""Whether `jupyter kernelgateway` loads this package here, and if not, why and what to do."""

import base64
import hashlib
import importlib
import importlib.metadata
import os
import shlex
import sys
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from traitlets.config import Config

from ..errors import Finding, Severity
from ..reading import read_small
from ..server.hook import PERSONALITY, configure
from .commandcheck import check_command
from .hostconfig import Host
from .quickstart import without_iri_checks

HOOK = "jupyter_kernel_gateway_config.py"
_SECTION, _TRAIT = "KernelGatewayApp", "api"
_STOCK = "kernel_gateway.jupyter_websocket"
_CALL = "jupyter_sm.server.hook"
_VARIABLES = ("KG_API", "JUPYTER_SM_GATEWAY", "JUPYTER_NO_CONFIG")
_MAX_BYTES = 1 << 20
_BY_VARIABLE = f"set KG_API={PERSONALITY}"


class GatewayReport(msgspec.Struct, frozen=True, kw_only=True):
    """What `jupyter kernelgateway` will do.

    Attributes:
        loads: whether it will load this package.
        reason: why, or why not.
        remedy: empty where it loads.
        api: the personality's module that it will load.
        hook: the file on Jupyter's configuration path that switches this package on, if any.
        hook_unchanged: whether that is as it was installed; None where that cannot be known.
        variables: those that decide about it, as far as they are set.
        command: what ``jupyter-kernelgateway`` on PATH is, if anything.
    """

    loads: bool
    reason: str
    remedy: str
    api: str
    hook: str | None
    hook_unchanged: bool | None
    variables: dict[str, str]
    command: str | None


class _Verdict(NamedTuple):
    loads: bool
    severity: Severity
    reason: str
    remedy: str = ""


def check_gateway(host: Host) -> tuple[GatewayReport, list[Finding]]:
    """Look at everything that decides what the gateway loads."""
    hook = _hook(host)
    unchanged = _is_unchanged(hook) if hook else None
    api, origin = _effective_api(host)
    verdict = _verdict(host, api, origin, hook)
    command, of_command = check_command()
    report = GatewayReport(
        loads=verdict.loads,
        reason=verdict.reason,
        remedy=verdict.remedy,
        api=api,
        hook=hook,
        hook_unchanged=unchanged,
        variables={name: os.environ[name] for name in _VARIABLES if name in os.environ},
        command=command,
    )
    findings = list(_beaten(host, api, origin)) if verdict.loads else [_not_loaded(verdict)]
    if hook and unchanged is False:
        findings.append(_changed(hook))
    return report, [*findings, *of_command]


def _hook(host: Host) -> str | None:
    """The first such file on the path that calls this package, else the first one there is."""
    folders = host.app.config_file_paths
    paths = [
        path for path in (os.path.join(folder, HOOK) for folder in folders) if os.path.isfile(path)
    ]
    return next((path for path in paths if _calls_hook(path)), next(iter(paths), None))


def _calls_hook(path: str) -> bool:
    return _CALL.encode() in (_content(path) or b"")


def _content(path: str) -> bytes | None:
    """The bytes of a file, None where it cannot be read."""
    try:
        return read_small(path, os.stat(path), _MAX_BYTES)
    except OSError:
        return None


def _is_unchanged(hook: str) -> bool | None:
    """Whether the file has the hash that pip recorded; None where pip recorded none, or unreadable."""
    try:
        files = importlib.metadata.files("jupyter_sm") or []
    except importlib.metadata.PackageNotFoundError:  # run from its source tree
        return None
    for file in files:
        if (
            file.name == HOOK
            and file.hash
            and os.path.realpath(file.locate()) == os.path.realpath(hook)
        ):
            content = _content(hook)
            if content is None:
                return None
            digest = hashlib.new(file.hash.mode, content).digest()
            return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == file.hash.value
    return None


def _effective_api(host: Host) -> tuple[str, str]:
    """The module that the gateway will load, and what names it."""
    configured = host.value(_SECTION, _TRAIT)
    if _TRAIT in host.app.cli_config.get(_SECTION, {}):
        return str(configured), "the command line"
    if configured is not None:
        return str(configured), host.setter(_SECTION, _TRAIT) or "a configuration file"
    variable = os.environ.get("KG_API")
    return (variable, "KG_API") if variable else (_STOCK, "")


def _verdict(host: Host, api: str, origin: str, hook: str | None) -> _Verdict:
    if api == PERSONALITY:
        problem = _import_problem()
        if problem:
            return _Verdict(False, "error", f"{api} cannot be imported: {problem}", _reinstall())
        return _Verdict(True, "info", f"{origin} names it")
    if origin:
        remedy = "remove that, or start `jupyter sm gateway` instead of `jupyter kernelgateway`"
        return _Verdict(False, "warning", f"{origin} names {api} as the gateway's api", remedy)
    return _why_not(host, hook)


def _why_not(host: Host, hook: str | None) -> _Verdict:
    """Why the file that pip installs has not done its work."""
    if os.environ.get("JUPYTER_NO_CONFIG"):
        reason = "JUPYTER_NO_CONFIG keeps Jupyter from reading any configuration file"
        return _Verdict(False, "warning", reason, f"unset it, or {_BY_VARIABLE}")
    if host.app.config_file:
        reason = f"--config={host.app.config_file} is read instead of {HOOK}"
        return _Verdict(False, "warning", reason, _BY_VARIABLE)
    if hook is None:
        reason = f"there is no {HOOK} on Jupyter's configuration path"
        return _Verdict(False, "error", reason, f"{_reinstall()}, or {_BY_VARIABLE}")
    spoiled = _spoiled(host, hook)
    if spoiled:
        return _Verdict(False, "error", spoiled, f"{_reinstall()}, or {_BY_VARIABLE}")
    if os.environ.get("JUPYTER_SM_GATEWAY") == "0":
        return _Verdict(False, "warning", "JUPYTER_SM_GATEWAY=0 turns it off", "unset it")
    problem = _hook_problem() or f"{hook} does not name it"
    return _Verdict(False, "error", problem, _reinstall())


def _spoiled(host: Host, hook: str) -> str:
    if hook in host.problems:
        return f"{hook} cannot be used: {host.problems[hook].seen}"
    if not _calls_hook(hook):
        return f"{hook} is not the file that jupyter_sm installs: something has overwritten it"
    return ""


def _import_problem() -> str:
    try:
        with without_iri_checks():
            importlib.import_module(PERSONALITY)
    except Exception as error:  # noqa: BLE001 - whatever it is, the gateway would die of it
        return f"{type(error).__name__}: {error}"
    return ""


def _hook_problem() -> str:
    try:
        with without_iri_checks():
            configure(Config())
    except Exception as error:  # noqa: BLE001 - as the installed file does
        return str(error)
    return ""


def _reinstall() -> str:
    return f"{shlex.quote(sys.executable)} -m pip install --force-reinstall --no-deps jupyter_sm"


def _not_loaded(verdict: _Verdict) -> Finding:
    return Finding(
        id="gateway-not-loading",
        severity=verdict.severity,
        source="jupyter kernelgateway",
        seen=f"it will not load jupyter_sm: {verdict.reason}",
        remedy=verdict.remedy,
    )


def _beaten(host: Host, api: str, origin: str) -> Iterator[Finding]:
    """Files that name another personality in vain: where they lie, what pip installs comes later."""
    for path, config in host.files.items():
        other = config.get(_SECTION, {}).get(_TRAIT, api)
        if other != api:
            yield Finding(
                id="gateway-api-beaten",
                severity="warning",
                source=path,
                seen=f"it names {other} as the gateway's api, and {origin} beats it",
                remedy=f"remove that, or set KG_API={shlex.quote(str(other))} to have it",
            )


def _changed(hook: str) -> Finding:
    return Finding(
        id="gateway-hook-changed",
        severity="warning",
        source=hook,
        seen="the file is not as jupyter_sm installed it; uninstalling removes it all the same",
        remedy=f"keep changes in a file of your own, and put this one back: {_reinstall()}",
    )
