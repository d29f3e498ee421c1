"""The catalog kept true to the disk, without ever making the event loop wait for a file system.

A change on disk is in any answer that is asked for 250 ms later. On a file system too slow for that,
the last catalog answers and the fresh one follows.
"""

import asyncio
import concurrent.futures
import logging
import threading
import time
from collections.abc import Callable

from .catalog import Catalog

MAX_AGE = 0.1
"""Seconds for which a finished look is taken as it is."""

PATIENCE = 0.1
"""Seconds that an answer waits for a look before the last catalog is given instead."""

FIRST_PATIENCE = 30.0
"""Seconds that a caller without an event loop waits for the very first look."""


class LiveCatalog:
    """One catalog, looked up again in a thread of its own when somebody asks, one look at a time.

    Args:
        look: makes the catalog; never called twice at once; returns the same object when nothing
            changed. What it raises is logged, and the last catalog stays.
        log: receives what ``look`` raises.
    """

    def __init__(self, look: Callable[[], Catalog], log: logging.Logger) -> None:
        self._look = look
        self._log = log
        self._lock = threading.Lock()
        self._flight: concurrent.futures.Future[Catalog] | None = None
        self._flight_started = 0.0
        self._last: Catalog | None = None
        self._last_started = float("-inf")

    @property
    def known(self) -> bool:
        """Whether the first look is done."""
        return self._last is not None

    def begin(self) -> None:
        """Start the first look, so that it is under way while the host starts."""
        self._fly()

    def last(self) -> Catalog:
        """The last catalog, in memory.

        Raises:
            TimeoutError: the first look has not ended after ``FIRST_PATIENCE`` seconds.
        """
        if self._last is None:
            return self._fly().result(FIRST_PATIENCE)
        return self._last

    def fresh(self) -> Catalog:
        """The catalog as the disk is now, waiting ``PATIENCE`` seconds at most (the first: longer).

        For callers without an event loop of their own to free.

        Raises:
            TimeoutError: the first look has not ended after ``FIRST_PATIENCE`` seconds.
        """
        recent = self._recent()
        if recent is not None:
            return recent
        flight = self._fly()
        if self._last is None:
            return flight.result(FIRST_PATIENCE)
        concurrent.futures.wait([flight], PATIENCE)
        return self._last

    async def fresh_async(self) -> Catalog:
        """The catalog as the disk is now; the event loop goes on while the disk is asked."""
        recent = self._recent()
        if recent is not None:
            return recent
        flight = asyncio.wrap_future(self._fly())
        if self._last is None:
            return await asyncio.shield(flight)
        await asyncio.wait([flight], timeout=PATIENCE)
        return self._last

    def _recent(self) -> Catalog | None:
        return self._last if time.monotonic() - self._last_started < MAX_AGE else None

    def _fly(self) -> "concurrent.futures.Future[Catalog]":
        with self._lock:
            if self._flight is None:
                self._flight = concurrent.futures.Future()
                # A daemon: a look that hangs on a dead network volume must not keep the process.
                threading.Thread(
                    target=self._run, args=(self._flight,), name="jupyter_sm-look", daemon=True
                ).start()
            return self._flight

    def _run(self, flight: "concurrent.futures.Future[Catalog]") -> None:
        started = time.monotonic()
        try:
            catalog = self._look()
        except Exception as error:  # noqa: BLE001 - the thread's last frame: whatever it is must reach the waiters
            self._log.exception("Kernels could not be looked up")
            with self._lock:
                self._flight = None
            flight.set_exception(error)
            return
        with self._lock:
            self._last, self._last_started, self._flight = catalog, started, None
        flight.set_result(catalog)
