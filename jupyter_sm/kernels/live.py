"""A value kept true to the disk, without ever making the event loop wait for a file system.

A change on disk is in any answer that is asked for 250 ms later. On a file system too slow for that,
the last value answers and the fresh one follows.
"""

import asyncio
import concurrent.futures
import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_AGE = 0.1
"""Seconds for which a finished look is taken as it is."""

PATIENCE = 0.1
"""Seconds that an answer waits for a look before the last value is given instead."""

FIRST_PATIENCE = 30.0
"""Seconds that an answer waits for the very first look: there is no last value to give."""


SLOW = 10.0
"""Seconds after which a look that has not ended is said in the log."""


class Live(Generic[T]):
    """One value, looked up again in a thread of its own when somebody asks, one look at a time.

    Args:
        look: makes the value; never called twice at once; returns the same object when nothing
            changed. What it raises is logged, and the last value stays.
        log: receives what ``look`` raises.
        what: the value's name, for the log.
        max_age: seconds for which a look is taken as it is, from its beginning on.
        patience: seconds that an answer waits for a look before the last value is given instead.
        slow: seconds after which somebody who asks has it said that a look has not ended; before there
            is a value it is said although nobody asks.
    """

    def __init__(
        self,
        look: Callable[[], T],
        log: logging.Logger,
        what: str = "the kernels",
        *,
        max_age: float = MAX_AGE,
        patience: float = PATIENCE,
        slow: float = SLOW,
    ) -> None:
        self._look = look
        self._log = log
        self._what = what
        self._max_age = max_age
        self._patience = patience
        self._slow = slow
        self._lock = threading.Lock()
        self._flight: concurrent.futures.Future[T] | None = None
        self._last: list[T] = []
        self._last_started = float("-inf")
        self._last_error = ""
        self._began = float("-inf")
        self._is_said_slow = False
        self._timer: threading.Timer | None = None

    @property
    def known(self) -> bool:
        """Whether a look has succeeded."""
        return bool(self._last)

    @property
    def is_slow(self) -> bool:
        """Whether the look under way has taken longer than ``SLOW``: what is known may be old."""
        with self._lock:
            return self._slow_for() is not None

    def begin(self) -> None:
        """Start a look unless one is under way; nobody waits for it."""
        self._fly()

    def last(self, patience: float | None = None) -> T:
        """The last value, in memory; before there is one, wait ``patience`` seconds for it.

        ``patience`` is ``FIRST_PATIENCE`` when not given, here and in ``fresh``.

        Raises:
            TimeoutError: the first look has not ended in that time.
            Exception: what the first look raised.
        """
        return self._last[0] if self._last else self._first(patience)

    def fresh(self, patience: float | None = None) -> T:
        """The value as the disk is now; the last one where the disk takes longer than ``PATIENCE``.

        For callers without an event loop of their own to free. Before there is a value, wait
        ``patience`` seconds.

        Raises:
            TimeoutError: the first look has not ended in that time.
            Exception: what the first look raised.
        """
        if self._is_recent():
            return self._last[0]
        if not self._last:
            return self._first(patience)
        concurrent.futures.wait([self._fly()], self._patience)
        return self._last[0]

    async def fresh_async(self, patience: float | None = None) -> T:
        """As ``fresh``; the event loop goes on while the disk is asked.

        Args:
            patience: seconds to wait for the very first look, ``FIRST_PATIENCE`` when not given.

        Raises:
            TimeoutError: the first look has not ended in that time.
            Exception: what the first look raised.
        """
        if self._is_recent():
            return self._last[0]
        first = FIRST_PATIENCE if patience is None else patience
        known = self.known
        flight = asyncio.wrap_future(self._fly())
        flight.add_done_callback(_asked_for)
        await asyncio.wait([flight], timeout=self._patience if known else first)
        if flight.done():
            error = flight.exception()
            if error is not None and not self._last:
                raise error
        if not self._last:
            raise TimeoutError(self._too_slow())
        return self._last[0]

    def glance(self) -> T | None:
        """The last value at once, None before there is one; a look begins where it is due."""
        if not self._is_recent():
            self._fly()
        return self._last[0] if self._last else None

    async def next_async(self) -> T:
        """The value of a look that begins after this call, whatever the age of the last one.

        Raises:
            TimeoutError: it has not ended after ``FIRST_PATIENCE`` seconds.
            Exception: what it raised.
        """
        until = time.monotonic() + FIRST_PATIENCE
        earlier = self._flight
        if earlier is not None:
            # Which began before: what has changed since may not be in it.
            await asyncio.wait([asyncio.wrap_future(earlier)], timeout=FIRST_PATIENCE)
        flight = asyncio.wrap_future(self._fly())
        flight.add_done_callback(_asked_for)
        await asyncio.wait([flight], timeout=max(until - time.monotonic(), 0.0))
        if not flight.done():
            raise TimeoutError(self._too_slow())
        return flight.result()

    def _first(self, patience: float | None) -> T:
        try:
            return self._fly().result(FIRST_PATIENCE if patience is None else patience)
        except concurrent.futures.TimeoutError:  # not yet the built-in one in Python 3.10
            raise TimeoutError(self._too_slow()) from None

    def _too_slow(self) -> str:
        return f"{self._what} are still being looked for: a file system does not answer"

    def _is_recent(self) -> bool:
        return bool(self._last) and time.monotonic() - self._last_started < self._max_age

    def _fly(self) -> "concurrent.futures.Future[T]":
        with self._lock:
            if self._flight is None:
                flight: concurrent.futures.Future[T] = concurrent.futures.Future()
                # A daemon: a look that hangs on a dead network volume must not keep the process.
                thread = threading.Thread(
                    target=self._run, args=(flight,), name="jupyter_sm-look", daemon=True
                )
                self._began = time.monotonic()
                thread.start()
                self._flight = flight
                if not self._last:
                    self._timer = threading.Timer(self._slow, self._say_slow)
                    self._timer.daemon = True
                    with contextlib.suppress(RuntimeError):  # no thread left: who asks is told
                        self._timer.start()
            flight = self._flight
        self._say_slow()
        return flight

    def _run(self, flight: "concurrent.futures.Future[T]") -> None:
        started = time.monotonic()
        try:
            value = self._look()
        except BaseException as error:  # noqa: BLE001 - the thread's last frame: all must reach who waits
            self._say(error)
            self._land()
            flight.set_exception(error)
            return
        self._last[:] = [value]
        self._last_started, self._last_error = started, ""
        self._land()
        flight.set_result(value)

    def _land(self) -> None:
        with self._lock:
            self._flight = None
            was_slow, self._is_said_slow = self._is_said_slow, False
            took = time.monotonic() - self._began
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        if was_slow:
            self._log.warning("The look for %s has ended after %d s", self._what, took)

    def _say_slow(self) -> None:
        """Log once that the look under way is slow, if it is."""
        with self._lock:
            took = self._slow_for()
            if took is None or self._is_said_slow:
                return
            self._is_said_slow = True
        self._log.warning(
            "The look for %s has not ended after %d s: a file system does not answer",
            self._what,
            took,
        )

    def _slow_for(self) -> float | None:
        took = time.monotonic() - self._began
        return None if self._flight is None or took < self._slow else took

    def _say(self, error: BaseException) -> None:
        """Log a failure once for as long as it stays the same."""
        if repr(error) != self._last_error:
            self._log.error("Could not look for %s", self._what, exc_info=error)
            self._last_error = repr(error)


def _asked_for(flight: "asyncio.Future[T]") -> None:
    """Ask for the error of a look that nobody waits for any more, or asyncio complains."""
    if not flight.cancelled():
        flight.exception()
