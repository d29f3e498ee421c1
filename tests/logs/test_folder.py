"""Where all logs lie: who may decide that, and what is refused on the way."""

import os
import stat
from pathlib import Path

import pytest
import unprivileged

from jupyter_sm.logs import folder
from jupyter_sm.logs.folder import SYSTEM_ROOT, LogRoot, LogRootError

from .spools import Spool

UID = os.geteuid()


def test_the_candidates_are_the_systems_folder_and_one_of_this_user() -> None:
    system, own = LogRoot.candidates("/tmp", 1000)

    assert (system.path, own.path) == (SYSTEM_ROOT, "/tmp/jupyter_sm-1000/logs")


def test_the_setting_wins_and_its_folder_is_made(tmp_path: Path) -> None:
    wanted = tmp_path / "a/b"

    root = LogRoot.choose(str(wanted), tmp=str(tmp_path), uid=UID)

    assert root.path == str(wanted)
    assert stat.S_IMODE(wanted.stat().st_mode) == 0o700


def _chosen(tmp: str) -> str:
    return LogRoot.choose("", tmp=tmp, uid=os.geteuid()).path


@pytest.fixture
def system_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for the folder of the system, which an ordinary user cannot make."""
    parent = tmp_path / "var-log"
    parent.mkdir()
    parent.chmod(0o555)
    monkeypatch.setattr(folder, "SYSTEM_ROOT", str(parent / "jupyter_sm"))
    return parent / "jupyter_sm"


def test_the_systems_folder_is_taken_where_it_can_be_written(system_root: Path) -> None:
    system_root.parent.chmod(0o755)

    assert _chosen("/nowhere") == str(system_root)
    assert stat.S_IMODE(system_root.stat().st_mode) == 0o700


@pytest.mark.usefixtures("system_root")
def test_an_ordinary_user_without_the_systems_folder_has_one_in_tmp(tmp_path: Path) -> None:
    chosen = unprivileged.as_ordinary_user(lambda: _chosen(str(tmp_path)), owning=tmp_path)

    assert chosen.startswith(f"{tmp_path}/jupyter_sm-")
    assert stat.S_IMODE(os.stat(chosen).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(os.path.dirname(chosen)).st_mode) == 0o700


def test_a_link_to_the_root_is_its_owners_choice_and_one_below_it_is_refused(
    tmp_path: Path,
) -> None:
    (tmp_path / "real/aws").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "real/bad").symlink_to("aws")
    root = LogRoot.choose(str(tmp_path / "link"), tmp=str(tmp_path), uid=UID)

    os.close(root.open_folder("aws"))
    with pytest.raises(LogRootError, match="/link/bad is a link or no folder"):
        root.open_folder("bad/below")


@pytest.mark.parametrize("inside", ["..", "a/../../b"])
def test_nothing_leads_out_of_the_root(tmp_path: Path, inside: str) -> None:
    with pytest.raises(LogRootError, match="leads out"):
        LogRoot(str(tmp_path)).open_folder(inside)


def test_a_link_in_tmp_in_the_place_of_this_users_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / f"jupyter_sm-{UID}").symlink_to("elsewhere")
    own = LogRoot.candidates(str(tmp_path), UID)[1]

    assert "is a link" in own.refusal()
    assert os.listdir(tmp_path / "elsewhere") == []


def _refusal(path: Path) -> str:
    return LogRoot(str(path)).refusal()


def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    """Root is refused nobody's folder; an ordinary user one that another has made for everybody."""
    shared = tmp_path / "shared"
    shared.mkdir()
    if UID == 0:
        os.chown(shared, 1234, 1234)
        assert LogRoot(str(shared)).refusal() == (
            "belongs to user 1234: logs are not written there"
        )
    else:
        # Whose folders there are for certain: this user's own and root's, who is trusted.
        assert LogRoot("/proc/1").refusal() == "this process must not write there"


def test_a_folder_that_root_made_for_this_user_is_taken(tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.mkdir()
    made.chmod(0o777)
    (tmp_path / "reachable").mkdir()

    refusal = unprivileged.as_ordinary_user(lambda: _refusal(made), owning=tmp_path / "reachable")
    assert refusal == ""


def test_a_folder_without_the_right_to_write_is_refused(tmp_path: Path) -> None:
    made = tmp_path / "closed"
    made.mkdir()
    made.chmod(0o555)

    refusal = unprivileged.as_ordinary_user(lambda: _refusal(made), owning=tmp_path)

    assert refusal == "this process must not write there"


def test_the_home_folder_and_sagemakers_own_are_refused(tmp_path: Path) -> None:
    home = str(tmp_path)

    with pytest.raises(LogRootError, match="must not fill the home folder"):
        LogRoot.choose(home, tmp="/tmp", uid=UID, home=home)
    assert LogRoot.candidates(home, UID)[1].refusal(home=home) != ""
    assert LogRoot(f"{home}/logs").refusal(home=home) == ""
    with pytest.raises(LogRootError, match="belongs to SageMaker"):
        LogRoot.choose("/var/log/studio/x", tmp="/tmp", uid=UID)
    assert not os.path.exists("/var/log/studio/x")


def told(setting: str) -> str:
    """Why a setting is refused, without its name and the remedy, which every refusal has."""
    with pytest.raises(LogRootError) as refused:
        LogRoot.choose(setting, tmp="/tmp", uid=UID)
    before, after = (
        "JupyterSM.log_root (JUPYTER_SM_LOG_ROOT): ",
        "; name a folder of this user's, or leave it empty",
    )
    text = str(refused.value)
    assert (text.startswith(before), text.endswith(after)) == (True, True), text
    return text.removeprefix(before).removesuffix(after)


def test_a_relative_path_and_a_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    (tmp_path / "link").symlink_to("nowhere")

    assert told("logs") == "logs: is no absolute path, which logs need"
    assert told(f"{tmp_path}/file") == f"{tmp_path}/file: is a file, not a folder"
    assert told(f"{tmp_path}/file/below/it") == (
        f"{tmp_path}/file/below/it: {tmp_path}/file is a file, not a folder"
    )
    assert (
        told(f"{tmp_path}/link") == f"{tmp_path}/link: is a link that leads nowhere, not a folder"
    )


def test_without_any_usable_candidate_each_is_told(tmp_path: Path, system_root: Path) -> None:
    tmp = tmp_path / "tmp"
    tmp.touch()

    def choose() -> str:
        try:
            return _chosen(str(tmp))
        except LogRootError as error:
            return str(error)

    told = unprivileged.as_ordinary_user(choose, owning=tmp_path)
    assert f"{system_root}: Permission denied" in told
    assert f"{tmp}/jupyter_sm-" in told


def test_a_spool_below_a_link_says_so_and_counts(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "root")
    (tmp_path / "elsewhere").mkdir()
    spool.root.mkdir()
    (spool.root / "aws").symlink_to(tmp_path / "elsewhere")

    with spool.logger() as (logger, handler):
        logger.info("one")
        logger.info("two")
        assert handler.losses == 2
        (spool.root / "aws").unlink()
        logger.info("three")

    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert spool.messages()[0] == "three"
    assert [note.split(": ")[0] for note in spool.notes] == [
        "log events cannot be written",
        "log events are written again; 2 were lost",
    ]
