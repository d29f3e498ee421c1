"""The live catalog: fresh, single-flight, and never waiting long for a slow disk."""

import asyncio
import logging
import threading
import time

import pytest

from jupyter_sm.kernels import Catalog, Choice, Live, Snapshot, choose
from jupyter_sm.kernels import live as live_module

LOG = logging.getLogger("test")


class Disk:
    """A look that counts, can be held, and can fail."""

    def __init__(self) -> None:
        self.looks = 0
        self.at_once = 0
        self.most_at_once = 0
        self.gate = threading.Event()
        self.gate.set()
        self.error: BaseException | None = None
        self.catalog = choose(Snapshot(), Choice())

    def __call__(self) -> Catalog:
        self.looks += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            assert self.gate.wait(30)
            if self.error is not None:
                raise self.error
            return self.catalog
        finally:
            self.at_once -= 1

    def change(self) -> Catalog:
        self.catalog = choose(Snapshot(), Choice())
        return self.catalog


@pytest.fixture
def disk() -> Disk:
    return Disk()


def settle() -> None:
    """Let a finished look become old."""
    time.sleep(live_module.MAX_AGE * 1.2)


def test_nothing_is_known_and_nothing_looked_at_before_somebody_asks(disk: Disk) -> None:
    live = Live(disk, LOG)

    assert not live.known
    assert disk.looks == 0


def test_the_first_answer_waits_for_the_first_look(disk: Disk) -> None:
    live = Live(disk, LOG)

    assert live.last() is disk.catalog
    assert live.known


def test_a_change_is_in_an_answer_asked_for_later(disk: Disk) -> None:
    live = Live(disk, LOG)
    live.fresh()
    changed = disk.change()
    settle()

    assert live.fresh() is changed


def test_last_answers_from_memory_without_a_look(disk: Disk) -> None:
    live = Live(disk, LOG)
    first = live.last()
    disk.change()
    settle()

    assert live.last() is first
    assert disk.looks == 1


def test_answers_within_the_maximum_age_share_one_look(disk: Disk) -> None:
    live = Live(disk, LOG)
    live.fresh()
    before = time.monotonic()
    live.fresh()
    live.fresh()

    assert disk.looks == 1 or time.monotonic() - before > live_module.MAX_AGE


def test_many_clients_share_one_look_and_the_loop_goes_on(disk: Disk) -> None:
    async def clients() -> None:
        disk.gate.clear()
        live = Live(disk, LOG)
        answers = [asyncio.create_task(live.fresh_async()) for _ in range(50)]
        await asyncio.sleep(0.05)  # the loop runs while the disk does not answer
        disk.gate.set()

        assert set(await asyncio.gather(*answers)) == {disk.catalog}
        assert disk.looks == 1
        assert disk.most_at_once == 1

    asyncio.run(clients())


def test_a_slow_disk_gets_the_last_catalog_and_the_fresh_one_follows(disk: Disk) -> None:
    async def clients() -> None:
        live = Live(disk, LOG)
        first = await live.fresh_async()
        changed = disk.change()
        disk.gate.clear()
        settle()

        assert await live.fresh_async() is first
        assert live.fresh() is first
        assert disk.most_at_once == 1
        disk.gate.set()
        for _ in range(500):
            if await live.fresh_async() is changed:
                break
            await asyncio.sleep(0.01)

        assert live.last() is changed

    asyncio.run(clients())


def test_a_look_that_fails_is_logged_and_the_last_catalog_stays(
    disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    live = Live(disk, LOG)
    first = live.fresh()
    disk.error = OSError("the disk is gone")
    settle()

    assert live.fresh() is first
    assert "the disk is gone" in caplog.text

    disk.error = None
    changed = disk.change()
    settle()
    assert live.fresh() is changed


def test_a_first_look_that_fails_reaches_whoever_waits(disk: Disk) -> None:
    disk.error = OSError("the disk is gone")
    live = Live(disk, LOG)

    with pytest.raises(OSError, match="the disk is gone"):
        live.last()
    assert not live.known


def test_a_first_look_that_hangs_ends_in_a_timeout(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "FIRST_PATIENCE", 0.05)
    disk.gate.clear()
    live = Live(disk, LOG)

    with pytest.raises(TimeoutError):
        live.last()
    with pytest.raises(TimeoutError):
        live.fresh()
    disk.gate.set()


def test_a_client_that_gives_up_does_not_end_the_look_for_others(disk: Disk) -> None:
    async def clients() -> None:
        disk.gate.clear()
        live = Live(disk, LOG)
        impatient = asyncio.create_task(live.fresh_async())
        patient = asyncio.create_task(live.fresh_async())
        await asyncio.sleep(0.01)
        impatient.cancel()
        await asyncio.sleep(0.01)
        disk.gate.set()

        assert await patient is disk.catalog

    asyncio.run(clients())


def test_begin_starts_the_first_look(disk: Disk) -> None:
    live = Live(disk, LOG)
    live.begin()

    assert live.last() is disk.catalog
    assert disk.looks == 1


def test_a_thread_that_cannot_be_started_costs_one_answer_only(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = Live(disk, LOG)

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):
            live.last()

    assert live.last() is disk.catalog


def test_a_failure_that_stays_the_same_is_logged_once(
    disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    live = Live(disk, LOG)
    disk.error = OSError("the disk is gone")
    for _ in range(3):
        with pytest.raises(OSError, match="gone"):
            live.fresh()

    assert len(caplog.records) == 1


def test_even_an_exit_in_a_look_reaches_whoever_waits(disk: Disk) -> None:
    disk.error = SystemExit(3)
    live = Live(disk, LOG)

    with pytest.raises(SystemExit):
        live.last()
    disk.error = None

    assert live.last() is disk.catalog


def test_a_first_look_that_fails_or_hangs_reaches_clients_of_the_loop(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "FIRST_PATIENCE", 0.05)
    live = Live(disk, LOG)

    async def clients() -> None:
        disk.error = OSError("the disk is gone")
        with pytest.raises(OSError, match="gone"):
            await live.fresh_async()
        disk.error = None
        disk.gate.clear()
        with pytest.raises(TimeoutError, match="still being looked for"):
            await live.fresh_async()
        disk.gate.set()
        assert await live.fresh_async() is disk.catalog

    asyncio.run(clients())


def test_a_look_that_does_not_end_is_said_once_and_so_is_its_end(
    disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    live = Live(disk, LOG, "the shells", slow=0.05)
    live.fresh()
    settle()
    disk.gate.clear()
    for _ in range(3):
        live.fresh()
    said = [record.getMessage() for record in caplog.records]
    disk.gate.set()
    live.fresh()
    settle()
    live.fresh()

    assert len(said) == 1
    assert said[0].startswith("The look for the shells has not ended")
    assert len(caplog.records) == 2
    assert caplog.records[1].getMessage().startswith("The look for the shells has ended")


def test_a_first_look_that_does_not_end_is_said_although_nobody_asks(
    disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    disk.gate.clear()
    live = Live(disk, LOG, slow=0.01)
    live.begin()
    deadline = time.monotonic() + 10
    while not caplog.records:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    disk.gate.set()

    assert "has not ended" in caplog.records[0].getMessage()
    assert live.last() is disk.catalog


def test_a_look_that_takes_a_moment_is_not_said_to_be_slow(
    disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    live = Live(disk, LOG)
    live.last()
    settle()
    disk.gate.clear()
    for _ in range(3):
        live.fresh()
    disk.gate.set()
    live.fresh()

    assert caplog.records == []
