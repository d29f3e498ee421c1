"""Each record is one event on disk when the call returns, whatever was handed to the logger."""

import logging
import logging.config
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from jupyter_sm.logs.spool import SpoolHandler

from .spools import Spool, logger_of


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path)


@pytest.fixture
def log(spool: Spool) -> Iterator[logging.Logger]:
    with spool.logger() as (logger, handler):
        yield logger
        assert handler.losses == 0


def raise_it(error: BaseException) -> NoReturn:
    raise error


def test_a_record_is_on_disk_when_the_call_returns(spool: Spool, log: logging.Logger) -> None:
    log.warning("%d of %s", 1, "ü")

    assert spool.fields() == [{"level": "WARNING", "logger": "test", "message": "1 of ü"}]


def test_folders_and_files_are_for_their_owner_only(spool: Spool, log: logging.Logger) -> None:
    log.info("x")

    modes = [
        stat.S_IMODE(path.stat().st_mode) for path in (spool.root / "aws", spool.folder, spool.path)
    ]
    assert modes == [0o700, 0o700, 0o600]


def test_a_traceback_is_whole_in_its_event(spool: Spool, log: logging.Logger) -> None:
    try:
        raise_it(ValueError("deep"))
    except ValueError:
        log.exception("failed", stack_info=True)

    (fields,) = spool.fields()
    lines = fields["traceback"].splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert "ValueError: deep" in lines
    assert "Stack (most recent call last):" in lines
    assert fields["message"] == "failed"


def test_a_traceback_that_a_queue_made_text_is_kept(spool: Spool, log: logging.Logger) -> None:
    record = {"msg": "m", "levelno": logging.INFO, "exc_text": "Traceback: x"}
    log.handle(logging.makeLogRecord(record))

    assert spool.fields()[0]["traceback"] == "Traceback: x"


def test_structured_fields_stand_beside_the_message(spool: Spool, log: logging.Logger) -> None:
    extra = {"request_id": "r", "status": 200, "duration_ms": 1.5, "level": "forged"}
    log.info("GET", extra={"sm_fields": extra})

    assert spool.fields() == [
        {"level": "INFO", "logger": "test", "message": "GET", **extra} | {"level": "INFO"}
    ]


@pytest.mark.parametrize("fields", [None, 3, "text", [1]])
def test_fields_that_are_none_are_left_out(
    spool: Spool, log: logging.Logger, fields: object
) -> None:
    log.info("x", extra={"sm_fields": fields})

    assert spool.fields() == [{"level": "INFO", "logger": "test", "message": "x"}]


@pytest.mark.parametrize(
    ("message", "arguments", "wanted"),
    [
        ("%d", ("a",), "%d % ('a')"),
        ("%s %s", ("a",), "%s %s % ('a')"),
        ("none", ("a", 2), "none % ('a', 2)"),
        ("%(missing)s", ({"a": 1},), "%(missing)s % ({'a': 1})"),
    ],
)
def test_a_message_that_cannot_be_formatted_is_told_as_it_was_given(
    spool: Spool, log: logging.Logger, message: str, arguments: tuple[object, ...], wanted: str
) -> None:
    log.info(message, *arguments)

    (fields,) = spool.fields()
    assert fields["message"] == wanted
    assert fields["format_error"].split(":")[0] in {"TypeError", "KeyError"}


class Hostile:
    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __str__(self) -> str:
        raise self.error

    __repr__ = __str__


class HostileError(Exception):
    __str__ = Hostile.__str__

    def __init__(self) -> None:
        self.error = RuntimeError("no text")


def test_texts_that_refuse_themselves_are_replaced(spool: Spool, log: logging.Logger) -> None:
    hostile = Hostile(HostileError())
    log.info(hostile)
    log.info("%s", hostile)
    log.info("x", extra={"sm_fields": {"it": hostile}})
    try:
        raise_it(HostileError())
    except HostileError:
        log.exception("failed")

    first, second, third, fourth = spool.fields()
    assert first["message"] == "<Hostile without a text>"
    assert first["format_error"] == "HostileError: <HostileError without a text>"
    assert second["message"] == "%s % (<Hostile without a text>)"
    assert third["it"] == "<Hostile without a text>"
    assert "raise_it" in fourth["traceback"]


def test_what_means_to_end_the_program_does(spool: Spool) -> None:
    with spool.logger() as (logger, _):
        with pytest.raises(KeyboardInterrupt):
            logger.info("%s", Hostile(KeyboardInterrupt()))
        logger.info("after")

    assert spool.messages() == ["after"]


def test_surrogates_nul_and_three_megabytes_arrive(spool: Spool, log: logging.Logger) -> None:
    log.info("half \ud800, nul \0")
    log.info("é" * 1_500_000)

    first, *parts = spool.fields()
    assert first["message"] == "half \\ud800, nul \0"
    assert "".join(part["message"] for part in parts) == "é" * 1_500_000
    assert [part["part"] for part in parts] == list(range(1, len(parts) + 1))


class Talking:
    """Logs whenever it is asked for its text."""

    def __init__(self, logger: logging.Logger, *, endlessly: bool) -> None:
        self.logger = logger
        self.message: object = self if endlessly else "inner"

    def __str__(self) -> str:
        self.logger.info(self.message)
        return "outer"


