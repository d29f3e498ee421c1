"""A scan gives each event of a spool once, in order, and every position goes on with the rest."""

import fcntl
import itertools
import os
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_sm.logs.reading.scanning import Counts, Reader, scan
from jupyter_sm.logs.segments import Position

from .written import Written, line, number, wait_until_there, writers


@pytest.fixture
def spool(tmp_path: Path) -> Written:
    return Written(tmp_path / "app.log")


def scanned(
    spool: Written, after: Position | None = None, counts: Counts | None = None
) -> list[int]:
    return [number(s.event) for s in scan(str(spool), after, counts)]


def position(spool: Written, event: int) -> Position:
    """The place behind an event."""
    return next(s.position_after for s in scan(str(spool)) if number(s.event) == event)


def test_where_no_file_is_there_is_no_event(spool: Written) -> None:
    assert scanned(spool) == []
    assert list(scan("/nowhere/app.log")) == []


def test_the_events_of_all_segments_come_in_order_with_the_length_of_their_lines(
    spool: Written,
) -> None:
    for begin in (0, 10, 20):
        spool.add_events(begin, begin + 10, "ü" * begin)
        if begin < 20:
            spool.rotate()
    found = list(scan(str(spool)))
    assert [number(s.event) for s in found] == list(range(30))
    assert sum(s.length for s in found) == sum(
        p.stat().st_size for p in spool.path.parent.iterdir()
    )


def test_each_position_goes_on_with_exactly_the_rest(spool: Written) -> None:
    for begin in (0, 3, 6):
        spool.add(b"torn\n" if begin else b"")
        spool.add_events(begin, begin + 3)
        spool.add(b"garbage\n\n")
        if begin < 6:
            spool.rotate()
    for found in list(scan(str(spool))):
        here = number(found.event)
        assert scanned(spool, found.position_after) == list(range(here + 1, 9))


def test_a_position_is_found_in_a_file_that_was_renamed_since(spool: Written) -> None:
    spool.add_events(0, 5)
    middle = position(spool, 2)
    spool.rotate()
    spool.add_events(5, 8)
    counts = Counts()
    assert scanned(spool, middle, counts) == [3, 4, 5, 6, 7]
    assert counts == Counts(0, 0)


def test_lines_that_are_no_event_are_counted(spool: Written) -> None:
    spool.add(
        line(0), b"{\n", b"\xff\xfe\0\n", b'{"timestamp":"x","message":"m"}\n', b"[]\n", line(1)
    )
    counts = Counts()
    assert scanned(spool, None, counts) == [0, 1]
    assert counts == Counts(skipped=4)


def test_a_line_without_its_end_is_no_line_yet(spool: Written) -> None:
    whole = line(1)
    spool.add(line(0), whole[:-1])
    with closing(Reader(str(spool))) as reader:
        assert [number(s.event) for s in reader.read()] == [0]
        assert list(reader.read()) == []
        spool.add(whole[-1:] + line(2))
        assert [number(s.event) for s in reader.read()] == [1, 2]
        assert reader.counts == Counts()


def test_the_last_line_of_a_closed_segment_needs_no_end(spool: Written) -> None:
    spool.add(line(0), line(1)[:-1])
    spool.rotate()
    spool.add(line(2)[:-20])
    spool.rotate()
    spool.add(line(3))
    counts = Counts()
    found = list(scan(str(spool), None, counts))
    assert [number(s.event) for s in found] == [0, 1, 3]
    assert counts == Counts(skipped=1)
    assert scanned(spool, found[1].position_after) == [3]


def test_the_only_line_of_a_closed_segment_needs_no_end(spool: Written) -> None:
    spool.add(line(0)[:-1])
    spool.rotate()
    spool.add(line(1))
    counts = Counts()
    assert scanned(spool, position(spool, 0), counts) == [1]
    assert counts == Counts()


def test_a_reader_may_be_left_at_any_event(spool: Written) -> None:
    spool.add_events(0, 20)
    with closing(Reader(str(spool))) as reader:
        taken = []
        while (found := next(reader.read(), None)) is not None:
            taken.append(number(found.event))
    assert taken == list(range(20))


def test_a_file_that_was_deleted_is_a_gap_and_the_oldest_goes_on(spool: Written) -> None:
    spool.add_events(0, 3)
    middle = position(spool, 1)
    first = spool.rotate()
    spool.add_events(3, 5)
    spool.rotate()
    spool.add_events(5, 6)
    with open(first, "rb"):  # so that nobody gets its inode
        first.unlink()
        counts = Counts()
        assert scanned(spool, middle, counts) == [3, 4, 5]
    assert counts == Counts(gaps=1)


def test_another_file_with_the_same_inode_is_not_mistaken_for_it(spool: Written) -> None:
    spool.add_events(0, 3)
    other = Position(spool.path.stat().st_ino, "0123456789abcdef", 10)
    counts = Counts()
    assert scanned(spool, other, counts) == [0, 1, 2]
    assert counts == Counts(gaps=1)


@pytest.mark.parametrize("by", [-1, 1, 10_000])
def test_a_position_where_no_line_starts_begins_that_file_anew(spool: Written, by: int) -> None:
    spool.add_events(0, 2)
    spool.rotate()
    spool.add_events(2, 6)
    right = position(spool, 3)
    counts = Counts()
    wrong = Position(right.inode, right.head, right.offset + by)
    assert scanned(spool, wrong, counts) == [2, 3, 4, 5]
    assert counts == Counts(gaps=1)


