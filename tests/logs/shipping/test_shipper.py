import random
from pathlib import Path

from jupyter_sm.aws.answers import Answer
from jupyter_sm.logs.line import encode_event
from jupyter_sm.logs.shipping.state import Counters

from .spools import DAY, HOUR, Batch, Rig, Service, append, line, now_ms, rotate, shipped


def test_everything_on_disk_is_shipped_in_order(log_path: Path) -> None:
    messages = [f"event {n}" for n in range(1000)]
    append(log_path, *(line(message) for message in messages))

    rig = shipped(log_path)

    assert rig.service.messages == messages
    assert rig.counters == Counters(shipped=1000)


def test_an_empty_spool_needs_no_call(log_path: Path) -> None:
    assert shipped(log_path).service.sent == []
    log_path.touch()
    assert shipped(log_path).service.sent == []


def test_a_shipper_that_has_sent_nothing_yet_is_on_disk(log_path: Path) -> None:
    assert not log_path.with_suffix(".ship").exists()

    shipped(log_path)

    assert log_path.with_suffix(".ship").exists()  # whoever deletes segments counts what is lost


def test_the_next_shipper_goes_on_where_the_last_one_was(log_path: Path) -> None:
    append(log_path, line("a"))
    shipped(log_path)
    append(log_path, line("b"))

    assert shipped(log_path).service.messages == ["b"]


def test_nothing_is_read_of_a_line_that_is_not_complete(log_path: Path) -> None:
    append(log_path, line("a"), line("b")[:-5])
    first = shipped(log_path)
    append(log_path, line("b")[-5:])

    assert first.service.messages == ["a"]
    assert shipped(log_path).service.messages[0] == "b"


def test_garbage_is_skipped_and_counted(log_path: Path) -> None:
    append(log_path, b"garbage\n", line("a"), b"\n", b'{"timestamp":"x"}\n', b"\xff\n", line("b"))

    rig = shipped(log_path)

    assert rig.service.messages == ["a", "b"]
    assert rig.counters == Counters(shipped=2, skipped=4)


def test_closed_segments_are_shipped_before_the_active_file(log_path: Path) -> None:
    for message in "abc":
        append(log_path, line(message))
        rotate(log_path)
    append(log_path, line("d"))

    assert shipped(log_path).service.messages == list("abcd")


def test_a_spool_rotated_behind_the_shipper_is_followed(log_path: Path) -> None:
    append(log_path, line("a"))
    shipped(log_path)
    append(log_path, line("b"))
    rotate(log_path)
    append(log_path, line("c"))

    assert shipped(log_path).service.messages == ["b", "c"]


def test_segments_deleted_before_they_were_shipped_are_a_gap(log_path: Path) -> None:
    append(log_path, line("a"))
    shipped(log_path)
    append(log_path, line("b"))
    rotate(log_path)
    append(log_path, line("c"))
    rotate(log_path)
    append(log_path, line("d"))
    Path(f"{log_path}.00000001").unlink()

    rig = shipped(log_path)

    assert rig.service.messages == ["c", "d"]
    assert rig.counters == Counters(shipped=3, gaps=1)


def test_two_days_in_a_spool_are_two_calls(log_path: Path) -> None:
    now = now_ms()
    times = [now - 26 * HOUR, now - 25 * HOUR, now - HOUR, now]
    append(log_path, *(line(str(n), timestamp) for n, timestamp in enumerate(times)))

    rig = shipped(log_path)

    assert [[message for _, message in batch] for batch in rig.service.batches] == [
        ["0", "1"],
        ["2", "3"],
    ]


def test_lines_of_two_writers_are_sent_by_time(log_path: Path) -> None:
    now = now_ms()
    times = [now + random.Random(4).randrange(-3, 4) for _ in range(200)]
    append(log_path, *(line(str(n), timestamp) for n, timestamp in enumerate(times)))

    rig = shipped(log_path)

    expected = [str(n) for n in sorted(range(200), key=times.__getitem__)]
    assert rig.service.messages == expected


def test_a_record_of_three_megabytes_arrives_whole(log_path: Path) -> None:
    text = "é" * 1_500_000
    append(log_path, *encode_event(now_ms(), {"message": text}), line("after"))

    rig = shipped(log_path)

    assert all(len(message.encode()) <= 1_000_000 for message in rig.service.messages)
    assert "".join(rig.service.messages).count("é") == 1_500_000
    assert rig.service.messages[-1] == "after"


def test_a_foreign_line_that_is_too_long_is_split_and_counted(log_path: Path) -> None:
    text = "x" * 2_500_000
    append(log_path, line("before"), line(text), line("after"))

    rig = shipped(log_path)

    assert "".join(rig.service.messages) == f"before{text}after"
    assert rig.counters == Counters(shipped=5, split=1)


def test_a_shipper_that_ends_between_two_pieces_sends_only_the_others(log_path: Path) -> None:
    text = "".join(random.Random(1).choices("abcdef", k=2_500_000))
    append(log_path, line("before"), line(text), line("after"))

    def end(batch: Batch) -> Answer:
        del batch
        first.drain._deadline = 0
        return Answer(kind="throttled")

    first = Rig(log_path, Service(Answer(kind="accepted"), end))
    assert not first.ship()
    second = shipped(log_path)

    assert "".join(first.service.messages + second.service.messages) == f"before{text}after"
    assert second.counters.split == 1


def test_an_old_and_a_future_event_are_their_own_business(log_path: Path) -> None:
    now = now_ms()

    def strict(batch: Batch) -> Answer:
        old = sum(timestamp < now - 14 * DAY for timestamp, _ in batch)
        new = sum(timestamp > now + 2 * HOUR for timestamp, _ in batch)
        return Answer(kind="accepted", rejected_too_old=old, rejected_too_new=new)

    times = [now - 15 * DAY, now, now + 3 * HOUR, now + 1]
    append(log_path, *(line(str(n), timestamp) for n, timestamp in enumerate(times)))

    rig = shipped(log_path, strict, strict)

    assert rig.counters == Counters(shipped=2, rejected_too_old=1, rejected_too_new=1)


def test_a_full_batch_is_sent_without_waiting(log_path: Path) -> None:
    append(log_path, *(line(str(n)) for n in range(20_001)))
    rig = Rig(log_path, Service())

    assert rig.ship()

    assert [len(batch) for batch in rig.service.batches] == [10_000, 10_000, 1]


def test_a_spool_that_cannot_be_read_is_said_and_ends_in_time(log_path: Path) -> None:
    append(log_path, line("a"))
    log_path.parent.rename(log_path.parent.with_name("kept"))
    log_path.parent.touch()
    rig = Rig(log_path, Service())

    rig.ship(seconds=0.1)

    assert any("cannot read the log" in note for note in rig.notes)
