"""Every setting of this package with its origin, and what was meant to be one."""

import difflib
import os
from collections.abc import Callable, Iterator

import msgspec

from ..errors import Finding
from ..server.settings import PREFIX, JupyterSM
from .hostconfig import Host

_SWITCH = "GATEWAY"
"""JUPYTER_SM_GATEWAY is read by the hook and is no trait."""


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A setting as it is in force.

    Attributes:
        origin: the command line, a variable, the path of a file, or ``default``.
    """

    name: str
    value: str | bool | None
    origin: str


def settings_of(host: Host) -> Iterator[Setting]:
    """All settings, in the order of their names."""
    for name in sorted(_names()):
        origin = host.settings.origin(name)
        if origin == "configuration file":
            origin = host.setter("JupyterSM", name) or origin
        yield Setting(name=name, value=getattr(host.settings, name), origin=origin)


def check_settings(host: Host) -> Iterator[Finding]:
    """Files and variables that set what is no setting, and so do nothing."""
    for path, config in host.files.items():
        for name in config.get("JupyterSM", {}):
            if name not in _names():
                yield _unknown(path, f"JupyterSM.{name}", _near(name, "JupyterSM.{}".format))
    for variable in sorted(os.environ):
        name = variable.removeprefix(PREFIX)
        if name not in {variable, _SWITCH} and name.lower() not in _names():
            near = _near(name.lower(), lambda trait: PREFIX + trait.upper())
            yield _unknown("environment", variable, near)


def _names() -> list[str]:
    return JupyterSM.class_trait_names(config=True)


def _near(name: str, spell: Callable[[str], str]) -> str:
    near = difflib.get_close_matches(name, _names(), n=1)
    return f"did you mean {spell(near[0])}?" if near else "remove it"


def _unknown(source: str, setting: str, remedy: str) -> Finding:
    return Finding(
        id="setting-unknown",
        severity="warning",
        source=source,
        seen=f"{setting} is no setting of jupyter_sm",
        remedy=remedy,
    )
