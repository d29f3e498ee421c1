"""A document on disk that may appear, change or vanish while the server runs."""

import os
import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from ..errors import DocumentError
from ..reading import ABSENT, Signature, is_settled, printable, read_small, signature, unreadable

T = TypeVar("T")

MAX_BYTES = 1 << 20
"""A larger file is not one of SageMaker's documents, which are a few hundred bytes."""


class WatchedDocument(Generic[T]):
    """The first of some paths that exists, decoded again only when the file has changed.

    Not to be read by two threads at once.

    Args:
        paths: candidates, first hit wins.
        decode: called with the bytes and the path, printable; with None and the last path when there
            is no file. A ``DocumentError`` is passed on by ``read``.
    """

    def __init__(self, paths: Sequence[str], decode: Callable[[bytes | None, str], T]) -> None:
        self._paths = tuple(paths)
        self._decode = decode
        self._last: tuple[str, Signature, T] | None = None

    def path(self) -> str | None:
        """Whatever is there first, also where it is no file or cannot be looked at; else None."""
        return next((path for path in self._paths if _is_there(path)), None)

    def read(self) -> T:
        """The decoded document; the same object as before when the file is unchanged.

        Raises:
            DocumentError: the file cannot be read, or its decoder refuses it.
        """
        path = self.path()
        if path is None:
            return self._remember(self._paths[-1], (), None)
        try:
            found = os.stat(path)
            seen = signature(found) if is_settled(found, time.time_ns()) else ()
            if seen and self._last is not None and self._last[:2] == (path, seen):
                return self._last[2]
            content = read_small(path, found, MAX_BYTES)
        except OSError as error:
            remedy = f"put a document there that uid {os.geteuid()} can read"
            raise DocumentError(
                unreadable("document-unreadable", path, error, remedy, "error")
            ) from None
        return self._remember(path, seen, content)

    def _remember(self, path: str, seen: Signature, content: bytes | None) -> T:
        value = self._decode(content, printable(path))
        if self._last is not None and self._last[0] == path and self._last[2] == value:
            value = self._last[2]
        self._last = (path, seen, value)
        return value


def _is_there(path: str) -> bool:
    try:
        os.stat(path)
    except OSError as error:
        return error.errno not in ABSENT
    except ValueError:  # a NUL in a setting
        return False
    return True
