"""One settings file of conda or mamba: which folders of environments it names."""

import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import Finding
from ...reading import printable, problem, read_small

if TYPE_CHECKING:
    import yaml

LIMIT = 1 << 18
"""Bytes of a settings file."""

KEYS = frozenset({"envs_dirs", "envs_path"})

_FLAG = re.compile(r"#!\s*(top|bottom|final)\b")
_STRING = "tag:yaml.org,2002:str"
_SEQUENCE = "tag:yaml.org,2002:seq"
_NULL = "tag:yaml.org,2002:null"


class EnvsDirs(NamedTuple):
    """What one file says: all its folders in order, and those it marks ``#!top`` or ``#!bottom``.

    ``is_final`` tells that no later file counts (``#!final`` beside the key).
    """

    dirs: tuple[str, ...] = ()
    top: tuple[str, ...] = ()
    bottom: tuple[str, ...] = ()
    is_final: bool = False
    finding: Finding | None = None


def read_envs_dirs(path: str, found: os.stat_result) -> EnvsDirs:
    """What the file ``path`` says, with a finding when it is wrong.

    Raises:
        OSError: it cannot be read.
    """
    data = read_small(path, found, LIMIT)
    if b"envs_" not in data:  # spares the import of yaml, which takes longer than all the rest
        return EnvsDirs()
    try:
        return _parse(data.decode("utf-8-sig"), path)
    except UnicodeDecodeError:
        return EnvsDirs(finding=_wrong(path, "is not UTF-8"))


def merge(files: Sequence[EnvsDirs]) -> list[str]:
    """All folders, the most important one first; ``files`` come with the least important first.

    As ``SequenceLoadedParameter.merge`` in conda/common/configuration.py.
    """
    final = next((i for i, file in enumerate(files) if file.is_final), len(files))
    counted = files[: final + 1]
    top = [path for file in counted for path in file.top]
    bottom = [path for file in reversed(counted) for path in file.bottom]
    rest = [path for file in reversed(counted) for path in file.dirs]
    last = frozenset(bottom)
    front = dict.fromkeys(path for path in (*top, *rest) if path not in last)
    return [*front, *reversed(dict.fromkeys(reversed(bottom)))]


def _parse(text: str, path: str) -> EnvsDirs:
    try:
        import yaml  # noqa: PLC0415  # 35 ms, and only needed where somebody moved the environments
    except Exception as error:  # noqa: BLE001  # a broken package may raise anything; it is reported
        return EnvsDirs(finding=_without_yaml(path, error))
    try:
        document = yaml.compose(text, Loader=yaml.SafeLoader)
    except (RecursionError, yaml.YAMLError) as error:
        return EnvsDirs(finding=_mistake(error, path))
    if document is None:
        return EnvsDirs()
    if not isinstance(document, yaml.MappingNode):
        return EnvsDirs(finding=_wrong(path, "is not a list of settings (`name: value`)"))
    keys = [(key, value) for key, value in document.value if isinstance(key, yaml.ScalarNode)]
    return _joined([_value(text, key, value, path) for key, value in keys if key.value in KEYS])


def _mistake(error: "RecursionError | yaml.YAMLError", path: str) -> Finding:
    if isinstance(error, RecursionError):
        return _wrong(path, "is nested too deeply")
    mark = getattr(error, "problem_mark", None)
    where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else path
    return _wrong(where, f"is not YAML: {getattr(error, 'problem', None) or problem(error)}")


def _joined(said: list[EnvsDirs]) -> EnvsDirs:
    return EnvsDirs(
        dirs=tuple(path for one in said for path in one.dirs),
        top=tuple(path for one in said for path in one.top),
        bottom=tuple(path for one in said for path in one.bottom),
        is_final=any(one.is_final for one in said),
        finding=next((one.finding for one in said if one.finding), None),
    )


def _value(text: str, key: "yaml.Node", value: "yaml.Node", path: str) -> EnvsDirs:
    where = f"{path}:{key.start_mark.line + 1}"
    is_final = _flag(text, key) == "final"
    if isinstance(value.value, list) and value.tag == _SEQUENCE:
        return _list(text, value.value, where)._replace(is_final=is_final)
    if value.tag == _NULL:
        return EnvsDirs(is_final=is_final)
    if _is_text(value):
        finding = _wrong(where, f"{key.value} is a string; it is taken for one folder")
        return EnvsDirs((value.value,), is_final=is_final, finding=finding)
    return EnvsDirs(is_final=is_final, finding=_wrong(where, f"{key.value} is no list of folders"))


def _list(text: str, items: list[Any], where: str) -> EnvsDirs:
    folders = [item for item in items if _is_text(item)]
    flags = [_flag(text, item) for item in folders]
    return EnvsDirs(
        dirs=tuple(item.value for item in folders),
        top=tuple(i.value for i, flag in zip(folders, flags, strict=True) if flag == "top"),
        bottom=tuple(i.value for i, flag in zip(folders, flags, strict=True) if flag == "bottom"),
        finding=None if folders == items else _wrong(where, "holds what is no folder"),
    )


def _is_text(node: "yaml.Node") -> bool:
    return node.tag == _STRING and isinstance(node.value, str)


def _flag(text: str, node: "yaml.Node") -> str | None:
    """The mark in the comment that ends the node's line; comments are lost to the parser."""
    end = node.end_mark.index
    match = _FLAG.search(text[end:].split("\n", 1)[0])
    return match[1] if match else None


def _without_yaml(path: str, error: Exception) -> Finding:
    remedy = "its folders of environments are left out; python -m pip install PyYAML"
    seen = f"cannot be read without PyYAML, which does not load: {problem(error)}"
    return Finding(
        id="conda-settings-unreadable",
        severity="warning",
        source=printable(path),
        seen=seen,
        remedy=remedy,
    )


def _wrong(source: str, seen: str) -> Finding:
    return Finding(
        id="conda-settings-unusable",
        severity="warning",
        source=printable(source),
        seen=printable(seen),
        wanted="envs_dirs: followed by a list of folders, each on a line `  - /path`",
        remedy="what cannot be understood is left out here, and stops conda itself: correct it",
    )
