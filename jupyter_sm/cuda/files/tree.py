"""Reads a file tree that may not be the machine's own: links stay inside, nothing is raised.

What cannot be read becomes a line in ``problems``; what is absent is no problem.
"""

import errno
import os
import stat
from typing import Final

from ...reading import ABSENT, printable, problem

PROBLEMS_MOST: Final = 50
"""A tree that is broken in a thousand places is not described by a thousand lines."""

NAMES_MOST: Final = 100_000
"""Names of a folder that are looked at."""

_LINKS_MOST: Final = 40
"""As many as the kernel follows."""

_OPEN: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY

_BLOCK: Final = 65_536


class Tree:
    """The files below ``root``; every path given is absolute and counts from there.

    For one look, by one thread: links are remembered.
    """

    def __init__(self, root: str = "/") -> None:
        self._root = root.rstrip("/")
        self._real: dict[str, str] = {}
        self._links: dict[str, str | None] = {}
        self.problems: list[str] = []

    def real(self, path: str) -> str:
        """The path with its links followed as if the root were ``/``.

        The part that does not exist is kept as it is, and so is what lies behind a loop.
        """
        known = self._real.get(path)
        if known is not None:
            return known
        here, left, links = "/", path.split("/")[::-1], _LINKS_MOST
        while left:
            name = left.pop()
            if name in {"", "."}:
                continue
            if name == "..":
                here = os.path.dirname(here)
                continue
            here = os.path.join(here, name)
            target = self._link(here)
            if target is not None and links:
                links -= 1
                here = "/" if target.startswith("/") else os.path.dirname(here)
                left += target.split("/")[::-1]
        self._real[path] = here
        return here

    def real_folder(self, path: str) -> str:
        """As ``real``, with the last part as it is."""
        folder, name = os.path.split(os.path.normpath("/" + path))
        return os.path.join(self.real(folder), name)

    def stat(self, path: str) -> os.stat_result | None:
        """Of what the path leads to; None if there is nothing, or if it cannot be asked."""
        try:
            return os.stat(self._at(path))
        except (OSError, ValueError) as error:
            self.note(path, error)
            return None

    def exists(self, path: str) -> bool:
        """Whether the path leads to something."""
        return self.stat(path) is not None

    def is_open(self, path: str) -> bool:
        """Whether this user may read and write what the path leads to."""
        try:
            return os.access(self._at(path), os.R_OK | os.W_OK)
        except ValueError:
            return False

    def is_readable(self, path: str) -> bool:
        """Whether this user may read what the path leads to."""
        try:
            return os.access(self._at(path), os.R_OK)
        except ValueError:
            return False

    def link(self, path: str) -> str | None:
        """What a link says, as it stands there; None if it is none."""
        return self._link(self.real_folder(path))

    def names(self, folder: str) -> list[str]:
        """The names in a folder, sorted; at most ``NAMES_MOST``."""
        try:
            found = os.listdir(self._at(folder))
        except (OSError, ValueError) as error:
            self.note(folder, error)
            return []
        if len(found) > NAMES_MOST:
            self.note(folder, ValueError(f"more than {NAMES_MOST} names; the others are not read"))
        return sorted(found[:NAMES_MOST])

    def read(self, path: str, limit: int, *, whole: bool = True) -> bytes | None:
        """The bytes of a file, at most ``limit``; None if there are none to read.

        Args:
            path: a regular file; others are a problem, so that no pipe is waited for.
            limit: in bytes.
            whole: a longer file is a problem, and what was read of it is the answer all the same.
        """
        try:
            descriptor = os.open(self._at(path), _OPEN)
        except (OSError, ValueError) as error:
            self.note(path, error)
            return None
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, "is not a regular file")  # noqa: TRY301 - as all others
            data = _read(descriptor, limit + whole)
        except OSError as error:
            self.note(path, error)
            return None
        finally:
            os.close(descriptor)
        if len(data) > limit:
            self.note(path, OSError(errno.EFBIG, f"is larger than {limit} bytes"))
        return data[:limit]

    def text(self, path: str, limit: int, *, whole: bool = True) -> str | None:
        """As ``read``, as text; what is not UTF-8 becomes a replacement character."""
        data = self.read(path, limit, whole=whole)
        return None if data is None else data.decode("utf-8", "replace")

    def note(self, path: str, error: Exception) -> None:
        """Remember a problem, unless it is only that there is nothing."""
        if isinstance(error, OSError) and error.errno in ABSENT:
            return
        line = f"{printable(path)}: {problem(error)}"
        if len(self.problems) < PROBLEMS_MOST and line not in self.problems:
            self.problems.append(line)

    def _at(self, path: str) -> str:
        """The path for the system, which follows links itself where the root is its own."""
        return self._root + self.real(path) if self._root else path

    def _link(self, path: str) -> str | None:
        if path not in self._links:
            try:
                self._links[path] = os.readlink(self._root + path)
            except (OSError, ValueError):
                self._links[path] = None
        return self._links[path]


def _read(descriptor: int, most: int) -> bytes:
    """Files of the kernel do not know their size: read until there is no more."""
    parts: list[bytes] = []
    left = most
    while left > 0:
        part = os.read(descriptor, min(left, _BLOCK))
        if not part:
            break
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
