"""Processes that fork, are killed, or are interrupted while they log."""

import itertools
import os
import signal
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from jupyter_sm.logs.line import decode_line, fields_of

from .spools import Spool, ended, forked

WRITER = """
import logging, os, sys
from jupyter_sm.logs.spool import SpoolHandler
path, begin = sys.argv[1], int(sys.argv[2])
logger = logging.getLogger("writer")
logger.addHandler(SpoolHandler(path, segment_bytes=50_000, segments_most=10_000))
for number in range(begin, begin + 1_000_000):
    logger.error("%d %s", number, "x" * (number % 1000))
    os.write(1, b"%d\\n" % number)
"""
"""Says the number of each event after it was logged."""


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path, inside="app.log")


def killed_after(path: Path, begin: int, events: int) -> int:
    """The last event that a writer said was logged when it was killed."""
    command = [sys.executable, "-c", WRITER, str(path), str(begin)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        last = begin - 1
        for _ in range(events):
            last = int(process.stdout.readline())
        process.kill()
        for line in process.stdout:
            last = int(line) if line.endswith(b"\n") else last
    return last


def test_what_was_logged_before_a_kill_is_on_disk_once(spool: Spool) -> None:
    acknowledged: list[int] = []
    begin = 0
    for round_ in range(8):
        last = killed_after(spool.path, begin, 20 + 170 * round_)
        acknowledged += range(begin, last + 1)
        begin = last + 1_000

    # A kill in the middle of a write tears that line, which was not acknowledged then.
    events = [event for event in map(decode_line, spool.lines()) if event is not None]
    assert len(spool.lines()) - len(events) <= 8
    found = [int(fields_of(event)["message"].split(" ")[0]) for event in events]
    assert len(set(found)) == len(found)
    assert set(found) >= set(acknowledged)
    assert len(set(found) - set(acknowledged)) <= 8  # written, and killed before it was said
    timestamps = [event.timestamp for event in events]
    assert timestamps == sorted(timestamps)


def test_a_forked_child_writes_by_itself(spool: Spool) -> None:
    with spool.logger() as (logger, handler):
        logger.info("parent")

        def log_too() -> int:
            logger.info("child")
            handler.close()
            logger.info("child again")
            return handler.losses

        assert ended(forked(log_too)) == 0
        logger.info("parent again")

    assert spool.messages() == ["parent", "child", "child again", "parent again"]


def test_a_fork_while_another_thread_logs_leaves_nothing_locked(spool: Spool) -> None:
    stop = threading.Event()
    with spool.logger() as (logger, handler):

        def log_on() -> None:
            while not stop.is_set():
                logger.info("thread")

        def log_too(number: int) -> int:
            logger.info("child %d", number)
            return handler.losses

        thread = threading.Thread(target=log_on)
        thread.start()
        try:
            for number in range(30):
                assert ended(forked(partial(log_too, number))) == 0
        finally:
            stop.set()
            thread.join()
        assert handler.losses == 0

    children = [message for message in spool.messages() if message != "thread"]
    assert children == [f"child {number}" for number in range(30)]


def test_a_child_does_not_tell_of_its_parents_losses(spool: Spool, tmp_path: Path) -> None:
    with spool.logger() as (logger, handler):
        logger.info("one")
        spool.path.unlink()
        spool.path.symlink_to(tmp_path / "nowhere")
        logger.info("lost")
        assert handler.losses == 1
        spool.path.unlink()

        def log_too() -> int:
            logger.info("child")
            return handler.losses

        assert ended(forked(log_too)) == 0
        logger.info("parent")

    child, parent, about = spool.messages()
    assert (child, parent, about.split(":")[0]) == (
        "child",
        "parent",
        "1 log events were lost before this one",
    )


def test_a_child_that_closed_everything_touches_no_file_of_its_own(
    spool: Spool, tmp_path: Path
) -> None:
    """As a daemon does: the number of the log's descriptor is another file's by then."""
    with spool.logger() as (logger, _):
        logger.info("parent")

        def log_as_a_daemon() -> int:
            os.closerange(3, 1_000)
            others = [os.open(tmp_path / "other", os.O_RDWR | os.O_CREAT) for _ in range(50)]
            logger.info("child")
            return os.stat(tmp_path / "other").st_size + sum(os.fstat(o).st_size for o in others)

        assert ended(forked(log_as_a_daemon)) == 0

    assert spool.messages() == ["parent", "child"]


def test_a_signal_handler_that_logs_in_the_middle_of_a_record_is_written(spool: Spool) -> None:
    numbers = itertools.count()
    done: list[int] = []
    with spool.logger(segment_bytes=5_000, segments_most=10_000) as (logger, handler):

        def log_too(_: int, __: object) -> None:
            number = next(numbers)  # for this handler is interrupted as well
            logger.info("signal %d", number)
            done.append(number)
            if number % 7 == 0:
                handler.close()

        before = signal.signal(signal.SIGALRM, log_too)
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        try:
            logged = 0
            while len(done) < 300:
                logger.info("record %d", logged)
                logged += 1
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        assert handler.losses == 0

    messages = spool.messages()
    assert [m for m in messages if m[0] == "r"] == [f"record {n}" for n in range(logged)]
    assert sorted(int(m[7:]) for m in messages if m[0] == "s") == sorted(done)


def test_threads_write_every_event_once(spool: Spool) -> None:
    with spool.logger(segment_bytes=20_000, segments_most=1_000) as (logger, handler):

        def log_from(thread: int) -> None:
            for number in range(500):
                logger.info("%d %d", thread, number)

        threads = [threading.Thread(target=log_from, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert handler.losses == 0

    wanted = {f"{thread} {number}" for thread in range(4) for number in range(500)}
    assert set(spool.messages()) == wanted
    assert len(spool.messages()) == 2_000
