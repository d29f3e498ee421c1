"""One file of a spool, under whatever name, and whether it is complete."""

import errno
import fcntl
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_sm.logs.reading import events, segmentfile
from jupyter_sm.logs.reading.segmentfile import SegmentFile
from jupyter_sm.logs.segments import Segment, segments

from .written import Written, line, number


@pytest.fixture
def spool(tmp_path: Path) -> Written:
    made = Written(tmp_path / "app.log")
    made.add(line(0))
    return made


@pytest.fixture
def file(spool: Written) -> Iterator[SegmentFile]:
    opened = SegmentFile.open(segments(str(spool))[0])
    assert opened is not None
    with closing(opened):
        yield opened


def test_what_was_renamed_replaced_or_deleted_is_not_opened(spool: Written) -> None:
    (seen,) = segments(str(spool))
    spool.rotate()
    assert SegmentFile.open(seen) is None
    spool.add(line(1))
    assert SegmentFile.open(seen) is None


def test_the_last_events_are_found_though_the_files_are_renamed_after_the_look(
    spool: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_and_rotate(log_path: str, look: Callable[[str], list[Segment]] = segments) -> object:
        found = look(log_path)
        if spool.closed == 0:
            spool.rotate()
            spool.add(line(1))
        return found

    monkeypatch.setattr(events, "segments", look_and_rotate)
    assert [number(event) for event in events.tail(str(spool), 5)] == [0]
    assert [number(event) for event in events.tail(str(spool), 5)] == [0, 1]


def test_the_last_events_are_found_though_a_file_is_deleted_after_the_look(
    spool: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.rotate()
    spool.add(line(1))

    def look_and_delete(log_path: str, look: Callable[[str], list[Segment]] = segments) -> object:
        found = look(log_path)
        spool.segment(1).unlink(missing_ok=True)
        return found

    monkeypatch.setattr(events, "segments", look_and_delete)
    assert [number(event) for event in events.tail(str(spool), 5)] == [1]
    assert events.beginning(str(spool), 0) is None
    assert events.behind(str(spool), None).events == 1


def test_a_closed_segment_is_settled_once_nobody_writes_in_it(
    spool: Written, file: SegmentFile
) -> None:
    with open(spool.path, "ab") as writer:
        fcntl.flock(writer, fcntl.LOCK_SH)
        spool.rotate()
        assert not file.is_settled()
        fcntl.flock(writer, fcntl.LOCK_UN)
        assert file.is_settled()
        fcntl.flock(writer, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nothing is held


def test_a_writer_that_hangs_is_not_waited_for_without_end(
    spool: Written, file: SegmentFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segmentfile, "_SURELY_SETTLED_SECONDS", -1.0)
    with open(spool.path, "ab") as writer:
        fcntl.flock(writer, fcntl.LOCK_SH)
        spool.rotate()
        assert file.is_settled()


def test_where_files_cannot_be_locked_nobody_is_waited_for(
    file: SegmentFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_descriptor: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    assert file.is_settled()
