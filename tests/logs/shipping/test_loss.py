"""What is written arrives: none missing, first occurrences in order, doubles accounted for."""

import itertools
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fake_cloudwatch import FakeCloudWatch
from moto_server import start_moto_server

from jupyter_sm.logs.shipping.state import Counters
from jupyter_sm.logs.spool import SpoolHandler

from .running import RunShipper, doubled_batches, firsts, texts, wait_until
from .spools import DAY, GROUP, HOUR, STREAM, append, line, now_ms

WRITER = """\
import logging, sys, time
from jupyter_sm.logs.spool import SpoolHandler

path, name, number = sys.argv[1:]
log = logging.getLogger("app")
log.addHandler(SpoolHandler(path, segment_bytes=20_000, segments_most=1000))
for n in range(int(number)):
    log.warning("%s %d", name, n)
    time.sleep(0.0005)
"""


@contextmanager
def logger(log_path: Path, **how: int | Callable[[], int]) -> Iterator[logging.Logger]:
    """A logger that writes to the spool; its segments are small, and all are kept."""
    settings = {"segment_bytes": 20_000, "segments_most": 1000, **how}
    handler = SpoolHandler(str(log_path), note=pytest.fail, **settings)  # type: ignore[arg-type] # what a test gives
    log = logging.getLogger("jupyter_sm.tests.shipping")
    log.propagate = False
    log.addHandler(handler)
    yield log
    log.removeHandler(handler)
    handler.close()
    assert handler.losses == 0


@contextmanager
def writing(log: logging.Logger, every: float) -> Iterator[list[str]]:
    """Write from another thread until the end of the block; what was written."""
    written: list[str] = []
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(every):
            text = f"event {len(written)}"
            log.warning(text)
            written.append(text)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield written
    finally:
        stop.set()
        thread.join()


def wait_for_another_batch(cloudwatch: FakeCloudWatch) -> None:
    before = len(cloudwatch.batches(STREAM))
    wait_until(lambda: len(cloudwatch.batches(STREAM)) > before)


def test_shippers_killed_one_after_the_other_lose_nothing_and_double_a_batch_each(
    log_path: Path, cloudwatch: FakeCloudWatch, run_shipper: RunShipper
) -> None:
    kills = 6
    with logger(log_path) as log, writing(log, 0.001) as written:
        for number in range(kills):
            child = run_shipper()
            wait_for_another_batch(cloudwatch)
            # A call under way is done, and nobody hears of it, or it is never done.
            if number % 2:
                cloudwatch.delay(0.1)
            else:
                cloudwatch.hang()
            wait_until(lambda: cloudwatch.calls()[-1].code == "unanswered")
            child.kill()
            cloudwatch.recover()
    last = run_shipper()
    assert last.end() == 0

    arrived = cloudwatch.arrived(STREAM)
    assert firsts(texts(arrived)) == written
    assert len(list(log_path.parent.glob("app.log.0*"))) > 2
    assert 0 < doubled_batches(cloudwatch.batches(STREAM)) <= kills
    doubled = len(arrived) - len(written)
    assert doubled <= last.saved.counters.doubled_possibly
    assert last.saved.counters.shipped + doubled >= len(written)


def test_a_service_that_refuses_hangs_and_throttles_gets_everything_once(
    log_path: Path, cloudwatch: FakeCloudWatch, run_shipper: RunShipper
) -> None:
    child = run_shipper()
    with logger(log_path) as log, writing(log, 0.002) as written:
        wait_until(lambda: cloudwatch.arrived(STREAM))
        cloudwatch.refuse(1.0)
        wait_until(lambda: child.saved.state == "waiting")
        wait_until(lambda: child.saved.state == "shipping")
        cloudwatch.hang(0.5)
        wait_until(lambda: cloudwatch.calls()[-1].code == "unanswered")
        cloudwatch.fail("ThrottlingException", times=2)
        cloudwatch.fail("ServiceUnavailableException")
        wait_until(lambda: cloudwatch.calls()[-1].code == "ServiceUnavailableException")
        wait_until(lambda: cloudwatch.calls()[-1].code == "")
    assert child.end() == 0

    assert texts(cloudwatch.arrived(STREAM)) == written
    assert child.saved.counters.shipped == len(written)


