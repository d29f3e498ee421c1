"""A line is one event as CloudWatch Logs takes it, whatever texts are in it."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_sm.logs.line import Event, decode_line, encode_event, fields_of
from jupyter_sm.logs.segments import EVENT_BYTES_MOST, EVENT_OVERHEAD

TEXTS = st.text(st.characters(exclude_categories=()))


def one(fields: dict[str, Any], timestamp: int = 1) -> Event:
    (line,) = encode_event(timestamp, fields)
    assert line.endswith(b"\n")
    event = decode_line(line)
    assert event is not None
    return event


def several(fields: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for line in encode_event(1, fields):
        event = decode_line(line)
        assert event is not None
        assert line.count(b"\n") == 1
        assert len(event.message.encode()) + EVENT_OVERHEAD <= EVENT_BYTES_MOST
        found.append(fields_of(event))
    assert [part["part"] for part in found] == list(range(1, len(found) + 1))
    assert {part["parts"] for part in found} == {len(found)}
    return found


def joined(parts: list[dict[str, Any]], name: str) -> str:
    return "".join(part.get(name, "") for part in parts)


def test_a_line_is_an_input_log_event_whose_message_is_json() -> None:
    (line,) = encode_event(17, {"level": "INFO", "message": "ü", "status": 200, "ms": 1.5})

    assert (
        line
        == (
            '{"timestamp":17,"message":"{\\"level\\":\\"INFO\\",\\"message\\":\\"ü\\",'
            '\\"status\\":200,\\"ms\\":1.5}"}\n'
        ).encode()
    )
    assert json.loads(json.loads(line)["message"])["message"] == "ü"


@settings(database=None, deadline=None)
@given(st.dictionaries(TEXTS, st.none() | st.booleans() | st.integers() | TEXTS))
def test_every_text_and_number_comes_back_or_its_escape_does(fields: dict[str, Any]) -> None:
    def valid(text: str) -> str:
        return text.encode("utf-8", "backslashreplace").decode()

    wanted = {
        valid(name): valid(value) if isinstance(value, str) else value
        for name, value in fields.items()
    }
    assert json.loads(one(fields).message) == wanted


def test_half_a_surrogate_pair_is_written_as_its_escape() -> None:
    assert fields_of(one({"message": "a\ud83d\0b"})) == {"message": "a\\ud83d\0b"}


class Hostile:
    def __str__(self) -> str:
        raise RuntimeError("no")


def test_what_json_does_not_know_is_written_as_its_text() -> None:
    fields = fields_of(one({"a": 1j, "b": Hostile(), "c": math.nan, "d": 2**70}))

    assert fields == {"a": "1j", "b": "<Hostile without a text>", "c": None, "d": 2**70}


def test_the_largest_event_is_whole_and_one_byte_more_is_split() -> None:
    room = EVENT_BYTES_MOST - EVENT_OVERHEAD - len('{"message":""}')

    assert "part" not in fields_of(one({"message": "x" * room}))
    assert len(several({"message": "x" * (room + 1)})) == 2


@pytest.mark.parametrize("character", ["x", "é", "€", "😀", "\0", '"', "\n", "\ud800"])
def test_three_megabytes_are_split_on_characters_and_nothing_is_lost(character: str) -> None:
    text = f"<{character * (3_000_000 // len(character.encode(errors='replace')))}>"

    parts = several({"level": "INFO", "logger": "a", "message": text, "request_id": "r"})

    assert joined(parts, "message") == text.encode("utf-8", "backslashreplace").decode()
    assert all(part["request_id"] == "r" and part["level"] == "INFO" for part in parts)
    full = [len(json.dumps(part, ensure_ascii=False)) for part in parts[:-1]]
    assert all(size > EVENT_BYTES_MOST // 8 for size in full)


def test_message_and_traceback_share_the_parts() -> None:
    fields = {"message": "m" * 700_000, "traceback": "t" * 700_000, "n": 1}

    parts = several(fields)

    assert len(parts) == 2
    assert joined(parts, "message") == fields["message"]
    assert joined(parts, "traceback") == fields["traceback"]
    assert "traceback" in parts[0]


def test_fields_by_the_thousand_are_kept_too() -> None:
    many = {f"field {n}": "v" * 900 for n in range(2_000)}

    parts = several({"level": "INFO", "message": "m", **many})

    others = json.loads(joined(parts, "others"))
    assert {**others, **parts[0]}.items() >= many.items()
    assert joined(parts, "message") == "m"


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"text",
        b'{"timestamp":1,"mess',
        b'{"timestamp":1,"mess{"timestamp":1,"message":"a"}',
        b'{"timestamp":1}',
        b'{"timestamp":"1","message":"a"}',
        b'{"timestamp":1,"message":""}',
        b'{"timestamp":-1,"message":"a"}',
        b'{"timestamp":99999999999999999999,"message":"a"}',
        b'{"timestamp":1,"message":"\xff"}',
        b'{"timestamp":1,"message":{}}',
        b"[" * 100_000,
        b"\0" * 4096,
    ],
)
def test_what_is_no_event_is_none(line: bytes) -> None:
    assert decode_line(line) is None


@pytest.mark.parametrize("message", ["plain", "{not json", "[1]", '"text"', "{}"])
def test_a_message_without_fields_has_none(message: str) -> None:
    event = decode_line(json.dumps({"timestamp": 1, "message": message, "x": 1}).encode())

    assert event == Event(timestamp=1, message=message)
    assert event is not None
    assert fields_of(event) == {}
