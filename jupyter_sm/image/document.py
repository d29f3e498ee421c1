"""JSON bytes to values, and each value with the place where it stands.

Nothing here raises but ``decode_object``: what is wrong with a part becomes a finding that names the
file and the JSON path, and the reader goes on with the other parts.
"""

import codecs
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..errors import DocumentError, Finding, Severity
from .limits import TextLimit

_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
_STRING_OR_CONSTANT = re.compile(r'"(?:[^"\\]|\\.)*"|-?Infinity|NaN')
_SHOWN = 60
_LONGEST_INTEGER = 20

ALIKE = 20
"""Findings of one kind that a document may have; of further ones only the number is told."""


def decode_object(
    data: bytes, *, source: str, repeated: list[str] | None = None
) -> dict[str, object]:
    """The JSON object in a document's bytes; a UTF-8 byte order mark is accepted.

    Args:
        data: the document.
        source: its name in findings.
        repeated: takes up each name that one object has more than once; the last one counts.

    Raises:
        DocumentError: the bytes are empty, not UTF-8, not JSON (``NaN`` and ``Infinity`` are not),
            nested too deeply, or no object. Its finding names line and column, from 1, where one
            place is at fault.
    """
    text = _decode_utf8(data, source)
    if not text.strip():
        raise _refusal("document-empty", source, "the document is empty", "a JSON object")
    try:
        value = json.loads(
            text,
            parse_int=_integer,
            parse_constant=lambda _: _refuse_nan(text),
            object_pairs_hook=None if repeated is None else lambda p: _object(p, repeated),
        )
    except json.JSONDecodeError as error:
        seen = f"not JSON: {error.msg.removesuffix(' at')}, found {_excerpt(text, error.pos)}"
        where = f"{source}:{error.lineno}:{error.colno}"
        raise _refusal("document-not-json", where, seen, "", _MEND_JSON) from error
    except RecursionError as error:
        seen = "objects or lists nested too deeply to be read"
        raise _refusal("document-too-deep", source, seen, "a document of a few levels") from error
    if not isinstance(value, dict):
        raise _refusal("document-not-object", source, describe(value), "a JSON object")
    return value


_MEND_JSON = (
    "correct the document there; a quotation mark, comma or bracket missing just before is the "
    "usual cause"
)


def _decode_utf8(data: bytes, source: str) -> str:
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        seen = f"not UTF-8: byte 0x{data[error.start]:02x}"
        remedy = "save the document as UTF-8"
        where = f"{source}:{line}:{column}"
        raise _refusal("document-not-utf8", where, seen, "UTF-8", remedy) from error


def _object(pairs: list[tuple[str, object]], repeated: list[str]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) < len(pairs):
        counts = Counter(key for key, _value in pairs)
        repeated.extend(key for key, count in counts.items() if count > 1)
    return value


def _integer(digits: str) -> int | float:
    # Python refuses to convert thousands of digits; no field of these documents needs them.
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


def _refuse_nan(text: str) -> None:
    # The parser's hook is not told where it is, but everything before it is well-formed.
    at = next(m for m in _STRING_OR_CONSTANT.finditer(text) if not m[0].startswith('"'))
    raise json.JSONDecodeError(f"{at[0]} is not a JSON number", text, at.start())


def _excerpt(text: str, position: int) -> str:
    if position >= len(text):
        return "the end of the document"
    if text[position] in "\r\n":
        return "the end of the line"
    return repr(text[position : position + 20].splitlines()[0])


def _refusal(kind: str, source: str, seen: str, wanted: str, remedy: str = "") -> DocumentError:
    remedy = remedy or "replace the document"
    return DocumentError(
        Finding(id=kind, severity="error", source=source, seen=seen, wanted=wanted, remedy=remedy)
    )


