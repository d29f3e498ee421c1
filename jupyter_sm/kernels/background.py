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
    future: concurrent.futures.Future[T] = concurrent.futures.Future()
    future.set_running_or_notify_cancel()  # nobody can cancel it, so it can always be set

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - the thread's last frame: all must reach who waits
            future.set_exception(error)

    threading.Thread(target=run, name="jupyter_sm-start", daemon=True).start()
    return await asyncio.wrap_future(future)
