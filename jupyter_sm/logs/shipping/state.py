"""What a shipper remembers in ``<app>.ship``: how far it is, and what became of the events."""

import contextlib
import os
import stat
from typing import Final, Literal

import msgspec

from ...reading import problem
from ..segments import Position, ship_path

VERSION: Final = 1

State = Literal["shipping", "waiting", "stopped"]

_BYTES_MOST: Final = 65_536


class Counters(msgspec.Struct, frozen=True, kw_only=True):
    """What became of events since ``.ship`` was begun; numbers of events unless it says otherwise.

    Attributes:
        shipped: Taken by the service.
        rejected_too_old: Refused by the service: more than 14 days old.
        rejected_expired: Refused by the service: older than the group keeps them.
        rejected_too_new: Refused by the service: more than 2 hours ahead of it.
        dropped: Refused by the service one by one, as no valid event.
        doubled_possibly: Sent again because nobody knows whether the service had taken them.
        split: Longer than the service takes; sent in pieces.
        skipped: Lines that are no event.
        gaps: How often files were gone before they were shipped; not a number of events.
    """

    shipped: int = 0
    rejected_too_old: int = 0
    rejected_expired: int = 0
    rejected_too_new: int = 0
    dropped: int = 0
    doubled_possibly: int = 0
    split: int = 0
    skipped: int = 0
    gaps: int = 0


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of ``.ship``.

    Attributes:
        version: Of this format.
        group: Log group and, below, stream that the position is for.
        position: All before it is delivered or accounted for; None for the spool's beginning.
        pieces: So many pieces of the event at ``position`` are delivered as well.
        number: Of the newest closed segment that was seen, so that no writer uses it again.
        state: What the shipper was doing last.
        reason: Why it waits or stopped; may be empty.
        counters: What became of the events.
        last_success: Milliseconds since the epoch, when the service last took a batch.
        poison: The last event that was dropped: where it ends.
        began_again: Why an earlier ``.ship`` was not used; empty where there was none or it was.
    """

    version: int = VERSION
    group: str
    stream: str
    position: Position | None = None
    pieces: int = 0
    number: int | None = None
    state: State = "shipping"
    reason: str = ""
    counters: Counters = Counters()
    last_success: int | None = None
    poison: Position | None = None
    began_again: str = ""


class BadStateError(Exception):
    """A ``.ship`` that cannot be used; the message says why."""


def load(log_path: str) -> Saved | None:
    """What was saved for this spool; None where nothing was.

    Raises:
        BadStateError: it is there, and is not what a shipper of this version saves.
    """
    path = ship_path(log_path)
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadStateError(f"{path}: {problem(error)}") from error
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise BadStateError(f"{path}: is not a regular file")
        try:
            saved = msgspec.json.decode(file.read(_BYTES_MOST), type=Saved)
        except (OSError, msgspec.DecodeError) as error:
            raise BadStateError(f"{path}: {problem(error)}") from error
    if saved.version != VERSION:
        raise BadStateError(f"{path}: is of version {saved.version}, not {VERSION}")
    return saved


def save(log_path: str, saved: Saved) -> None:
    """Replace ``.ship`` at once and for good, whatever ends this process or the machine.

    Raises:
        OSError: it cannot be written; the old one stays.
    """
    path = ship_path(log_path)
    fresh = f"{path}.tmp"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(fresh)  # of a shipper that was killed
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(fresh, flags, 0o600), "wb") as file:
        file.write(msgspec.json.encode(saved))
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