def describe(value: object) -> str:
    """A JSON value in a few printable words; never more than a line, however large it is."""
    if isinstance(value, str):
        return repr(value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…")
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return "an object"
    return json.dumps(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document while it is read.

    Attributes:
        source: its name in findings.
        severity: of a part that cannot be used.
        remedy: for a part that cannot be used.
        findings: what was found so far, at most ``ALIKE`` of a kind.
        counts: how many of each kind there were.
    """

    source: str
    severity: Severity
    remedy: str
    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def all_findings(self) -> tuple[Finding, ...]:
        """What was found, and for each kind how many more there are than are listed."""
        more = [
            Finding(
                id=kind,
                severity=self.severity,
                source=self.source,
                seen=f"and {count - ALIKE} more like these",
                remedy="correct the ones above first",
            )
            for kind, count in self.counts.items()
            if count > ALIKE
        ]
        return (*self.findings, *more)


@dataclass(frozen=True, slots=True)
class Place:
    """A value and where it stands in its document.

    Methods that return None have said why in the document's findings.
    """

    value: object
    document: Document
    path: str = "$"

    def report(
        self,
        kind: str,
        seen: str,
        *,
        wanted: str = "",
        remedy: str = "",
        severity: Severity | None = None,
    ) -> None:
        """Add a finding about this place, by default of the document's severity and remedy."""
        self.document.counts[kind] += 1
        if self.document.counts[kind] > ALIKE:
            return
        self.document.findings.append(
            Finding(
                id=kind,
                severity=severity or self.document.severity,
                source=f"{self.document.source} {self.path}",
                seen=seen,
                wanted=wanted,
                remedy=remedy or self.document.remedy,
            )
        )

    def child(self, key: str, value: object) -> "Place":
        """The place of a member of this object."""
        plain = re.fullmatch("[A-Za-z_][A-Za-z0-9_]{0,63}", key)
        step = f".{key}" if plain else f"[{describe(key)}]"
        return Place(value, self.document, self.path + step)

    def get(self, key: str) -> "Place | None":
        """A member of this object; None when there is none, ``null``, or this is no object."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return None if value is None else self.child(key, value)

    def is_object(self, known: Iterable[str]) -> bool:
        """Whether this is an object; a member that is one of ``known`` but for its case is reported."""
        if not isinstance(self.value, dict):
            self.report("document-member-type", describe(self.value), wanted="an object")
            return False
        right = {_folded(key): key for key in known}
        for key in self.value:
            meant = right.get(_folded(key))
            if meant is not None and meant != key:
                self.child(key, None).report(
                    "document-member-misspelt",
                    f"{describe(key)}, which SageMaker does not know",
                    wanted=meant,
                    remedy=f"rename it to {meant}; it is ignored as it is",
                    severity="warning",
                )
        return True

    def items(self, *, fewest: int = 0, most: int) -> "list[Place]":
        """The entries of this list. Too many are reported and returned all the same."""
        if not isinstance(self.value, list):
            self.report("document-member-type", describe(self.value), wanted="a list")
            return []
        self._count(len(self.value), fewest, most)
        return [
            Place(value, self.document, f"{self.path}[{index}]")
            for index, value in enumerate(self.value)
        ]

    def entries(self, *, most: int) -> "dict[str, Place]":
        """The members of this object, whatever their names. Too many are reported only."""
        if not isinstance(self.value, dict):
            self.report("document-member-type", describe(self.value), wanted="an object")
            return {}
        self._count(len(self.value), 0, most)
        return {key: self.child(key, value) for key, value in self.value.items()}

    def _count(self, count: int, fewest: int, most: int) -> None:
        if not fewest <= count <= most:
            wanted = f"{fewest} to {most}" if fewest else f"at most {most}"
            self.report("document-count-limit", f"{count} entries", wanted=wanted)

    def text(self, limit: TextLimit | None = None, *, private: bool = False) -> str | None:
        """This text, if it is one and keeps the limit. A private one is not shown in findings."""
        value = self.value
        if not isinstance(value, str):
            self.report("document-member-type", describe(value), wanted="a text")
            return None
        if _UNREADABLE.search(value):
            seen = "a text with a NUL or with half of a surrogate pair in it"
            self.report("document-text-unreadable", seen, wanted="characters")
            return None
        wanted = limit.broken_by(value) if limit else ""
        if wanted:
            hidden = private or len(value) > _SHOWN
            seen = f"a text of {len(value)} characters" if hidden else describe(value)
            self.report("document-text-limit", seen, wanted=wanted)
            return None
        return value

    def integer(self, *, most: int) -> int | None:
        """This whole number, if it is one from 0 to ``most``."""
        value = self.value
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            self.report(
                "document-number-limit", describe(value), wanted=f"a whole number from 0 to {most}"
            )
            return None
        return value


def _folded(key: str) -> str:
    return key.replace("_", "").lower()
