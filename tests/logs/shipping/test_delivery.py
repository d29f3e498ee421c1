from pathlib import Path
from typing import get_args

import pytest

from jupyter_sm.aws.answers import Answer, Kind
from jupyter_sm.logs.segments import Position
from jupyter_sm.logs.shipping.batch import Entry
from jupyter_sm.logs.shipping.claim import Holder, holder
from jupyter_sm.logs.shipping.delivery import (
    BACKOFF_SECONDS_MOST,
    PERSON_SECONDS,
    POISON_IN_A_ROW,
    Delivery,
)
from jupyter_sm.logs.shipping.drain import Drain
from jupyter_sm.logs.shipping.state import Counters

from .spools import Batch, Rig, Service


class Waits(Drain):
    """Notes how long it was to wait, and does not; ends after ``most`` waits."""

    def __init__(self, most: int = 1000) -> None:
        super().__init__()
        self.waits: list[float] = []
        self.most = most

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        if len(self.waits) >= self.most:
            self.begin(0)
        return True


def entries(*messages: str) -> list[Entry]:
    return [
        Entry(n, message, len(message) + 26, Position(1, "head", n + 1))
        for n, message in enumerate(messages)
    ]


def rigged(log_path: Path, service: Service, drain: Drain, *, patient: bool = True) -> Rig:
    """A rig that waits the whole of each back-off."""
    rig = Rig(log_path, service)
    rig.delivery = Delivery(
        service, rig.ledger, rig.claim, drain, patient=patient, chance=lambda: 1.0
    )
    return rig


def answer(kind: Kind, detail: str = "detail") -> Answer:
    return Answer(kind=kind, detail=detail)


def test_an_accepted_batch_is_settled_with_its_last_event(log_path: Path) -> None:
    rig = rigged(log_path, Service(), Waits())

    assert rig.delivery.deliver(entries("a", "b"))

    assert rig.service.batches == [[(0, "a"), (1, "b")]]
    assert rig.saved.position == Position(1, "head", 2)
    assert rig.counters == Counters(shipped=2)


def test_what_is_missing_is_made_and_the_batch_sent_at_once(log_path: Path) -> None:
    waits = Waits()
    rig = rigged(log_path, Service(answer("missing")), waits)

    assert rig.delivery.deliver(entries("a"))

    assert (rig.service.created, rig.service.messages, waits.waits) == (1, ["a"], [])


def test_what_stays_missing_is_waited_for(log_path: Path) -> None:
    waits = Waits()
    rig = rigged(log_path, Service(*[answer("missing")] * 4), waits)

    assert rig.delivery.deliver(entries("a"))

    assert (rig.service.created, rig.service.messages, len(waits.waits)) == (4, ["a"], 3)


@pytest.mark.parametrize("kind", ["throttled", "unavailable", "endpoint"])
def test_what_passes_is_tried_ever_more_rarely_for_as_long_as_it_takes(
    log_path: Path, kind: Kind
) -> None:
    waits = Waits()
    rig = rigged(log_path, Service(*[answer(kind)] * 12), waits)

    assert rig.delivery.deliver(entries("a"))

    assert rig.service.messages == ["a"]
    assert waits.waits[:5] == [0.2, 0.4, 0.8, 1.6, 3.2]
    assert waits.waits[-3:] == [BACKOFF_SECONDS_MOST] * 3
    assert rig.notes == ["waiting: detail"]
    assert (rig.saved.state, rig.saved.reason) == ("shipping", "")


def test_after_a_success_waits_are_short_again(log_path: Path) -> None:
    waits = Waits()
    service = Service(*[answer("throttled")] * 3)
    rig = rigged(log_path, service, waits)
    rig.delivery.deliver(entries("a"))
    service.answers.append(answer("throttled"))
    waits.waits.clear()

    assert rig.delivery.deliver(entries("b"))

    assert waits.waits == [0.2]


@pytest.mark.parametrize("kind", ["denied", "credentials"])
def test_what_a_person_has_to_mend_is_tried_each_minute_and_said(
    log_path: Path, kind: Kind
) -> None:
    waits = Waits()
    rig = rigged(log_path, Service(*[answer(kind, "no key")] * 3), waits)

    assert rig.delivery.deliver(entries("a"))

    assert waits.waits == [PERSON_SECONDS] * 3
    assert rig.notes == ["waiting: no key"]
    assert rig.counters == Counters(shipped=1)


@pytest.mark.parametrize("kind", ["denied", "credentials"])
def test_whoever_is_not_patient_is_told_at_once(log_path: Path, kind: Kind) -> None:
    waits = Waits()
    rig = rigged(log_path, Service(answer(kind, "no key")), waits, patient=False)

    assert not rig.delivery.deliver(entries("a"))

    assert waits.waits == []
    assert (rig.saved.state, rig.saved.reason) == ("waiting", "no key")
    assert rig.saved.position is None


