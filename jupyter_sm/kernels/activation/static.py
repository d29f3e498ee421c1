"""The part of activation that can be computed: conda's own variables and the environment's."""

import os
from collections.abc import Mapping
from typing import NamedTuple

from ...errors import Finding
from .installation import has_conda, installation_variables
from .prompt import prompt
from .settings import read_settings
from .situation import Situation, situation
from .variables import environment_variables


class Static(NamedTuple):
    """What to set; activating unsets nothing.

    Attributes:
        exports: the variables.
        leaves: prefix whose ``deactivate.d`` scripts run before they are set, None when no
            environment is active.
        findings: what could not be used.
    """

    exports: dict[str, str]
    leaves: str | None
    findings: list[Finding]


def compute(prefix: str, environ: Mapping[str, str], root: str | None) -> Static:
    """What ``conda activate`` sets (conda/activate.py, _build_activate_stack).

    Args:
        prefix: the environment, normalised.
        environ: variables before.
        root: its installation, normalised.
    """
    now, findings = situation(prefix, root, environ)
    conda_root = root if root and has_conda(root) else None
    settings, wrong_settings = read_settings(environ, conda_root)
    modifier, wrong_prompt = prompt(settings, now)
    exports, wrong_variables = _own(now, force_uppercase=settings.force_uppercase)
    exports |= {
        "PATH": ":".join(_path(now, conda_root)),
        "CONDA_SHLVL": str(now.level if now.is_active else now.level + 1),
        "CONDA_PROMPT_MODIFIER": modifier,
        **(installation_variables(conda_root) if conda_root else {}),
    }
    findings += [*wrong_settings, *wrong_prompt, *wrong_variables]
    return Static(exports, now.old, findings)


def _own(now: Situation, *, force_uppercase: bool) -> tuple[dict[str, str], list[Finding]]:
    """What an environment sets only when it is not the active one already."""
    if now.is_active:
        return {}, []
    variables, findings = environment_variables(now.prefix, force_uppercase=force_uppercase)
    exports: dict[str, str] = {}
    for variable in variables:
        exports[variable.name] = variable.value
        if variable.written in now.environ:
            saved = f"__CONDA_SHLVL_{now.level}_{variable.name}"
            exports[saved] = now.environ[variable.written]
    exports |= {"CONDA_PREFIX": now.prefix, "CONDA_DEFAULT_ENV": now.name}
    if now.old is not None:
        exports[f"CONDA_PREFIX_{now.level}"] = now.old
    return exports, findings


def _path(now: Situation, conda_root: str | None) -> list[str]:
    """PATH with the environment's programs in front, or where the old environment's were."""
    said = now.environ.get("PATH", os.defpath)
    # Every entry is normalised as conda does it; an empty one means the current folder.
    entries = [os.path.normpath(entry) for entry in said.split(":")] if said else []
    if now.old is not None:
        return _replaced(entries, os.path.normpath(f"{now.old}/bin"), f"{now.prefix}/bin")
    if conda_root:
        condabin = f"{conda_root}/condabin"
        if "CONDA_SHLVL" not in now.environ:
            entries = [condabin, *(entry for entry in entries if entry != condabin)]
        elif not any(entry.endswith("condabin") for entry in entries):
            entries = [condabin, *entries]
    return [f"{now.prefix}/bin", *entries]


def _replaced(entries: list[str], old: str, new: str) -> list[str]:
    at = entries.index(old) if old in entries else None
    if at is None:
        return [new, *entries]
    return [*entries[:at], new, *entries[at + 1 :]]
