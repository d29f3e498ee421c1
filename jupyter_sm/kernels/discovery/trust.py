"""Root's care: which environments another user could change under the server's feet."""

import os
import shlex
import stat

from ..model import Trouble
from .places import Places
from .reading import printable

Owner = tuple[int, int]
"""User and group."""


class Trust:
    """Judges environments for a server that runs as root; trusts everything otherwise.

    Whoever owns the server's own prefix is trusted: their code runs as root already.
    """

    def __init__(self, places: Places) -> None:
        self._is_root = places.euid == 0
        self._server_prefix = places.server_prefix
        self._server: Owner | None = None

    def begin(self) -> None:
        """Start a look."""
        if self._is_root:
            try:
                found = os.stat(self._server_prefix)
                self._server = found.st_uid, found.st_gid
            except OSError:
                self._server = None

    def trouble(self, prefix: str) -> Trouble | None:
        """Why root must not run anything of ``prefix``, or None.

        Raises:
            OSError: the prefix cannot be looked at.
        """
        if not self._is_root:
            return None
        reason = self._reason(prefix) or self._reason_of_bin(f"{prefix}/bin")
        return Trouble(reason, _remedy(prefix)) if reason else None

    def _reason_of_bin(self, folder: str) -> str | None:
        try:
            return self._reason(folder)
        except FileNotFoundError:
            return None

    def _reason(self, folder: str) -> str | None:
        found = os.stat(folder)
        return distrust((found.st_uid, found.st_gid), found.st_mode, self._server)


def distrust(owner: Owner, mode: int, server: Owner | None) -> str | None:
    """Why root must not run what lies in a folder, or None.

    Args:
        owner: of the folder.
        mode: of the folder.
        server: owner of the server's own prefix, if there is one.
    """
    if owner[0] != 0 and (server is None or owner[0] != server[0]):
        return f"the server runs as root, and the environment belongs to user {owner[0]}"
    if mode & stat.S_IWOTH:
        return "the server runs as root, and every user can write to the environment"
    if mode & stat.S_IWGRP and owner != server:
        return f"the server runs as root, and group {owner[1]} can write to the environment"
    return None


def _remedy(prefix: str) -> str:
    path = shlex.quote(printable(prefix))
    return (
        "run the server as the environment's owner, or make it root's: "
        f"chown -R root: {path} && chmod -R go-w {path}"
    )
