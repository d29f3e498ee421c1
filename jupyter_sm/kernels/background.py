"""Work that waits for the disk or for a program, away from the event loop."""

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

MOST = 64
"""Threads of one sort at a time. While a disk hangs each request would leave another one, until the
process or its container may have no more."""

BETWEEN_LOOKS = 0.05
"""Seconds from one look for a free place to the next."""


async def in_background(work: Callable[[], T], *, sort: str = "start") -> T:
    """What ``work`` returns or raises, from a thread of its own.

    A daemon: a script or a network volume that hangs must not keep the process from ending, nor
    take a place in the pool that Jupyter's handlers share. Where ``MOST`` threads of this sort are
    at work already, it begins as soon as one of them has ended.

    Args:
        work: called once, unless the caller is cancelled while there is no place.
        sort: what it is for, a word. One sort takes no other's places.
    """
    await _place(sort)
    return await asyncio.wrap_future(_begin(work, sort))


class Flights(Generic[T]):
    """Work in the background that is done once for all who wait for the same.

    What somebody is given began after they asked: whoever comes while it is under way waits for its
    end, and then for one more that all of them share. So a disk that hangs costs one thread a key.
    For the event loop's thread alone.

    Args:
        sort: as ``in_background`` takes it.
    """

    def __init__(self, sort: str) -> None:
        self._sort = sort
        self._lock = threading.Lock()
        self._flights: dict[Hashable, concurrent.futures.Future[T]] = {}

    async def next(self, key: Hashable, work: Callable[[], T]) -> T:
        """What ``work`` returns or raises; whoever passes the same key passes the same work."""
        earlier = self._flights.get(key)
        if earlier is not None:
            with contextlib.suppress(Exception):  # it is for those who asked before it began
                await asyncio.wrap_future(earlier)
        if key not in self._flights:
            await _place(self._sort)
        return await asyncio.wrap_future(self._fly(key, work))

    def _fly(self, key: Hashable, work: Callable[[], T]) -> "concurrent.futures.Future[T]":
        def landing() -> T:
            try:
                return work()
            finally:
                with self._lock:
                    del self._flights[key]

        with self._lock:  # it may land before it is noted here
            if key not in self._flights:
                self._flights[key] = _begin(landing, self._sort)
            return self._flights[key]


def within(seconds: float, work: Callable[[], T]) -> T:
    """As ``in_background``, where there is no event loop yet.

    Raises:
        TimeoutError: it has not ended after so many seconds; it goes on, and nobody is told.
    """
    done = _begin(work, "wait")
    concurrent.futures.wait([done], seconds)
    if not done.done():
        raise TimeoutError("a file system does not answer")
    return done.result()


async def _place(sort: str) -> None:
    """Wait until there is one."""
    while _at_work(sort) >= MOST:  # noqa: ASYNC110 - a thread that ends sets no event
        await asyncio.sleep(BETWEEN_LOOKS)


def _at_work(sort: str) -> int:
    return sum(thread.name == _name(sort) for thread in threading.enumerate())


def _name(sort: str) -> str:
    return f"jupyter_sm-{sort}"


def _begin(work: Callable[[], T], sort: str) -> "concurrent.futures.Future[T]":
    future: concurrent.futures.Future[T] = concurrent.futures.Future()
    future.set_running_or_notify_cancel()  # nobody can cancel it, so it can always be set

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - the thread's last frame: all must reach who waits
            future.set_exception(error)

    threading.Thread(target=run, name=_name(sort), daemon=True).start()
    return future
