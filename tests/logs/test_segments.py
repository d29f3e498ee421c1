"""The files of a spool, in their order, and a digest that tells one file from another."""

import os
from pathlib import Path

import pytest

from jupyter_sm.logs.segments import (
    closed_path,
    head_of,
    lock_path,
    segments,
    ship_path,
)

from .spools import ended, forked


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_bytes(name.encode())


def test_segments_come_by_number_and_the_active_one_last(tmp_path: Path) -> None:
    make(tmp_path, "a.log", "a.log.00000010", "a.log.00000009", "a.log.100000000")

    found = segments(str(tmp_path / "a.log"))

    assert [segment.number for segment in found] == [9, 10, 100_000_000, None]
    assert [os.path.basename(s.path) for s in found][-1] == "a.log"
    assert [segment.size for segment in found] == [14, 14, 15, 5]
    assert found[0].inode == (tmp_path / "a.log.00000009").stat().st_ino


def test_other_files_of_the_folder_are_no_segments(tmp_path: Path) -> None:
    make(tmp_path, "a.ship", "a.lock", "a.log.1", "a.log.0000000x", "ab.log", "a.log.00000001.gz")
    make(tmp_path, "target")
    (tmp_path / "a.log.00000002").mkdir()
    (tmp_path / "a.log.00000003").symlink_to("target")

    assert segments(str(tmp_path / "a.log")) == []
    assert segments(str(tmp_path / "missing/a.log")) == []


def test_a_name_with_signs_of_a_pattern_is_taken_as_it_is(tmp_path: Path) -> None:
    make(tmp_path, "a+(.log", "a+(.log.00000001", "aa(.log.00000002")

    assert [s.number for s in segments(str(tmp_path / "a+(.log"))] == [1, None]


def _rotate_often(path: str, times: int) -> int:
    for number in range(1, times + 1):
        with open(path, "xb"):
            pass
        os.rename(path, closed_path(path, number))
    return 0


def test_no_closed_segment_is_missed_while_another_process_rotates(tmp_path: Path) -> None:
    path = str(tmp_path / "a.log")
    child = forked(lambda: _rotate_often(path, 300))
    seen: list[int] = []
    while len(seen) < 300:
        seen = [s.number for s in segments(path) if s.number is not None]
        assert seen == list(range(1, len(seen) + 1))
    assert ended(child) == 0


def test_the_head_is_of_the_first_line_only(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"x" * 200_000)
    assert head_of(str(path)) == ""

    path.write_bytes(b"x" * 200_000 + b"\n")
    head = head_of(str(path))
    path.write_bytes(b"x" * 200_000 + b"\nmore\n")
    assert head_of(str(path)) == head != ""
    assert len(head) == 16

    path.write_bytes(b"y" * 200_000 + b"\nmore\n")
    assert head_of(str(path)) != head


def test_the_head_of_a_descriptor_leaves_its_offset_alone(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(b"one\ntwo\n")
    with open(tmp_path / "a.log", "rb", buffering=0) as file:
        file.seek(4)
        assert head_of(file.fileno()) == head_of(str(tmp_path / "a.log"))
        assert file.read() == b"two\n"


def test_a_link_has_no_head(tmp_path: Path) -> None:
    make(tmp_path, "target")
    (tmp_path / "a.log").symlink_to("target")

    with pytest.raises(OSError, match="symbolic links"):
        head_of(str(tmp_path / "a.log"))


def test_the_shippers_files_are_beside_the_log() -> None:
    assert ship_path("/x/a.log") == "/x/a.ship"
    assert lock_path("/x/a.log") == "/x/a.lock"
    assert closed_path("/x/a.log", 7) == "/x/a.log.00000007"
