"""Builds conda environments for tests from the standard library alone, in milliseconds.

A ``real`` interpreter is a link to the Python that runs the tests, with the tests' site-packages:
its kernels start. A ``fake`` one is an executable that does nothing: enough for listing.
"""

import json
import os
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

Interpreter = Literal["fake", "real"]

KernelFile = Mapping[str, Any] | bytes | str
"""What stands in a kernel.json: JSON values, or exactly these bytes or this text."""


def python_spec(argv0: str = "python", **more: Any) -> dict[str, Any]:
    """A kernel.json as ipykernel writes it, started with ``argv0``; ``more`` replaces keys."""
    return {
        "argv": [argv0, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "metadata": {"debugger": True},
        **more,
    }


def make_environment(
    prefix: str | Path,
    *,
    kernels: Iterable[str] | Mapping[str, KernelFile] = ("python3",),
    interpreter: Interpreter | None = "fake",
    history: bool = True,
    argv0: str | None = None,
    files: Mapping[str, str] | None = None,
) -> Path:
    """Lay out one environment, or add to one that is there already; returns its prefix.

    Args:
        prefix: where it lies; parents are made.
        kernels: folder names below share/jupyter/kernels; as a mapping, with what stands in each
            kernel.json.
        interpreter: what bin/python and bin/python3 are; None makes neither.
        history: whether conda-meta/history is there, which makes the folder an environment.
        argv0: first word of the generated kernel.json files; ``<prefix>/bin/python`` if None.
        files: further files by path below the prefix (etc/conda/activate.d/a.sh, …).
    """
    prefix = Path(prefix)
    (prefix / "bin").mkdir(parents=True, exist_ok=True)
    specs = (
        dict(kernels)
        if isinstance(kernels, Mapping)
        else {name: python_spec(argv0 or f"{prefix}/bin/python") for name in kernels}
    )
    for name, spec in specs.items():
        write_kernel(prefix / "share/jupyter/kernels" / name, spec)
    if interpreter == "fake":
        _add_fake_interpreter(prefix)
    elif interpreter == "real":
        _add_real_interpreter(prefix)
    for path, text in (files or {}).items():
        (prefix / path).parent.mkdir(parents=True, exist_ok=True)
        (prefix / path).write_text(text)
    if history:  # last, as conda does
        add_history(prefix)
    return prefix


def write_kernel(folder: str | Path, spec: KernelFile) -> Path:
    """Write ``folder``/kernel.json and return the folder."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(spec, Mapping):
        spec = json.dumps(spec)
    data = spec.encode() if isinstance(spec, str) else spec
    (folder / "kernel.json").write_bytes(data)
    return folder


def add_history(prefix: str | Path) -> None:
    """Make a folder an environment."""
    meta = Path(prefix) / "conda-meta"
    meta.mkdir(parents=True, exist_ok=True)
    (meta / "history").write_text("==> 2026-11-20 07:00:00 <==\n# cmd: conda create\n")


def make_many(root: str | Path, count: int, *, prefix: str = "env") -> list[Path]:
    """Lay out ``count`` environments with a fake interpreter below ``root``/envs."""
    width = len(str(count))
    return [make_environment(f"{root}/envs/{prefix}{i:0{width}}") for i in range(count)]


def _add_fake_interpreter(prefix: Path) -> None:
    python = prefix / "bin/python"
    python.unlink(missing_ok=True)  # it may be a link to the Python that runs the tests
    python.write_text("#!/bin/sh\nexit 0\n")
    python.chmod(0o755)
    _link(prefix / "bin/python3", "python")


def _add_real_interpreter(prefix: Path) -> None:
    base = os.path.realpath(sys.executable)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    _link(prefix / "bin/python", base)
    _link(prefix / "bin/python3", "python")
    _link(prefix / "bin" / version, "python")
    (prefix / "pyvenv.cfg").write_text(
        f"home = {os.path.dirname(base)}\ninclude-system-site-packages = false\n"
    )
    packages = prefix / "lib" / version / "site-packages"
    packages.mkdir(parents=True, exist_ok=True)
    here = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    (packages / "tests.pth").write_text("".join(f"{path}\n" for path in here))


def _link(path: Path, target: str) -> None:
    if not path.is_symlink():
        path.symlink_to(target)