def test_segments_deleted_behind_a_reader_are_a_gap(spool: Written) -> None:
    spool.add_events(0, 3)
    with closing(Reader(str(spool))) as reader:
        assert number(next(reader.read()).event) == 0
        spool.rotate()
        for begin in (3, 6, 9):
            spool.add_events(begin, begin + 3)
            spool.rotate()
        spool.add_events(12, 13)
        spool.segment(1).unlink()
        assert [number(next(reader.read()).event) for _ in "12"] == [1, 2]
        assert reader.counts == Counts()
        spool.segment(2).unlink()
        spool.segment(3).unlink()
        assert [number(s.event) for s in reader.read()] == [9, 10, 11, 12]
        assert reader.counts == Counts(gaps=1)


def test_segments_that_were_read_may_be_deleted(spool: Written) -> None:
    with closing(Reader(str(spool))) as reader:
        for begin in (0, 3, 6, 9):
            spool.add_events(begin, begin + 3)
            assert [number(s.event) for s in reader.read()] == list(range(begin, begin + 3))
            spool.rotate()
            spool.segment(max(spool.closed - 1, 0)).unlink(missing_ok=True)
        assert list(reader.read()) == []
        assert reader.counts == Counts()


def test_numbers_that_begin_again_are_read(spool: Written) -> None:
    with closing(Reader(str(spool))) as reader:
        for begin in range(5):
            spool.add_events(begin, begin + 1)
            spool.rotate()
        assert len(list(reader.read())) == 5
        for which in range(1, 6):
            spool.segment(which).unlink()
        spool.closed = 0
        spool.add_events(5, 6)
        spool.rotate()
        spool.add_events(6, 7)
        assert [number(s.event) for s in reader.read()] == [5, 6]


def test_a_truncated_file_is_a_gap_and_read_from_its_start(spool: Written) -> None:
    spool.add_events(0, 5)
    with closing(Reader(str(spool))) as reader:
        assert len(list(reader.read())) == 5
        os.truncate(spool.path, 0)
        spool.add_events(5, 7)
        assert [number(s.event) for s in reader.read()] == [5, 6]
        os.truncate(spool.path, 0)
        spool.add_events(7, 17)  # more than there was
        assert [number(s.event) for s in reader.read()] == list(range(7, 17))
        assert reader.counts == Counts(gaps=2)


def test_a_file_put_in_its_place_is_read_after_the_end_of_the_first(spool: Written) -> None:
    spool.add_events(0, 2)
    with closing(Reader(str(spool))) as reader:
        assert number(next(reader.read()).event) == 0
        spool.add_events(2, 3)
        spool.path.rename(spool.path.with_name("app.log.old"))
        assert [number(s.event) for s in reader.read()] == [1, 2]
        assert list(reader.read()) == []
        spool.add_events(3, 4)
        assert [number(s.event) for s in reader.read()] == [3]
        assert reader.counts == Counts()


def test_a_closed_segment_with_a_writer_in_it_is_not_left(spool: Written) -> None:
    spool.add_events(0, 2)
    with open(spool.path, "ab", buffering=0) as writer:
        fcntl.flock(writer, fcntl.LOCK_SH)
        spool.rotate()
        spool.add_events(3, 4)
        with closing(Reader(str(spool))) as reader:
            assert [number(s.event) for s in reader.read()] == [0, 1]
            writer.write(line(2))
            fcntl.flock(writer, fcntl.LOCK_UN)
            assert [number(s.event) for s in reader.read()] == [2, 3]


def test_a_link_in_place_of_the_file_is_not_followed(spool: Written) -> None:
    secret = spool.path.with_name("secret")
    secret.write_bytes(line(0))
    spool.path.symlink_to(secret)
    assert scanned(spool) == []


def test_nothing_is_missed_or_doubled_while_two_processes_write_and_rotate(spool: Written) -> None:
    count, work = 3000, (97, 10_000)
    seen: list[int] = []
    after = None
    counts = Counts()
    with writers((str(spool), 0, count, *work), (str(spool), count, 2 * count, *work)) as processes:
        wait_until_there(spool.path)
        alive = True
        while alive:  # one more scan when the last writer has ended
            alive = any(process.is_alive() for process in processes)
            for found in scan(str(spool), after, counts):
                after = found.position_after
                seen.append(number(found.event))
                if len(seen) % 1009 == 0:
                    break  # as a reader that is killed, and goes on from what it had saved
        seen += scanned(spool, after, counts)
    assert spool.segment(20).exists()
    assert sorted(seen) == list(range(2 * count))
    for begin in (0, count):
        own = [n for n in seen if begin <= n < begin + count]
        assert own == sorted(own)
    assert counts == Counts()


def test_what_is_deleted_while_reading_is_a_gap_and_nothing_comes_twice(spool: Written) -> None:
    seen: list[int] = []
    with writers((str(spool), 0, 4000, 50, 2)) as processes:
        wait_until_there(spool.path)
        with closing(Reader(str(spool))) as reader:
            while processes[0].is_alive():
                seen += [number(s.event) for s in reader.read()]
            seen += [number(s.event) for s in reader.read()]
    assert seen == sorted(set(seen))
    assert seen[-1] == 3999
    jumps = sum(b != a + 1 for a, b in itertools.pairwise(seen))
    assert jumps <= reader.counts.gaps
    assert reader.counts.skipped == 0
