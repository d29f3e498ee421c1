"""Questions to a spool: its last events, where events since a time begin, how much is left."""

from pathlib import Path

import pytest

from jupyter_sm.logs.line import Event
from jupyter_sm.logs.reading.events import Behind, beginning, behind, last, tail
from jupyter_sm.logs.reading.scanning import scan
from jupyter_sm.logs.segments import Position

from .written import BEGINNING, Written, line, number, numbers

DAY = 86_400_000


@pytest.fixture
def spool(tmp_path: Path) -> Written:
    return Written(tmp_path / "app.log")


@pytest.fixture
def segmented(spool: Written) -> Written:
    """Thirty events in three files."""
    for begin in (0, 10, 20):
        spool.add_events(begin, begin + 10)
        if begin < 20:
            spool.rotate()
    return spool


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 25, 30, 31])
def test_the_last_events_come_from_as_many_files_as_needed(segmented: Written, count: int) -> None:
    assert numbers(tail(str(segmented), count)) == list(range(30))[max(30 - count, 0) :]


def test_where_nothing_is_there_nothing_is_last(spool: Written) -> None:
    assert tail(str(spool), 5) == []
    spool.path.touch()
    found = last(str(spool), 5)
    assert (found.events, found.end) == ([], None)


def test_only_what_is_to_be_kept_is_counted(segmented: Written) -> None:
    def keep(event: Event) -> bool:
        return number(event) % 7 == 0

    assert numbers(tail(str(segmented), 3, keep)) == [14, 21, 28]


def test_the_files_before_those_that_are_needed_are_not_read(segmented: Written) -> None:
    segmented.segment(1).write_bytes(b"garbage\n" * 1000)
    assert last(str(segmented), 20).skipped == 0
    assert last(str(segmented), 21).skipped == 1000


def test_what_is_earlier_than_a_time_is_neither_given_nor_looked_for(spool: Written) -> None:
    spool.add(b"garbage\n", line(0), line(DAY), line(2 * DAY), line(2 * DAY + 1))
    found = last(str(spool), 10, since_ms=BEGINNING + 2 * DAY)
    assert numbers(found.events) == [2 * DAY, 2 * DAY + 1]
    assert found.skipped == 0


def test_an_event_a_little_out_of_order_is_found(spool: Written) -> None:
    spool.add(line(0), line(1000), line(990), line(1001))
    assert numbers(last(str(spool), 10, since_ms=BEGINNING + 995).events) == [1000, 1001]


@pytest.mark.parametrize("closed", [True, False])
def test_a_last_line_without_its_end_counts_in_a_closed_segment_alone(
    spool: Written, *, closed: bool
) -> None:
    spool.add(line(0), line(1)[:-1])
    if closed:
        spool.rotate()
    assert numbers(tail(str(spool), 5)) == ([0, 1] if closed else [0])


def test_the_lines_around_the_ends_of_blocks_are_whole(spool: Written) -> None:
    """The blocks that are read are shorter than some lines, and begin within others."""
    spool.add(*(line(n, "x" * (n * 7919 % 400_000)) for n in range(60)))
    forwards = [scanned.event for scanned in scan(str(spool))]
    assert numbers(forwards) == list(range(60))
    assert tail(str(spool), 100) == forwards


def test_since_a_time_begins_at_the_start_of_a_file(spool: Written) -> None:
    assert beginning(str(spool), 0) is None
    for day in range(3):
        spool.add(b"torn\n", line(day * DAY), line(day * DAY + 1))
        if day < 2:
            spool.rotate()

    def begun(ms: int) -> list[int]:
        position = beginning(str(spool), BEGINNING + ms)
        return [number(scanned.event) for scanned in scan(str(spool), position)]

    assert begun(0)[0] == 0
    assert begun(DAY)[0] == 0
    assert begun(2 * DAY)[0] == DAY
    assert begun(2 * DAY + 100_000)[0] == 2 * DAY
    assert begun(9 * DAY)[0] == 2 * DAY


def test_how_far_a_reader_is_behind_is_lines_bytes_and_the_oldest_time(segmented: Written) -> None:
    folder = segmented.path.parent
    size = sum(path.stat().st_size for path in folder.iterdir())
    assert behind(str(segmented), None) == Behind(30, size, BEGINNING)
    left = size
    for count, scanned in enumerate(scan(str(segmented)), start=1):
        left -= scanned.length
        oldest = BEGINNING + count if count < 30 else None
        assert behind(str(segmented), scanned.position_after) == Behind(30 - count, left, oldest)


def test_a_reader_whose_file_is_gone_is_behind_by_everything(segmented: Written) -> None:
    assert behind(str(segmented), Position(1, "0123456789abcdef", 5)).events == 30


def test_lines_that_are_no_events_leave_nobody_behind(spool: Written) -> None:
    spool.add(line(0), b"garbage\n", b'{"timestamp":')
    (scanned,) = scan(str(spool))
    assert behind(str(spool), scanned.position_after) == Behind(0, 21, None)
    assert behind(str(spool), None).events == 2


def test_nobody_is_behind_where_nothing_is(spool: Written) -> None:
    assert behind(str(spool), None) == Behind(0, 0, None)
