"""Rotation keeps every event once, numbers rise, and the disk is bounded."""

import fcntl
import json
import os
from functools import partial
from pathlib import Path

import pytest

from jupyter_sm.logs.segments import head_of
from jupyter_sm.logs.spool import LOGGER

from .spools import Spool, ended, forked

SMALL = 4_000
"""Bytes of a segment: about thirty-five events."""


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path)


def write(spool: Spool, begin: int, end: int, **settings: int) -> None:
    settings = {"segment_bytes": SMALL, **settings}
    with spool.logger(**settings) as (logger, handler):
        for number in range(begin, end):
            logger.info("%d", number)
        assert handler.losses == 0


def numbers(spool: Spool) -> list[int]:
    return [int(message) for message in spool.messages()]


def test_every_event_is_there_once_in_order_and_no_segment_is_too_large(spool: Spool) -> None:
    write(spool, 0, 300, segments_most=100)

    assert numbers(spool) == list(range(300))
    found = spool.segments()
    assert len(found) > 5
    assert [segment.number for segment in found] == [*range(1, len(found)), None]
    assert all(segment.size <= SMALL for segment in found)
    assert all(segment.size > SMALL - 200 for segment in found[:-1])


def test_the_disk_is_bounded_and_the_newest_events_stay(spool: Spool) -> None:
    write(spool, 0, 1_000, segments_most=3)

    found = numbers(spool)
    assert found == list(range(found[0], 1_000))
    assert len(spool.segments()) == 4
    assert sum(segment.size for segment in spool.segments()) <= 4 * SMALL
    assert sorted(os.listdir(spool.folder)) == sorted(
        os.path.basename(segment.path) for segment in spool.segments()
    )


def test_numbers_go_on_where_they_were_and_those_of_the_shipper_count(spool: Spool) -> None:
    write(spool, 0, 100, segments_most=2)
    last = spool.segments()[-2].number
    assert last is not None
    write(spool, 100, 150)
    assert [segment.number for segment in spool.segments()][-2] == last + 1

    for segment in spool.segments():
        os.unlink(segment.path)
    (spool.folder / "app.ship").write_text(json.dumps({"number": 40}))
    write(spool, 0, 50)
    assert [segment.number for segment in spool.segments()] == [41, None]


def test_an_event_larger_than_a_segment_has_one_of_its_own(spool: Spool) -> None:
    with spool.logger(segment_bytes=SMALL) as (logger, _):
        for text in ("a", "b" * SMALL, "c"):
            logger.info(text)

    assert spool.messages() == ["a", "b" * SMALL, "c"]
    assert len(spool.segments()) == 3


def ship(spool: Spool, segment: int, lines: int) -> None:
    """Say that everything before a line of a segment was shipped."""
    found = spool.segments()[segment]
    data = Path(found.path).read_bytes().splitlines(keepends=True)
    offset = sum(map(len, data[:lines]))
    position = {"inode": found.inode, "head": head_of(found.path), "offset": offset}
    state = {"position": position, "number": None, "other": [1]}
    (spool.folder / "app.ship").write_text(json.dumps(state))


def deleted_unshipped(spool: Spool) -> list[int]:
    about = [fields for fields in spool.fields() if fields["logger"] == LOGGER]
    assert all(fields["level"] == "WARNING" for fields in about)
    return [fields["deleted_unshipped"] for fields in about]


@pytest.mark.parametrize(("segment", "line", "shipped"), [(0, 0, 0), (0, 10, 10), (0, -1, -1)])
def test_unshipped_events_that_are_deleted_are_counted_and_told(
    spool: Spool, segment: int, line: int, shipped: int
) -> None:
    write(spool, 0, 100, segments_most=3)
    first = len(Path(spool.segments()[0].path).read_bytes().splitlines())
    ship(spool, segment, first if line < 0 else line)
    shipped = first if shipped < 0 else shipped

    write(spool, 100, 190, segments_most=2)

    found = [int(m) for m in spool.messages() if m.isdigit()]
    missing = found[0]
    told = deleted_unshipped(spool)
    assert sum(told) == missing - shipped
    assert missing > shipped


