"""Which program a kernelspec means by its first word, and whether it can be started."""

import os
import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

from ...reading import printable
from ..model import Trouble
from .kernel_json import KernelJson
from .paths import clean
from .places import Places

MISSING, NOT_EXECUTABLE, FOLDER, RUNNABLE = range(4)

_PYTHON = re.compile(r"python(3(\.\d+)?)?")
_KERNELS = "/share/jupyter/kernels"


class Program(NamedTuple):
    """The first word of argv as it is started, its state, and the prefix that owns the kernel."""

    argv0: str
    state: int
    owner: str | None


class Programs:
    """Finds the programs of kernelspecs; each path is looked at once a look.

    A relative ``python`` means the interpreter of the prefix that owns the kernelspec; jupyter_client
    alone takes the server's for it (``format_kernel_cmd`` in its manager.py).
    """

    def __init__(self, places: Places) -> None:
        path = places.environ.get("PATH", "").split(":")
        self._path = tuple(
            folder
            for folder in path
            if folder.startswith("/") and not places.is_internal(clean(folder))
        )
        self._server_prefix = places.server_prefix
        self._server_executable = places.server_executable
        self._states: dict[str, int] = {}

    def begin(self) -> None:
        """Start a look."""
        self._states = {}

    def of_environment(self, spec: KernelJson, folder: str, prefix: str) -> Program:
        """The program of a kernelspec in the conda environment ``prefix``."""
        argv0 = spec.argv[0] if spec.argv else ""
        if argv0[:1] != "/":
            return self._relative(spec, argv0, folder, prefix)
        return Program(argv0, self._state(argv0), prefix)

    def of_folder(self, spec: KernelJson, folder: str) -> Program:
        """The program of a kernelspec on the Jupyter path."""
        argv0 = spec.argv[0] if spec.argv else ""
        owner = self._owner(os.path.dirname(folder))
        if argv0[:1] != "/":
            return self._relative(spec, argv0, folder, owner)
        return Program(argv0, self._state(argv0), owner)

    def first_on_path(self, *names: str) -> Iterator[str]:
        """For each name the program that a shell would start."""
        for name in names:
            yield from [p for p in self._candidates(name) if self._state(p) == RUNNABLE][:1]

    def _owner(self, kernels: str) -> str | None:
        if not kernels.endswith(_KERNELS):
            return None
        prefix = kernels[: -len(_KERNELS)]
        marks = ("bin/python", "bin/python3", "conda-meta", "pyvenv.cfg")
        found = any(self._state(f"{prefix}/{mark}") != MISSING for mark in marks)
        return prefix if found else None

    def _relative(self, spec: KernelJson, argv0: str, folder: str, owner: str | None) -> Program:
        if argv0.startswith("{"):
            path = argv0.replace("{resource_dir}", folder)
            path = path.replace("{prefix}", owner or self._server_prefix)
            return Program(path, self._state(path), owner)
        if _PYTHON.fullmatch(argv0):
            program = self._python(argv0, owner)
            if os.path.isabs(program.argv0) or "PATH" not in spec.env:
                return program
        if not argv0 or "PATH" in spec.env or "/" in argv0:
            # Looked up when it is started: on the PATH that the kernel gets, which may name the
            # server's, or from the folder that it is started in.
            return Program(argv0, RUNNABLE if argv0 else MISSING, owner)
        candidates = self._candidates(argv0)
        if owner and os.path.isdir(f"{owner}/conda-meta"):
            candidates = (f"{owner}/bin/{argv0}", *candidates)
        found = next((path for path in candidates if self._state(path) == RUNNABLE), None)
        return Program(found or argv0, RUNNABLE if found else MISSING, owner)

    def _python(self, name: str, owner: str | None) -> Program:
        if owner:
            paths = [f"{owner}/bin/{name}", f"{owner}/bin/python", f"{owner}/bin/python3"]
            path = next((p for p in paths if self._state(p) == RUNNABLE), paths[0])
            return Program(path, self._state(path), owner)
        server = self._server_executable
        if name not in {"python", "python3"}:
            near = f"{os.path.dirname(server)}/{name}"
            found = next(iter(self.first_on_path(name)), name)
            server = near if self._state(near) == RUNNABLE else found
        return Program(server, self._state(server), None)

    def _candidates(self, name: str) -> tuple[str, ...]:
        return tuple(f"{folder}/{name}" for folder in self._path)

    def _state(self, path: str) -> int:
        state = self._states.get(path)
        if state is None:
            self._states[path] = state = _look_at(path)
        return state


def _look_at(path: str) -> int:
    try:
        if os.access(path, os.X_OK):
            # Half as dear as a stat; a folder is all that may be entered and not started.
            return FOLDER if os.access(f"{path}/", os.F_OK) else RUNNABLE
        return NOT_EXECUTABLE if os.access(path, os.F_OK) else MISSING
    except ValueError:  # what no path has: a NUL, or what the file system's encoding has not
        return MISSING


def trouble(program: Program, kernel_dir: str) -> Trouble | None:
    """Why a program will not start, and what mends it."""
    if program.state == RUNNABLE:
        return None
    path = printable(program.argv0)
    file = printable(f"{kernel_dir}/kernel.json")
    if not program.argv0:
        return Trouble("argv is empty", f"write the command of the kernel to argv in {file}")
    if program.state == NOT_EXECUTABLE:
        return Trouble(
            f"the interpreter {path} cannot be executed by the server's user",
            f"chmod a+rx {shlex.quote(path)}",
        )
    if program.state == FOLDER:
        return Trouble(f"the interpreter {path} is a folder", f"correct argv in {file}")
    if not os.path.isabs(program.argv0):
        return Trouble(
            f"the program {path} is neither beside the kernel nor on PATH",
            f"install it, or write its absolute path to argv in {file}",
        )
    return Trouble(
        f"the interpreter {path} does not exist (yet)",
        f"finish installing it, or correct argv in {file}",
    )