def test_an_answer_lost_on_its_way_doubles_one_batch_which_is_counted(
    log_path: Path, cloudwatch: FakeCloudWatch, run_shipper: RunShipper
) -> None:
    child = run_shipper()
    append(log_path, line("a"))
    wait_until(lambda: cloudwatch.arrived(STREAM))
    cloudwatch.reset(accepts=True)
    append(log_path, line("b"), line("c"))
    assert child.end() == 0

    messages = [message for _, message in cloudwatch.arrived(STREAM)]
    assert messages == ["a", "b", "c", "b", "c"]
    assert child.saved.counters == Counters(shipped=3, doubled_possibly=2)


@pytest.mark.parametrize("step", [-HOUR, -3 * HOUR, -3 * DAY])
def test_a_clock_that_steps_back_loses_nothing(
    log_path: Path, cloudwatch: FakeCloudWatch, run_shipper: RunShipper, step: int
) -> None:
    now = now_ms()
    times = itertools.cycle(now + ms for ms in (0, 1000, step, step + 5, 2000, step - 10, 3000))
    with logger(log_path, clock=lambda: next(times)) as log:
        for number in range(14):
            log.warning("event %d", number)

    child = run_shipper()
    assert child.end() == 0

    arrived = cloudwatch.arrived(STREAM)
    assert sorted(texts(arrived)) == sorted(f"event {n}" for n in range(14))
    if step == -HOUR:  # as far as the writer holds the time
        assert texts(arrived) == [f"event {n}" for n in range(14)]
    assert child.saved.counters == Counters(shipped=14)


def test_two_gateways_on_one_spool_lose_nothing(
    log_path: Path, cloudwatch: FakeCloudWatch, run_shipper: RunShipper
) -> None:
    shippers = [run_shipper(), run_shipper()]
    number = 500
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(log_path), name, str(number)])
        for name in ("one", "two")
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    for shipper in shippers:
        shipper.let_go()
    assert [shipper.end() for shipper in shippers] == [0, 0]

    arrived = texts(cloudwatch.arrived(STREAM))
    assert len(arrived) == 2 * number
    for name in ("one", "two"):
        own = [text for text in arrived if text.startswith(name)]
        assert own == [f"{name} {n}" for n in range(number)]


def test_what_a_strict_service_rejects_is_accounted_for(
    log_path: Path, cloudwatch: FakeCloudWatch, run_shipper: RunShipper
) -> None:
    now = now_ms()
    with logger(log_path) as log:
        append(log_path, line("old", now - 15 * DAY), line("yesterday", now - 25 * HOUR))
        append(log_path, b"garbage\n", line("future", now + 3 * HOUR), line("x" * 2_000_000))
        log.warning("é" * 1_500_000)
        log.warning("last")
    child = run_shipper()

    assert child.end() == 0

    arrived = cloudwatch.arrived(STREAM)
    messages = [message for _, message in arrived]
    assert messages[0] == "yesterday"
    assert sum(message.count("x") for message in messages if set(message) == {"x"}) == 2_000_000
    assert "".join(texts(arrived[-5:])).count("é") == 1_500_000
    assert texts(arrived[-1:]) == ["last"]
    assert child.saved.counters == Counters(
        shipped=len(arrived), rejected_too_old=1, rejected_too_new=1, split=1, skipped=1
    )


def test_in_motos_server_nothing_is_missing_and_all_is_in_order(
    log_path: Path, tmp_path: Path, run_shipper: RunShipper
) -> None:
    with start_moto_server(tmp_path / "moto.log") as moto:
        child = run_shipper(moto.endpoint_url)
        with logger(log_path) as log:
            for number in range(2000):
                log.warning("event %d", number)
        assert child.end() == 0

        assert texts(moto.events(GROUP, STREAM)) == [f"event {n}" for n in range(2000)]
        assert child.saved.counters == Counters(shipped=2000)
