"""A folder of static kernelspecs: what carries our mark is written and removed, all else stays."""

import contextlib
import errno
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..reading import read_small

SPEC = "kernel.json"
MAX_BYTES = 1 << 20
"""No kernel.json and no logo is larger."""
_MARK, _EXPORTED = "jupyter_sm", "exported"
_STAGING = ".jupyter_sm-"
_LEFTOVER = re.compile(re.escape(_STAGING) + r"[a-z0-9_]{8}")
"""As tempfile names them."""

_SPENT_S = 3600
"""An export takes seconds: a staging folder that is an hour old belongs to one that was killed."""


def is_marked(spec: Any) -> bool:
    """Whether a kernel.json's value says that it was exported by this package."""
    metadata = spec.get("metadata") if isinstance(spec, Mapping) else None
    mark = metadata.get(_MARK) if isinstance(metadata, Mapping) else None
    return isinstance(mark, Mapping) and mark.get(_EXPORTED) is True


def marked(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """A kernelspec's metadata with our mark added."""
    other = metadata.get(_MARK)
    mark = {**(other if isinstance(other, Mapping) else {}), _EXPORTED: True}
    return {**metadata, _MARK: mark}


def encoded(spec: Mapping[str, Any]) -> bytes:
    """The bytes of a kernel.json."""
    return json.dumps(spec, indent=1).encode() + b"\n"


class KernelFolder:
    """A folder ``kernels`` as Jupyter reads it, with one folder a kernel in it.

    All methods raise OSError as the file system does.

    Args:
        path: absolute; it need not exist.
    """

    def __init__(self, path: str) -> None:
        self.path = path

    def spec(self, name: str) -> Any:
        """The JSON value of a kernel's kernel.json, None where there is none that can be read."""
        path = self.file(name, SPEC)
        with contextlib.suppress(OSError, ValueError, RecursionError):
            return json.loads(read_small(path, os.stat(path), MAX_BYTES))
        return None

    def file(self, name: str, file: str) -> str:
        return os.path.join(self.path, name, file)

    def marked_names(self) -> set[str]:
        """The kernels in it that were exported; a link is not what was exported."""
        if not os.path.isdir(self.path):
            return set()
        return {name for name in os.listdir(self.path) if self.is_ours(name)}

    def is_ours(self, name: str) -> bool:
        """Whether the kernel of a name was exported."""
        folder = os.path.join(self.path, name)
        return not os.path.islink(folder) and is_marked(self.spec(name))

    def holds(self, name: str) -> bool:
        """Whether there is anything under a name; an empty folder is nothing."""
        folder = os.path.join(self.path, name)
        if os.path.isdir(folder) and not os.path.islink(folder):
            return bool(os.listdir(folder))
        return os.path.lexists(folder)

    def write(self, kernels: Mapping[str, Mapping[str, bytes]]) -> set[str]:
        """Write files by kernel and name; every one is complete before the first one is moved.

        A file that is there already keeps its mode. A reader sees an old kernel.json or a new one,
        and a new one after the files that belong to it.

        Returns:
            The kernels that had to be written, the others being so already.
        """
        changed = {name: files for name, files in kernels.items() if not self._has(name, files)}
        if not changed:
            return set()
        os.makedirs(self.path, exist_ok=True)
        # A folder below the folder: no kernel.json lies where a Jupyter would find it too early.
        with tempfile.TemporaryDirectory(prefix=_STAGING, dir=self.path) as staging:
            for name, files in changed.items():
                self._stage(os.path.join(staging, name), name, files)
            for name, files in changed.items():
                self._move(os.path.join(staging, name), name, files)
        return set(changed)

    def sweep(self) -> None:
        """Remove what killed exports have left; what cannot be removed stays."""
        if not os.path.isdir(self.path):
            return
        with os.scandir(self.path) as entries:
            spent = [entry.path for entry in entries if _is_spent(entry)]
        for path in spent:
            shutil.rmtree(path, ignore_errors=True)

    def drop(self, name: str, files: Iterable[str]) -> None:
        """Remove files of a kernel where they exist, and its folder when nothing else is in it."""
        for file in files:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.file(name, file))
        try:
            os.rmdir(os.path.join(self.path, name))
        except OSError as error:
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT}:
                raise

    def resources(self, name: str) -> list[str]:
        """The files beside a kernel.json that Jupyter serves to clients."""
        try:
            names = os.listdir(os.path.join(self.path, name))
        except FileNotFoundError:  # another export was faster
            return []
        return sorted(n for n in names if n.startswith("logo-") or n in {"kernel.js", "kernel.css"})

    def _has(self, name: str, files: Mapping[str, bytes]) -> bool:
        return all(_has_content(self.file(name, file), data) for file, data in files.items())

    def _stage(self, staged: str, name: str, files: Mapping[str, bytes]) -> None:
        os.mkdir(staged)
        for file, data in files.items():
            path = os.path.join(staged, file)
            with open(path, "wb") as stream:
                stream.write(data)
            with contextlib.suppress(FileNotFoundError):
                shutil.copymode(self.file(name, file), path)

    def _move(self, staged: str, name: str, files: Sequence[str] | Mapping[str, bytes]) -> None:
        if not self.holds(name):
            try:
                os.rename(staged, os.path.join(self.path, name))
            except OSError as error:
                if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
                    raise
            else:
                return
        # It was there, or another export was faster.
        for file in sorted(files, key=SPEC.__eq__):  # kernel.json last
            os.replace(os.path.join(staged, file), self.file(name, file))


def _is_spent(entry: "os.DirEntry[str]") -> bool:
    if _LEFTOVER.fullmatch(entry.name) is None or not entry.is_dir(follow_symlinks=False):
        return False
    try:
        return time.time() - entry.stat(follow_symlinks=False).st_mtime > _SPENT_S
    except FileNotFoundError:  # its export has just ended
        return False


def _has_content(path: str, data: bytes) -> bool:
    try:
        return read_small(path, os.stat(path), len(data)) == data
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        if error.errno in {errno.EINVAL, errno.EFBIG}:  # no file of that size
            return False
        raise
