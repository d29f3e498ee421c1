"""What the rules about user and folders give as the remedy."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from jupyter_sm.errors import Finding
from jupyter_sm.image import FileSystemConfig
from jupyter_sm.server.hostrules import Folder, folders, ids, not_writable
from jupyter_sm.server.who import Who


def who(uid: int, gid: int, home: str = "/home/u") -> Who:
    return Who(uid=uid, gid=gid, user="u", group="g", has_account=True, home=home)


@pytest.mark.parametrize(
    ("runs", "told", "remedy"),
    [
        ((500, 500), (1000, 100), "USER 1000:100"),
        ((500, 500), (0, 0), "USER 0:0"),
        ((500, 500), (600, 600), "USER 1000:100"),
        ((0, 0), (1000, 100), "DefaultUid 0 and DefaultGid 0"),
        ((1000, 100), (500, 500), "DefaultUid 1000 and DefaultGid 100"),
    ],
)
def test_only_ids_that_are_supported_are_advised(
    runs: tuple[int, int], told: tuple[int, int], remedy: str
) -> None:
    config = FileSystemConfig(default_uid=told[0], default_gid=told[1])

    (finding,) = ids(who(*runs), config, is_on_platform=True, host="kernel-gateway")

    assert finding.id == "process-ids-differ"
    assert remedy in finding.remedy
    assert "500" not in finding.remedy
    assert ("AppImageConfig" in finding.remedy) == remedy.startswith("DefaultUid")


def test_a_mount_path_is_no_reason_to_configure_ids_that_are_not_supported() -> None:
    def remedy(uid: int, gid: int) -> str:
        found = folders(who(uid, gid), FileSystemConfig(), "", is_on_platform=True)
        return next(f.remedy for f in found if f.kind == "mount-path-not-writable")

    assert remedy(500, 500).endswith("USER 1000:100")
    assert "(0 and 0 here)" in remedy(0, 0)


def find(monkeypatch: pytest.MonkeyPatch, path: Path, flag: int, elsewhere: str) -> Finding:
    """What is found where nothing can be written, on a file system with this flag."""
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    monkeypatch.setattr(os, "statvfs", lambda _path: SimpleNamespace(f_flag=flag))
    folder = Folder(
        kind="home-not-writable",
        source="HOME",
        path=str(path),
        remedy="chown it",
        elsewhere=elsewhere,
    )
    (finding,) = not_writable([folder])
    return finding


def test_a_read_only_file_system_is_not_mended_by_another_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = find(monkeypatch, tmp_path, os.ST_RDONLY, "set HOME elsewhere")
    assert finding.seen == "is on a read-only file system"
    assert finding.remedy == "mount it writable, or set HOME elsewhere"
    assert find(monkeypatch, tmp_path, os.ST_RDONLY, "").remedy == "mount it writable"

    missing = find(monkeypatch, tmp_path / "home", os.ST_RDONLY, "set HOME elsewhere")
    assert missing.seen == f"is not there, and {tmp_path} is on a read-only file system"
    assert missing.remedy == "mount it writable, or set HOME elsewhere"

    assert find(monkeypatch, tmp_path, 0, "set HOME elsewhere").remedy == "chown it"


def test_where_the_file_system_does_not_say_the_owner_is_the_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_path: str) -> None:
        raise OSError

    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    monkeypatch.setattr(os, "statvfs", gone)

    (finding,) = not_writable([Folder(kind="k", source="HOME", path=str(tmp_path), remedy="x")])

    assert (finding.remedy, "read-only" in finding.seen) == ("x", False)


def test_every_folder_has_a_remedy_for_a_read_only_file_system() -> None:
    found = folders(who(0, 0), FileSystemConfig(), "/run/jupyter", is_on_platform=True)

    assert [bool(folder.elsewhere) for folder in found] == [True] * 4


def test_the_folder_of_temporary_files_is_the_one_that_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def temporary() -> Folder:
        return list(folders(who(0, 0), None, "", is_on_platform=False))[-1]

    monkeypatch.setenv("TMPDIR", "/scratch/a b")
    assert temporary().path == "/scratch/a b"
    assert temporary().remedy == "chmod 1777 '/scratch/a b', or set TMPDIR to another folder"
    monkeypatch.delenv("TMPDIR")
    assert temporary().remedy.startswith("chmod 1777 /tmp,")


def test_a_home_that_is_not_utf8_can_be_written_as_json() -> None:
    found = folders(who(0, 0, home="/home/\udcff"), None, "", is_on_platform=False)

    assert all(folder.remedy.isprintable() for folder in found)
