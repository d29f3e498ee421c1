"""What can be wrong with the running process: one function for each kind, and no state.

Those that look at the disk are called in a thread (``hostproblems.py``).
"""

import ipaddress
import os
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ..errors import Finding, Severity
from ..image import AppImageConfig, FileSystemConfig, MetadataReading, limits
from ..logs import SEGMENT_BYTES, SEGMENTS_MOST
from ..reading import printable
from .api import Host
from .runtimefolder import replaced_runtime_folder
from .who import Who

LOG_BYTES_MOST: Final = (SEGMENTS_MOST + 1) * SEGMENT_BYTES
"""What one log takes at most."""

PANEL: Final = "jupyter-sm"
"""Name of the panel's folder below ``labextensions``."""

_READ_ONLY: Final = "is on a read-only file system"

SUPPORTED: Final = " or ".join(f"{uid}:{gid}" for uid, gid in limits.SUPPORTED_IDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder that must be writable, and what is wrong where it is not.

    Attributes:
        kind: id of the problem.
        source: what names the folder.
        remedy: what mends it.
        elsewhere: the same where it lies on a read-only file system that has to stay so.
        severity: of the problem.
        may_be_absent: it is no problem that it is not there.
    """

    kind: str
    source: str
    path: str
    remedy: str
    elsewhere: str = ""
    severity: Severity = "error"
    may_be_absent: bool = False


def is_loopback(ip: str) -> bool:
    """Whether only this machine can reach a server that listens on ``ip``."""
    if ip == "localhost":
        return True
    try:
        return ipaddress.ip_address(ip).is_loopback
    except ValueError:  # a host name, or empty for every address
        return False


def file_system_of(
    config: AppImageConfig | None, reading: MetadataReading | None, host: Host
) -> FileSystemConfig | None:
    """What the AppImageConfig says of the home folder for this kind of app; None if it says nothing."""
    if config is None:
        return None
    lab = config.jupyter_lab_app_image_config
    editor = config.code_editor_app_image_config
    gateway = config.kernel_gateway_image_config
    kind = reading.identity.app_type.value if reading and reading.present else None
    section = {"JupyterLab": lab, "CodeEditor": editor, "KernelGateway": gateway}.get(kind or "")
    if kind is None:
        section = (lab or gateway) if host == "jupyter-server" else gateway
    return section.file_system_config if section else None


def open_host(address: str | None, *, is_on_platform: bool) -> Iterator[Finding]:
    """Whether anybody who reaches the machine can run code in it.

    Args:
        address: what is listened on without asking who is there; None if there is no such.
        is_on_platform: SageMaker asks in front of it, and wants it so.
    """
    if address is None or is_loopback(address):
        return
    yield Finding(
        id="host-without-token",
        severity="info" if is_on_platform else "error",
        source="this server",
        seen=f"listens on {printable(address) or 'every address'}, and asks for no token: "
        + (
            "SageMaker asks in front of it"
            if is_on_platform
            else "anybody who reaches this machine can run code on it"
        ),
        wanted="a token, or an address that only this machine reaches",
        remedy=""
        if is_on_platform
        else "set KG_AUTH_TOKEN (gateway) or JUPYTER_TOKEN (Server, Lab), or start it with "
        "--ip=127.0.0.1",
    )


def ids(
    who: Who, config: FileSystemConfig | None, *, is_on_platform: bool, host: Host
) -> Iterator[Finding]:
    """User and group. Which pair it is matters on the platform alone: a laptop's may be any."""
    pair = (who.uid, who.gid)
    seen = f"runs as {who.uid}:{who.gid} ({who.user}:{who.group})"
    told = (config.default_uid, config.default_gid) if config else None
    if is_on_platform and told not in (None, pair):
        yield Finding(
            id="process-ids-differ",
            severity="warning",
            source="this process",
            seen=seen,
            wanted=f"{config.default_uid}:{config.default_gid}, as the AppImageConfig says"
            if config
            else "",
            remedy=f"correct the AppImageConfig: DefaultUid {who.uid} and DefaultGid {who.gid}"
            if pair in limits.SUPPORTED_IDS
            else _as_supported(told),
        )
    elif is_on_platform and pair not in limits.SUPPORTED_IDS:
        yield Finding(
            id="process-ids-unsupported",
            severity="warning",
            source="this process",
            seen=seen,
            wanted=f"{SUPPORTED}, the pairs that SageMaker supports",
            remedy=_as_supported(None),
        )
    elif who.uid == 0 and host == "jupyter-server" and not is_on_platform:
        yield Finding(
            id="process-is-root",
            severity="info",
            source="this process",
            seen="runs as root, and so does every notebook",
            remedy="start Jupyter as an ordinary user, where that is possible",
        )
    if not who.has_account:
        yield Finding(
            id="process-user-unnamed",
            severity="info",
            source="this process",
            seen=f"no account has uid {who.uid}: some programs refuse to run for it",
            remedy=f"add it in the Dockerfile: useradd --uid {who.uid} --gid {who.gid} sagemaker-user",
        )


def _as_supported(told: tuple[int, int] | None) -> str:
    """How the image comes to run as a pair that is supported: the AppImageConfig's, if it is one."""
    default = (limits.DEFAULT_UID, limits.DEFAULT_GID)
    uid, gid = told if told in limits.SUPPORTED_IDS and told else default
    return f"end the Dockerfile with a user and group that SageMaker supports: USER {uid}:{gid}"


def folders(
    who: Who, config: FileSystemConfig | None, runtime: str, *, is_on_platform: bool
) -> Iterator[Folder]:
    """The folders that have to be writable, the more telling one first."""
    owner = f"chown {who.uid}:{who.gid}"
    if config is not None:
        yield Folder(
            kind="mount-path-not-writable",
            source="MountPath of the AppImageConfig",
            path=config.mount_path,
            remedy=f"let MountPath, DefaultUid and DefaultGid be the image's user's ({who.uid} and "
            f"{who.gid} here)"
            if (who.uid, who.gid) in limits.SUPPORTED_IDS
            else _as_supported((config.default_uid, config.default_gid)),
            elsewhere="let MountPath be another folder",
            may_be_absent=not is_on_platform,
        )
    if who.home:
        yield Folder(
            kind="home-not-writable",
            source="HOME",
            path=who.home,
            remedy=f"{owner} {shlex.quote(printable(who.home))}, or set HOME to another folder",
            elsewhere="set HOME to a folder elsewhere",
        )
    if runtime:
        yield Folder(
            kind="runtime-folder-not-writable",
            source="Jupyter's runtime folder",
            path=runtime,
            remedy=f"set JUPYTER_RUNTIME_DIR to a folder that uid {who.uid} can write: without one, no "
            "kernel starts",
            elsewhere="set JUPYTER_RUNTIME_DIR to a folder elsewhere: without one, no kernel starts",
        )
    replaced = replaced_runtime_folder(runtime)
    if replaced:
        yield Folder(
            kind="runtime-folder-replaced",
            source="Jupyter's runtime folder",
            path=replaced,
            remedy=f"give the folder to uid {who.uid}, or set JUPYTER_RUNTIME_DIR to one that it can "
            f"write; {printable(runtime)} is used as long as that is not done",
            elsewhere=f"set JUPYTER_RUNTIME_DIR to a folder elsewhere; {printable(runtime)} is used as "
            "long as that is not done",
            severity="warning",
        )
    temporary = os.environ.get("TMPDIR") or "/tmp"  # noqa: S108  # looked at, not written to
    yield Folder(
        kind="temporary-folder-not-writable",
        source="folder of temporary files",
        path=temporary,
        remedy=f"chmod 1777 {shlex.quote(printable(temporary))}, or set TMPDIR to another folder",
        elsewhere="set TMPDIR to a folder elsewhere",
        severity="warning",
    )


def not_writable(wanted: Iterable[Folder]) -> Iterator[Finding]:
    """Those that cannot be written, or be made; what one cause bars is told once."""
    told = set()
    for folder in wanted:
        there = _first_there(folder.path)
        if folder.may_be_absent and there != folder.path:
            continue
        why = _bar(there)
        real = os.path.realpath(there)
        if not why or real in told:
            continue
        told.add(real)
        path = printable(folder.path)
        yield Finding(
            id=folder.kind,
            severity=folder.severity,
            source=f"{folder.source} ({path})",
            seen=why if there == folder.path else f"is not there, and {printable(there)} {why}",
            wanted=f"a folder that uid {os.geteuid()} can write",
            remedy=_writable_again(folder) if why == _READ_ONLY else folder.remedy,
        )


def _writable_again(folder: Folder) -> str:
    return f"mount it writable, or {folder.elsewhere}" if folder.elsewhere else "mount it writable"


def _first_there(path: str) -> str:
    """The path, or the nearest one above it that exists."""
    path = path or os.curdir
    while not os.path.lexists(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path) or os.curdir
    return path


def _bar(path: str) -> str:
    """Why nothing can be written there; empty when it can."""
    if not os.path.isdir(path):
        return "is no folder"
    if os.access(path, os.W_OK | os.X_OK):
        return ""
    return _READ_ONLY if _is_read_only(path) else f"cannot be written by uid {os.geteuid()}"


def _is_read_only(path: str) -> bool:
    """Whether nobody can write there, root included."""
    try:
        return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def nearly_full(folder: str) -> Iterator[Finding]:
    """Whether the disk of the log has less room than the log may take."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return  # what keeps the log from being written is told by the log
    left = found.f_bavail * found.f_frsize
    if left >= LOG_BYTES_MOST and (found.f_favail or not found.f_files):
        return
    room = (
        f"{left // 1_000_000} MB left" if left < LOG_BYTES_MOST else "no file can be made any more"
    )
    yield Finding(
        id="log-disk-nearly-full",
        severity="warning",
        source=printable(folder),
        seen=room,
        wanted=f"{LOG_BYTES_MOST // 1_000_000} MB: the log may take so much",
        remedy="free space there, or set JupyterSM.log_root to a folder on another disk",
    )


def no_panel(panels: Sequence[str]) -> Iterator[Finding]:
    """Whether JupyterLab can find the panel."""
    if any(os.path.isfile(os.path.join(folder, PANEL, "package.json")) for folder in panels):
        return
    yield Finding(
        id="panel-not-installed",
        severity="warning",
        source=printable(panels[0]) if panels else "labextensions",
        seen=f"there is no {PANEL} in any folder of JupyterLab's extensions: the package was installed "
        "where its panel could not be built",
        wanted=f"{PANEL}/package.json",
        remedy="in a clone of jupyter_sm, where the npm registry can be reached: "
        f"{shlex.quote(sys.executable)} -m pip install --force-reinstall --no-deps .",
    )


def not_answering(asked: str) -> Finding:
    """A look that has not ended."""
    return Finding(
        id="folders-not-answering",
        severity="warning",
        source=asked or "this process",
        seen="a file system does not answer",
        remedy="see whether the network volume is mounted and reachable",
    )
