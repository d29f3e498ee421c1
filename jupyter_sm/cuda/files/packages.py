"""Which packages of CUDA and which frameworks an environment has, from the names of files alone."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .tree import Tree

FOLDERS_MOST: Final = 20

_PYTHON: Final = re.compile(r"python\d(?:\.\d{1,3})?t?", re.ASCII)
_METADATA: Final = re.compile(
    r"(?P<name>[A-Za-z0-9][\w.]*?)-(?P<version>\d[\w.!+]*)(?:-py\d[\d.]*)?\.(?:dist|egg)-info"
)
_BEGINNINGS: Final = (
    "intel_tensorflow-",
    "jax",
    "nvidia_cuda_runtime",
    "nvidia_cudnn",
    "tensorflow",
    "tf_",
    "torch-",
    "torchaudio-",
    "torchvision-",
)
"""Of the packages that anybody asks for here, so that hundreds of others cost nothing."""

_CONDA: Final = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)-(?P<build>[^-]+)\.json")


@dataclass(frozen=True, slots=True)
class Distribution:
    """A package that pip knows: its version, and the name of its metadata's folder."""

    version: str
    metadata: str


@dataclass(frozen=True, slots=True)
class SitePackages:
    """A folder of Python packages.

    Attributes:
        path: the folder.
        names: of what lies in it.
        distributions: those of CUDA and of the frameworks, by their name in lower case with dashes.
    """

    path: str
    names: frozenset[str]
    distributions: Mapping[str, Distribution]


@dataclass(frozen=True, slots=True)
class CondaPackage:
    """A package that conda installed: version, build string and the file that says so."""

    version: str
    build: str
    path: str


def site_packages(tree: Tree, prefix: str) -> tuple[SitePackages, ...]:
    """The folders of Python packages of an environment.

    Where there are several versions of Python, those whose program lies in ``bin`` count, for folders
    of earlier ones stay behind; all of them if none has one.
    """
    folders: dict[str, str] = {}
    for library in _library_folders(prefix):
        for version in tree.names(library):
            if _PYTHON.fullmatch(version):
                for kind in ("site-packages", "dist-packages"):
                    folders.setdefault(tree.real(f"{library}/{version}/{kind}"), version)
    programs = {
        version for version in set(folders.values()) if tree.exists(f"{prefix}/bin/{version}")
    }
    found = []
    for folder, version in list(folders.items())[:FOLDERS_MOST]:
        names = tree.names(folder) if not programs or version in programs else []
        if names:
            found.append(SitePackages(folder, frozenset(names), _distributions(names)))
    return tuple(found)


def conda_packages(tree: Tree, prefix: str, wanted: frozenset[str]) -> dict[str, CondaPackage]:
    """Those of the wanted packages that conda-meta has, by name."""
    folder = f"{prefix}/conda-meta"
    found = {}
    beginnings = tuple(f"{name}-" for name in wanted)
    for name in tree.names(folder):
        parts = _CONDA.fullmatch(name) if name.startswith(beginnings) else None
        if parts is not None and parts["name"] in wanted:
            path = f"{folder}/{name}"
            found[parts["name"]] = CondaPackage(parts["version"], parts["build"], path)
    return found


def interpreter(tree: Tree, prefix: str) -> str:
    """The program of an environment's Python; the usual name where there is none."""
    names = (f"{prefix}/bin/{name}" for name in ("python3", "python"))
    return next((path for path in names if tree.exists(path)), f"{prefix}/bin/python")


def is_managed(tree: Tree, prefix: str) -> bool:
    """Whether pip refuses to install here, for the system's package manager does (PEP 668)."""
    library = f"{prefix}/lib"
    return any(
        tree.exists(f"{library}/{name}/EXTERNALLY-MANAGED")
        for name in tree.names(library)
        if _PYTHON.fullmatch(name)
    )


def _library_folders(prefix: str) -> tuple[str, ...]:
    """``lib64`` is a link in most environments; Debian's pip installs for /usr into /usr/local."""
    own = (f"{prefix}/lib", f"{prefix}/lib64")
    if os.path.normpath(prefix) == "/usr":
        return (*own, "/usr/local/lib", "/usr/local/lib64")
    return own


def _distributions(names: list[str]) -> dict[str, Distribution]:
    found: dict[str, Distribution] = {}
    for name in names:
        if not name.startswith(_BEGINNINGS) or not name.endswith("-info"):
            continue
        parts = _METADATA.fullmatch(name)
        if parts is not None:
            key = re.sub(r"[-_.]+", "-", parts["name"]).lower()
            found.setdefault(key, Distribution(parts["version"], name))
    return found
