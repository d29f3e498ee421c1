"""Finds conda, mamba and micromamba environments by reading files: none of the three is run."""

import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

from ...errors import Finding
from ...reading import ABSENT, Memo, is_utf8, printable, read_small, unreadable
from .paths import below, clean, is_path
from .places import Places
from .programs import Programs
from .roots import HISTORY, find_roots
from .settings import Settings

TXT_LIMIT = 1 << 20
"""Bytes of an environments.txt."""

TXT_LINES = 5000
"""Lines of it that count; each costs a look at the disk at every look."""

Registered = tuple[str, int]
"""An environments.txt and a line number in it; conda appends, so an earlier line is older."""


class Place(NamedTuple):
    """One environment: its path as it was found first, and the other paths that lead to it.

    ``registered`` is its oldest line in an environments.txt.
    """

    prefix: str
    registered: Registered | None = None
    spellings: tuple[str, ...] = ()


class Found(NamedTuple):
    """All environments in the order they were found, and the installations they belong to."""

    roots: tuple[str, ...]
    places: list[Place]
    findings: list[Finding]


class _Register(NamedTuple):
    """The numbered lines of an environments.txt that are paths, and how many were left out."""

    paths: tuple[tuple[int, str], ...]
    left_out: int


class Environments:
    """Finds environments; every source and every environment fails alone."""

    def __init__(self, places: Places, programs: Programs) -> None:
        self._places = places
        self._programs = programs
        self._settings = Settings(places)
        self._folders: Memo[tuple[tuple[str, bool], ...]] = Memo()
        self._registers: Memo[_Register] = Memo()

    def find(self, now: int) -> Found:
        """Look at ``now``, in ns since the epoch. Never raises."""
        for memo in (self._settings, self._folders, self._registers):
            memo.begin(now)
        roots = find_roots(self._places, self._programs)
        gathered = _Gathered()
        for prefix in roots.installations:
            gathered.add(prefix)
        for folder in self.envs_dirs(roots.installations):
            self._add_folder(gathered, folder)
        for path in self._register_files():
            self._add_registered(gathered, path)
        for prefix in (*roots.others, clean(self._places.server_prefix)):
            self._add_single(gathered, prefix)
        findings = [*self._settings.findings, *gathered.findings]
        return Found(roots.installations, gathered.places(), findings)

    def envs_dirs(self, roots: tuple[str, ...]) -> tuple[str, ...]:
        """As ``envs_dirs`` in conda/base/context.py, for all installations together."""
        named = [path for root in roots or (None,) for path in self._settings.envs_dirs(root)]
        own = [f"{root}/envs" for root in roots]
        home = self._places.home
        if home:
            writable = bool(roots) and os.access(roots[0] + HISTORY, os.W_OK)
            own.insert(1 if writable else 0, below(home, ".conda/envs"))
        return tuple(dict.fromkeys([*named, *own]))

    def _add_folder(self, gathered: "_Gathered", folder: str) -> None:
        if self._places.is_internal(folder) or _is_foreign(f"{folder}/"):
            return
        try:
            entries = self._folders.get(folder, _list_prefixes)
        except OSError as error:
            if error.errno not in ABSENT:
                remedy = "its environments are left out; let the server's user read the folder"
                gathered.report("conda-envs-dir-unreadable", folder, error, remedy)
            return
        for prefix, is_link in entries:
            gathered.add(prefix, is_link=is_link)

    def _register_files(self) -> Iterator[str]:
        """As root conda reads those of all homes (conda/core/envs_manager.py), mamba one's own."""
        homes = [self._places.home] if self._places.home else []
        homes += self._places.passwd_homes
        for home in dict.fromkeys(homes):
            yield below(home, ".conda/environments.txt")

    def _add_registered(self, gathered: "_Gathered", path: str) -> None:
        try:
            register = self._registers.get(path, _read_register)
        except OSError as error:
            if error.errno not in ABSENT:
                remedy = "the environments that only it names are left out; make it a readable file"
                gathered.report("conda-environments-txt-unreadable", path, error, remedy)
            return
        if register.left_out:
            gathered.findings.append(_too_many(path, register.left_out))
        for number, prefix in register.paths:
            self._add_single(gathered, prefix, (path, number))

    def _add_single(
        self, gathered: "_Gathered", prefix: str, registered: Registered | None = None
    ) -> None:
        known = gathered.knows(prefix)
        if known or not (self._places.is_internal(prefix) or _is_pixi(prefix)):
            gathered.add(prefix, registered)


