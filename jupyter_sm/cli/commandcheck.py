"""Whether `jupyter kernelgateway` is the gateway of this Python, or of another one on PATH."""

import os
import shlex
import shutil
import sys
import sysconfig

from ..errors import Finding

_COMMAND = "jupyter-kernelgateway"


def check_command() -> tuple[str | None, list[Finding]]:
    """The gateway's command that comes first on PATH, and what is wrong with that.

    A gateway of another Python reads neither this Python's configuration nor this package.
    """
    command = shutil.which(_COMMAND)
    if command is None:
        return None, [_absent()]
    return command, [] if _is_ours(command) else [_foreign(command)]


def _absent() -> Finding:
    return Finding(
        id="gateway-command-absent",
        severity="warning",
        source="PATH",
        seen=f"no folder on it has {_COMMAND}",
        remedy=f"put {shlex.quote(os.path.dirname(sys.executable))} on PATH",
    )


def _foreign(command: str) -> Finding:
    folder = shlex.quote(os.path.join(sys.prefix, "share", "jupyter"))
    return Finding(
        id="gateway-command-foreign",
        severity="warning",
        source=command,
        seen=f"the first {_COMMAND} on PATH belongs to another Python than {sys.prefix}",
        remedy="for a gateway that cannot load jupyter_sm, write the kernels as files: "
        f"jupyter sm kernels --export {folder}, with that folder on its JUPYTER_PATH",
    )


def _is_ours(command: str) -> bool:
    """Whether it lies among our scripts, or names our interpreter in its first line."""
    ours = {sysconfig.get_path("scripts"), os.path.dirname(sys.executable)}
    theirs = {os.path.dirname(os.path.realpath(command)), os.path.dirname(_interpreter(command))}
    return bool(set(map(os.path.realpath, ours)) & set(map(os.path.realpath, theirs)))


def _interpreter(script: str) -> str:
    try:
        with open(script, "rb") as file:
            words = file.readline(4096).removeprefix(b"#!").split()
    except OSError:  # a program that may be run and not be read is no script
        return os.sep
    return os.fsdecode(words[0]) if words else os.sep
