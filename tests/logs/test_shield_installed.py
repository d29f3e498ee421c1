"""The shield stands in front of whatever makes records, once, and goes again."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from log_state import Kept, fresh_logging

from jupyter_sm.logs.secrets.shield import Shield

TOKEN = "d41d8cd98f00b204"  # the value is no secret


@pytest.fixture
def kept() -> Iterator[Kept]:
    with fresh_logging():
        handler = Kept()
        logging.getLogger().addHandler(handler)
        yield handler


def said(kept: Kept) -> str:
    logging.getLogger("ServerApp").warning("a %s", TOKEN)
    return kept.last.getMessage()


class Factory:
    """Somebody else's, on top of the one that is there."""

    def __init__(self) -> None:
        self.below = logging.getLogRecordFactory()
        self.calls = 0
        logging.setLogRecordFactory(self)

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        self.calls += 1
        record = self.below(*args, **kwargs)
        record.mark = "theirs"
        record.exc_text = f"formatted by them: {TOKEN}"
        return record


def test_without_the_shield_the_secret_is_seen(kept: Kept) -> None:
    assert said(kept) == f"a {TOKEN}"


def test_it_is_installed_once_and_leaves_what_was_there(kept: Kept) -> None:
    before = logging.getLogRecordFactory()
    shield = Shield([TOKEN], environ={})
    assert not shield.installed
    shield.install()
    standing = logging.getLogRecordFactory()
    shield.install()
    assert logging.getLogRecordFactory() is standing
    assert said(kept) == "a [secret]"
    shield.uninstall()
    shield.uninstall()
    assert logging.getLogRecordFactory() is before
    assert said(kept) == f"a {TOKEN}"


def test_a_factory_that_was_there_is_still_asked(kept: Kept) -> None:
    theirs = Factory()
    shield = Shield([TOKEN], environ={})
    shield.install()
    assert said(kept) == "a [secret]"
    assert kept.last.mark == "theirs"  # type: ignore[attr-defined]
    assert kept.last.exc_text == "formatted by them: [secret]"
    shield.uninstall()
    assert logging.getLogRecordFactory() is theirs


def test_another_factory_on_top_changes_nothing(kept: Kept) -> None:
    shield = Shield([TOKEN], environ={})
    shield.install()
    theirs = Factory()
    assert shield.installed
    assert theirs.calls == 1
    shield.install()
    assert logging.getLogRecordFactory() is theirs
    assert said(kept) == "a [secret]"
    shield.uninstall()
    assert logging.getLogRecordFactory() is theirs
    assert said(kept) == f"a {TOKEN}"
    shield.install()
    assert said(kept) == "a [secret]"
    assert kept.last.mark == "theirs"  # type: ignore[attr-defined]
    shield.uninstall()
    assert logging.getLogRecordFactory() is theirs


def test_a_factory_that_took_its_place_is_stood_in_front_of_again(kept: Kept) -> None:
    shield = Shield([TOKEN], environ={})
    shield.install()
    logging.setLogRecordFactory(logging.LogRecord)
    assert not shield.installed
    assert said(kept) == f"a {TOKEN}"
    shield.install()
    assert said(kept) == "a [secret]"


def test_a_factory_that_fails_is_not_taken_for_the_shield(kept: Kept) -> None:
    def fail(*_args: object, **_kwargs: object) -> logging.LogRecord:
        raise ValueError("broken")

    shield = Shield([TOKEN], environ={})
    shield.install()
    logging.setLogRecordFactory(fail)
    assert not shield.installed
    logging.setLogRecordFactory(logging.LogRecord)
    assert said(kept) == f"a {TOKEN}"


def test_two_shields_hide_what_each_knows(kept: Kept) -> None:
    one, two = Shield([TOKEN], environ={}), Shield(["other-secret"], environ={})
    one.install()
    two.install()
    log = logging.getLogger("jupyter_sm")
    log.warning("%s %s", TOKEN, "other-secret")
    assert kept.last.getMessage() == "[secret] [secret]"
    one.uninstall()
    log.warning("%s %s", TOKEN, "other-secret")
    assert kept.last.getMessage() == f"{TOKEN} [secret]"
    two.uninstall()
    log.warning("%s %s", TOKEN, "other-secret")
    assert kept.last.getMessage() == f"{TOKEN} other-secret"


def test_a_secret_learned_later_is_hidden_from_then_on(kept: Kept) -> None:
    shield = Shield(environ={})
    shield.install()
    assert said(kept) == f"a {TOKEN}"
    shield.learn([TOKEN, None, ""])
    assert said(kept) == "a [secret]"
    assert shield.scrub(f"a {TOKEN}") == "a [secret]"
    shield.learn(["another-secret"])
    assert said(kept) == "a [secret]"


def test_the_secrets_of_the_environment_are_known(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KG_AUTH_TOKEN", TOKEN)
    shield = Shield()
    shield.install()
    assert said(kept) == "a [secret]"
