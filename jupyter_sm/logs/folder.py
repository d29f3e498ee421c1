"""Where all logs lie, and the care that nobody else decides what is written there.

Below the folder of all logs (and below the system's temporary folder, for the one made there) every
folder is opened relative to the one above it, and a link or a folder of another user is refused.
"""

import contextlib
import errno
import os
import stat
from dataclasses import dataclass
from typing import Final

from ..errors import JupyterSMError
from ..reading import printable

SYSTEM_ROOT: Final = "/var/log/jupyter_sm"
"""Used where this process can write there: an image may have made it."""

RESERVED: Final = "/var/log/studio"
"""SageMaker's own ("Custom image specifications"): an image must not write there."""

_FOLDER_MODE: Final = 0o700
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class LogRootError(JupyterSMError):
    """A folder that logs must not or cannot be written to; the message says which, and why."""


@dataclass(frozen=True, slots=True)
class LogRoot:
    """The folder of all logs.

    Attributes:
        path: Absolute.
        trusted: The folder below which everything is checked: `path` itself, or one above it.
    """

    path: str
    trusted: str = ""

    @classmethod
    def candidates(cls, tmp: str, uid: int) -> "tuple[LogRoot, LogRoot]":
        """Where logs go when nobody says where, best first.

        Args:
            tmp: The system's folder for temporary files, which everybody may write to.
            uid: Of this process.
        """
        return cls(SYSTEM_ROOT), cls(os.path.join(tmp, f"jupyter_sm-{uid}", "logs"), tmp)

    @classmethod
    def choose(cls, setting: str, *, tmp: str, uid: int, home: str = "") -> "LogRoot":
        """The folder that the setting ``log_root`` names, else the best candidate; it is made.

        Args:
            setting: Absolute; empty where nobody said anything.
            tmp: As in `candidates`.
            uid: As in `candidates`.
            home: The home folder, which is never the folder of all logs; empty if there is none.

        Raises:
            LogRootError: It cannot be used, and what to do; without a setting, none of the
                candidates can.
        """
        roots = (cls(setting),) if setting else cls.candidates(tmp, uid)
        refused = []
        for root in roots:
            why = root.refusal(home=home)
            if not why:
                return root
            refused.append(f"{printable(root.path)}: {why}")
        if setting:
            raise LogRootError(
                f"JupyterSM.log_root (JUPYTER_SM_LOG_ROOT): {refused[0]}; name a folder of this "
                "user's, or leave it empty"
            )
        raise LogRootError("; ".join(refused))

    def refusal(self, *, home: str = "") -> str:
        """Why logs cannot be there, as said after the path; empty when they can.

        The folder is made if it is not there.

        Args:
            home: As in `choose`.
        """
        if not os.path.isabs(self.path):
            return "is no absolute path, which logs need"
        real, home = os.path.realpath(self.path), os.path.realpath(home) if home else ""
        if _is_below(real, RESERVED):
            return f"{RESERVED} belongs to SageMaker"
        if home and (real == home or (self.trusted and _is_below(real, home))):
            return "logs must not fill the home folder"
        try:
            folder = self.open_folder("")
        except LogRootError as error:
            return str(error).removeprefix(f"{printable(self.path)} ")
        except OSError as error:
            return _what_is_no_folder(self.path) or error.strerror or str(error)
        try:
            writable = os.access(".", os.W_OK | os.X_OK, dir_fd=folder, effective_ids=True)
        finally:
            os.close(folder)
        return "" if writable else "this process must not write there"

    def open_folder(self, inside: str) -> int:
        """A descriptor of the folder ``inside`` the root, all of it made where it is missing.

        The caller closes it.

        Args:
            inside: Relative to the root, without ``..``; empty for the root itself.

        Raises:
            LogRootError: A link, or somebody else's folder, is on the way.
            OSError: A folder cannot be made or opened.
        """
        begin = self.trusted or self.path
        way = os.path.join(os.path.relpath(self.path, begin), inside)
        if not self.trusted:
            os.makedirs(begin, _FOLDER_MODE, exist_ok=True)
        # The root may be a link: whoever configured it knows where it leads.
        descriptor = os.open(begin, _FOLDER & ~os.O_NOFOLLOW)
        try:
            _refuse_strangers(begin, descriptor)
            path = begin
            for name in way.split("/"):
                if name not in ("", "."):
                    path = os.path.join(path, name)
                    below = _open_below(descriptor, name, path)
                    os.close(descriptor)
                    descriptor = below
                    _refuse_strangers(path, descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor


def _what_is_no_folder(path: str) -> str:
    """What a path cannot be a folder for; empty where that is not to be seen any more."""
    there = path
    while not os.path.lexists(there) and there != os.path.dirname(there):
        there = os.path.dirname(there)
    if os.path.isdir(there):
        return ""
    kind = "a file" if os.path.exists(there) else "a link that leads nowhere"
    where = "" if there == path else f"{printable(there)} "
    return f"{where}is {kind}, not a folder"


def _open_below(descriptor: int, name: str, path: str) -> int:
    if name == "..":
        raise LogRootError(f"{printable(path)} leads out of the folder of the logs")
    with contextlib.suppress(FileNotFoundError):
        return _open(descriptor, name, path)
    with contextlib.suppress(FileExistsError):  # another process made it meanwhile
        os.mkdir(name, _FOLDER_MODE, dir_fd=descriptor)
    return _open(descriptor, name, path)


def _open(descriptor: int, name: str, path: str) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=descriptor)
    except OSError as error:
        # Linux answers ENOTDIR, not ELOOP, when both O_DIRECTORY and O_NOFOLLOW are in its way.
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise LogRootError(
                f"{printable(path)} is a link or no folder: logs are not written through it"
            ) from None
        raise


def _refuse_strangers(path: str, descriptor: int) -> None:
    """Refuse a folder of another user; root's is nobody's that could not read all logs anyway."""
    owner = os.fstat(descriptor).st_uid
    if owner not in (0, os.geteuid()):
        raise LogRootError(f"{printable(path)} belongs to user {owner}: logs are not written there")


def is_plain(found: os.stat_result) -> bool:
    """Whether a file is a plain one, and this process's user's or root's."""
    return stat.S_ISREG(found.st_mode) and found.st_uid in (0, os.geteuid())


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")
