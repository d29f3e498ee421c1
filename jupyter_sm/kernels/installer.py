"""The command that installs something in an environment, as a person of that installation types it."""

import os
import shlex

from ..reading import printable

_PROGRAMS = (("conda", ("bin/conda", "condabin/conda")), ("mamba", ("bin/mamba", "condabin/mamba")))


def install_command(prefix: str, root: str | None, *packages: str) -> str:
    """Shell-quoted; conda's where the root has it or is not known, else mamba's or micromamba's.

    Args:
        prefix: of the environment.
        root: the installation that it belongs to.
        packages: what is missing; python and ipykernel when nothing is named.
    """
    names = " ".join(packages or ("python", "ipykernel"))
    return f"{_program(root)} install --prefix {shlex.quote(printable(prefix))} {names}"


def _program(root: str | None) -> str:
    if root is None:
        return "conda"
    for name, paths in _PROGRAMS:
        if any(os.path.exists(f"{root}/{path}") for path in paths):
            return name
    return "micromamba" if os.path.isdir(f"{root}/conda-meta") else "conda"
