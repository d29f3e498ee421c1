"""Counts the events that are lost, and says each kind of trouble once, not with each event."""

import contextlib
import sys
import time
from collections.abc import Callable
from typing import Final

from ..reading import printable

_AGAIN: Final = 60.0
"""Seconds after which trouble that went and came back is said again."""

Note = Callable[[str], None]
"""Says one line to whoever looks after this process."""


def say_on_stderr(text: str) -> None:
    """One line on the process's own stderr, which nobody logs from; nothing where there is none."""
    if sys.__stderr__ is not None:
        sys.__stderr__.write(f"jupyter_sm: {text}\n")
        sys.__stderr__.flush()


class Losses:
    """Of one spool.

    Args:
        note: Says a line; what it raises is dropped.
        clock: Seconds that never step back.

    Attributes:
        total: Events lost since the process began.
        untold: Of them, those that no event in the spool tells of yet.
        reason: Why the last one was lost.
        trouble: Why nothing can be written now; empty when it can.
    """

    def __init__(self, note: Note, clock: Callable[[], float] = time.monotonic) -> None:
        self._note = note
        self._clock = clock
        self._said: dict[str, float] = {}
        self._is_said_to_fail = False
        self.total = 0
        self.untold = 0
        self.reason = ""
        self.trouble = ""

    @property
    def is_open(self) -> bool:
        """Whether something was lost, or said to fail, that nobody was told the end of."""
        return bool(self.trouble) or self._is_said_to_fail or self.untold > 0

    def lost(self, kind: str, reason: str) -> None:
        """One event is lost.

        Args:
            kind: Of the trouble; said again only a minute after it was said last.
            reason: A sentence for people.
        """
        self.total += 1
        self.untold += 1
        self.reason = printable(reason)
        self.fails(kind, reason)

    def fails(self, kind: str, reason: str) -> None:
        """Nothing can be written, and nothing is lost yet; arguments as in `lost`."""
        self.trouble = printable(reason)
        if self.say(kind, f"log events cannot be written: {reason}"):
            self._is_said_to_fail = True

    def told(self, count: int) -> None:
        """It works again, and an event in the spool tells of so many lost."""
        self.untold -= count
        self.trouble = ""
        if self._is_said_to_fail:
            self._is_said_to_fail = False
            self._say(f"log events are written again; {count} were lost")

    def say(self, kind: str, text: str) -> bool:
        """Say something, unless its kind was said a short while ago; whether it was said."""
        now = self._clock()
        if now - self._said.get(kind, float("-inf")) < _AGAIN:
            return False
        self._said[kind] = now
        self._say(text)
        return True

    def _say(self, text: str) -> None:
        # A closed stderr, or whatever the caller's own note raises, must not end what logs.
        with contextlib.suppress(Exception):
            self._note(printable(text))