def test_what_was_shipped_is_deleted_without_a_word(spool: Spool) -> None:
    write(spool, 0, 100, segments_most=2)
    ship(spool, -1, 1)

    write(spool, 100, 150, segments_most=2)

    assert deleted_unshipped(spool) == []


@pytest.mark.parametrize("state", ["{}", "not json", '{"position": 3}', '{"position": null}'])
def test_a_state_that_says_nothing_has_shipped_nothing(spool: Spool, state: str) -> None:
    write(spool, 0, 100, segments_most=2)
    first = numbers(spool)[0]
    (spool.folder / "app.ship").write_text(state)

    write(spool, 100, 150, segments_most=2)

    found = [int(m) for m in spool.messages() if m.isdigit()]
    assert sum(deleted_unshipped(spool)) == found[0] - first > 0


def test_a_position_whose_file_is_gone_has_shipped_nothing_that_is_left(spool: Spool) -> None:
    write(spool, 0, 100, segments_most=2)
    ship(spool, 0, 1)
    gone = len(Path(spool.segments()[0].path).read_bytes().splitlines())
    first = numbers(spool)[0]
    os.unlink(spool.segments()[0].path)

    write(spool, 100, 175, segments_most=2)

    found = [int(m) for m in spool.messages() if m.isdigit()]
    assert sum(deleted_unshipped(spool)) == found[0] - first - gone > 0


def test_a_segment_is_not_closed_while_somebody_holds_its_lock(spool: Spool) -> None:
    write(spool, 0, 1)
    with open(spool.path, "rb") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        write(spool, 1, 200)
        assert len(spool.segments()) == 1
    write(spool, 200, 201)

    assert len(spool.segments()) == 2
    assert numbers(spool) == list(range(201))


def test_a_reader_that_holds_the_file_for_good_stops_nobody(spool: Spool) -> None:
    write(spool, 0, 1)
    with open(spool.path, "rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        write(spool, 1, 500)  # 25 s if each waited its 50 ms: the whole test has less

    assert numbers(spool) == list(range(500))


def write_as(spool: Spool, who: int, count: int) -> int:
    with spool.logger(segment_bytes=8 * SMALL, segments_most=1_000) as (logger, handler):
        for number in range(count):
            logger.info("%d %d %s", who, number, "x" * (number % 97))
        return handler.losses


def size_for_good(path: str) -> int:
    """Of a closed segment, when no writer is in it any more: as readers of the spool ask for it."""
    with open(path, "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        return os.fstat(file.fileno()).st_size


def test_processes_that_write_and_rotate_at_once_lose_and_tear_nothing(spool: Spool) -> None:
    children = [forked(partial(write_as, spool, who, 3_000)) for who in range(3)]
    sizes: dict[str, int] = {}
    while len(sizes) < 10:
        for segment in spool.segments()[:-1]:
            sizes.setdefault(segment.path, size_for_good(segment.path))
    assert [ended(child) for child in children] == [0, 0, 0]

    assert {path: os.stat(path).st_size for path in sizes} == sizes
    found: dict[str, list[int]] = {}
    for message in spool.messages():
        who, number, _ = message.split(" ")
        found.setdefault(who, []).append(int(number))
    assert found == {str(who): list(range(3_000)) for who in range(3)}
    assert max(segment.size for segment in spool.segments()) < 2 * 8 * SMALL


def test_descriptors_do_not_grow_over_ten_thousand_records(spool: Spool) -> None:
    with spool.logger(segment_bytes=8 * SMALL, segments_most=2) as (logger, _):
        logger.info("first")
        before = os.listdir("/proc/self/fd")
        for _ in range(10_000):
            logger.info("x")
        assert os.listdir("/proc/self/fd") == before
    assert (spool.segments()[0].number or 0) > 20
