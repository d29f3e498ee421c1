"""A document on disk that may appear, change or vanish while the server runs."""

import os
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from ..errors import DocumentError, Finding

T = TypeVar("T")

MAX_BYTES = 1 << 20
"""A larger file is not one of SageMaker's documents, which are a few hundred bytes."""


class WatchedDocument(Generic[T]):
    """The first of some paths that exists, decoded again only when the file has changed.

    Args:
        paths: candidates, first hit wins.
        decode: called with the bytes and the path; with None and the last path when there is no
            file. A ``DocumentError`` is passed on by ``read``.
    """

    def __init__(self, paths: Sequence[str], decode: Callable[[bytes | None, str], T]) -> None:
        self._paths = tuple(paths)
        self._decode = decode
        self._signature: object = None
        self._value: T | None = None

    def path(self) -> str | None:
        """The file that is read, or None when there is none."""
        return next((path for path in self._paths if os.path.isfile(path)), None)

    def read(self) -> T:
        """The decoded document; the same object as before when the file is unchanged.

        Raises:
            DocumentError: the file cannot be read, or its decoder refuses it.
        """
        path = self.path()
        signature = (path, _signature(path))
        if self._value is None or signature != self._signature:
            self._value = None
            self._value = self._decode(_content(path), path or self._paths[-1])
            self._signature = signature
        return self._value


def _signature(path: str | None) -> object:
    if path is None:
        return None
    try:
        stat = os.stat(path)
    except OSError as error:
        return error.errno
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _content(path: str | None) -> bytes | None:
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DocumentError(
            Finding(
                id="document-unreadable",
                severity="error",
                source=path,
                seen=f"the file cannot be read: {error.strerror}",
                remedy=f"make it readable for uid {os.geteuid()}",
            )
        ) from None
    if len(content) > MAX_BYTES:
        raise DocumentError(
            Finding(
                id="document-too-large",
                severity="error",
                source=path,
                seen="the file is larger than 1 MiB",
                wanted="a document of SageMaker's, which is far smaller",
                remedy="name the right file",
            )
        )
    return content
