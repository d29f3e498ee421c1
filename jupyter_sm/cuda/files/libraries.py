"""The files of the driver and of the CUDA runtime: where they lie, how they came here, which is loaded."""

import os
import re
import stat
import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from ...reading import printable
from ..model import Library, LibraryKind, LoaderFolder
from .tree import Tree

LIBCUDA: Final = "libcuda.so.1"
NVML: Final = "libnvidia-ml.so.1"
LIBRARY_PATH: Final = "LD_LIBRARY_PATH"

MOUNTINFO_BYTES_MOST: Final = 4 * 1024 * 1024
CACHE_BYTES_MOST: Final = 8 * 1024 * 1024
CONF_BYTES_MOST: Final = 64 * 1024
CONF_FILES_MOST: Final = 200
FOLDERS_MOST: Final = 200
LIBRARIES_MOST: Final = 200

_DRIVERS: Final = ("libcuda.so", "libnvidia-ml.so")
_NAMES: Final = (*_DRIVERS, "libcudart.so")

_TRUSTED: Final = (
    "/lib/x86_64-linux-gnu",
    "/usr/lib/x86_64-linux-gnu",
    "/lib/aarch64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/lib64",
    "/usr/lib64",
    "/lib",
    "/usr/lib",
)
"""Where the loader looks without being told: Debian's folders, then those of the others."""

_DRIVER_FOLDERS: Final = ("/usr/local/nvidia/lib64", "/usr/local/nvidia/lib", "/usr/lib/wsl/lib")
"""Where older container runtimes and WSL put the driver's files."""

_TOOLKIT_PARTS: Final = ("lib64", "lib64/stubs", "lib", "lib/stubs", "compat")

_SYSTEM_FOLDERS: Final = frozenset(
    f"/{name}" for name in ("", "home", "lib", "lib64", "nix", "opt", "opt/conda", "usr", "var")
) | {"/usr/lib", "/usr/lib64", "/usr/local", "/usr/local/lib"}
"""Mount points of whole systems: what lies below them has not been mounted for itself."""

_CACHE_MAGIC: Final = b"glibc-ld.so.cache1.1"
_CACHE_HEADER: Final = 48
_CACHE_ENTRY: Final = struct.Struct("<iIIIQ")
_64_BIT: Final = 0xFF00
"""The bits of a cache entry's flags that are 0 for the libraries of 32-bit x86."""

_ELF32: Final = b"\x7fELF\x01"

_VERSION: Final = re.compile(r"\.so\.(\d+(?:\.\d+)*)$")


class Mounts:
    """What is mounted here, from /proc/self/mountinfo.

    Attributes:
        known: whether that file could be read.
        root_type: the file system of ``/``, ``overlay`` in most containers.
    """

    def __init__(self, tree: Tree) -> None:
        text = tree.text("/proc/self/mountinfo", MOUNTINFO_BYTES_MOST)
        self.known = bool(text)
        self.root_type: str | None = None
        self._points: set[str] = set()
        for line in (text or "").splitlines():
            fields = line.split(" ")
            if len(fields) > 4:  # noqa: PLR2004 - the fifth field is the mount point
                point = _unescape(fields[4])
                self._points.add(point)
                if point == "/" and "-" in fields:
                    self.root_type = next(iter(fields[fields.index("-") + 1 :]), None)

    def above(self, path: str) -> str | None:
        """The mount point that a file itself is, or lies below; those of whole systems do not count."""
        while path not in _SYSTEM_FOLDERS:
            if path in self._points:
                return path
            path = os.path.dirname(path)
        return None


class Found(NamedTuple):
    """What a look has found.

    Attributes:
        libraries: in the order of the loader's folders and then the others'.
        loaded: the path of the library that ``LIBCUDA`` and ``NVML`` lead to, if they lead anywhere.
        folders: who told the loader of the folders of the driver's libraries.
    """

    libraries: tuple[Library, ...]
    loaded: dict[str, str]
    folders: tuple[LoaderFolder, ...]


