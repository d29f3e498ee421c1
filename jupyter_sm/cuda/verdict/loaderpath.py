"""Commands that put a folder on the loader's path, or take it off from all that tell of it.

Each can be pasted into a shell; what it is in a Dockerfile, stands behind it as a comment.
"""

import os
import re
import shlex
from collections.abc import Iterable

from ..files.libraries import LIBRARY_PATH
from ..model import HostEvidence, Library, LoaderFolder

_COMPAT = frozenset({"compat", "cuda-compat"})
"""Names of the folders that hold nothing but NVIDIA's compatibility package."""

_AT_EACH_START = "00-compat-"
"""So NVIDIA's container runtime calls the file that it writes for a compatibility package."""


def shown(host: HostEvidence) -> str | None:
    """LD_LIBRARY_PATH as evidence; None if it is not set."""
    value = host.ld_library_path
    return f"{LIBRARY_PATH}={shlex.quote(value)}" if value else None


def with_folder(folder: str) -> str:
    """Put a folder in front; an empty entry, which is the current folder, is not left behind."""
    value = f"{shlex.quote(folder)}${{{LIBRARY_PATH}:+:${LIBRARY_PATH}}}"
    return f"export {LIBRARY_PATH}={value}  # in the Dockerfile: ENV in place of export"


def without_folder(host: HostEvidence, library: Library) -> str:
    """Take the folder of a library off; or the library, where it is the loader's own folder."""
    folder = os.path.dirname(library.path)
    told = [x for x in host.loader_folders if x.resolved == folder]
    entries = [x.folder for x in told if x.source == LIBRARY_PATH]
    lines = [x for x in told if x.source != LIBRARY_PATH and not _is_written_anew(x)]
    steps, written = [], []
    why = ""
    if entries:
        value = _rest(host.ld_library_path or "", entries)
        steps.append(f"export {LIBRARY_PATH}={value}" if value else f"unset {LIBRARY_PATH}")
        written.append(f"ENV {LIBRARY_PATH}={value}")
    steps += [_without_line(x) for x in lines]
    if not told and _COMPAT.isdisjoint(folder.split("/")):
        steps.append(f"rm -f {shlex.quote(library.path)}")
    elif not told or len(told) > len(entries) + len(lines):
        steps.append(f"rm -rf {shlex.quote(folder)}")
        why = "; the container runtime puts this folder on the loader's path at each start"
    if len(steps) > len(written):
        steps.append("ldconfig")
        written.append("RUN the rest" if entries else "RUN this")
    return f"{' && '.join(steps)}  # in the Dockerfile: {', '.join(written)}{why}"


def _is_written_anew(told: LoaderFolder) -> bool:
    return os.path.basename(told.source).startswith(_AT_EACH_START)


def _rest(value: str, entries: Iterable[str]) -> str:
    """The variable's value without some of its entries; the loader splits it at both of these."""
    dropped = set(entries)
    left = ":".join(e for e in re.split("[:;]", value) if e not in dropped)
    return shlex.quote(left) if left else ""


def _without_line(told: LoaderFolder) -> str:
    words = [re.sub(r"([\\.*\[^$#])", r"\\\1", word) for word in re.split(r"\s+", told.line)]
    expression = rf"\#^{'[[:space:]]*'.join(words)}$#d"
    return f"sed -i {shlex.quote(expression)} {shlex.quote(told.source)}"
