"""Which conda, mamba and micromamba installations there are, without running any of them."""

import os
from collections.abc import Iterator
from typing import Literal, NamedTuple

from .paths import below, clean, expand, identity, is_path
from .places import Places
from .programs import Programs

HISTORY = "/conda-meta/history"

_Kind = Literal["root", "program", "prefix"]

_VARIABLES: tuple[tuple[str, _Kind], ...] = (
    ("CONDA_ROOT_PREFIX", "root"),
    ("CONDA_ROOT_DIR", "root"),
    ("CONDA_EXE", "program"),
    ("_CONDA_ROOT", "root"),
    ("_CONDA_EXE", "program"),
    ("MAMBA_ROOT_PREFIX", "root"),
    ("MAMBA_EXE", "program"),
    ("CONDA_DIR", "root"),
    ("CONDA_PREFIX", "prefix"),
)
"""What each variable names: an installation, a program in one, or any environment."""

_PROGRAMS = ("conda", "mamba", "micromamba")

_IN_HOME = ("miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba")
"""Where installers put conda and micromamba 1 below the home folder."""

_MARKS = ("condabin", "envs", "pkgs", "bin/conda")
"""What an installation has and an environment has not."""


class Roots(NamedTuple):
    """Installations, the one whose own environment is called ``base`` first.

    ``others`` are environments that a variable names or that the server itself runs in.
    """

    installations: tuple[str, ...]
    others: tuple[str, ...]


def find_roots(places: Places, programs: Programs) -> Roots:
    """Every installation that a variable, PATH, the server or custom points to, in that order.

    The variables are those of conda (conda/base/context.py) and mamba (configuration.cpp). Links
    and other spellings count once. An environment that only a variable names is an installation
    only when there is no other.
    """
    installations: dict[tuple[int, int], str] = {}
    others: dict[tuple[int, int], str] = {}
    for path, kind in _candidates(places, programs):
        root, is_sure = (path, True) if kind != "prefix" else _root_of(path)
        usable = is_environment(root) if kind == "prefix" else _is_root(root)
        key = identity(root) if usable and not places.is_internal(root) else None
        if key is not None:
            (installations if is_sure else others).setdefault(key, root)
    lone = [root for key, root in others.items() if key not in installations]
    if installations:
        return Roots(tuple(installations.values()), tuple(lone))
    return Roots(tuple(lone[:1]), tuple(lone[1:]))


def is_environment(prefix: str) -> bool:
    """As conda decides it (conda/core/prefix_data.py)."""
    return os.path.isfile(prefix + HISTORY)


def _is_root(path: str) -> bool:
    """The root of micromamba need not be an environment itself."""
    return path != "/" and (is_environment(path) or os.path.isdir(path + "/envs"))


def _root_of(prefix: str) -> tuple[str, bool]:
    """The installation of an environment, and whether it is sure to be one."""
    above = os.path.dirname(prefix)
    if above.endswith("/envs") and is_environment(os.path.dirname(above)):
        return os.path.dirname(above), True
    return prefix, any(os.path.exists(f"{prefix}/{mark}") for mark in _MARKS)


def _candidates(places: Places, programs: Programs) -> Iterator[tuple[str, _Kind]]:
    for name, kind in _VARIABLES:
        path = expand(places.environ.get(name, ""), {}, places.home)
        if is_path(path):
            path = clean(path)
            yield (_above_bin(path), kind) if kind == "program" else (path, kind)
    yield clean(places.server_prefix), "prefix"
    for program in programs.first_on_path(*_PROGRAMS):
        yield _above_bin(program), "program"
        yield _above_bin(os.path.realpath(program)), "program"
    for root in places.well_known_roots:
        yield root, "root"
    yield from _below_home(places)


def _above_bin(program: str) -> str:
    return os.path.dirname(os.path.dirname(program))


def _below_home(places: Places) -> Iterator[tuple[str, _Kind]]:
    if places.home is None:
        return
    for name in _IN_HOME:
        yield below(places.home, name), "root"
    data = places.environ.get("XDG_DATA_HOME", "")
    # micromamba 2
    yield clean(data if is_path(data) else below(places.home, ".local/share")) + "/mamba", "root"