def look(
    tree: Tree, mounts: Mounts, environ: Mapping[str, str], prefixes: Iterable[str] = ()
) -> Found:
    """The libraries that there are, and where the loader finds each of its names.

    Args:
        tree: the files.
        mounts: what is mounted in it.
        environ: of the process that would load them; LD_LIBRARY_PATH counts.
        prefixes: environments to look into besides.
    """
    searched = _library_path(environ)
    configured = list(_configured(tree))
    cached = _cache(tree)
    folders: dict[str, None] = {}
    others = (
        *(os.path.dirname(path) for path in cached.values()),
        *_TRUSTED,
        *_DRIVER_FOLDERS,
        *(folder for folder, _, _ in configured),
        *_toolkit_folders(tree, prefixes),
    )
    for folder in (*searched, *others):
        if len(folders) < FOLDERS_MOST:
            folders[tree.real(folder)] = None
    found: list[Library] = []
    for folder in folders:
        names = [name for name in tree.names(folder) if name.startswith(_NAMES)]
        found += [_library(tree, mounts, folder, name) for name in names if _is_library(name)]
    told = [(folder, LIBRARY_PATH, "") for folder in searched] + configured
    return Found(
        tuple(found[:LIBRARIES_MOST]),
        _loaded(tree, searched, cached),
        tuple(_told_of(tree, told, found)),
    )


def _told_of(
    tree: Tree, told: Iterable["_Told"], found: Iterable[Library]
) -> Iterator[LoaderFolder]:
    """Those folders that hold a library of the driver, each as it was written."""
    holding = {os.path.dirname(x.path) for x in found if x.name.startswith(_DRIVERS)}
    for folder, source, line in dict.fromkeys(told):
        resolved = printable(tree.real(folder))
        if resolved in holding:
            yield LoaderFolder(
                folder=printable(folder),
                resolved=resolved,
                source=printable(source),
                line=printable(line.replace("\t", " ")),
            )


def _loaded(tree: Tree, searched: Iterable[str], cached: Mapping[str, str]) -> dict[str, str]:
    """As ld.so(8): LD_LIBRARY_PATH, the cache, the trusted folders; the first file that opens.

    An empty file does open: the loader stops there and says "file too short".
    """
    found: dict[str, str] = {}
    for name in (LIBCUDA, NVML):
        candidates = [f"{folder}/{name}" for folder in searched]
        candidates += [cached[name]] if name in cached else []
        candidates += [f"{folder}/{name}" for folder in _TRUSTED]
        for path in candidates:
            if tree.is_readable(path) and tree.read(path, len(_ELF32), whole=False) != _ELF32:
                found[name] = printable(tree.real_folder(path))
                break
    return found


def _library(tree: Tree, mounts: Mounts, folder: str, name: str) -> Library:
    path = f"{folder}/{name}"
    resolved = tree.real(path)
    status = tree.stat(path)
    kind, evidence = _kind(mounts, resolved, status)
    return Library(
        name=printable(name),
        path=printable(path),
        resolved=printable(resolved),
        kind=kind,
        bytes=status.st_size if status is not None else None,
        version=_version(os.path.basename(resolved)),
        readable=status is None or tree.is_readable(path),
        evidence=printable(evidence),
    )


def _kind(mounts: Mounts, resolved: str, status: os.stat_result | None) -> tuple[LibraryKind, str]:
    nothing = _nothing_in_it(resolved, status)
    if nothing:
        return "empty", nothing
    parts = resolved.split("/")
    if "stubs" in parts:
        return "stub", f"{resolved} lies in a folder of stubs"
    if "compat" in parts or "cuda-compat" in parts:
        return "compat", f"{resolved} lies in a folder of NVIDIA's compatibility package"
    if not mounts.known:
        return "unknown", "/proc/self/mountinfo cannot be read"
    point = mounts.above(resolved)
    if point is None:
        return "baked", f"{resolved} is no mount point in /proc/self/mountinfo"
    where = "is a" if point == resolved else f"lies below {point}, a"
    return "mounted", f"{resolved} {where} mount point in /proc/self/mountinfo"


def _nothing_in_it(resolved: str, status: os.stat_result | None) -> str:
    if status is None:
        return f"a link to {resolved}, which is not there"
    if not stat.S_ISREG(status.st_mode):
        return f"{resolved} is no regular file"
    return "" if status.st_size else f"{resolved} has 0 bytes"