def test_at_the_end_nobody_waits_for_a_person(log_path: Path) -> None:
    drain = Drain()
    drain.begin(60)
    rig = rigged(log_path, Service(answer("credentials")), drain)

    assert not rig.delivery.deliver(entries("a"))


def test_a_name_that_is_refused_costs_no_event(log_path: Path) -> None:
    waits = Waits()
    service = Service(answer("missing"))
    service.creating.append(answer("invalid", "bad name"))
    rig = rigged(log_path, service, waits)

    assert rig.delivery.deliver(entries("a"))

    assert waits.waits == [PERSON_SECONDS]
    assert rig.counters == Counters(shipped=1)


@pytest.mark.parametrize("poisoned", [{"a"}, {"d"}, {"h"}, {"c", "d"}, set("abcdefgh")])
def test_an_event_that_the_service_calls_invalid_is_found_and_dropped(
    log_path: Path, poisoned: set[str]
) -> None:
    service = Service()
    service.poison = poisoned
    rig = rigged(log_path, service, Waits())

    assert rig.delivery.deliver(entries(*"abcdefgh"))

    assert service.messages == [m for m in "abcdefgh" if m not in poisoned]
    assert rig.counters == Counters(shipped=8 - len(poisoned), dropped=len(poisoned))
    assert rig.saved.position == Position(1, "head", 8)
    assert rig.saved.poison == Position(1, "head", "abcdefgh".index(max(poisoned)) + 1)


def test_a_service_that_refuses_every_event_gets_one_a_minute(log_path: Path) -> None:
    waits = Waits(most=3)
    messages = [f"event {n}" for n in range(1000)]
    service = Service()
    service.poison = set(messages)
    rig = rigged(log_path, service, waits)

    assert not rig.delivery.deliver(entries(*messages))

    assert waits.waits == [PERSON_SECONDS] * 3
    assert rig.counters.dropped <= POISON_IN_A_ROW + 3
    assert "every single event" in rig.saved.reason


def test_rejected_events_are_counted_by_kind_and_not_sent_again(log_path: Path) -> None:
    rejected = Answer(kind="accepted", rejected_too_old=2, rejected_expired=1, rejected_too_new=1)
    rig = rigged(log_path, Service(rejected), Waits())

    assert rig.delivery.deliver(entries(*"abcdef"))

    assert len(rig.service.sent) == 1
    assert rig.counters == Counters(
        shipped=2, rejected_too_old=2, rejected_expired=1, rejected_too_new=1
    )


@pytest.mark.parametrize(
    ("first", "doubled"),
    [
        (answer("endpoint", "ReadTimeoutError: no answer"), 3),
        (answer("unavailable", "InternalFailure: oh"), 3),
        (answer("endpoint", "EndpointConnectionError: refused"), 0),
        (answer("endpoint", "ConnectTimeoutError: nobody"), 0),
        (answer("throttled"), 0),
    ],
)
def test_what_may_have_arrived_without_an_answer_is_counted(
    log_path: Path, first: Answer, doubled: int
) -> None:
    rig = rigged(log_path, Service(first), Waits())

    assert rig.delivery.deliver(entries("a", "b", "c"))
    assert rig.delivery.deliver(entries("d"))

    assert rig.counters == Counters(shipped=4, doubled_possibly=doubled)


def test_what_is_under_way_is_written_beside_the_lock(log_path: Path) -> None:
    seen: list[Holder | None] = []

    def look(batch: Batch) -> Answer:
        del batch
        seen.append(holder(str(log_path)))
        return Answer(kind="accepted")

    rig = rigged(log_path, Service(look), Waits())
    rig.claim.take()
    rig.delivery.deliver(entries("a", "b"))

    assert [held.in_flight for held in seen if held] == [2]
    assert rig.claim.left_in_flight() == 0
    rig.claim.release()


def test_nothing_is_begun_once_the_time_is_over(log_path: Path) -> None:
    drain = Drain()
    drain.begin(0)
    rig = rigged(log_path, Service(), drain)

    assert not rig.delivery.deliver(entries("a"))

    assert rig.service.sent == []


def test_every_kind_of_answer_is_known_here() -> None:
    assert set(get_args(Kind)) == {
        "accepted",
        "missing",
        "throttled",
        "unavailable",
        "invalid",
        "denied",
        "credentials",
        "endpoint",
    }


def test_a_mark_stays_until_it_is_known_what_became_of_the_call(log_path: Path) -> None:
    left: list[int] = []

    def look(batch: Batch) -> Answer:
        del batch
        left.append(rig.claim.left_in_flight())
        return answer("throttled")

    waits = Waits(most=5)
    hung = answer("endpoint", "ReadTimeoutError: no answer")
    rig = rigged(log_path, Service(answer("throttled"), look, hung, look, look, look), waits)
    rig.claim.take()
    assert not rig.delivery.deliver(entries("a", "b"))

    assert left == [2, 2, 2]
    assert rig.claim.left_in_flight() == 2
    rig.claim.release()
