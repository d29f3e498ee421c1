"""The CUDA toolkits inside the image: the system's, pip's and conda's. Nothing is loaded or run."""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from ...reading import printable, problem
from .. import versions
from ..model import Library, Toolkit
from . import packages
from .tree import Tree

JSON_BYTES_MOST: Final = 256 * 1024
HEADER_BYTES_MOST: Final = 64 * 1024
"""CUDA_VERSION stands among the first 300 lines of cuda.h, which is far longer."""

TOOLKITS_MOST: Final = 100

_LOCAL: Final = "/usr/local"
_FOLDER: Final = re.compile(r"cuda(?:-(\d{1,3}(?:\.\d{1,3})?))?", re.ASCII)
_TEXT: Final = re.compile(r"CUDA Version\s+(\d{1,3}(?:\.\d{1,6}){1,2})", re.ASCII)
_HEADER: Final = re.compile(r"#define\s+CUDA(?:RT)?_VERSION\s+(\d{4,6})\b", re.ASCII)
_PIP: Final = re.compile(r"nvidia-cuda-runtime(?:-cu\d{2})?", re.ASCII)
_CONDA: Final = ("cuda-cudart", "cudatoolkit")
_LIBRARIES: Final = ("lib64", "lib")


class _Cuda(msgspec.Struct):
    version: str


class _VersionJson(msgspec.Struct):
    cuda: _Cuda


def look(
    root: str = "/",
    prefixes: Iterable[str] = (),
    libraries: Iterable[Library] = (),
) -> tuple[tuple[Toolkit, ...], tuple[str, ...]]:
    """The toolkits of the image; never raises.

    Args:
        root: the tree to read. Links stay inside of it.
        prefixes: the environments to look into.
        libraries: those of the host's evidence; a libcudart among them that belongs to no toolkit
            found otherwise is one of its own.

    Returns:
        The toolkits: the system's, then those of the environments in their order; and what could not
        be read, each ``path: why``.
    """
    tree = Tree(root)
    found = _system(tree)
    known = [f"{tree.real(toolkit.path)}/" for toolkit in found]
    environments = list(dict.fromkeys(prefixes))
    known += [f"{tree.real(prefix)}/" for prefix in environments if prefix != "/usr"]
    found += _loose(libraries, known)
    for prefix in environments:
        found += _pip(tree, prefix) + _conda(tree, prefix)
    return tuple(found[:TOOLKITS_MOST]), tuple(tree.problems)


def _system(tree: Tree) -> list[Toolkit]:
    """Below /usr/local, each folder once, under the name without a version if it has that."""
    found: dict[str, Toolkit] = {}
    for name in tree.names(_LOCAL):
        folder = f"{_LOCAL}/{name}"
        named = _FOLDER.fullmatch(name)
        if named is None or tree.real(folder) in found:
            continue
        version, source = _version(tree, folder, named[1])
        if version:
            found[tree.real(folder)] = Toolkit(version=version, source=source, path=folder)
    return list(found.values())


def _version(tree: Tree, folder: str, named: str | None) -> tuple[str | None, str]:
    """What the folder of a toolkit says of itself, and where; the best witness first."""
    for read in (_of_json, _of_text, _of_header, _of_library):
        version, source = read(tree, folder)
        if version:
            return version, source
    has_libraries = any(tree.exists(f"{folder}/{part}") for part in _LIBRARIES)
    return (named, folder) if has_libraries else (None, "")


def _of_json(tree: Tree, folder: str) -> tuple[str | None, str]:
    path = f"{folder}/version.json"
    data = tree.read(path, JSON_BYTES_MOST)
    if data is None:
        return None, path
    try:
        version = msgspec.json.decode(data, type=_VersionJson).cuda.version
    except (msgspec.DecodeError, RecursionError) as error:
        tree.note(path, ValueError(problem(error)))
        return None, path
    return _plain(version), path


def _of_text(tree: Tree, folder: str) -> tuple[str | None, str]:
    """CUDA 10 and older."""
    path = f"{folder}/version.txt"
    found = _TEXT.search(tree.text(path, HEADER_BYTES_MOST, whole=False) or "")
    return (found[1] if found else None), path


def _of_header(tree: Tree, folder: str) -> tuple[str | None, str]:
    path = f"{folder}/include/cuda.h"
    found = _HEADER.search(tree.text(path, HEADER_BYTES_MOST, whole=False) or "")
    return (versions.from_number(int(found[1])) if found else None), path


def _of_library(tree: Tree, folder: str) -> tuple[str | None, str]:
    """Images with the runtime only have nothing else: libcudart.so.12.4.127 is of CUDA 12.4."""
    for part in _LIBRARIES:
        for name in tree.names(f"{folder}/{part}"):
            version = name.partition("libcudart.so.")[2]
            if "." in version and versions.parse(version):
                return versions.major_minor(version), f"{folder}/{part}/{name}"
    return None, folder


def _loose(libraries: Iterable[Library], known: list[str]) -> list[Toolkit]:
    """Runtimes in the system's folders, as Debian's packages put them there."""
    found: dict[str, Toolkit] = {}
    for library in libraries:
        is_known = library.resolved.startswith(tuple(known))
        is_runtime = library.name.startswith("libcudart.so") and library.kind != "empty"
        if is_runtime and not is_known and library.version and "." in library.version:
            found[library.resolved] = Toolkit(
                version=versions.major_minor(library.version) or "",
                source=library.resolved,
                path=library.resolved,
            )
    return list(found.values())


def _pip(tree: Tree, prefix: str) -> list[Toolkit]:
    """One for each runtime: those for two major versions of CUDA lie side by side."""
    return [
        Toolkit(
            version=versions.major_minor(distribution.version) or "",
            source=f"pip {name} in {printable(prefix)}",
            path=printable(f"{folder.path}/{distribution.metadata}"),
            prefix=printable(prefix),
        )
        for folder in packages.site_packages(tree, prefix)
        for name, distribution in folder.distributions.items()
        if _PIP.fullmatch(name)
    ]


def _conda(tree: Tree, prefix: str) -> list[Toolkit]:
    """The runtime; ``cuda-version`` is none, it only says what is allowed."""
    found = packages.conda_packages(tree, prefix, frozenset(_CONDA))
    for name in _CONDA:
        if name in found and versions.parse(found[name].version):
            return [
                Toolkit(
                    version=versions.major_minor(found[name].version) or "",
                    source=f"conda {name} in {printable(prefix)}",
                    path=printable(found[name].path),
                    prefix=printable(prefix),
                )
            ]
    return []


def _plain(version: str) -> str | None:
    """Only the numbers, so that nothing else of a file reaches a terminal."""
    return ".".join(map(str, versions.parse(version))) or None