class _Gathered:
    """Environments so far, by the identity of their history file: links count once."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._by_path: dict[str, tuple[int, int] | None] = {}
        self._first: dict[tuple[int, int], str] = {}
        self._registered: dict[tuple[int, int], Registered] = {}
        self._spellings: dict[tuple[int, int], list[str]] = {}

    def knows(self, prefix: str) -> bool:
        """Whether ``add`` was called with this path."""
        return prefix in self._by_path

    def add(
        self, prefix: str, registered: Registered | None = None, *, is_link: bool = False
    ) -> None:
        """Take ``prefix`` if it is an environment; a link to nothing is reported."""
        known = prefix in self._by_path
        key = self._by_path[prefix] if known else self._identity(prefix, is_link)
        self._by_path[prefix] = key
        if key is None:
            return
        if not known and self._first.setdefault(key, prefix) != prefix:
            self._spellings.setdefault(key, []).append(prefix)
        if registered:
            self._registered.setdefault(key, registered)

    def places(self) -> list[Place]:
        """What was taken, in that order."""
        registered, spellings = self._registered, self._spellings
        return [
            Place(prefix, registered.get(key), tuple(spellings.get(key, ())))
            for key, prefix in self._first.items()
        ]

    def report(self, kind: str, path: str, error: OSError, remedy: str) -> None:
        self.findings.append(unreadable(kind, path, error, remedy))

    def _complain(self, prefix: str, seen: str, remedy: str) -> None:
        self.findings.append(
            Finding(
                id="conda-environment-unreadable",
                severity="warning",
                source=printable(prefix),
                seen=seen,
                remedy=f"the environment is left out; {remedy}",
            )
        )

    def _identity(self, prefix: str, is_link: bool) -> tuple[int, int] | None:
        try:
            found = os.stat(prefix + HISTORY)
            if not stat.S_ISREG(found.st_mode):
                return None
            if found.st_nlink > 1:  # copied with hard links: only the folders tell them apart
                found = os.stat(prefix)
        except OSError as error:
            if error.errno not in ABSENT:
                remedy = "the environment is left out; let the server's user read it, or remove it"
                self.report("conda-environment-unreadable", prefix, error, remedy)
            elif is_link and not os.path.exists(prefix):
                self._complain(prefix, "is a link to nothing", "remove or mend the link")
            return None
        if not is_utf8(prefix):
            self._complain(prefix, "the path is not UTF-8", "rename it")
            return None
        return found.st_dev, found.st_ino


def _list_prefixes(folder: str, _found: os.stat_result) -> tuple[tuple[str, bool], ...]:
    """Folders and links in ``folder``; a link comes last, so that what it leads to keeps its name."""
    with os.scandir(folder) as entries:
        found = [
            (entry.is_symlink(), entry.name)
            for entry in entries
            if entry.is_symlink() or entry.is_dir()
        ]
    return tuple((f"{folder}/{name}", is_link) for is_link, name in sorted(found))


def _read_register(path: str, found: os.stat_result) -> _Register:
    """Numbered lines that are absolute paths; conda takes no others."""
    text = read_small(path, found, TXT_LIMIT).decode("utf-8", "surrogateescape")
    lines = text.rstrip("\n").split("\n")
    counted = enumerate(map(str.strip, lines[:TXT_LINES]), 1)
    paths = tuple((number, clean(line)) for number, line in counted if is_path(line))
    return _Register(paths, len(lines[TXT_LINES:]))


def _too_many(path: str, left_out: int) -> Finding:
    return Finding(
        id="conda-environments-txt-too-long",
        severity="warning",
        source=printable(path),
        seen=f"has {TXT_LINES + left_out} lines; those after line {TXT_LINES} are not read",
        remedy="remove the lines of environments that are gone: `conda env list` does it",
    )


def _is_foreign(prefix: str) -> bool:
    """conda-build's and pixi's own environments, which are not for users."""
    return "/conda-bld/" in prefix or "/.pixi/envs/" in prefix


def _is_pixi(prefix: str) -> bool:
    return _is_foreign(prefix + "/") or os.path.exists(f"{prefix}/conda-meta/pixi")
