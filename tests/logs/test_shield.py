"""No handler sees a secret in a record of Jupyter, tornado or this package; the rest is untouched."""

import builtins
import copy
import json
import logging
import logging.handlers
import queue
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from log_state import Kept, fresh_logging
from pythonjsonlogger.json import JsonFormatter
from tornado.log import LogFormatter
from traitlets.config.application import LevelFormatter

from jupyter_sm.logs.secrets.shield import Shield

TOKEN = "d41d8cd98f00b204"  # the value is no secret
OURS = (
    "KernelGatewayApp",
    "ServerApp",
    "LabApp",
    "SingleUserLabApp",
    "TerminalsExtensionApp",
    "JupyterSMExtension",
    "my.program",
    "my.program.part",
    "jupyter",
    "jupyter_server.serverapp",
    "jupyterlab",
    "tornado.access",
    "kernel_gateway",
    "notebook",
    "traitlets",
    "asyncio",
    "jupyter_sm.server",
)
OTHERS = (
    "root",
    "botocore",
    "urllib3.connectionpool",
    "asynciox",
    "traitletsx",
    "app",
    "my.programx",
    "my",
    "Apple",
)


@pytest.fixture
def kept() -> Iterator[Kept]:
    with fresh_logging():
        handler = Kept()
        logging.getLogger().addHandler(handler)
        yield handler


@pytest.fixture
def shield(kept: Kept) -> Iterator[Shield]:
    del kept  # is there first, and goes last
    found = Shield([TOKEN], loggers=["my.program"], environ={"JUPYTER_TOKEN": "of-the-environment"})
    found.install()
    yield found
    found.uninstall()


@pytest.fixture
def log(shield: Shield) -> logging.Logger:
    del shield
    return logging.getLogger("ServerApp")


class Said(Exception):  # noqa: N818 - says what a test has it say
    pass


class Shown:
    """Shows one thing to str and another to repr."""

    def __init__(self, as_str: str, as_repr: str) -> None:
        self._as_str = as_str
        self._as_repr = as_repr

    def __str__(self) -> str:
        return self._as_str

    def __repr__(self) -> str:
        return self._as_repr


class Broken:
    def __init__(self, error: BaseException) -> None:
        self._error = error

    def __repr__(self) -> str:
        raise self._error


@pytest.mark.parametrize("name", OURS)
def test_records_of_jupyter_tornado_and_this_package_are_scrubbed(
    shield: Shield, kept: Kept, name: str
) -> None:
    assert shield.installed
    logging.getLogger(name).warning("a %s b", TOKEN)
    assert kept.last.getMessage() == "a [secret] b"
    assert kept.last.args == ()
    assert TOKEN not in kept.text


@pytest.mark.parametrize("name", OTHERS)
def test_records_of_others_are_not_touched(shield: Shield, kept: Kept, name: str) -> None:
    assert shield.installed
    error = Said(TOKEN)
    logging.getLogger(name).warning("token=%s", TOKEN, exc_info=error)
    assert (kept.last.msg, kept.last.args) == ("token=%s", (TOKEN,))
    assert kept.last.exc_info is not None
    assert kept.last.exc_info[1] is error


def test_a_record_without_a_secret_is_as_it_was_logged(log: logging.Logger, kept: Kept) -> None:
    error, args = Said("no"), (1, "two", 3.0, None, {"four": [5]})
    log.error("%d %s %f %s %r", *args, exc_info=error, stack_info=True, extra={"own": 1})
    assert (kept.last.msg, kept.last.args) == ("%d %s %f %s %r", args)
    assert kept.last.exc_info is not None
    assert kept.last.exc_info[1] is error
    assert "Stack (most recent call last)" in str(kept.last.stack_info)
    assert kept.last.funcName == "test_a_record_without_a_secret_is_as_it_was_logged"
    assert kept.last.own == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("message", "args"),
    [
        (f"a {TOKEN} 100%", ()),
        ("a %s", (TOKEN,)),
        ("a %s", ("of-the-environment",)),
        ("token=%s", ("abc",)),
        ("a %.4s", (TOKEN,)),
        ("a %r", ({"token": "abc"},)),
        ("a %s", (Said(f"?token={TOKEN}"),)),
        ("a %s", (Shown("b", f"token={TOKEN}"),)),
        ("a %s", (Shown(TOKEN, "b"),)),
        ("a %(b)s", ({"b": "c", "token": "abc"},)),
        ("a %(b)s", ({"b": TOKEN},)),
        ({"a": TOKEN}, ()),
        (Said(TOKEN), ()),
        (Shown("a", TOKEN), ()),
        ("a %d", (TOKEN,)),
        ("a", (TOKEN,)),
        (TOKEN.encode(), ()),
        ("a %r", ([TOKEN.encode()],)),
    ],
)
def test_no_part_of_a_record_shows_a_secret(
    log: logging.Logger, kept: Kept, message: Any, args: tuple[Any, ...]
) -> None:
    log.info(message, *args)
    for secret in (TOKEN, "of-the-environment", "abc"):
        assert secret not in kept.text
        assert secret not in repr((kept.last.msg, kept.last.args))
    assert kept.last.getMessage()


def test_a_percent_sign_beside_a_secret_stays_one(log: logging.Logger, kept: Kept) -> None:
    log.info("%d%% of %s at 50%%", 5, TOKEN)
    assert kept.last.getMessage() == "5% of [secret] at 50%"
    log.info(f"100%d of {TOKEN}")  # noqa: G004 - as Jupyter does it
    assert kept.last.getMessage() == "100%d of [secret]"


