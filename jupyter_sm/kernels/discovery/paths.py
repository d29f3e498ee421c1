"""Paths as variables and documents write them, turned into the one spelling that is used here."""

import os
import re
from collections.abc import Mapping

LONGEST = 4095
"""Bytes of a path on Linux."""

_VARIABLE = re.compile(r"\$(\w+)|\$\{(\w+)\}")


def is_path(path: str) -> bool:
    """Whether a string can be an absolute path."""
    if not path.startswith("/") or "\0" in path or len(path) > LONGEST:
        return False
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return True


def absolute(path: str) -> str:
    """As Jupyter takes a path: a relative one starts in the working directory, if there is one."""
    if path.startswith("/"):
        return path
    try:
        return f"{os.getcwd()}/{path}"
    except FileNotFoundError:
        return path


def clean(path: str) -> str:
    """An absolute path without doubled or trailing slashes; ``..`` is resolved through links."""
    if "//" not in path and "/." not in path and not path.endswith("/"):
        return path
    parts = path.split("/")
    if ".." in parts:
        return os.path.realpath(path)
    return "/" + "/".join(part for part in parts if part not in {"", "."})


def below(folder: str, path: str) -> str:
    """``path`` in ``folder``, which may be ``/`` as the home folder of some users is."""
    return f"{folder.rstrip('/')}/{path}"


def expand(path: str, environ: Mapping[str, str], home: str | None) -> str:
    """``$NAME``, ``${NAME}``, ``~`` and ``~/x`` replaced; a variable that is not set stays."""

    def value(match: re.Match[str]) -> str:
        return environ.get(match[1] or match[2], match[0])

    path = _VARIABLE.sub(value, path) if "$" in path else path
    if home and (path == "~" or path.startswith("~/")):
        return below(home, path[2:]) if path[1:] else home
    return path


def identity(path: str) -> tuple[int, int] | None:
    """Device and inode, the same for every spelling of a path; None when there is nothing."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
