"""Builds a conda channel from what the tests run on.

Nothing is downloaded: ipykernel and what it needs are packed again from the tests' own
site-packages, and `python` is a package that links to the running interpreter. Records,
prefix placeholders and links are as a conda installer expects them, and a real one installs them.
"""

import bz2
import hashlib
import importlib.metadata
import io
import json
import os
import platform
import sys
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PLACEHOLDER = "/opt/" + "placehold_" * 25
"""Stands for the prefix in a package's files, as long as conda-build's own."""

PYTHON_VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
PYTHON = f"python{PYTHON_VERSION}"
SITE_PACKAGES = f"lib/{PYTHON}/site-packages"
LEFT_OUT = frozenset({"appnope", "debugpy"})
"""Not needed to start a kernel: macOS only; the debugger, larger than all the rest together."""


@dataclass(frozen=True)
class Package:
    """A conda package before it is packed.

    Attributes:
        files: content by path below the prefix; text may hold ``PLACEHOLDER``.
        links: target by path below the prefix.
    """

    name: str
    version: str
    depends: tuple[str, ...] = ()
    files: dict[str, bytes] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    @property
    def file_name(self) -> str:
        return f"{self.name}-{self.version}-0.tar.bz2"

    def index(self) -> dict[str, Any]:
        """info/index.json, which is also the package's entry in the channel."""
        return {
            "name": self.name,
            "version": self.version,
            "build": "0",
            "build_number": 0,
            "depends": list(self.depends),
            "subdir": subdir(),
        }

    def paths(self) -> dict[str, Any]:
        """info/paths.json."""
        linked = [{"_path": path, "path_type": "softlink"} for path in sorted(self.links)]
        plain = [_path_entry(path, self.files[path]) for path in sorted(self.files)]
        return {"paths_version": 1, "paths": linked + plain}


def _path_entry(path: str, content: bytes) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "_path": path,
        "path_type": "hardlink",
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_in_bytes": len(content),
    }
    if PLACEHOLDER.encode() in content:
        entry.update(prefix_placeholder=PLACEHOLDER, file_mode="text")
    return entry


def subdir() -> str:
    """The channel's folder for this machine: ``linux-64``, ``osx-arm64``, …"""
    system = {"linux": "linux", "darwin": "osx"}[sys.platform]
    machine = platform.machine()
    if machine == "x86_64":
        return f"{system}-64"
    return f"{system}-{machine}"


def python_package() -> Package:
    """`python`: links to the interpreter that the tests' environment was made from.

    Like an environment of `venv` it finds the standard library through pyvenv.cfg, and its own
    packages below its own prefix.
    """
    base = os.path.realpath(sys.executable)
    return Package(
        "python",
        platform.python_version(),
        files={
            "pyvenv.cfg": f"home = {os.path.dirname(base)}\n".encode(),
            f"{SITE_PACKAGES}/README.txt": b"",
        },
        links={f"bin/{PYTHON}": base, "bin/python3": PYTHON, "bin/python": PYTHON},
    )


def repacked(name: str, depends: Iterable[str]) -> Package:
    """An installed distribution as a conda package: its files below site-packages."""
    distribution = importlib.metadata.distribution(name)
    files = {
        f"{SITE_PACKAGES}/{file}": Path(str(file.locate())).read_bytes()
        for file in distribution.files or ()
        if not file.as_posix().startswith("..") and file.suffix != ".pyc"
    }
    return Package(
        canonicalize_name(name),
        distribution.version,
        (f"python {PYTHON_VERSION}.*", *depends),
        files,
    )


def ipykernel_package(depends: Iterable[str]) -> Package:
    """`ipykernel` with its kernelspec, whose argv[0] is the prefix's own interpreter."""
    spec = {
        "argv": [
            f"{PLACEHOLDER}/bin/python",
            "-m",
            "ipykernel_launcher",
            "-f",
            "{connection_file}",
        ],
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "metadata": {"debugger": True},
    }
    package = repacked("ipykernel", depends)
    package.files["share/jupyter/kernels/python3/kernel.json"] = json.dumps(spec).encode()
    return package


def requirements(root: str) -> dict[str, list[str]]:
    """What ``root`` needs here, and what each of those needs, by canonical name."""
    found: dict[str, list[str]] = {}
    waiting: list[str] = [canonicalize_name(root)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _direct_requirements(name)
            waiting.extend(found[name])
    return found


def _direct_requirements(name: str) -> list[str]:
    needs = map(Requirement, importlib.metadata.requires(name) or ())
    wanted = {need.name for need in needs if need.marker is None or need.marker.evaluate()}
    return sorted({canonicalize_name(need) for need in wanted} - LEFT_OUT)


def pack(package: Package) -> bytes:
    """The package as a .tar.bz2, metadata first."""
    paths = package.paths()
    names = [entry["_path"] for entry in paths["paths"]]
    prefixed = [entry["_path"] for entry in paths["paths"] if "prefix_placeholder" in entry]
    info = {
        "info/index.json": json.dumps(package.index()),
        "info/paths.json": json.dumps(paths),
        "info/files": "".join(f"{name}\n" for name in names),
        "info/has_prefix": "".join(f"{PLACEHOLDER} text {name}\n" for name in prefixed),
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, text in info.items():
            _add_file(archive, path, text.encode())
        for path, content in package.files.items():
            _add_file(archive, path, content)
        for path, target in package.links.items():
            link = tarfile.TarInfo(path)
            link.type, link.linkname = tarfile.SYMTYPE, target
            archive.addfile(link)
    return bz2.compress(packed.getvalue(), compresslevel=1)


def _add_file(archive: tarfile.TarFile, path: str, content: bytes) -> None:
    entry = tarfile.TarInfo(path)
    entry.size, entry.mode = len(content), 0o644
    archive.addfile(entry, io.BytesIO(content))


def build_channel(folder: Path) -> Path:
    """Write a channel with `python`, `ipykernel` and all that it needs; returns its folder."""
    needs = requirements("ipykernel")
    kernel = ipykernel_package(needs.pop("ipykernel"))
    others = [repacked(name, depends) for name, depends in needs.items()]
    records = {}
    for package in (python_package(), kernel, *others):
        content = pack(package)
        path = folder / subdir() / package.file_name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        digests = {
            "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        records[package.file_name] = {**package.index(), **digests, "size": len(content)}
    _write_repodata(folder, subdir(), records)
    _write_repodata(folder, "noarch", {})
    return folder


def _write_repodata(folder: Path, name: str, records: dict[str, Any]) -> None:
    (folder / name).mkdir(exist_ok=True)
    repodata = {"info": {"subdir": name}, "packages": records, "packages.conda": {}}
    (folder / name / "repodata.json").write_text(json.dumps(repodata), encoding="utf-8")
