"""`jupyter sm logs`: where the log is, and those of its events that are wanted."""

import json
import os
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from .logged import KERNEL, STREAM, Logged, event
from .machine import Command


@pytest.fixture
def logged(tmp_path: Path, machine: object, monkeypatch: pytest.MonkeyPatch) -> Logged:
    """The log of the app that the commands of this test run in; nothing is written yet."""
    del machine
    made = Logged(tmp_path)
    for name, value in made.settings.items():
        monkeypatch.setenv(name, value)
    return made


def messages(out: str) -> list[str]:
    """The first words of the events that were printed."""
    return [line.partition("] ")[2] for line in out.splitlines() if line.startswith("[")]


def test_the_first_lines_say_where_the_log_is(sm: Command, logged: Logged) -> None:
    logged.add(event("zero"))
    logged.rotate(1)
    logged.add(event("one"))
    outcome = sm("logs")
    assert outcome.status == 0
    assert outcome.err.splitlines() == [
        "group   /aws/sagemaker/studio",
        f"stream  {STREAM}",
        f"file    {logged.path}",
        "        2 files, 0.0 MiB",
        "",
    ]
    assert messages(outcome.out) == ["zero", "one"]


def test_the_last_hundred_are_shown_or_as_many_as_wanted(sm: Command, logged: Logged) -> None:
    logged.add(*(event(str(n)) for n in range(120)))
    assert messages(sm("logs").out) == [str(n) for n in range(20, 120)]
    assert messages(sm("logs", "--tail=2").out) == ["118", "119"]
    assert messages(sm("logs", "--tail", "500").out) == [str(n) for n in range(120)]
    outcome = sm("logs", "--tail=0")
    assert (outcome.status, outcome.out) == (0, "")


def test_since_shows_all_events_from_then_on(sm: Command, logged: Logged) -> None:
    logged.add(*(event("old", ago=7200) for _ in range(3)))
    logged.rotate(1)
    logged.add(event("older", ago=1800), *(event(str(n), ago=60) for n in range(150)))
    assert len(messages(sm("logs", "--since=15m").out)) == 150
    assert len(messages(sm("logs", "--since=1h").out)) == 151
    assert len(messages(sm("logs", "--since=1d").out)) == 154
    assert messages(sm("logs", "--since=1d", "--tail=151").out)[0] == "older"
    outcome = sm("logs", "--since=1s")
    assert (outcome.status, outcome.out) == (0, "")
    assert "No event is to be shown" in outcome.err


@pytest.mark.parametrize("spelling", ["local", "utc", "Z", "date"])
def test_since_takes_a_time_of_the_calendar(sm: Command, logged: Logged, spelling: str) -> None:
    logged.add(event("old", ago=10 * 86_400), event("new"))
    then = datetime.now(timezone.utc) - timedelta(days=5)
    text = {
        "local": then.astimezone().replace(tzinfo=None).isoformat(timespec="minutes"),
        "utc": then.isoformat(),
        "Z": then.replace(tzinfo=None).isoformat() + "Z",
        "date": then.date().isoformat(),
    }[spelling]
    assert messages(sm("logs", "--since", text).out) == ["new"]


def test_a_level_leaves_out_what_is_below_it(sm: Command, logged: Logged) -> None:
    for level in ("DEBUG", "INFO", "WARNING", "Level 35", "ERROR", "CRITICAL"):
        logged.add(event(level, level=level))
    logged.add(b'{"timestamp":1700000000000,"message":"plain"}\n')
    assert messages(sm("logs", "--level=info").out)[0] == "INFO"
    assert messages(sm("logs", "--level=info").out)[-1] == "plain"
    assert messages(sm("logs", "--level", "WARNING").out) == [
        "WARNING",
        "Level 35",
        "ERROR",
        "CRITICAL",
    ]
    assert messages(sm("logs", "--level=e").out) == ["ERROR", "CRITICAL"]


def test_a_kernel_is_named_by_the_beginning_of_its_id(sm: Command, logged: Logged) -> None:
    logged.add(event("field", kernel_id=KERNEL), event("other", kernel_id="4" + KERNEL[1:]))
    logged.add(event(f"Kernel started: {KERNEL}"), event("nothing about 3f2a"))
    wanted = ["field (kernel 3f2a90bc)", f"Kernel started: {KERNEL}"]
    assert messages(sm("logs", "--kernel=3f2a").out) == wanted
    assert messages(sm("logs", "--kernel", KERNEL.upper()).out) == wanted
    assert messages(sm("logs", "--kernel=0000").out) == []


def test_json_is_one_object_a_line_and_nothing_else(sm: Command, logged: Logged) -> None:
    logged.add(event("Größe\n漢", request_id="r1", timestamp="mine"))
    logged.add(b'{"timestamp":5,"message":"plain"}\n')
    outcome = sm("logs", "--json")
    first, second = map(json.loads, outcome.lines)
    assert list(first) == ["timestamp", "level", "logger", "message", "request_id"]
    assert isinstance(first["timestamp"], int)
    assert first["message"] == "Größe\n漢"
    assert second == {"timestamp": 5, "message": "plain"}
    assert outcome.out.isascii()


