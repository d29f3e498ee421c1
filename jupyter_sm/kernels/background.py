"""Work that waits for the disk or for a program, away from the event loop."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_background(work: Callable[[], T]) -> T:
    """What ``work`` returns or raises, from a thread of its own.

    A daemon: a script or a network volume that hangs must not keep the process from ending, nor
    take a place in the pool that Jupyter's handlers share.
    """
    return await asyncio.wrap_future(_begin(work))


def within(seconds: float, work: Callable[[], T]) -> T:
    """As ``in_background``, where there is no event loop yet.

    Raises:
        TimeoutError: it has not ended after so many seconds; it goes on, and nobody is told.
    """
    done = _begin(work)
    concurrent.futures.wait([done], seconds)
    if not done.done():
        raise TimeoutError("a file system does not answer")
    return done.result()


def _begin(work: Callable[[], T]) -> "concurrent.futures.Future[T]":
    future: concurrent.futures.Future[T] = concurrent.futures.Future()
    future.set_running_or_notify_cancel()  # nobody can cancel it, so it can always be set

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - the thread's last frame: all must reach who waits
            future.set_exception(error)

    threading.Thread(target=run, name="jupyter_sm-start", daemon=True).start()
    return future
