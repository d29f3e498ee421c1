"""Whatever happens to the disk, the caller goes on; what is lost is counted and said once."""

import errno
import logging
import os
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import unprivileged

from jupyter_sm.logs.line import decode_line, fields_of
from jupyter_sm.logs.spool import LOGGER, SpoolHandler

from .spools import Spool, ended, forked, logger_of


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "root")


def told_lost(spool: Spool) -> list[int]:
    """What the events about losses say, of a spool that may have torn lines."""
    lines = b"".join(Path(segment.path).read_bytes() for segment in spool.segments()).split(b"\n")
    events = [decode_line(line) for line in lines]
    fields = [fields_of(event) for event in events if event is not None]
    return [found["lost"] for found in fields if found["logger"] == LOGGER]


def whole_messages(spool: Spool) -> list[str]:
    lines = spool.path.read_bytes().split(b"\n")
    events = [decode_line(line) for line in lines]
    return [fields_of(event)["message"] for event in events if event is not None]


Answer = tuple[int, list[str]]


def _beyond_a_limit(spool: Spool) -> Answer:
    """Losses and notes of a process whose files may not grow beyond 2,000 bytes for a while."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with spool.logger() as (logger, handler):
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, hard))
        for number in range(40):
            logger.info("%d %s", number, "x" * 40)
        lost = handler.losses
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        logger.info("after")
        logger.info("last")
        return lost, spool.notes


def in_a_child(function: Callable[[], Answer]) -> Answer:
    """What a forked child's function returns: the limits of this process stay as they are."""
    read, write = os.pipe()

    def answer() -> int:
        lost, notes = function()
        os.write(write, "\n".join([str(lost), *notes]).encode())
        return 0

    child = forked(answer)
    os.close(write)
    with open(read, encoding="utf-8") as answered:
        told = answered.read().split("\n")
    assert ended(child) == 0
    return int(told[0]), told[1:]


