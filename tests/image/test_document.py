"""JSON bytes to values: what is refused as a whole, and where the fault is said to be."""

import pytest

from jupyter_sm.errors import DocumentError, Finding
from jupyter_sm.image.document import Document, Place, decode_object, describe


def refusal(data: bytes) -> Finding:
    with pytest.raises(DocumentError) as caught:
        decode_object(data, source="some.json")
    finding = caught.value.finding
    assert finding.severity == "error"
    assert finding.remedy
    return finding


def test_an_object_is_decoded() -> None:
    assert decode_object(b'{"a": [1, "\xc3\xa9"]}', source="s") == {"a": [1, "é"]}


def test_a_byte_order_mark_is_accepted() -> None:
    assert decode_object(b'\xef\xbb\xbf{"a": 1}', source="s") == {"a": 1}


@pytest.mark.parametrize("data", [b"", b" \n\t", b"\xef\xbb\xbf"])
def test_an_empty_document_is_called_empty(data: bytes) -> None:
    finding = refusal(data)
    assert (finding.id, finding.source) == ("document-empty", "some.json")


@pytest.mark.parametrize(
    ("data", "where", "found"),
    [
        (b"{", "1:2", "the end of the document"),
        (b'{"a": 1,\n "b" 2}', "2:6", "'2}'"),
        (b'{"a": 1}\n\n{"b": 2}', "3:1", """'{"b": 2}'"""),
        (b'{"a": "x\n}', "1:9", "the end of the line"),
        (b'{"a": "x\r\n}', "1:9", "the end of the line"),
        (b'{"a": "x', "1:7", "'\"x'"),
        (b"{'a': 1}", "1:2", "\"'a': 1}\""),
        ('{"é": tru}'.encode(), "1:7", "'tru}'"),
        (b'{"a": "\x1b[0m"}', "1:8", "'\\x1b[0m\"}'"),
    ],
)
def test_malformed_json_is_reported_with_line_column_and_what_is_there(
    data: bytes, where: str, found: str
) -> None:
    finding = refusal(data)
    assert finding.id == "document-not-json"
    assert finding.source == f"some.json:{where}"
    assert finding.seen.endswith(f"found {found}")
    assert finding.seen.isprintable()


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b'{"a": NaN}', "1:7"),
        (b'{"a": "NaN",\n "b": -Infinity}', "2:7"),
        (b'{"\\"NaN": [Infinity]}', "1:12"),
    ],
)
def test_numbers_that_json_does_not_have_are_refused_where_they_stand(
    data: bytes, where: str
) -> None:
    finding = refusal(data)
    assert (finding.id, finding.source) == ("document-not-json", f"some.json:{where}")
    assert "is not a JSON number" in finding.seen


def test_bytes_that_are_not_utf8_are_refused_where_they_stand() -> None:
    finding = refusal(b'{"a": 1,\n "b": "\xe9"}')
    assert (finding.id, finding.source) == ("document-not-utf8", "some.json:2:8")
    assert "0xe9" in finding.seen


def test_utf16_is_refused_as_not_utf8() -> None:
    assert refusal('{"a": 1}'.encode("utf-16")).id == "document-not-utf8"


@pytest.mark.parametrize("data", [b"[" * 200_000, b'{"a":' * 200_000])
def test_a_document_nested_too_deeply_is_refused(data: bytes) -> None:
    assert refusal(data).id == "document-too-deep"


@pytest.mark.parametrize(
    ("data", "seen"), [(b"[]", "a list of 0"), (b"null", "null"), (b'"x"', "'x'"), (b"3", "3")]
)
def test_a_document_that_is_no_object_is_refused(data: bytes, seen: str) -> None:
    finding = refusal(data)
    assert (finding.id, finding.seen, finding.wanted) == (
        "document-not-object",
        seen,
        "a JSON object",
    )


def test_thousands_of_digits_are_no_crash() -> None:
    assert decode_object(b'{"a": %s}' % (b"9" * 5000), source="s") == {"a": float("inf")}
    assert decode_object(b'{"a": 12345}', source="s") == {"a": 12345}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "true"),
        (None, "null"),
        (1.5, "1.5"),
        ([1, 2], "a list of 2"),
        ({"a": 1}, "an object"),
        ("a\nb\x1b", "'a\\nb\\x1b'"),
        ("x" * 60, repr("x" * 60)),
        ("x" * 61, repr("x" * 59 + "…")),
    ],
)
def test_a_value_is_described_on_one_short_printable_line(value: object, words: str) -> None:
    assert describe(value) == words


def test_the_path_of_an_odd_member_name_is_quoted() -> None:
    root = Place({}, Document(source="s", severity="error", remedy="r"))
    assert root.child("Name", 1).path == "$.Name"
    assert root.child("a b\n", 1).path == "$['a b\\n']"
    assert root.child("a" * 70, 1).path == f"$['{'a' * 59}…']"


def test_a_member_of_what_is_no_object_is_absent() -> None:
    assert Place([], Document(source="s", severity="error", remedy="r")).get("Name") is None