def _version(name: str) -> str | None:
    """Of the file's name; the driver's libraries have one only where it is more than their ABI's."""
    found = _VERSION.search(name)
    if found is None:
        return None
    is_abi = not name.startswith("libcudart") and found[1].split(".")[0] == "1"
    return None if is_abi else found[1]


def _is_library(name: str) -> bool:
    """``libcuda.so``, and with numbers behind it; no backup copies and the like."""
    return name.endswith(".so") or _VERSION.search(name) is not None


def _library_path(environ: Mapping[str, str]) -> list[str]:
    """The absolute folders of LD_LIBRARY_PATH; the loader splits it at both of these."""
    folders = re.split("[:;]", environ.get(LIBRARY_PATH, ""))
    return [folder for folder in folders if folder.startswith("/")][:FOLDERS_MOST]


_Told = tuple[str, str, str]
"""A folder, who told the loader of it, and the line in which that stands."""


def _configured(tree: Tree) -> Iterator[_Told]:
    """The folders of /etc/ld.so.conf, which ldconfig puts into the cache; one a line."""
    waiting, seen = ["/etc/ld.so.conf"], 0
    while waiting and seen < CONF_FILES_MOST:
        path = waiting.pop(0)
        seen += 1
        for line in (tree.text(path, CONF_BYTES_MOST) or "").splitlines():
            words = line.partition("#")[0].split()
            if words[:1] == ["include"]:
                for pattern in words[1:]:
                    waiting += _included(tree, os.path.join(os.path.dirname(path), pattern))
            else:
                yield from ((word, path, line) for word in words if word.startswith("/"))


def _included(tree: Tree, pattern: str) -> list[str]:
    """What ``folder/*.conf`` means; a star elsewhere is not followed."""
    folder, name = os.path.split(pattern)
    start, star, end = name.partition("*")
    if not star:
        return [pattern]
    return [
        f"{folder}/{found}"
        for found in tree.names(folder)
        if found.startswith(start) and found.endswith(end) and not found.startswith(".")
    ]


def _toolkit_folders(tree: Tree, prefixes: Iterable[str]) -> Iterator[str]:
    for name in tree.names("/usr/local"):
        if name == "cuda" or name.startswith("cuda-"):
            yield from (f"/usr/local/{name}/{part}" for part in _TOOLKIT_PARTS)
    for prefix in prefixes:
        yield from (f"{prefix}/lib", f"{prefix}/lib/stubs", f"{prefix}/cuda-compat")


def _cache(tree: Tree) -> dict[str, str]:
    """Where /etc/ld.so.cache has the driver's libraries; its form is in glibc's dl-cache.h."""
    path = "/etc/ld.so.cache"
    data = tree.read(path, CACHE_BYTES_MOST)
    if not data:
        return {}
    start = data.find(_CACHE_MAGIC)
    if start < 0 or len(data) < start + _CACHE_HEADER:
        tree.note(path, ValueError("is not a cache of the loader"))
        return {}
    data = data[start:]
    count = int.from_bytes(data[len(_CACHE_MAGIC) : len(_CACHE_MAGIC) + 4], "little")
    end = _CACHE_HEADER + count * _CACHE_ENTRY.size
    if end > len(data):
        tree.note(path, ValueError("is cut off"))
        return {}
    names = {at: name for name in (LIBCUDA, NVML) for at in _places(data, name, end)}
    found: dict[str, str] = {}
    for flags, key, value, _, _ in _CACHE_ENTRY.iter_unpack(data[_CACHE_HEADER:end]):
        if key in names and flags & _64_BIT:
            found.setdefault(names[key], _text(data, value))
    return {name: target for name, target in found.items() if target.startswith("/")}


def _places(data: bytes, name: str, start: int) -> Iterator[int]:
    """Where a name stands among the cache's strings; it may be the end of a path, or of a longer name."""
    wanted = name.encode() + b"\0"
    at = data.find(wanted, start)
    while at >= 0:
        yield at
        at = data.find(wanted, at + 1)


def _text(data: bytes, at: int) -> str:
    end = data.find(b"\0", at)
    return os.fsdecode(data[at : end if end >= 0 else len(data)])


def _unescape(field: str) -> str:
    r"""A field of mountinfo, where ``\040`` is a space."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), field)
