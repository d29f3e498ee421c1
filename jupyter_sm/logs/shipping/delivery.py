"""One batch against every answer that the service has."""

import random
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from ...aws.logs import Answer
from .batch import Entry, in_order
from .claim import Claim
from .drain import Drain
from .ledger import Ledger

BACKOFF_SECONDS_FIRST: Final = 0.2
BACKOFF_SECONDS_MOST: Final = 30.0

PERSON_SECONDS: Final = 60.0
"""Between two tries of what a person has to mend: permissions, credentials."""

POISON_IN_A_ROW: Final = 10
"""After so many events refused one by one it is perhaps not the events."""

_PERHAPS_SENT: Final = ("unavailable", "endpoint")
_NOT_SENT: Final = ("EndpointConnectionError", "ConnectTimeoutError")
"""Exceptions of botocore's after which it is known that the service has got nothing."""

_FOR_A_PERSON: Final = ("denied", "credentials")


class Client(Protocol):
    """What is needed of ``aws.logs.LogsClient``."""

    def put(self, events: Sequence[tuple[int, str]], /) -> Answer:
        """Send one batch."""
        ...

    def create(self) -> Answer:
        """Make group and stream; that they are there is a success."""
        ...


class Delivery:
    """Sends until everything of a batch is accepted, counted as refused, or the end is there.

    Args:
        client: Sends.
        ledger: Is told what became of each event.
        claim: Is told what is under way.
        drain: When all has to be over.
        patient: Whether it waits for what a person has to mend; never while draining. Otherwise that
            is not noted either: the caller has the reason from the ledger.
        chance: From 0 to 1, for the jitter.
    """

    def __init__(
        self,
        client: Client,
        ledger: Ledger,
        claim: Claim,
        drain: Drain,
        *,
        patient: bool = True,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._claim = claim
        self._drain = drain
        self._patient = patient
        self._chance = chance
        self._failures = 0
        self._poison_in_a_row = 0
        self._unknown: Entry | None = None  # first of a call that ended without an answer

    def deliver(self, entries: Sequence[Entry]) -> bool:
        """Send these; False where it ended before all of them were settled."""
        parts = deque([entries])
        while parts:
            if self._drain.over:
                return False
            part = parts.popleft()
            answer = self._put(part)
            if answer.kind == "accepted":
                self._accepted(part, answer)
            elif answer.kind == "invalid" and len(part) > 1:
                middle = len(part) // 2
                parts.extendleft([part[middle:], part[:middle]])
            elif answer.kind == "invalid":
                if not self._drop(part[0], answer):
                    return False
            else:
                parts.appendleft(part)
                if not self._mend(answer):
                    return False
        return True

    def _put(self, part: Sequence[Entry]) -> Answer:
        self._claim.mark(len(part))
        answer = self._client.put(in_order(part))
        if answer.kind in _PERHAPS_SENT and not answer.detail.startswith(_NOT_SENT):
            self._unknown = part[0]
        elif answer.kind != "accepted" and self._unknown is not part[0]:
            self._claim.mark(0)
        return answer

    def _accepted(self, part: Sequence[Entry], answer: Answer) -> None:
        if self._unknown is part[0]:
            self._ledger.count(doubled_possibly=len(part))
        rejected = (answer.rejected_too_old, answer.rejected_expired, answer.rejected_too_new)
        self._ledger.accepted(part, rejected)
        self._claim.mark(0)
        self._failures = self._poison_in_a_row = 0

    def _drop(self, entry: Entry, answer: Answer) -> bool:
        """Give up one event; once a minute only where the service seems to refuse each."""
        self._poison_in_a_row += 1
        if self._poison_in_a_row > POISON_IN_A_ROW:
            reason = f"the service calls every single event invalid: {answer.detail}"
            if not self._wait(PERSON_SECONDS, reason):
                return False
        self._ledger.dropped(entry, answer.detail)
        return True

    def _mend(self, answer: Answer) -> bool:
        """Do what has to come before the next try; False where there is to be none."""
        if answer.kind == "missing":
            answer = self._client.create()
            if answer.kind == "accepted" and self._failures == 0:
                self._failures = 1  # there in a moment, or made in vain
                return True
        reason = answer.detail or answer.kind
        if answer.kind in (*_FOR_A_PERSON, "invalid"):
            return self._wait(PERSON_SECONDS, reason)
        return self._back_off(reason)

    def _wait(self, seconds: float, reason: str) -> bool:
        self._ledger.say("waiting", reason, aloud=self._patient)
        if not self._patient or self._drain.begun:
            return False
        self._drain.wait(seconds)
        return True

    def _back_off(self, reason: str) -> bool:
        """Exponential, with full jitter."""
        self._ledger.say("waiting", reason)
        most = min(BACKOFF_SECONDS_MOST, BACKOFF_SECONDS_FIRST * 2 ** min(self._failures, 16))
        self._failures += 1
        draining = self._drain.begun
        self._drain.wait(most * self._chance())
        if self._drain.begun and not draining:
            self._failures = 0  # the last tries come at once
        return True
