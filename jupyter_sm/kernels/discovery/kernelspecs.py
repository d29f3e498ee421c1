"""Reads folders of kernelspecs: what can be used, what was repaired, what is wrong."""

import os
import stat
from typing import NamedTuple

from ...errors import Finding
from ...reading import (
    ABSENT,
    Signature,
    is_settled,
    is_utf8,
    printable,
    read_small,
    signature,
    unreadable,
)
from .kernel_json import KernelJson, parse

LIMIT = 1 << 20
"""Bytes of a kernel.json; ipykernel's has 500."""


class SpecFile(NamedTuple):
    """A kernelspec that can be used: its folder's name, the folder, and what it says.

    ``resources`` are the file names in the folder that a client may fetch.
    """

    name: str
    folder: str
    spec: KernelJson
    resources: tuple[str, ...]


class Listing(NamedTuple):
    """What a folder of kernelspecs holds, sorted by name, and what is wrong with any of it."""

    files: tuple[SpecFile, ...] = ()
    findings: tuple[Finding, ...] = ()


NOTHING = Listing()


class _Watched(NamedTuple):
    """A kernel.json that is there or may appear, and what it was when it was looked at."""

    path: str
    seen: Signature
    file: SpecFile | None = None
    finding: Finding | None = None


class _Kept(NamedTuple):
    seen: Signature
    watched: tuple[_Watched, ...]
    listing: Listing


class KernelFolders:
    """Reads folders of kernelspecs; one that did not change gives the same listing again.

    A logo that comes long after its kernel.json stays unnoticed until either changes: a further
    stat for every kernel of every look is too much for it.
    """

    def __init__(self) -> None:
        self._old: dict[str, _Kept] = {}
        self._new: dict[str, _Kept] = {}
        self._now = 0

    def begin(self, now: int) -> None:
        """Start a look at ``now``, in ns since the epoch; forget what the last one did not ask for."""
        self._old, self._new, self._now = self._new, {}, now

    def read(self, folder: str) -> Listing:
        """The kernelspecs in ``folder``; nothing when it is not there. Never raises."""
        try:
            found = os.stat(folder)
            kept = self._old.get(folder)
            if kept is None or kept.seen != signature(found) or not _unchanged(kept.watched):
                kept = self._read_again(folder, found, kept)
        except OSError as error:
            return NOTHING if error.errno in ABSENT else Listing((), (_closed(folder, error),))
        self._new[folder] = kept
        return kept.listing

    def _read_again(self, folder: str, found: os.stat_result, old: _Kept | None) -> _Kept:
        known = {kept.path: kept for kept in old.watched} if old else {}
        watched = tuple([self._watch(folder, name, known) for name in sorted(os.listdir(folder))])
        listing = Listing(
            tuple([kept.file for kept in watched if kept.file is not None]),
            tuple([kept.finding for kept in watched if kept.finding is not None]),
        )
        if old and old.listing == listing:
            listing = old.listing
        seen = signature(found) if is_settled(found, self._now) else ()
        return _Kept(seen, watched, listing)

    def _watch(self, parent: str, name: str, known: dict[str, _Watched]) -> _Watched:
        folder = f"{parent}/{name}"
        path = f"{folder}/kernel.json"
        try:
            found = os.stat(path)
            seen = signature(found)
            kept = known.get(path)
            if kept is not None and kept.seen == seen:
                return kept
            file, finding = _read(name, folder, path, found)
        except OSError as error:
            return _Watched(path, (error.errno or 0,), None, _unreadable(path, error))
        return _Watched(path, seen if is_settled(found, self._now) else (), file, finding)


def _unchanged(watched: tuple[_Watched, ...]) -> bool:
    for path, seen, _file, _finding in watched:  # noqa: SIM110  # a generator costs like a stat
        if _seen(path) != seen:
            return False
    return True


def _seen(path: str) -> Signature:
    try:
        return signature(os.stat(path))
    except OSError as error:
        return (error.errno or 0,)


def _read(
    name: str, folder: str, path: str, found: os.stat_result
) -> tuple[SpecFile | None, Finding | None]:
    if stat.S_ISDIR(found.st_mode):
        return None, None
    if not is_utf8(folder):
        return None, _not_utf8(folder)
    spec, finding = parse(read_small(path, found, LIMIT), name, path)
    return SpecFile(name, folder, spec, resources_in(folder)) if spec else None, finding


def resources_in(folder: str) -> tuple[str, ...]:
    """What jupyter_server offers of a kernelspec (services/kernelspecs/handlers.py)."""
    try:
        names = os.listdir(folder)
    except OSError:  # kernel.json was read, so only the logos are lost
        return ()
    offered = [n for n in names if n.startswith("logo-") or n in {"kernel.js", "kernel.css"}]
    return tuple(sorted(filter(is_utf8, offered)))


def _unreadable(path: str, error: OSError) -> Finding | None:
    if error.errno in ABSENT:
        return None
    remedy = "the kernel is left out; make the file a readable one or remove its folder"
    return unreadable("kernelspec-unreadable", path, error, remedy)


def _closed(folder: str, error: OSError) -> Finding:
    remedy = "its kernels are left out; let the server's user read and enter the folder"
    return unreadable("kernelspecs-folder-unreadable", folder, error, remedy)


def _not_utf8(folder: str) -> Finding:
    return Finding(
        id="kernelspec-unusable",
        severity="warning",
        source=printable(folder),
        seen="the path is not UTF-8",
        remedy="the kernel is left out; rename the folder",
    )
