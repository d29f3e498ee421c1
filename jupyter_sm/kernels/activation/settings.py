"""conda's settings that change what activation sets."""

import os
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ...errors import Finding
from ...reading import ABSENT, printable, problem, read_small

LIMIT = 1 << 18
"""Bytes of a settings file."""

SYSTEM = ("/etc/conda", "/var/lib/conda")
"""Folders of the settings of a whole machine."""

_PS1, _PROMPT, _UPPERCASE = _KEYS = ("changeps1", "env_prompt", "envvars_force_uppercase")

_TRUE = frozenset({"true", "yes", "on", "y", "1"})
_FALSE = frozenset({"false", "no", "off", "n", "0"})


class Settings(NamedTuple):
    """``changeps1``, ``env_prompt`` and ``envvars_force_uppercase`` (conda/base/context.py)."""

    change_ps1: bool = True
    env_prompt: str = "({default_env}) "
    force_uppercase: bool = True


def read_settings(environ: Mapping[str, str], root: str | None) -> tuple[Settings, list[Finding]]:
    """What the settings files say, a later one over an earlier one, and the variables over all.

    The search path is that of conda/base/constants.py; marks such as ``#!final`` do not count.

    Args:
        environ: HOME, XDG_CONFIG_HOME, CONDA_PREFIX, CONDARC and ``CONDA_<SETTING>``.
        root: the installation.
    """
    said: dict[str, object] = {}
    findings = []
    for path in _files(environ, root):
        values, wrong = _read(path)
        said |= values
        findings += wrong
    variables = {key: f"CONDA_{key.upper()}" for key in _KEYS}
    said |= {key: environ[name] for key, name in variables.items() if name in environ}
    default = Settings()
    prompt = said.get(_PROMPT)
    settings = Settings(
        _truth(said.get(_PS1), default.change_ps1),
        prompt if isinstance(prompt, str) else default.env_prompt,
        _truth(said.get(_UPPERCASE), default.force_uppercase),
    )
    return settings, findings


def _files(environ: Mapping[str, str], root: str | None) -> Iterator[str]:
    """Every file there may be, the least important one first."""
    home, config = environ.get("HOME", ""), environ.get("XDG_CONFIG_HOME", "")
    yield from _in(
        *SYSTEM, root or "", f"{config}/conda", f"{home}/.config/conda", f"{home}/.conda"
    )
    if os.path.isabs(home):
        yield f"{home}/.condarc"
    yield from _in(environ.get("CONDA_PREFIX", ""))
    condarc = environ.get("CONDARC", "")
    if os.path.isabs(condarc) and condarc.endswith(("condarc", ".yml", ".yaml")):
        yield condarc


def _in(*folders: str) -> Iterator[str]:
    for folder in folders:
        if os.path.isabs(folder) and os.path.isdir(folder):
            yield from (f"{folder}/.condarc", f"{folder}/condarc")
            try:
                names = sorted(os.listdir(f"{folder}/condarc.d"))
            except OSError:  # hardly ever there; discovery says so when it cannot be read
                continue
            yield from (f"{folder}/condarc.d/{n}" for n in names if n.endswith((".yml", ".yaml")))


def _read(path: str) -> tuple[dict[str, object], list[Finding]]:
    try:
        data = read_small(path, os.stat(path), LIMIT)
        return (_parsed(data) if any(key.encode() in data for key in _KEYS) else {}), []
    except OSError as error:
        return {}, [] if error.errno in ABSENT else [_unusable(path, error)]
    except (ValueError, RecursionError) as error:
        return {}, [_unusable(path, error)]


def _parsed(data: bytes) -> dict[str, object]:
    """The settings that count here.

    Raises:
        ValueError: not YAML.
    """
    import yaml  # noqa: PLC0415  # 35 ms, and hardly anybody changes these settings

    try:
        document = yaml.safe_load(data)
    except yaml.YAMLError as error:
        raise ValueError(f"is not YAML: {problem(error)}") from error
    document = document if isinstance(document, dict) else {}
    return {key: document[key] for key in _KEYS if key in document}


def _truth(value: object, default: bool) -> bool:
    word = str(value).strip().lower()
    return word in _TRUE or (word not in _FALSE and default)


def _unusable(path: str, error: Exception) -> Finding:
    return Finding(
        id="conda-settings-unusable",
        severity="info",
        source=printable(path),
        seen="is nested too deeply" if isinstance(error, RecursionError) else problem(error),
        remedy=f"its {', '.join(_KEYS)} are not known, and conda itself stops: correct the file",
    )
