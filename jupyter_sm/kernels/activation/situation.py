"""What is activated, over what: the questions that every part of activation asks."""

import os
import re
from collections.abc import Mapping
from typing import NamedTuple

from ...errors import Finding
from ...reading import printable

_LEVEL = re.compile("[0-9]{1,4}")


class Situation(NamedTuple):
    """An environment to activate, and the variables before.

    Attributes:
        prefix: the environment, normalised.
        root: the installation that it belongs to, normalised, None when it is not known.
        environ: variables before.
        level: how many environments are active in ``environ``; 0 unless CONDA_PREFIX names one.
    """

    prefix: str
    root: str | None
    environ: Mapping[str, str]
    level: int

    @property
    def old(self) -> str | None:
        """CONDA_PREFIX as it stands, None when no environment is active."""
        return self.environ["CONDA_PREFIX"] if self.level else None

    @property
    def is_active(self) -> bool:
        """Whether the environment to activate is the active one: activation is then repeated."""
        return self.old is not None and os.path.normpath(self.old) == self.prefix

    def name_of(self, prefix: str) -> str:
        """``base``, the name of an environment in a folder ``envs``, or the whole path."""
        if prefix == self.root:
            return "base"
        above, name = os.path.split(prefix)
        return name if os.path.basename(above) == "envs" else prefix

    @property
    def name(self) -> str:
        """CONDA_DEFAULT_ENV; what somebody renamed stays renamed."""
        own = self.name_of(self.prefix)
        return self.environ.get("CONDA_DEFAULT_ENV", own) if self.is_active else own


def situation(
    prefix: str, root: str | None, environ: Mapping[str, str]
) -> tuple[Situation, list[Finding]]:
    """The situation; conda stops where it is unclear what is active, here nothing is then."""
    said = environ.get("CONDA_SHLVL", "").strip()
    level = int(said) if _LEVEL.fullmatch(said) else 0
    if said and not _LEVEL.fullmatch(said):
        findings = [_unclear(f"{printable(said)!r} is no number")]
    elif level and not environ.get("CONDA_PREFIX"):
        findings = [_unclear(f"{level}, but CONDA_PREFIX names no active environment")]
        level = 0
    else:
        findings = []
    return Situation(prefix, root, environ, level), findings


def _unclear(seen: str) -> Finding:
    return Finding(
        id="conda-level-unclear",
        severity="info",
        source="CONDA_SHLVL",
        seen=seen,
        remedy="no environment is taken to be active, while conda itself stops: leave CONDA_SHLVL "
        "unset, or set it together with CONDA_PREFIX",
    )
