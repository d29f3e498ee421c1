"""When a shipper has to end: nothing it does lasts longer than what is left until then."""

import threading
import time


class Drain:
    """Time without end, until somebody begins the end."""

    def __init__(self) -> None:
        self._deadline = float("inf")
        self._begun = threading.Event()

    def begin(self, seconds: float) -> None:
        """All has to be over in so many seconds; later calls change nothing."""
        if not self._begun.is_set():
            self._deadline = time.monotonic() + seconds
            self._begun.set()

    @property
    def begun(self) -> bool:
        """Whether there is an end."""
        return self._begun.is_set()

    @property
    def left(self) -> float:
        """Seconds until the end: infinite before it is known, never below zero."""
        return max(0.0, self._deadline - time.monotonic())

    @property
    def over(self) -> bool:
        """Whether nothing more may be begun."""
        return self.left == 0

    def wait(self, seconds: float) -> bool:
        """Wait so long, but no longer than until the end begins, and then until it is there.

        Returns:
            Whether the whole time was waited.
        """
        if not self.begun:
            return not self._begun.wait(seconds)
        whole = seconds <= self.left
        time.sleep(min(seconds, self.left))
        return whole