def test_a_line_cut_in_its_middle_is_closed_before_the_next_event(spool: Spool) -> None:
    lost, notes = in_a_child(lambda: _beyond_a_limit(spool))

    messages = whole_messages(spool)
    assert lost > 20
    assert len([m for m in messages if m.endswith("x")]) == 40 - lost
    assert messages[-3:] == ["after", messages[-2], "last"]
    assert told_lost(spool) == [lost]
    assert notes == [
        f"log events cannot be written: {spool.path}: {os.strerror(errno.EFBIG)}",
        f"log events are written again; {lost} were lost",
    ]
    torn = [line for line in spool.path.read_bytes().split(b"\n") if line and not decode_line(line)]
    assert len(torn) == 1


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    subprocess.run(mount, check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def can_mount(folder: Path) -> bool:
    """Whether this process is root with its rights: containers often are without."""
    if os.geteuid() != 0:
        return False
    try:
        with small_disk(folder):
            return True
    except (subprocess.CalledProcessError, FileNotFoundError):
        return False
    finally:
        folder.rmdir()


def test_a_full_disk_is_survived_and_told(spool: Spool, tmp_path: Path) -> None:
    if not can_mount(tmp_path / "try"):
        test_a_line_cut_in_its_middle_is_closed_before_the_next_event(spool)
        return
    with small_disk(spool.root), spool.logger() as (logger, handler):
        for number in range(2_000):
            logger.info("%d", number)
        lost = handler.losses
        assert 0 < lost < 2_000
        assert len(spool.notes) == 1
        for segment in spool.segments():
            os.unlink(segment.path)
        logger.info("after")

        assert told_lost(spool) == [lost]
        assert spool.messages()[0] == "after"
        assert os.strerror(errno.ENOSPC) in spool.notes[0]
        assert spool.notes[1] == f"log events are written again; {lost} were lost"


def _read_only(spool: Spool) -> Answer:
    spool.root.mkdir()
    spool.root.chmod(0o500)
    with spool.logger() as (logger, handler):
        logger.info("one")
        logger.info("two")
        lost = handler.losses
        spool.root.chmod(0o700)
        logger.info("three")
        return lost, [*spool.notes, *spool.messages()]


def test_a_read_only_folder_is_said_once_and_written_to_when_it_can_be(
    spool: Spool, tmp_path: Path
) -> None:
    lost, told = unprivileged.as_ordinary_user(lambda: _read_only(spool), owning=tmp_path)

    assert lost == 2
    assert told[0].startswith("log events cannot be written: ")
    assert os.strerror(errno.EACCES) in told[0]
    assert told[1] == "log events are written again; 2 were lost"
    assert told[2] == "three"
    assert told[3].startswith("2 log events were lost before this one: ")


def _no_rotation(spool: Spool) -> Answer:
    with spool.logger(segment_bytes=1_000) as (logger, handler):
        logger.info("0")
        spool.folder.chmod(0o500)
        for number in range(1, 100):
            logger.info("%d", number)
        spool.folder.chmod(0o700)
        logger.info("100")
        logger.info("%s", "x" * 200)
        return handler.losses, [*spool.notes, str(len(spool.segments())), *spool.messages()]


def test_a_log_that_cannot_be_rotated_grows_and_says_so_once(spool: Spool, tmp_path: Path) -> None:
    lost, told = unprivileged.as_ordinary_user(lambda: _no_rotation(spool), owning=tmp_path)

    assert lost == 0
    assert told[0].startswith("the log grows, it cannot be rotated: ")
    assert told[1:] == ["2", *map(str, range(101)), "x" * 200]


def test_a_folder_removed_while_it_is_written_to_is_made_again(spool: Spool) -> None:
    with spool.logger() as (logger, handler):
        logger.info("one")
        spool.path.unlink()
        for folder in (spool.folder, *spool.folder.parents):
            folder.rmdir()
            if folder == spool.root:
                break
        logger.info("two")
        assert handler.losses == 0

    assert spool.messages() == ["two"]


@pytest.mark.parametrize("how", ["deleted", "renamed", "replaced"])
def test_a_file_that_is_taken_away_is_followed_by_a_new_one(spool: Spool, how: str) -> None:
    with spool.logger() as (logger, handler):
        logger.info("one")
        if how == "deleted":
            spool.path.unlink()
        else:
            spool.path.rename(spool.root / "taken")
        if how == "replaced":
            spool.path.touch()
        logger.info("two")
        assert handler.losses == 0

    assert spool.messages() == ["two"]


def test_a_file_replaced_by_a_link_is_not_written_through(spool: Spool, tmp_path: Path) -> None:
    (tmp_path / "target").touch()
    with spool.logger() as (logger, handler):
        logger.info("one")
        spool.path.unlink()
        spool.path.symlink_to(tmp_path / "target")
        logger.info("two")
        assert handler.losses == 1

    assert (tmp_path / "target").read_bytes() == b""
    assert "is a link" in spool.notes[0]


@pytest.mark.parametrize("kind", ["fifo", "folder"])
def test_what_is_no_plain_file_is_not_written_to(spool: Spool, kind: str) -> None:
    spool.folder.mkdir(parents=True)
    if kind == "fifo":
        os.mkfifo(spool.path)
    else:
        spool.path.mkdir()
    with spool.logger() as (logger, handler):
        logger.info("one")
        assert handler.losses == 1
    assert len(spool.notes) == 1


def test_a_path_that_no_file_can_have_is_said_once(tmp_path: Path) -> None:
    notes: list[str] = []
    handler = SpoolHandler(str(tmp_path / "a\0.log"), note=notes.append)
    logger_of(handler).info("x")
    handler.close()

    assert handler.losses == 1
    (note,) = notes
    assert "\\x00" in note


def test_a_file_emptied_by_hand_goes_on_from_its_beginning(spool: Spool) -> None:
    with spool.logger() as (logger, _):
        logger.info("one")
        os.truncate(spool.path, 0)
        logger.info("two")

    assert spool.messages() == ["two"]


@pytest.mark.parametrize("torn", [b'{"timestamp":1,"mess', b"\0\0\0"])
def test_a_torn_last_line_is_closed_before_the_next_event(spool: Spool, torn: bytes) -> None:
    with spool.logger() as (logger, _):
        logger.info("one")
    with open(spool.path, "ab") as file:
        file.write(torn)
    with spool.logger() as (logger, _):
        logger.info("two")
        logger.info("three")

    lines = spool.path.read_bytes().split(b"\n")
    assert lines[1] == torn
    assert whole_messages(spool) == ["one", "two", "three"]


def test_a_line_that_another_writer_tears_meanwhile_is_closed_too(spool: Spool) -> None:
    with spool.logger() as (logger, _):
        logger.info("one")
        with open(spool.path, "ab") as file:
            file.write(b'{"timestamp":1,"mess')
        logger.info("two")

    assert whole_messages(spool) == ["one", "two"]


def test_a_note_that_fails_ends_nothing(spool: Spool) -> None:
    def fail(_: str) -> None:
        raise RuntimeError("no stderr")

    spool.root.touch()
    with spool.logger(note=fail) as (logger, handler):
        logger.info("one")
        assert handler.losses == 1


def test_a_note_that_logs_to_the_same_spool_ends(spool: Spool) -> None:
    logger = logging.Logger("noting")  # noqa: LOG001  # not one of the process
    spool.root.touch()
    handler = spool.handler(note=logger.warning)
    logger.addHandler(handler)

    logger.info("one")
    handler.close()

    assert handler.losses >= 1


def test_another_trouble_with_the_place_is_said_too_and_so_is_its_end(
    spool: Spool, tmp_path: Path
) -> None:
    with spool.logger() as (logger, _):
        logger.info("one")
        spool.folder.rename(tmp_path / "aside")
        spool.folder.symlink_to(tmp_path)
        logger.info("lost")
        spool.folder.unlink()
        (tmp_path / "aside").rename(spool.folder)
        logger.info("two")
        spool.path.unlink()
        os.mkfifo(spool.path)
        logger.info("lost")
        spool.path.unlink()
        logger.info("three")

    failed = "log events cannot be written: "
    assert spool.notes == [
        f"{failed}{spool.folder} is a link or no folder: logs are not written through it",
        "log events are written again; 1 were lost",
        spool.notes[2],
        "log events are written again; 1 were lost",
    ]
    assert spool.notes[2].startswith(failed + str(spool.path))


def test_trouble_that_comes_and_goes_is_not_said_each_time(spool: Spool) -> None:
    spool.root.mkdir()
    with spool.logger() as (logger, handler):
        for _ in range(5):
            spool.path.unlink(missing_ok=True)
            spool.path.symlink_to("nowhere")
            logger.info("lost")
            spool.path.unlink()
            logger.info("written")
        assert handler.losses == 5
        assert told_lost(spool) == [1]

    assert len(spool.notes) == 2