@pytest.mark.parametrize(
    "formatter",
    [
        logging.Formatter("%(levelname)s %(message)s"),
        LevelFormatter("%(highlevel)s %(message)s"),
        LogFormatter(color=False),
        JsonFormatter("%(message)s %(args)s %(exc_text)s %(msg)s"),
        JsonFormatter(reserved_attrs=[]),
    ],
)
def test_the_traceback_of_a_secret_stays_whole_in_every_formatter(
    log: logging.Logger, kept: Kept, formatter: logging.Formatter
) -> None:
    try:
        _raise(ValueError("around it"), cause=Said(f"GET /a?token={TOKEN}"))
    except ValueError:
        log.exception("Failed")
    shown = formatter.format(kept.last)
    assert TOKEN not in shown
    assert "Said: GET /a?token=[secret]" in shown
    assert "The above exception was the direct cause" in shown
    assert "ValueError: around it" in shown
    assert TOKEN not in kept.text
    assert kept.last.exc_info is None


@pytest.mark.parametrize(
    "raising",
    [
        lambda: _raise(Said(TOKEN)),
        lambda: _raise(Said("a"), cause=Said(f"token={TOKEN}")),
        lambda: _raise(Said({"Authorization": "token abc"})),
    ],
)
def test_a_secret_anywhere_in_a_traceback_is_hidden(
    log: logging.Logger, kept: Kept, raising: Callable[[], None]
) -> None:
    try:
        raising()
    except Said:
        log.exception("Failed")
    assert TOKEN not in kept.text
    assert "token abc" not in kept.text


def _raise(error: BaseException, cause: BaseException | None = None) -> None:
    raise error from cause


def test_a_secret_in_a_line_of_a_configuration_file_is_hidden(
    log: logging.Logger, kept: Kept, tmp_path: Any
) -> None:
    path = tmp_path / "jupyter_server_config.py"
    path.write_text("c = {}\nc.token = 'abcdef'\n")
    try:
        exec(compile(path.read_text(), path, "exec"), {})
    except AttributeError:
        log.exception("Exception while loading config file %s", path)
    assert "abcdef" not in kept.text
    assert "c.token = '[secret]'" in kept.text


def test_source_lines_that_only_name_a_secret_leave_an_exception_as_it_is(
    log: logging.Logger, kept: Kept
) -> None:
    class Holder:
        def get_token(self) -> str:
            raise Said("no token")

    try:
        token = Holder().get_token()
        assert token
    except Said:
        log.exception("Failed")
    assert kept.last.exc_info is not None


def test_an_exception_that_causes_itself_ends(log: logging.Logger, kept: Kept) -> None:
    for text in (TOKEN, "none"):
        error = Said("a")
        error.__context__ = other = Said(text)
        other.__context__ = error
        log.error("Failed", exc_info=error)
        assert (kept.last.exc_info is None) == (text == TOKEN)
    assert TOKEN not in kept.text


def test_named_arguments_without_a_secret_are_kept(log: logging.Logger, kept: Kept) -> None:
    log.info("a %(b)s", {"b": 1})
    assert (kept.last.msg, kept.last.args) == ("a %(b)s", {"b": 1})


def test_a_group_of_exceptions_is_looked_through(log: logging.Logger, kept: Kept) -> None:
    group = getattr(builtins, "ExceptionGroup", None)
    if group is None:
        return  # Python 3.10 has none
    log.error("Failed", exc_info=group("several", [Said("a"), Said("token=abcdef")]))
    assert "abcdef" not in kept.text
    assert "Said: a" in kept.text


def test_a_queue_a_copy_and_a_json_of_the_record_show_no_secret(log: logging.Logger) -> None:
    waiting: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    handler = logging.handlers.QueueHandler(waiting)
    log.addHandler(handler)
    log.warning("a %s", Said(TOKEN), exc_info=Said(TOKEN))
    record = waiting.get_nowait()
    assert TOKEN not in repr(record.__dict__)
    assert TOKEN not in json.dumps(copy.copy(record).__dict__, default=repr)


@pytest.mark.parametrize(
    "error", [ValueError("broken"), RecursionError("broken"), MemoryError("broken")]
)
def test_what_cannot_be_shown_never_stops_who_logs(
    log: logging.Logger, kept: Kept, error: BaseException
) -> None:
    log.error("a %r token=abcdef", Broken(error), exc_info=Said(TOKEN))
    log.error(Broken(error))
    log.error("a %s %s", Broken(error))  # noqa: PLE1206 - a mistake that others make
    for record in kept.records:
        assert "withheld" in record.getMessage()
    assert "abcdef" not in kept.text
    assert TOKEN not in kept.text


def test_an_exception_whose_text_is_broken_does_not_stop_who_logs(
    log: logging.Logger, kept: Kept
) -> None:
    class Mute(Exception):  # noqa: N818
        def __str__(self) -> str:
            raise ValueError(TOKEN)

    log.error("a", exc_info=Mute())
    assert TOKEN not in kept.text
    assert "Mute" in logging.Formatter().format(kept.last)


def test_records_made_without_a_logger_pass(shield: Shield) -> None:
    assert shield.installed
    made = logging.makeLogRecord({"name": "elsewhere", "msg": "a %s", "args": ("b",)})
    assert made.getMessage() == "a b"
