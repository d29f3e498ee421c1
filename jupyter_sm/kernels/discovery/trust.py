"""Root's care: what another user could change under the server's feet."""

import contextlib
import os
import shlex
import stat
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ...reading import ABSENT, printable
from ..model import Trouble
from .paths import clean
from .places import Places

Owner = tuple[int, int]
"""User and group."""

_LINKS = 40
"""As many as Linux follows on the way to a file."""


class _Fault(NamedTuple):
    """A path, and what lets another user change what is there."""

    path: str
    words: str


class _Verdict(NamedTuple):
    """What is wrong with a path that something else lies below, and with one that is used itself.

    In a sticky folder nobody can replace what others own: it leads on safely, but may hold anything.
    """

    as_way: _Fault | None = None
    as_end: _Fault | None = None


_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH

_TRUSTED = _Verdict()


class Trust:
    """Judges environments and kernels for a server that runs as root; trusts all otherwise.

    Whoever owns the server's own prefix is trusted, and so are the folders above that: their code
    runs as root already.
    """

    def __init__(self, places: Places) -> None:
        self._is_root = places.euid == 0
        self._server_prefix = clean(places.server_prefix)
        self._server: Owner | None = None
        self._verdicts: dict[str, _Verdict] = {"/": _TRUSTED}

    def begin(self) -> None:
        """Start a look."""
        if not self._is_root:
            return
        self._verdicts = {"/": _TRUSTED}
        for path in (self._server_prefix, os.path.realpath(self._server_prefix)):
            self._verdicts |= dict.fromkeys(_above(path), _TRUSTED)
        try:
            found = os.stat(self._server_prefix)
            self._server = found.st_uid, found.st_gid
        except OSError:
            self._server = None

    def trouble(self, prefix: str, parts: Iterable[str] = ()) -> Trouble | None:
        """Why root must not run anything of ``prefix``, or None.

        Args:
            prefix: folder of an environment or a kernel; absolute, as are all paths.
            parts: what is used of it; the folders and links on the way to each are judged as well.

        Raises:
            OSError: the prefix cannot be looked at.
        """
        if not self._is_root:
            return None
        fault = self._verdict(prefix).as_end
        for part in parts:
            fault = fault or self._fault_of(clean(part))
        return Trouble(_reason(fault), _remedy(fault, prefix)) if fault else None

    def _fault_of(self, part: str) -> _Fault | None:
        try:
            return self._verdict(part).as_end
        except OSError as error:
            if error.errno in ABSENT:  # and nothing of it can be run
                return None
            raise

    def _verdict(self, path: str, links: int = 0) -> _Verdict:
        unknown = []
        while path not in self._verdicts:
            unknown.append(path)
            path = path.rpartition("/")[0] or "/"
        verdict = self._verdicts[path]
        for step in reversed(unknown):
            above = verdict.as_way
            verdict = _Verdict(above, above) if above else self._look_at(step, links)
            self._verdicts[step] = verdict
        return verdict

    def _look_at(self, path: str, links: int) -> _Verdict:
        found = os.lstat(path)
        if found.st_uid == 0 and not found.st_mode & _OTHERS_WRITE:
            return _TRUSTED  # as nearly all are; a link, which anybody may "write", is none of them
        owner, mode = (found.st_uid, found.st_gid), found.st_mode
        if stat.S_ISLNK(mode):
            words = distrust(owner, 0, self._server)
            if words or links == _LINKS:
                fault = _Fault(path, words) if words else None
                return _Verdict(fault, fault)
            target = os.path.join(os.path.dirname(path), os.readlink(path))
            return self._verdict(clean(target), links + 1)
        words = distrust(owner, mode, self._server)
        if not words:
            return _TRUSTED
        is_safe_way = mode & stat.S_ISVTX and not distrust(owner, 0, self._server)
        fault = _Fault(path, words)
        return _Verdict(None if is_safe_way else fault, fault)


def distrusted(prefix: str) -> Trouble | None:
    """Why this process, if it is root's, must not activate the environment at ``prefix``, or None.

    For a kernel that was not found here: a kernelspec may name any prefix.
    """
    if os.geteuid() != 0:
        return None
    trust = Trust(Places.of_this_process())
    trust.begin()
    scripts = f"{prefix}/etc/conda/activate.d"
    parts = [scripts, f"{prefix}/conda-meta/state", f"{prefix}/etc/conda/env_vars.d"]
    try:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            parts += [f"{scripts}/{name}" for name in os.listdir(scripts)]
        return trust.trouble(clean(prefix), parts)
    except OSError:  # it is not there, which activating it tells better
        return None


def distrust(owner: Owner, mode: int, server: Owner | None) -> str:
    """What lets another user change something that root would run; empty when nothing does.

    Args:
        owner: of the file or folder.
        mode: of the file or folder.
        server: owner of the server's own prefix, if there is one.
    """
    if owner[0] != 0 and (server is None or owner[0] != server[0]):
        return f"belongs to user {owner[0]}"
    if mode & stat.S_IWOTH:
        return "is a place where every user can write"
    if mode & stat.S_IWGRP and owner != server:
        return f"is a place where group {owner[1]} can write"
    return ""


def _above(path: str) -> Iterator[str]:
    while path != "/":
        path = os.path.dirname(path)
        yield path


def _reason(fault: _Fault) -> str:
    return f"the server runs as root, and {printable(fault.path)} {fault.words}"


def _remedy(fault: _Fault, prefix: str) -> str:
    if fault.path == prefix or fault.path.startswith(f"{prefix}/"):
        path = shlex.quote(printable(prefix))
        return (
            "run the server as the owner, or make all of it root's: "
            f"chown -R root: {path} && chmod -R go-w {path}"
        )
    return (
        "run the server as an ordinary user, or have kernels only where root alone can write: "
        f"not in {printable(fault.path)}, nor through it"
    )
