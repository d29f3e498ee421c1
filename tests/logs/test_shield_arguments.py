"""An argument that is a secret by its name is nowhere in a record."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from log_state import Kept, fresh_logging

from jupyter_sm.logs.secrets.shield import Shield


@pytest.fixture
def kept() -> Iterator[Kept]:
    with fresh_logging():
        handler = Kept()
        logging.getLogger().addHandler(handler)
        shield = Shield(environ={})
        shield.install()
        yield handler
        shield.uninstall()


@pytest.mark.parametrize(
    ("message", "arguments", "expected"),
    [
        ("%(token)s", {"token": "abc"}, "[secret]"),
        ("a %(b)s %(auth_token)r", {"b": 1, "auth_token": "abc"}, "a 1 '[secret]'"),
        ("a %(b)s", {"b": "c", "password": b"abc"}, "a c"),
        ("a %s", {"b": "c", "api_key": "abc"}, "a {'b': 'c', 'api_key': '[secret]'}"),
        ("%(otp)06d", {"otp": 4711}, "%(otp)06d {'otp': '[secret]'}"),
        ("%(a)s", {"a": {"token": "abc"}}, "{'token': '[secret]'}"),
        ("%(token)s %%", {"token": "abc"}, "[secret] %"),
    ],
)
def test_a_named_argument_is_hidden_in_the_message_and_beside_it(
    kept: Kept, message: str, arguments: dict[str, Any], expected: str
) -> None:
    given = dict(arguments)
    logging.getLogger("ServerApp").info(message, arguments)
    assert kept.last.getMessage() == expected
    assert kept.last.args == ()
    for secret in ("abc", "4711"):
        assert secret not in repr(kept.last.__dict__)
        assert secret not in kept.text
    assert arguments == given, "who logs keeps what is theirs"


@pytest.mark.parametrize(
    "arguments", [{"token": None}, {"token": ""}, {"password": True}, {"key": "a", 1: "b"}]
)
def test_what_is_no_secret_by_its_name_or_value_is_left(
    kept: Kept, arguments: dict[Any, Any]
) -> None:
    logging.getLogger("ServerApp").info("a", arguments)  # noqa: PLE1205 - a mapping is named arguments, wanted or not
    assert (kept.last.msg, kept.last.args) == ("a", arguments)
