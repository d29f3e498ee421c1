"""How one event is printed."""

import json
import time
from collections.abc import Iterator

import pytest

from jupyter_sm.cli.logformat import as_json, as_text
from jupyter_sm.logs.line import Event

NOON = 1_732_104_000_007
"""20 November 2024, 12:00:00.007 UTC."""


@pytest.fixture(autouse=True)
def an_hour_ahead() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "CET-1")
        time.tzset()
        yield
    time.tzset()


def text(message: str, **fields: object) -> list[str]:
    given = {"level": "WARNING", "logger": "ServerApp", "message": message, **fields}
    return as_text(Event(NOON, json.dumps(given))).split("\n")


def test_it_looks_as_jupyter_server_writes_it_in_local_time() -> None:
    assert text("Hello") == ["[W 2024-11-20 13:00:00.007 ServerApp] Hello"]


def test_ids_are_shortened_and_parts_are_named() -> None:
    (line,) = text("Hello", kernel_id="3f2a90bc-1", request_id="0123456789", part=2, parts=3)
    assert line.endswith("] Hello (part 2 of 3, kernel 3f2a90bc, request 01234567)")


def test_a_traceback_is_whole_and_indented() -> None:
    trace = 'Traceback (most recent call last):\n  File "x.py", line 1\nValueError: no\n'
    assert text("Uncaught\nexception", traceback=trace)[1:] == [
        "    exception",
        "    Traceback (most recent call last):",
        '      File "x.py", line 1',
        "    ValueError: no",
    ]


def test_nothing_that_a_terminal_would_act_on_is_left() -> None:
    evil = "\x1b]0;title\x07 \x1b[2J \x9b2J \x1b[31mred\x1b[0m \r\b\x7f\u202e\u2028\x00 a\tb\r\nc"
    lines = text(evil, logger="a\x1b[2Jb", level="\x1b", traceback="\x1b[2J\v")
    assert all(line.isprintable() for line in lines)
    assert "\\x1b]0;title\\x07 \\x1b[2J \\x9b2J red \\r\\x08\\x7f\\u202e\\u2028\\x00" in lines[0]
    assert lines[1:] == ["    c", "    \\x1b[2J\\x0b"]


@pytest.mark.parametrize("message", ["plain", '["json"]', '{"torn', "{}"])
def test_a_message_without_fields_is_printed_as_it_is(message: str) -> None:
    assert as_text(Event(NOON, message)) == f"[- 2024-11-20 13:00:00.007 -] {message}"
    assert json.loads(as_json(Event(NOON, message))) == {"timestamp": NOON, "message": message}


def test_foreign_fields_without_a_message_are_printed_as_they_are() -> None:
    assert as_text(Event(NOON, '{"a":1}')).endswith('-] {"a":1}')


@pytest.mark.parametrize("milliseconds", [2**63 - 1, 10**17])
def test_a_time_of_no_calendar_is_printed_as_a_number(milliseconds: int) -> None:
    assert as_text(Event(milliseconds, "x")) == f"[- {milliseconds} -] x"
