import os
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_sm.logs.segments import Position
from jupyter_sm.logs.shipping.batch import Entry
from jupyter_sm.logs.shipping.ledger import Ledger
from jupyter_sm.logs.shipping.state import BadStateError, Counters, Saved, load, save

from .spools import GROUP, STREAM, append, line, rotate

SAVED = Saved(
    group=GROUP,
    stream=STREAM,
    position=Position(5, "head", 77),
    pieces=2,
    number=4,
    state="waiting",
    reason="a reason",
    counters=Counters(shipped=3, dropped=1),
    last_success=1_700_000_000_000,
)


def ship_file(log_path: Path) -> Path:
    return log_path.with_suffix(".ship")


def entry(offset: int = 50) -> Entry:
    return Entry(1, "text", 30, Position(5, "head", offset))


def test_what_is_saved_is_loaded(log_path: Path) -> None:
    assert load(str(log_path)) is None

    save(str(log_path), SAVED)

    assert load(str(log_path)) == SAVED
    assert ship_file(log_path).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in log_path.parent.iterdir()] == ["app.ship"]


def test_the_temporary_file_of_a_killed_shipper_is_in_nobodys_way(log_path: Path) -> None:
    elsewhere = log_path.with_name("elsewhere")
    Path(f"{ship_file(log_path)}.tmp").symlink_to(elsewhere)

    save(str(log_path), SAVED)

    assert load(str(log_path)) == SAVED
    assert not elsewhere.exists()


def corrupt(path: Path) -> None:
    path.write_bytes(b'{"group": "/aws/sage')


def empty(path: Path) -> None:
    path.touch()


def later(path: Path) -> None:
    path.write_text('{"version": 2, "group": "g", "stream": "s"}')


def linked(path: Path) -> None:
    path.symlink_to("/dev/null")


def pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize("make", [corrupt, empty, later, linked, pipe])
def test_a_state_that_cannot_be_used_is_named(log_path: Path, make: Callable[[Path], None]) -> None:
    make(ship_file(log_path))

    with pytest.raises(BadStateError, match=r"app\.ship: "):
        load(str(log_path))


def test_a_bad_state_begins_again_and_says_so(log_path: Path) -> None:
    ship_file(log_path).write_bytes(b"garbage")
    notes: list[str] = []

    ledger = Ledger(str(log_path), GROUP, STREAM, notes.append)

    assert ledger.saved.position is None
    assert "app.ship" in ledger.saved.began_again
    assert len(notes) == 1
    assert "from the beginning" in notes[0]


def test_the_state_of_another_stream_is_not_used(log_path: Path) -> None:
    save(str(log_path), SAVED)
    notes: list[str] = []

    ledger = Ledger(str(log_path), GROUP, "d-1/eve/KernelGateway/app", notes.append)

    assert ledger.saved.position is None
    assert f"{STREAM!r}" in notes[0]


def test_a_state_goes_on_where_it_was_without_its_old_reason(log_path: Path) -> None:
    save(str(log_path), SAVED)

    notes: list[str] = []
    saved = Ledger(str(log_path), GROUP, STREAM, notes.append).saved

    assert notes == []
    assert (saved.position, saved.pieces, saved.counters) == (
        SAVED.position,
        2,
        SAVED.counters,
    )
    assert (saved.state, saved.reason) == ("shipping", "")


def test_counts_are_saved_with_the_position_that_they_belong_to(log_path: Path) -> None:
    ledger = Ledger(str(log_path), GROUP, STREAM, print)

    ledger.count(skipped=2)
    ledger.count(skipped=1, gaps=1)
    ledger.say("waiting", "no luck")
    before = load(str(log_path))
    ledger.accepted([entry(), entry(99)], (1, 0, 0))
    after = load(str(log_path))

    assert before is not None
    assert before.counters == Counters()
    assert after is not None
    assert after.counters == Counters(shipped=1, rejected_too_old=1, skipped=3, gaps=1)
    assert after.position == entry(99).after
    assert after.last_success is not None


def test_the_newest_segment_is_remembered_for_who_names_the_next(log_path: Path) -> None:
    ledger = Ledger(str(log_path), GROUP, STREAM, print)
    append(log_path, line("a"))
    rotate(log_path)
    ledger.accepted([entry()], (0, 0, 0))
    Path(f"{log_path}.00000001").unlink()
    ledger.accepted([entry()], (0, 0, 0))

    saved = load(str(log_path))
    assert saved is not None
    assert saved.number == 1


def test_a_state_that_cannot_be_saved_is_said_once_and_when_it_works_again(log_path: Path) -> None:
    notes: list[str] = []
    ledger = Ledger(str(log_path), GROUP, STREAM, notes.append)
    blocked = Path(f"{ship_file(log_path)}.tmp")
    blocked.mkdir()

    ledger.accepted([entry(1)], (0, 0, 0))
    ledger.accepted([entry(2)], (0, 0, 0))
    assert ["cannot save" in note for note in notes] == [True]

    blocked.rmdir()
    ledger.accepted([entry(3)], (0, 0, 0))
    ledger.accepted([entry(4)], (0, 0, 0))

    assert ["again" in note for note in notes] == [False, True]
    saved = load(str(log_path))
    assert saved is not None
    assert saved.counters.shipped == 4


def test_each_kind_of_refusal_is_said_once(log_path: Path) -> None:
    notes: list[str] = []
    ledger = Ledger(str(log_path), GROUP, STREAM, notes.append)

    for _ in range(2):
        ledger.accepted([entry(), entry(), entry()], (1, 1, 1))
        ledger.dropped(entry(), "too pink")

    assert len(notes) == 4
    assert any("too pink" in note for note in notes)
    assert ledger.saved.counters == Counters(
        rejected_too_old=2, rejected_expired=2, rejected_too_new=2, dropped=2
    )


def test_a_wait_with_ever_new_reasons_is_said_once(log_path: Path) -> None:
    notes: list[str] = []
    ledger = Ledger(str(log_path), GROUP, STREAM, notes.append)

    for number in range(5):
        ledger.say("waiting", f"request {number} failed")

    assert notes == ["waiting: request 0 failed"]
    assert ledger.saved.reason == "request 4 failed"
