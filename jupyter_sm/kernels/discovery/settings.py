"""Which folders hold environments: settings files and variables, in conda's order."""

import os
from collections.abc import Iterable, Iterator

from ...errors import Finding
from ...reading import ABSENT, Memo, printable, unreadable
from .condarc import EnvsDirs, merge, read_envs_dirs
from .paths import below, clean, expand, is_path
from .places import Places

_VARIABLES = ("CONDA_ENVS_DIRS", "CONDA_ENVS_PATH")

_CONDA = (".condarc", "condarc")
_MAMBA = (".mambarc", "mambarc")
_YAML = (".yml", ".yaml")


class Settings:
    """Reads the settings files; each one again only when it changed."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._files: Memo[EnvsDirs] = Memo()
        self._folders: Memo[tuple[str, ...]] = Memo()
        self._findings: dict[str, Finding] = {}

    def begin(self, now: int) -> None:
        """Start a look at ``now``, in ns since the epoch."""
        self._files.begin(now)
        self._folders.begin(now)
        self._findings = {}

    @property
    def findings(self) -> list[Finding]:
        """What is wrong with the files read since ``begin``, one each."""
        return list(self._findings.values())

    def envs_dirs(self, root: str | None) -> list[str]:
        """The folders named for the installation ``root``, the most important one first.

        Search path as in conda/base/constants.py, with mamba's own files (configuration.cpp)
        between. Both variables count, though conda accepts only one of them.
        """
        said = [self._read(path) for path in dict.fromkeys(self._paths(root))]
        variables = ":".join(self._places.environ.get(name, "") for name in _VARIABLES)
        said.append(EnvsDirs(tuple(path for path in variables.split(":") if path)))
        return list(dict.fromkeys(self._usable(merge(said))))

    def _usable(self, written: Iterable[str]) -> Iterator[str]:
        for path in written:
            expanded = expand(path, self._places.environ, self._places.home)
            if is_path(expanded):
                yield clean(expanded)
            else:
                self._findings[path] = _relative(path)

    def _paths(self, root: str | None) -> Iterator[str]:
        """Every file there may be, the least important one first."""
        environ, home = self._places.environ, self._places.home
        for folder, names in _folders(self._places, root):
            if os.path.isdir(folder):
                for name in names:
                    yield below(folder, name)
                    if not name.startswith("."):
                        yield from self._in_d(below(folder, f"{name}.d"))
        for variable in ("CONDARC", "MAMBARC"):
            path = expand(environ.get(variable, ""), environ, home)
            if is_path(path) and path.endswith((*_CONDA, *_MAMBA, *_YAML)):
                yield path

    def _in_d(self, folder: str) -> list[str]:
        try:
            names = self._folders.get(folder, lambda path, _found: tuple(sorted(os.listdir(path))))
        except OSError as error:
            self._report(folder, error)
            return []
        return [f"{folder}/{name}" for name in names if name.endswith(_YAML)]

    def _read(self, path: str) -> EnvsDirs:
        try:
            said = self._files.get(path, read_envs_dirs)
        except OSError as error:
            self._report(path, error)
            return EnvsDirs()
        if said.finding:
            self._findings[path] = said.finding
        return said

    def _report(self, path: str, error: OSError) -> None:
        if error.errno not in ABSENT:
            remedy = "its folders of environments are left out; let the server's user read it"
            self._findings[path] = unreadable("conda-settings-unreadable", path, error, remedy)


def _folders(places: Places, root: str | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Folders with the names of settings files in them, the least important one first."""
    both = (*_CONDA, *_MAMBA)
    home = places.home
    config = places.environ.get("XDG_CONFIG_HOME", "")
    users = [config] if is_path(config) else []
    users += [below(home, ".config")] if home else []
    yield f"{places.etc}/conda", both
    yield f"{places.var_lib}/conda", both
    if root:
        yield root, both
    yield from ((f"{user}/conda", _CONDA) for user in users)
    if home:
        yield below(home, ".conda"), _CONDA
        yield home, _CONDA[:1]
    yield from ((f"{user}/mamba", _MAMBA) for user in users)
    if home:
        yield below(home, ".mamba"), _MAMBA
        yield home, _MAMBA[:1]
    if is_path(places.environ.get("CONDA_PREFIX", "")):
        yield clean(places.environ["CONDA_PREFIX"]), both


def _relative(path: str) -> Finding:
    return Finding(
        id="conda-settings-unusable",
        severity="warning",
        source="envs_dirs",
        seen=f"{printable(path)!r} is no absolute path",
        remedy="the folder is left out: write its whole path in the settings file, or in "
        "CONDA_ENVS_DIRS",
    )
