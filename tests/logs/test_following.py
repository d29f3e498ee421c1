"""Following gives each event as it is written, whatever happens to the files meanwhile."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_sm.logs.reading.events import last
from jupyter_sm.logs.reading.following import follow
from jupyter_sm.logs.reading.scanning import Counts
from jupyter_sm.logs.segments import Position

from .written import Written, number, numbers, writers


@pytest.fixture
def spool(tmp_path: Path) -> Written:
    return Written(tmp_path / "logs/app.log")


class Steps:
    """A reader's pauses: in each one the next thing happens to the spool; then it is over."""

    def __init__(self, *steps: object) -> None:
        self._steps: Iterator[object] = iter(steps)

    def __call__(self, seconds: float) -> bool:
        assert 0 < seconds < 1
        step = next(self._steps, None)
        if step is None:
            return True
        assert callable(step)
        step()
        return False


def followed(
    spool: Written, *steps: object, after: Position | None = None, counts: Counts | None = None
) -> list[int]:
    found = follow(str(spool), after, stop=Steps(*steps), counts=counts)
    return [number(scanned.event) for scanned in found]


def test_it_waits_for_a_spool_that_is_not_there_yet(spool: Written) -> None:
    assert followed(
        spool,
        spool.path.parent.mkdir,
        spool.path.touch,
        lambda: spool.add_events(0, 2),
        lambda: spool.add_events(2, 3),
    ) == [0, 1, 2]


def test_it_goes_over_rotations_deletion_and_a_new_file(spool: Written) -> None:
    spool.path.parent.mkdir()
    spool.add_events(0, 1)

    def rotate_twice() -> None:
        spool.add_events(1, 2)
        spool.rotate()
        spool.add_events(2, 3)
        spool.rotate()

    def delete_all() -> None:
        for path in spool.path.parent.iterdir():
            path.unlink()

    counts = Counts()
    steps = [
        rotate_twice,
        lambda: spool.add_events(3, 4),
        delete_all,
        lambda: spool.add_events(4, 5),
        lambda: os.truncate(spool.path, 0),
        lambda: spool.add_events(5, 6),
    ]
    assert followed(spool, *steps, counts=counts) == [0, 1, 2, 3, 4, 5]
    assert counts == Counts(gaps=1)


def test_the_end_of_the_last_events_is_where_following_begins(spool: Written) -> None:
    spool.path.parent.mkdir()
    assert last(str(spool), 5).end is None
    for step in (
        lambda: spool.add_events(0, 3),
        spool.rotate,
        spool.path.touch,
        lambda: spool.add(b'{"timestamp":17'),
    ):
        step()
        end = last(str(spool), 2)
        assert numbers(end.events) == [1, 2]
        assert followed(spool, after=end.end) == []
    spool.add(b"\n")
    end = last(str(spool), 2)
    assert numbers(end.events) == [1, 2]
    assert end.skipped == 1
    assert followed(spool, lambda: spool.add_events(3, 5), after=end.end) == [3, 4]


def test_nothing_is_missed_between_the_last_events_and_following_a_writer(spool: Written) -> None:
    spool.path.parent.mkdir()
    spool.add_events(0, 10)
    stop = threading.Event()
    with writers((str(spool), 10, 4000, 61, 10_000)) as processes:
        end = last(str(spool), 10_000)
        seen = numbers(end.events)
        for scanned in follow(str(spool), end.end, stop=stop.wait):
            seen.append(number(scanned.event))
            if seen[-1] == 3999:
                stop.set()
        assert processes
    assert seen == list(range(4000))
