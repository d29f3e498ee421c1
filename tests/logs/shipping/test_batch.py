from hypothesis import given
from hypothesis import strategies as st

from jupyter_sm.logs.line import Event
from jupyter_sm.logs.segments import EVENT_BYTES_MOST, Position
from jupyter_sm.logs.shipping.batch import (
    BATCH_BYTES_MOST,
    EVENTS_MOST,
    SPAN_MS_MOST,
    Batch,
    Entry,
    entries_of,
    in_order,
)

BEFORE = Position(7, "head", 10)
AFTER = Position(7, "head", 20)


def entry(timestamp: int = 0, size: int = 30, message: str = "text") -> Entry:
    return Entry(timestamp, message, size, AFTER)


def test_a_batch_takes_as_many_events_as_the_service_and_no_more() -> None:
    batch = Batch()

    assert all(batch.add(entry()) for _ in range(EVENTS_MOST))
    assert batch.full
    assert not batch.add(entry())
    assert len(batch.entries) == EVENTS_MOST


def test_a_batch_takes_as_many_bytes_as_the_service_and_no_more() -> None:
    batch = Batch()

    assert batch.add(entry(size=BATCH_BYTES_MOST - 100))
    assert not batch.add(entry(size=101))
    assert batch.add(entry(size=100))
    assert batch.full


def test_no_two_events_of_a_batch_are_a_day_apart() -> None:
    batch = Batch()

    assert batch.add(entry(timestamp=SPAN_MS_MOST))
    assert not batch.add(entry(timestamp=2 * SPAN_MS_MOST))
    assert not batch.add(entry(timestamp=0))
    assert batch.add(entry(timestamp=1))
    assert not batch.add(entry(timestamp=SPAN_MS_MOST + 1))
    assert batch.add(entry(timestamp=SPAN_MS_MOST))


def test_a_single_event_is_always_taken() -> None:
    assert Batch().add(entry(size=2 * BATCH_BYTES_MOST))


def test_events_are_sent_by_time_and_else_as_they_were_written() -> None:
    entries = [entry(2, message="a"), entry(1, message="b"), entry(2, message="c")]

    assert in_order(entries) == [(1, "b"), (2, "a"), (2, "c")]


def test_what_the_service_counts_is_utf_8_and_26_bytes() -> None:
    assert entries_of(Event(5, "aé€😀"), BEFORE, AFTER) == [
        Entry(5, "aé€😀", 1 + 2 + 3 + 4 + 26, AFTER, 0)
    ]


def test_an_event_of_just_the_right_size_is_not_split() -> None:
    most = EVENT_BYTES_MOST - 26

    assert [e.size for e in entries_of(Event(5, "x" * most), BEFORE, AFTER)] == [EVENT_BYTES_MOST]
    assert [e.size for e in entries_of(Event(5, "x" * (most + 1)), BEFORE, AFTER)] == [
        EVENT_BYTES_MOST,
        27,
    ]


def test_only_the_last_piece_moves_the_position_behind_the_event() -> None:
    pieces = entries_of(Event(5, "x" * 2_500_000), BEFORE, AFTER)

    assert [(piece.after, piece.pieces) for piece in pieces] == [
        (BEFORE, 1),
        (BEFORE, 2),
        (AFTER, 0),
    ]


@given(st.integers(0, 3), st.sampled_from(["é", "€", "😀", "xé€"]))
def test_a_text_too_long_is_cut_between_characters(shift: int, character: str) -> None:
    text = "x" * shift + character * (2 * EVENT_BYTES_MOST // len(character.encode()))

    pieces = entries_of(Event(5, text), None, AFTER)

    assert "".join(piece.message for piece in pieces) == text
    assert all(piece.size == len(piece.message.encode()) + 26 for piece in pieces)
    assert all(piece.size <= EVENT_BYTES_MOST for piece in pieces)
    assert len(pieces) == 3
