"""Work in a thread of its own: its result, its errors, and what becomes of it without anybody."""

import asyncio
import itertools
import subprocess
import sys
import threading

import pytest

from jupyter_sm.kernels.background import MOST, Flights, in_background, within


def test_the_result_comes_from_another_thread() -> None:
    assert asyncio.run(in_background(threading.get_ident)) != threading.get_ident()


class Odd(BaseException):
    """Not even an Exception."""


@pytest.mark.parametrize("error", [ValueError("bad"), Odd("odd")])
def test_whatever_is_raised_is_raised_where_it_is_awaited(error: BaseException) -> None:
    def fail() -> None:
        raise error

    async def main() -> None:
        with pytest.raises(type(error)) as raised:
            await in_background(fail)
        assert raised.value is error

    asyncio.run(main())


def test_the_loop_goes_on_meanwhile() -> None:
    gate = threading.Event()

    async def main() -> str:
        work = asyncio.create_task(in_background(lambda: gate.wait(60) and "done"))
        await asyncio.sleep(0)
        gate.set()  # by the loop: were it held up, nobody would
        return str(await work)

    assert asyncio.run(main()) == "done"


def test_whoever_is_cancelled_does_not_wait_and_the_result_reaches_nobody() -> None:
    gate = threading.Event()
    ended = threading.Event()

    def work() -> None:
        gate.wait(60)
        ended.set()

    async def main() -> None:
        task = asyncio.create_task(in_background(work))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    gate.set()
    assert ended.wait(60)


def test_work_that_hangs_does_not_keep_the_process_from_ending() -> None:
    program = """
import asyncio, time
from jupyter_sm.kernels.background import in_background
async def main():
    asyncio.ensure_future(in_background(lambda: time.sleep(600)))
    await asyncio.sleep(0.1)
asyncio.run(main())
"""

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, timeout=60, check=True
    )

    assert done.stderr == b""


def test_without_a_loop_whoever_waits_gets_what_ends_in_time() -> None:
    def fail() -> None:
        raise Odd("odd")

    assert within(30, threading.get_ident) != threading.get_ident()
    with pytest.raises(Odd):
        within(30, fail)


def test_without_a_loop_nobody_waits_for_ever() -> None:
    gate = threading.Event()
    try:
        with pytest.raises(TimeoutError, match="a file system does not answer"):
            within(0.01, lambda: gate.wait(60))
    finally:
        gate.set()


async def until_begun(begun: list[int], count: int) -> None:
    while len(begun) < count:  # noqa: ASYNC110  # it is set in another thread
        await asyncio.sleep(0.01)


def test_no_more_than_so_many_of_one_sort_are_at_work_and_the_others_begin_later() -> None:
    gate, begun = threading.Event(), list[int]()

    def work() -> bool:
        begun.append(1)
        return gate.wait(60)

    async def main() -> None:
        asked = [asyncio.create_task(in_background(work, sort="x")) for _ in range(MOST + 3)]
        await until_begun(begun, MOST)
        assert await in_background(lambda: "free", sort="y") == "free"
        await asyncio.sleep(0.2)
        assert len(begun) == MOST
        gate.set()
        assert all(await asyncio.gather(*asked))
        assert len(begun) == MOST + 3

    try:
        asyncio.run(main())
    finally:
        gate.set()


def test_whoever_asks_while_the_same_is_under_way_gets_what_begins_later_and_shares_it() -> None:
    gate, begun, numbers = threading.Event(), list[int](), itertools.count()

    def work() -> int:
        begun.append(number := next(numbers))
        gate.wait(60)
        return number

    async def main() -> None:
        flights = Flights[int]("x")
        first = asyncio.create_task(flights.next("a", work))
        await until_begun(begun, 1)
        others = [asyncio.create_task(flights.next("a", work)) for _ in range(5)]
        assert await flights.next("b", lambda: 42) == 42
        others.pop().cancel()
        await asyncio.sleep(0.2)
        assert begun == [0]
        gate.set()
        assert await first == 0
        assert await asyncio.gather(*others) == [1] * 4
        assert await flights.next("a", work) == 2  # nothing is kept

    try:
        asyncio.run(main())
    finally:
        gate.set()


def test_what_is_raised_reaches_only_those_who_share_it() -> None:
    gate, begun = threading.Event(), list[int]()

    def fail() -> int:
        begun.append(1)
        gate.wait(60)
        raise ValueError("bad")

    async def main() -> None:
        flights = Flights[int]("x")
        first = asyncio.create_task(flights.next("a", fail))
        await until_begun(begun, 1)
        other = asyncio.create_task(flights.next("a", lambda: 1))
        await asyncio.sleep(0)
        gate.set()
        with pytest.raises(ValueError, match="bad"):
            await first
        assert await other == 1

    try:
        asyncio.run(main())
    finally:
        gate.set()
