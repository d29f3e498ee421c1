"""What became of each event, in memory and saved whenever something is settled."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace

from ...reading import problem
from ..segments import segments, ship_path
from .batch import Entry
from .state import BadStateError, Saved, State, load, save

_REASON_MOST: Final = 1_000
"""Characters."""

_SAY_SECONDS: Final = 60.0
"""Between two notes while it waits: reasons may differ at each try."""


class Ledger:
    """The state in memory, saved whenever something is settled.

    Where it cannot be saved, shipping goes on, which is said: after the next start some events
    arrive twice rather than not at all.

    Args:
        log_path: The spool's active file.
        group: Log group.
        stream: Stream name.
        note: Told in one line what a person should know.
        settling: Held from the moment that an answer counts until it is saved.
    """

    def __init__(
        self,
        log_path: str,
        group: str,
        stream: str,
        note: Callable[[str], None],
        settling: "threading.Lock | None" = None,
    ) -> None:
        self._log_path = log_path
        self._note = note
        self._settling = settling or threading.Lock()
        self._is_saved = False  # whether a file says what is known here
        self._trouble = ""
        self._more: Counter[str] = Counter()
        self._said: set[str] = set()
        self._said_at = float("-inf")
        self.saved = self._loaded(group, stream)

    def _loaded(self, group: str, stream: str) -> Saved:
        trouble = ""
        try:
            found = load(self._log_path)
        except BadStateError as error:
            found, trouble = None, str(error)
        if found is not None and (found.group, found.stream) != (group, stream):
            path = ship_path(self._log_path)
            trouble = f"{path}: is of the stream {found.stream!r} of {found.group!r}"
            found = None
        if trouble:
            self._note(f"ships from the beginning of what is on disk: {trouble}")
        if found is None:
            return Saved(group=group, stream=stream, began_again=trouble)
        return replace(found, state="shipping", reason="")

    def accepted(self, entries: Sequence[Entry], rejected: tuple[int, int, int]) -> None:
        """The service has taken these, the last of what is settled so far.

        Args:
            entries: In the order of the spool.
            rejected: How many of them were too old, expired, too new.
        """
        kinds = ("rejected_too_old", "rejected_expired", "rejected_too_new")
        refused = dict(zip(kinds, rejected, strict=True))
        with self._settling:
            self.count(shipped=len(entries) - sum(rejected), **refused)
            now = time.time_ns() // 1_000_000
            self._settle(entries[-1], state="shipping", reason="", last_success=now)
        for kind, number in refused.items():
            if number:
                self._tell_once(
                    f"the service {kind.replace('_', ' events as ', 1)}".replace("_", " ")
                )

    def dropped(self, entry: Entry, reason: str) -> None:
        """The service does not take this one event, whatever is done."""
        with self._settling:
            self.count(dropped=1)
            self._settle(entry, poison=entry.after)
        self._tell_once(f"drops an event that the service does not take: {reason}")

    def count(self, **more: int) -> None:
        """Add to counters, by name; they become true when the next position is settled."""
        self._more.update(more)

    def say(self, state: State, reason: str = "", *, aloud: bool = True) -> None:
        """Save what the shipper does, unless that is known; note why, unless somebody else says it."""
        reason = reason[:_REASON_MOST]
        if self._is_saved and (state, reason) == (self.saved.state, self.saved.reason):
            return
        is_new = state != self.saved.state
        self.saved = replace(self.saved, state=state, reason=reason)
        self._save()
        now = time.monotonic()
        if aloud and reason and (is_new or now - self._said_at > _SAY_SECONDS):
            self._note(f"{state}: {reason}")
            self._said_at = now

    def _tell_once(self, text: str) -> None:
        what = text.partition(":")[0]
        if what not in self._said:
            self._said.add(what)
            self._note(text)

    def _settle(self, last: Entry, **changes: object) -> None:
        self._move(position=last.after, pieces=last.pieces, **changes)
        self._save()

    def _move(self, **changes: object) -> None:
        old = self.saved.counters
        new = {name: getattr(old, name) + number for name, number in self._more.items()}
        changes["number"] = max(_newest(self._log_path), self.saved.number or 0) or None
        self.saved = replace(self.saved, counters=replace(old, **new), **changes)
        self._more.clear()

    def _save(self) -> None:
        try:
            save(self._log_path, self.saved)
        except OSError as error:
            self._is_saved = False
            if not self._trouble:
                path = ship_path(self._log_path)
                self._note(f"cannot save how far it is in {path}: {problem(error)}")
            self._trouble = problem(error)
        else:
            self._is_saved = True
            if self._trouble:
                self._note("saves again how far it is")
            self._trouble = ""


def _newest(log_path: str) -> int:
    """The highest number of a closed segment, 0 without one."""
    try:
        return max((segment.number or 0 for segment in segments(log_path)), default=0)
    except OSError:
        return 0