def test_lines_that_are_no_event_are_counted(sm: Command, logged: Logged) -> None:
    logged.add(b"torn\n", event("whole"), b"{}\n")
    outcome = sm("logs")
    assert messages(outcome.out) == ["whole"]
    assert "Lines that are no event, and were left out: 2" in outcome.err


def test_a_file_elsewhere_is_named(sm: Command, logged: Logged, tmp_path: Path) -> None:
    logged.add(event("mine"))
    copy = tmp_path / "copied.log"
    logged.add(event("copied"), path=copy)
    outcome = sm("logs", f"--file={copy}")
    assert messages(outcome.out) == ["copied"]
    assert outcome.err.splitlines()[0] == f"file    {copy}"
    logged.rotate(7)
    closed = sm("logs", "--file", f"{logged.path}.00000007")
    assert messages(closed.out) == ["mine"]


def test_a_file_that_is_not_there_is_said(sm: Command, tmp_path: Path) -> None:
    outcome = sm("logs", f"--file={tmp_path}/none.log")
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == f"jupyter sm: --file={tmp_path}/none.log: there is no such plain file\n"
    assert sm("logs", f"--file={tmp_path}").status == 2


def test_without_a_log_it_is_said_where_was_looked_why_and_what_to_do(
    sm: Command, logged: Logged
) -> None:
    outcome = sm("logs")
    assert (outcome.status, outcome.out) == (1, "")
    words = " ".join(outcome.err.split())
    assert words.startswith(f"jupyter sm: there is no log of {STREAM} {logged.path} ")
    for part in (
        "where an AppImageConfig or a metadata document is found",
        "another user's log is elsewhere",
        "start the gateway with `jupyter sm gateway`",
        "JupyterSM.log_root",
    ):
        assert part in words
    assert all(len(line) <= 80 for line in outcome.err.splitlines() if str(logged.root) not in line)


def test_other_logs_are_listed_with_the_line_to_copy(
    sm: Command, logged: Logged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those below the same folder, and another user's in the folder for temporary files."""
    start = logged.path.parent / "my-app/LifecycleConfigOnStart.log"
    logged.add(event("x"), path=start)
    os.utime(start, (1, 1))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "t m p"))
    theirs = tmp_path / "t m p/jupyter_sm-4242/logs/aws/sagemaker/studio/local/jo/JupyterLab/a.log"
    logged.add(event("x"), path=theirs.with_name("a.log.00000003"))
    outcome = sm("logs")
    assert outcome.status == 1
    assert outcome.err.splitlines()[-3:] == [
        "Other logs are there:",
        f"    jupyter sm logs --file '{theirs}'",
        f"    jupyter sm logs --file {start}",
    ]
    assert messages(sm("logs", "--file", str(theirs)).out) == ["x"]


def test_without_a_setting_the_log_that_was_written_last_is_taken(
    sm: Command, logged: Logged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JUPYTER_SM_LOG_ROOT")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    below = f"jupyter_sm-{os.geteuid()}/logs/aws/sagemaker/studio/{STREAM}.log"
    logged.add(event("temporary"), path=tmp_path / "tmp" / below)
    assert messages(sm("logs").out) == ["temporary"]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--since=yesterday"], "'yesterday' is no time: write 15m, 2h, 3d, or 2026-"),
        (["--since=15"], "'15' is no time"),
        (["--since=9999999999999h"], "is no time"),
        (["--level=loud"], "'loud' is no level: write one of debug, info, warning"),
        (["--level="], "'' is no level"),
        (["--kernel="], "'' is not how a kernel's id begins"),
        (["--kernel=python3"], "'python3' is not how a kernel's id begins"),
        (["--tail=-1"], "'-1' is no number of events"),
        (["--tail=all"], "'all' is no number of events"),
        (["--ship", "--follow"], "--follow is about reading a log, --ship sends all of it"),
        (["--ship", "--tail=0"], "--tail is about reading a log"),
        (["--force"], "--force is about shipping: write --ship --force"),
    ],
)
def test_what_cannot_be_meant_is_misuse(
    sm: Command, logged: Logged, words: list[str], part: str
) -> None:
    logged.add(event("x"))
    outcome = sm("logs", *words)
    assert (outcome.status, outcome.out) == (2, "")
    assert part in outcome.err


def test_the_process_of_its_own_prints_the_same(
    sm_words: list[str], sm_environ: dict[str, str], tmp_path: Path
) -> None:
    logged = Logged(tmp_path)
    logged.add(event("Größe"))
    environ = {**sm_environ, **logged.settings, "PYTHONIOENCODING": "ascii"}
    words = [*sm_words, "logs"]
    ended = subprocess.run(words, env=environ, capture_output=True, text=True, check=True)
    assert messages(ended.stdout) == ["Gr\\xf6\\xdfe"]
    assert f"stream  {STREAM}" in ended.stderr
    assert sys.executable in sm_words
