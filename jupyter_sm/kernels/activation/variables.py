"""The variables that packages and ``conda env config vars`` set in an environment."""

import json
import os
import re
import shlex
from typing import NamedTuple

from ...errors import Finding
from ...reading import printable, problem, read_small

LIMIT = 1 << 20
"""Bytes of one file."""

LONGEST = (1 << 17) - (1 << 8)
"""Bytes of one ``NAME=value``: what a program can be started with (MAX_ARG_STRLEN), and some room."""

UNSET = "***unset***"

_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")

_CONDAS_OWN = frozenset(
    {
        "CONDA_DEFAULT_ENV",
        "CONDA_EXE",
        "CONDA_PREFIX",
        "CONDA_PROMPT_MODIFIER",
        "CONDA_PYTHON_EXE",
        "CONDA_SHLVL",
        "PATH",
        "_CE_CONDA",
        "_CE_M",
        "_CONDA_EXE",
        "_CONDA_ROOT",
    }
)
"""What no environment may set: conda leaves PATH out, and stops at most of the others."""


class Variable(NamedTuple):
    """A variable under the name that its file writes and under the one that is set."""

    written: str
    name: str
    value: str


def environment_variables(
    prefix: str, *, force_uppercase: bool = True
) -> tuple[list[Variable], list[Finding]]:
    """What to set, in order; a later one of the same name wins.

    As ``_get_environment_env_vars`` in conda/activate.py: every file in etc/conda/env_vars.d by
    name, then ``env_vars`` in conda-meta/state; what then is ``***unset***`` is not set. A file or
    a variable that cannot be used is left out and is a finding.
    """
    said: dict[str, tuple[str, str]] = {}
    files, findings = _packages_files(f"{prefix}/etc/conda/env_vars.d")
    for path in files:
        findings += _read(path, None, said)
    state = f"{prefix}/conda-meta/state"
    if os.path.lexists(state):
        findings += _read(state, "env_vars", said)
    variables = []
    for written, (value, path) in said.items():
        if value != UNSET:
            variable = Variable(written, written.upper() if force_uppercase else written, value)
            seen = _trouble(variable)
            if seen:
                findings.append(_left_out(prefix, path, seen))
            else:
                variables.append(variable)
    return variables, findings


def _packages_files(folder: str) -> tuple[list[str], list[Finding]]:
    try:
        return [f"{folder}/{name}" for name in sorted(os.listdir(folder))], []
    except FileNotFoundError:
        return [], []
    except OSError as error:
        return [], [_unreadable(folder, error)]


def _read(path: str, key: str | None, said: dict[str, tuple[str, str]]) -> list[Finding]:
    """Add the variables that a file has, at the top or below ``key``."""
    try:
        document = _object(json.loads(read_small(path, os.stat(path), LIMIT)))
        values = document if key is None else _object(document.get(key, {}))
        # As conda writes them into its shell commands.
        texts = {name: "" if v is None else str(v) for name, v in values.items()}
    except (OSError, ValueError, RecursionError) as error:
        return [_unreadable(path, error)]
    said.update({name: (text, path) for name, text in texts.items()})
    return []


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError("holds no object of variables")  # noqa: TRY004  # about a file
    return value


def _trouble(variable: Variable) -> str:
    written = printable(variable.written)
    if not _NAME.fullmatch(variable.written):
        return f"{written!r} is no name of a variable"
    if variable.name in _CONDAS_OWN:
        return f"{written} is set by activation itself"
    try:
        size = len(os.fsencode(f"{variable.name}={variable.value}"))
    except UnicodeEncodeError:
        return f"{written} holds what is no text"
    if "\0" in variable.value:
        return f"{written} holds a null character, which no variable can"
    return f"{written} is longer than any variable can be" if size > LONGEST else ""


def _left_out(prefix: str, path: str, seen: str) -> Finding:
    return Finding(
        id="environment-variable-unusable",
        severity="warning",
        source=printable(path),
        seen=seen,
        remedy="the variable is left out: correct it, or remove it with "
        f"conda env config vars unset -p {shlex.quote(printable(prefix))} NAME",
    )


def _unreadable(path: str, error: Exception) -> Finding:
    deep = isinstance(error, RecursionError)
    return Finding(
        id="environment-variables-unreadable",
        severity="warning",
        source=printable(path),
        seen="is nested too deeply" if deep else problem(error),
        wanted='JSON such as {"NAME": "value"}',
        remedy="its variables are left out, while conda itself stops: correct or remove it",
    )
