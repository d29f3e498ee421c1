"""Readers need little memory, whatever the size of a file or of a line."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_sm.logs.reading.blocks import LINE_BYTES_MOST
from jupyter_sm.logs.reading.events import last, tail
from jupyter_sm.logs.reading.scanning import Counts, Reader, scan
from jupyter_sm.logs.segments import SEGMENT_BYTES

from .written import Written, line

MEGABYTE = 1 << 20

PROGRAM = """
import json, resource, sys
from jupyter_sm.logs.reading.events import behind, last
from jupyter_sm.logs.reading.scanning import Counts, scan
path = sys.argv[1]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
counts = Counts()
events = sum(1 for _ in scan(path, None, counts))
ended = last(path, 3)
left = behind(path, None)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([events, counts.skipped, len(ended.events), left.bytes, (after - before) >> 10]))
"""


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Written]:
    yield Written(tmp_path / "app.log")
    for path in tmp_path.iterdir():  # pytest keeps the folders of its last runs
        path.unlink()


def measured(spool: Written) -> list[int]:
    """Events, skipped lines, last events, bytes, and the megabytes that a process needed for it."""
    words = [sys.executable, "-c", PROGRAM, str(spool)]
    ended = subprocess.run(words, capture_output=True, check=True, timeout=60)
    found: list[int] = json.loads(ended.stdout)
    return found


def test_a_file_of_160_megabytes_without_a_newline_takes_no_memory(spool: Written) -> None:
    with open(spool.path, "wb") as file:
        file.truncate(160 * MEGABYTE)
    *found, memory = measured(spool)
    assert found == [0, 0, 0, 160 * MEGABYTE]
    assert memory < 30


def test_a_line_of_160_megabytes_between_events_is_one_skipped_line(spool: Written) -> None:
    spool.add(line(0))
    os.truncate(spool.path, 160 * MEGABYTE)
    spool.add(b"\n", *map(line, range(1, 4)))
    *found, memory = measured(spool)
    assert found == [4, 1, 3, spool.path.stat().st_size]
    assert memory < 40


def test_a_spool_of_160_megabytes_in_segments_takes_no_memory(spool: Written) -> None:
    text = "x" * 100_000
    for begin in range(0, 1640, 164):
        spool.add_events(begin, begin + 164, text)
        assert spool.path.stat().st_size < SEGMENT_BYTES
        if begin < 1476:
            spool.rotate()
    *found, memory = measured(spool)
    assert found[:3] == [1640, 0, 3]
    assert found[3] > 160_000_000
    assert memory < 30


def test_a_line_of_three_megabytes_is_an_event(spool: Written) -> None:
    long = b'{"timestamp":5,"message":"%b"}\n' % (b"\\u0000" * 500_000)
    spool.add(line(0), long, line(1))
    assert len(long) > 3_000_000
    events = [scanned.event for scanned in scan(str(spool))]
    assert events[1].message == "\0" * 500_000
    assert tail(str(spool), 3) == events


@pytest.mark.parametrize("over", [0, 1])
def test_the_longest_line_is_an_event_and_one_byte_more_is_none(spool: Written, over: int) -> None:
    frame = b'{"timestamp":5,"message":"%b"}\n'
    text = b"m" * (LINE_BYTES_MOST - len(frame) + 3 + over)
    spool.add(line(0), frame % text, line(1))
    counts = Counts()
    assert len(list(scan(str(spool), None, counts))) == 3 - over
    assert counts.skipped == over
    found = last(str(spool), 5)
    assert (len(found.events), found.skipped) == (3 - over, over)


def test_the_beginning_of_a_line_is_read_once_however_long_its_end_takes(spool: Written) -> None:
    spool.add(line(0), b'{"timestamp":5,"message":"')
    with closing(Reader(str(spool))) as reader:
        assert len(list(reader.read())) == 1
        before = bytes_read()
        for _ in range(40):
            spool.add(b"x" * 100_000)
            assert list(reader.read()) == []
        assert bytes_read() - before < 3 * 4_000_000
        spool.add(b'"}\n')
        (found,) = reader.read()
    assert len(found.event.message) == 4_000_000


def bytes_read() -> int:
    return int(Path("/proc/self/io").read_text().split()[1])
