"""How a prompt shows an environment."""

import os

from ...errors import Finding
from ...reading import printable, problem
from .settings import Settings
from .situation import Situation


def prompt(settings: Settings, now: Situation) -> tuple[str, list[Finding]]:
    """CONDA_PROMPT_MODIFIER (conda/activate.py, _prompt_modifier).

    A setting that is no template which can be filled is a finding.
    """
    if not settings.change_ps1:
        return "", []
    try:
        text = settings.env_prompt.format(
            default_env=now.name,
            stacked_env=",".join(reversed(_stack(now))),
            prefix=now.prefix,
            name=os.path.basename(now.prefix),
        )
    except (AttributeError, LookupError, ValueError) as error:
        return f"({now.name}) ", [_unusable(settings.env_prompt, error)]
    return text, []


def _stack(now: Situation) -> list[str]:
    """The names of the environments that lie on top of each other, the new one last."""
    stack: list[str] = []
    for i in range(1, now.level + 1):
        active = now.environ.get("CONDA_PREFIX" if i == now.level else f"CONDA_PREFIX_{i}", "")
        if not now.environ.get(f"CONDA_STACKED_{i}", "").strip():
            stack = stack[:-1]
        stack.append(now.name_of(active))
    return stack if now.is_active else [*stack[:-1], now.name]


def _unusable(template: str, error: Exception) -> Finding:
    return Finding(
        id="conda-settings-unusable",
        severity="info",
        source="env_prompt",
        seen=f"{printable(template)!r} cannot be filled: {problem(error)}",
        wanted="a text with {default_env}, {stacked_env}, {prefix} or {name} in it",
        remedy="correct it: conda config --set env_prompt '({default_env}) '",
    )
