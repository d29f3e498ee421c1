"""One kernel.json: decoded, repaired where that is harmless, or refused with the reason."""

import json
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from ...errors import Finding
from ...image import limits
from ...reading import printable, problem

PYTHON_ARGV = '["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]'

DEEPEST = 50
"""Levels of objects and lists in a file: whoever copies or writes them again recurses."""

_LONGEST_NAME = limits.KERNEL_DISPLAY_NAME.longest


class KernelJson(msgspec.Struct, frozen=True, gc=False):
    """A kernel.json that can be used, as jupyter_client's ``KernelSpec`` wants its values."""

    argv: list[str]
    display_name: str
    language: str = ""
    env: dict[str, str] = {}
    metadata: dict[str, Any] = {}
    interrupt_mode: Literal["signal", "message"] = "signal"
    kernel_protocol_version: str = ""

    @property
    def is_export(self) -> bool:
        """Whether it is a static copy that ``jupyter sm kernels --export`` wrote."""
        mark = self.metadata.get("jupyter_sm")
        return isinstance(mark, dict) and mark.get("exported") is True


_DECODER = msgspec.json.Decoder(KernelJson)


def parse(data: bytes, name: str, path: str) -> tuple[KernelJson | None, Finding | None]:
    """Decode the bytes of ``path``; ``name`` of its folder stands in for a missing display name.

    Returns:
        The kernelspec, None when it cannot be used, and what is wrong with it, if anything.
    """
    try:
        spec = _DECODER.decode(data)
    except (ValueError, RecursionError):
        return _repair(data, name, path)
    return _repair(data, name, path) if _may_be_odd(spec, data) else (spec, None)


def _may_be_odd(spec: KernelJson, data: bytes) -> bool:
    """Whether what the types allow has to be looked at closely; a quick look at every file."""
    return (
        not 0 < len(spec.display_name) <= _LONGEST_NAME
        or b"\\u0000" in data  # the only way to write a NUL
        or data.count(b"{") + data.count(b"[") > DEEPEST
        or any(not name or "=" in name for name in spec.env)
    )


def _repair(data: bytes, name: str, path: str) -> tuple[KernelJson | None, Finding | None]:
    encoding = json.detect_encoding(data)
    try:
        document = msgspec.json.decode(data.decode(encoding))
    except (ValueError, RecursionError) as error:
        return None, _not_json(data, encoding, path, error)
    reason = _unusable(document)
    if reason:
        return None, _refused(path, reason)
    repairs = [] if encoding == "utf-8" else [f"it is written in {encoding}, not in plain UTF-8"]
    fields = _fields(document, name, repairs)
    return msgspec.convert(fields, KernelJson), _repaired(path, repairs)


def _unusable(document: Any) -> str:
    """Why no kernel can be started from a document; empty if one can."""
    if not isinstance(document, dict):
        return f"is {_kind(document)}, not a JSON object"
    argv = document.get("argv")
    if argv is None:
        return "has no argv"
    if not isinstance(argv, list):
        return f"argv is {_kind(argv)}, not a list of words"
    odd = [word for word in argv if not isinstance(word, str)]
    if odd:
        return f"argv holds {_kind(odd[0])}, not only words"
    if any("\0" in word for word in argv):
        return "argv holds a NUL, which no program can be given"
    return "is nested too deeply" if _is_deep(document) else ""


def _is_deep(document: dict[str, Any]) -> bool:
    level: list[Any] = [document]
    for _ in range(DEEPEST):
        level = [inner for value in level for inner in _members(value)]
    return bool(level)


def _members(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _fields(document: dict[str, Any], name: str, repairs: list[str]) -> dict[str, Any]:
    fields = {"argv": document["argv"]}
    display_name = document.get("display_name")
    if isinstance(display_name, str) and display_name:
        fields["display_name"] = display_name[:_LONGEST_NAME]
        if len(display_name) > _LONGEST_NAME:
            repairs.append(f"display_name is longer than {_LONGEST_NAME} characters: it is cut")
    else:
        fields["display_name"] = name
        repairs.append("display_name is missing: the folder's name is used")
    for key, kind in (("language", str), ("metadata", dict), ("kernel_protocol_version", str)):
        if isinstance(document.get(key), kind):
            fields[key] = document[key]
        elif key in document:
            repairs.append(f"{key} is {_kind(document[key])}: it is ignored")
    fields["env"] = _env(document.get("env", {}), repairs)
    fields["interrupt_mode"] = _interrupt_mode(document.get("interrupt_mode", "signal"), repairs)
    return fields


def _env(env: Any, repairs: list[str]) -> dict[str, str]:
    """Numbers become text, as whoever wrote them meant; what has no such meaning is left out."""
    if not isinstance(env, dict):
        repairs.append(f"env is {_kind(env)}: it is ignored")
        return {}
    usable = {}
    for key, value in env.items():
        if not key or "=" in key or "\0" in key:
            repairs.append(f"env has the name {key!r}, which no variable can have: it is ignored")
        elif isinstance(value, str) and "\0" in value:
            repairs.append(f"env.{key} holds a NUL: it is ignored")
        elif isinstance(value, str):
            usable[key] = value
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            usable[key] = str(value)
            repairs.append(f"env.{key} is a number: it is taken as text")
        else:
            repairs.append(f"env.{key} is {_kind(value)}: it is ignored")
    return usable


def _interrupt_mode(mode: Any, repairs: list[str]) -> str:
    if isinstance(mode, str) and mode.lower() in {"signal", "message"}:
        return mode.lower()
    repairs.append('interrupt_mode is neither "signal" nor "message": "signal" is used')
    return "signal"


def _kind(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    kinds: dict[type, str] = {dict: "an object", list: "a list", str: "a string"}
    return kinds.get(type(value), "a number")


def _not_json(data: bytes, encoding: str, path: str, error: Exception) -> Finding:
    source, seen = path, f"is not JSON: {problem(error)}"
    try:
        json.loads(data.decode(encoding))
    except json.JSONDecodeError as where:
        source, seen = f"{path}:{where.lineno}:{where.colno}", f"is not JSON: {where.msg}"
    except UnicodeDecodeError:
        seen = "is neither UTF-8 nor UTF-16"
    except RecursionError:
        seen = "is nested too deeply"
    except ValueError as other:  # a number of more digits than Python reads
        seen = f"is not JSON: {problem(other)}"
    return _refused(source, "is empty" if not data.strip() else seen)


def _refused(source: str, seen: str) -> Finding:
    return Finding(
        id="kernelspec-unusable",
        severity="warning",
        source=printable(source),
        seen=printable(seen),
        remedy="the kernel is left out; write the file anew or remove its folder, for Python with "
        f'{{"argv": {PYTHON_ARGV}, "display_name": "Python 3", "language": "python"}}',
    )


def _repaired(path: str, repairs: list[str]) -> Finding | None:
    if not repairs:
        return None
    return Finding(
        id="kernelspec-repaired",
        severity="info",
        source=printable(path),
        seen=printable("; ".join(repairs)),
        remedy="the kernel is listed; correct the file, other Jupyter servers may refuse it",
    )
