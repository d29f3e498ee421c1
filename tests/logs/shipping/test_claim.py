import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
import unprivileged

from jupyter_sm.logs.shipping.claim import Claim, ForeignLogError, Holder, holder

from .spools import append, line

HOLD = """\
import sys
from jupyter_sm.logs.shipping.claim import Claim
claim = Claim(sys.argv[1])
assert claim.take()
claim.mark(17)
print("taken", flush=True)
sys.stdin.read()
"""


def lock_of(log_path: Path) -> Path:
    return log_path.with_suffix(".lock")


def test_only_one_can_take_a_stream_until_it_is_released(log_path: Path) -> None:
    first, second = Claim(str(log_path)), Claim(str(log_path))

    assert first.take()
    assert first.take()
    assert not second.take()
    first.release()
    assert second.take()
    second.release()


def test_a_killed_holder_leaves_the_stream_free_and_tells_what_was_under_way(
    log_path: Path,
) -> None:
    claim = Claim(str(log_path))
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(log_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"taken\n"
        assert not claim.take()
        assert holder(str(log_path)) == Holder(process.pid, 17)
        process.kill()

    assert holder(str(log_path)) is None
    assert claim.take()
    assert claim.left_in_flight() == 17
    claim.mark(0)
    assert claim.left_in_flight() == 0
    claim.release()


def test_nobody_holds_a_stream_without_a_lock_file(log_path: Path) -> None:
    assert holder(str(log_path)) is None
    assert not lock_of(log_path).exists()


def test_whoever_takes_a_stream_is_known_at_once_and_keeps_what_was_under_way(
    log_path: Path,
) -> None:
    lock_of(log_path).write_text('{"pid":1234567,"in_flight":17}')
    claim = Claim(str(log_path))

    assert claim.take()
    assert holder(str(log_path)) == Holder(os.getpid(), 17)
    assert claim.left_in_flight() == 17
    claim.release()


def test_a_holder_that_wrote_nothing_yet_is_one_without_a_number(log_path: Path) -> None:
    with lock_of(log_path).open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        assert holder(str(log_path)) == Holder(0)


def _foreign(log_path: Path) -> str:
    """What an ordinary user is told about another's log; nothing is left in its folder."""
    with pytest.raises(ForeignLogError) as refused:
        Claim(str(log_path)).take()
    assert not lock_of(log_path).exists()
    return str(refused.value)


@pytest.mark.parametrize("writes", [[], ["app.log"], ["app.log.00000001"]])
def test_another_users_stream_is_not_taken_and_nothing_is_made_in_it(
    log_path: Path, monkeypatch: pytest.MonkeyPatch, writes: list[str]
) -> None:
    for name in writes:
        append(log_path.with_name(name), line("a"))
    if os.geteuid() == 0:
        for path in (log_path.parent, *log_path.parent.iterdir()):
            os.chown(path, 12_345, 12_345)
        owner = 12_345
    else:  # its own, as another user sees it
        owner = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: owner + 1)

    told = _foreign(log_path)

    assert f"uid {owner}" in told
    assert f"`docker exec -u {owner}`" in told


def _taken(log_path: Path) -> bool:
    claim = Claim(str(log_path))
    try:
        return claim.take()
    finally:
        claim.release()


def test_a_folder_that_root_made_for_everybody_is_shipped_from(log_path: Path) -> None:
    log_path.parent.chmod(0o777)
    reachable = log_path.parent / "reachable"
    reachable.mkdir()

    assert unprivileged.as_ordinary_user(lambda: _taken(log_path), owning=reachable)


def test_a_lock_file_is_the_owners_alone(log_path: Path) -> None:
    claim = Claim(str(log_path))
    claim.take()
    claim.release()

    assert lock_of(log_path).stat().st_mode & 0o777 == 0o600


def test_a_link_or_a_pipe_is_no_lock(log_path: Path) -> None:
    lock_of(log_path).symlink_to(log_path.with_suffix(".other"))
    with pytest.raises(OSError, match="Too many levels"):
        Claim(str(log_path)).take()

    lock_of(log_path).unlink()
    os.mkfifo(lock_of(log_path))
    with pytest.raises(OSError, match="not a regular file"):
        Claim(str(log_path)).take()
