"""One shipper for each stream: who holds the lock on ``<app>.lock``, and what it has under way."""

import contextlib
import fcntl
import os
import pwd
import stat
from typing import Final

import msgspec

from ...errors import JupyterSMError
from ...reading import printable
from ..segments import lock_path, segments

_BYTES: Final = 128
"""The whole content, blanks at its end, so that one write replaces it all."""


class ForeignLogError(JupyterSMError):
    """A log of another user, who could not go on with what this one would leave beside it."""


class Holder(msgspec.Struct, frozen=True):
    """Written in the lock file.

    Attributes:
        pid: Of the shipper that holds the lock, or held it last.
        in_flight: Events that it has sent and has no answer for yet.
    """

    pid: int
    in_flight: int = 0


class Claim:
    """The lock of one spool: taken or not, and lost with the process, however that ends.

    Args:
        log_path: The spool's active file.
    """

    def __init__(self, log_path: str) -> None:
        self._log_path = log_path
        self._path = lock_path(log_path)
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Take the lock unless another process has it; what the last holder had sent is kept.

        Raises:
            ForeignLogError: the log is another user's.
            OSError: there can be no such file.
        """
        if self._descriptor is not None:
            return True
        _refuse_foreign(self._log_path)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(self._path, flags, 0o600)
        if not _locked(descriptor, fcntl.LOCK_EX) or not _is_at(descriptor, self._path):
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        self.mark(self.left_in_flight())  # the pid of the last one is nobody's now
        return True

    def left_in_flight(self) -> int:
        """How many events the last holder had sent when it ended without an answer."""
        holder = None if self._descriptor is None else _holder(self._descriptor)
        return holder.in_flight if holder else 0

    def mark(self, in_flight: int) -> None:
        """Say what is under way. A kill does not undo it, a crash of the machine may."""
        if self._descriptor is not None:
            text = msgspec.json.encode(Holder(os.getpid(), in_flight)).ljust(_BYTES - 1) + b"\n"
            # On a full disk there may be no room even for this, which only counts doubles.
            with contextlib.suppress(OSError):
                os.pwrite(self._descriptor, text, 0)

    def release(self) -> None:
        """Let the next one take it. The file stays: whoever waits has it open."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def holder(log_path: str) -> Holder | None:
    """Who holds the lock now; None where nobody does. A pid of 0 is not known.

    Raises:
        OSError: the lock file cannot be opened.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(lock_path(log_path), flags)
    except FileNotFoundError:
        return None
    try:
        # Shared and for a moment: a shipper that comes just now tries again soon.
        if _locked(descriptor, fcntl.LOCK_SH):
            return None
        return _holder(descriptor) or Holder(0)
    finally:
        os.close(descriptor)


def _refuse_foreign(log_path: str) -> None:
    """Refuse another user's log, before anything is made there.

    Root's are left to the rights of its files: whatever lies beside them, root can use it.
    """
    files = segments(log_path)
    path = files[-1].path if files else os.path.dirname(log_path) or "."
    try:
        owner = os.stat(path).st_uid
    except FileNotFoundError:
        return  # renamed just now by a writer; or there is no folder, as opening will say
    if owner not in (0, os.geteuid()):
        raise ForeignLogError(
            f"{printable(log_path)} is a log of {_user(owner)}, and this process is "
            f"{_user(os.geteuid())}: run it as that user, who could not ship it any more after "
            f"this one (`docker exec -u {owner}`, `sudo -u '#{owner}'`)"
        )


def _user(uid: int) -> str:
    try:
        return f"{printable(pwd.getpwuid(uid).pw_name)} (uid {uid})"
    except KeyError:
        return f"uid {uid}"


def _locked(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(descriptor: int, path: str) -> bool:
    """Whether this is still the file of that name: a lock on a deleted one holds nobody off."""
    mine = os.fstat(descriptor)
    if not stat.S_ISREG(mine.st_mode):
        raise OSError(f"{path}: is not a regular file")
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return False
    return (found.st_dev, found.st_ino) == (mine.st_dev, mine.st_ino)


def _holder(descriptor: int) -> Holder | None:
    try:
        return msgspec.json.decode(os.pread(descriptor, _BYTES, 0), type=Holder)
    except (OSError, msgspec.DecodeError):
        return None