def test_a_record_that_logs_while_it_is_formatted_is_written(
    spool: Spool, log: logging.Logger
) -> None:
    log.info(Talking(log, endlessly=False))

    assert spool.messages() == ["inner", "outer"]


def test_logging_without_end_ends(spool: Spool) -> None:
    with spool.logger() as (logger, handler):
        logger.info(Talking(logger, endlessly=True))
        assert handler.losses == 1
        logger.info("after")

    messages = spool.messages()
    assert messages.count("outer") == 4
    assert messages[-1] == "after"
    assert [note.split(":")[0] for note in spool.notes] == [
        "log events cannot be written",
        "log events are written again; 1 were lost",
    ]


def test_timestamps_never_step_back(spool: Spool) -> None:
    with spool.logger() as (logger, _):
        for spool.now in (1_000, 5_000, 2_000, 6_000):
            logger.info("x")
    spool.now = 3_000
    with spool.logger() as (logger, _):
        logger.info("x")

    assert [event.timestamp for event in spool.events()] == [1_000, 5_000, 5_000, 6_000, 6_000]


def test_a_clock_that_was_far_ahead_is_believed_again_when_it_is_right(spool: Spool) -> None:
    days = 3 * 86_400_000
    with spool.logger() as (logger, _):
        for spool.now in (1_000, days, 2_000, 3_000):
            logger.info("x")

    assert [event.timestamp for event in spool.events()] == [1_000, days, 2_000, 3_000]


@pytest.mark.parametrize(("ahead", "wanted"), [(2 * 3_600_000, 7_201_000), (7_200_001, 1_000)])
def test_a_last_line_more_than_two_hours_ahead_does_not_count(
    spool: Spool, ahead: int, wanted: int
) -> None:
    spool.now = 1_000 + ahead
    with spool.logger() as (logger, _):
        logger.info("ahead")
    spool.now = 1_000
    with spool.logger() as (logger, _):
        logger.info("x")

    assert spool.events()[-1].timestamp == wanted


def test_the_last_timestamp_is_found_before_a_torn_line_and_in_a_closed_segment(
    spool: Spool,
) -> None:
    spool.now = 5_000
    with spool.logger() as (logger, _):
        logger.info("x")
    with open(spool.path, "ab") as file:
        file.write(b'{"timestamp":9000,"mess')
    os.rename(spool.path, f"{spool.path}.00000001")
    spool.now = 1_000
    with spool.logger() as (logger, _):
        logger.info("y")

    assert spool.path.read_bytes().startswith(b'{"timestamp":5000,')


def test_a_closed_handler_opens_again(spool: Spool) -> None:
    with spool.logger() as (logger, handler):
        logger.info("one")
        handler.close()
        logger.info("two")
        handler.close()
        handler.close()
        logging.shutdown([lambda: handler])
        logger.info("three")

    assert spool.messages() == ["one", "two", "three"]


def test_a_configuration_that_closes_every_handler_does_not_end_it(spool: Spool) -> None:
    with spool.logger() as (logger, _):
        logger.info("before")
        before = descriptors_of(spool.path)
        logging.config.dictConfig(
            {"version": 1, "incremental": False, "disable_existing_loggers": False}
        )
        assert (len(before), descriptors_of(spool.path)) == (1, [])
        logger.info("after")

    assert spool.messages() == ["before", "after"]
    assert descriptors_of(spool.path) == []


def test_a_handler_that_nobody_closes_leaves_no_descriptor(spool: Spool) -> None:
    handler = spool.handler()
    logger = logger_of(handler)
    logger.info("x")
    assert len(descriptors_of(spool.path)) == 1

    del handler, logger

    assert descriptors_of(spool.path) == []


def test_a_handler_can_be_made_by_a_configuration(tmp_path: Path) -> None:
    path = tmp_path / "a/b.log"
    handler = {"class": "jupyter_sm.logs.spool.SpoolHandler", "path": str(path)}
    name = "jupyter_sm.test_spool"
    config: dict[str, Any] = {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"spool": handler},
        "loggers": {name: {"handlers": ["spool"], "level": "INFO", "propagate": False}},
    }
    logging.config.dictConfig(config)
    logger = logging.getLogger(name)
    logger.info("x")
    (made,) = logger.handlers
    logger.removeHandler(made)
    made.close()

    assert isinstance(made, SpoolHandler)
    assert b'\\"x\\"' in path.read_bytes()


def test_notes_go_to_the_processs_own_stderr(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "__stderr__", sys.stderr)
    (tmp_path / "file").touch()

    SpoolHandler(str(tmp_path / "file/a.log")).close()
    monkeypatch.setattr(sys, "__stderr__", None)
    SpoolHandler(str(tmp_path / "file/a.log")).close()

    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("jupyter_sm: log events cannot be written: ")
    assert str(tmp_path / "file") in line


def descriptors_of(path: Path) -> list[str]:
    """The descriptors of this process that are open on a file."""
    found = []
    for number in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{number}")
        except FileNotFoundError:
            continue
        if target == str(path):
            found.append(number)
    return found
