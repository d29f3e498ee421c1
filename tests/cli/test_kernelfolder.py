"""What is written to a folder of kernelspecs, and above all what is not."""

import os
import signal
import stat
import time
from pathlib import Path
from typing import Any
from unittest import mock

import envs
import pytest

from jupyter_sm.cli import kernelfolder
from jupyter_sm.cli.kernelfolder import SPEC, KernelFolder, encoded, is_marked, marked

SPECIFICATION = {"argv": ["/usr/bin/python3"], "metadata": marked({})}
FILES = {SPEC: encoded(SPECIFICATION), "logo-64x64.png": b"logo"}


@pytest.fixture
def folder(tmp_path: Path) -> KernelFolder:
    return KernelFolder(str(tmp_path / "kernels"))


def tree(folder: KernelFolder) -> dict[str, bytes]:
    root = Path(folder.path)
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_the_mark_is_added_to_the_metadata_that_is_there() -> None:
    before = {"debugger": True, "jupyter_sm": {"other": 1}}
    after = marked(before)
    assert after == {"debugger": True, "jupyter_sm": {"other": 1, "exported": True}}
    assert before == {"debugger": True, "jupyter_sm": {"other": 1}}


def test_metadata_that_is_no_object_gives_way_to_the_mark() -> None:
    assert marked({"jupyter_sm": "text"}) == {"jupyter_sm": {"exported": True}}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (SPECIFICATION, True),
        ({"metadata": {"jupyter_sm": {"exported": False}}}, False),
        ({"metadata": {"jupyter_sm": True}}, False),
        ({"metadata": []}, False),
        ({}, False),
        ([], False),
        (None, False),
    ],
)
def test_only_our_mark_is_our_mark(spec: Any, expected: bool) -> None:
    assert is_marked(spec) is expected


def test_a_kernel_is_written_with_its_files(folder: KernelFolder) -> None:
    assert folder.write({"a": FILES}) == {"a"}
    assert tree(folder) == {"a/kernel.json": FILES[SPEC], "a/logo-64x64.png": b"logo"}
    assert folder.spec("a") == SPECIFICATION


def test_writing_the_same_again_touches_nothing(folder: KernelFolder) -> None:
    folder.write({"a": FILES})
    before = os.stat(folder.file("a", SPEC))
    assert folder.write({"a": FILES}) == set()
    assert os.stat(folder.file("a", SPEC)) == before


def test_a_read_only_folder_is_fine_while_nothing_changes(folder: KernelFolder) -> None:
    assert folder.write({}) == set()
    assert not os.path.exists(folder.path)


def test_changed_files_replace_the_old_ones_and_other_files_stay(folder: KernelFolder) -> None:
    folder.write({"a": FILES})
    Path(folder.file("a", "notes.txt")).write_text("mine")
    assert folder.write({"a": {**FILES, "logo-64x64.png": b"new"}}) == {"a"}
    assert tree(folder) == {
        "a/kernel.json": FILES[SPEC],
        "a/logo-64x64.png": b"new",
        "a/notes.txt": b"mine",
    }


def test_a_file_keeps_its_mode(folder: KernelFolder) -> None:
    folder.write({"a": FILES})
    os.chmod(folder.file("a", SPEC), 0o640)
    folder.write({"a": {SPEC: b"{}"}})
    assert stat.S_IMODE(os.stat(folder.file("a", SPEC)).st_mode) == 0o640


def test_what_is_written_obeys_the_umask_and_not_the_staging_folder(folder: KernelFolder) -> None:
    old = os.umask(0o022)
    try:
        folder.write({"a": FILES})
    finally:
        os.umask(old)
    modes = [stat.S_IMODE(os.stat(folder.file("a", name)).st_mode) for name in ("", SPEC)]
    assert modes == [0o755, 0o644]


def test_nothing_is_left_of_the_staging_folder(folder: KernelFolder) -> None:
    folder.write({"a": FILES})
    assert os.listdir(folder.path) == ["a"]


def test_a_failure_while_files_are_made_leaves_everything_as_it_was(folder: KernelFolder) -> None:
    folder.write({"a": FILES})
    before = tree(folder)
    with pytest.raises(OSError, match="File name too long"):
        folder.write({"a": {SPEC: b"new"}, "b" * 300: FILES})
    assert tree(folder) == before
    assert os.listdir(folder.path) == ["a"]


def test_a_folder_that_appears_meanwhile_is_filled(
    folder: KernelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another export at the same time."""
    folder.write({"a": {SPEC: b"old"}})
    monkeypatch.setattr(KernelFolder, "holds", lambda _folder, _name: False)
    assert folder.write({"a": FILES}) == {"a"}
    assert tree(folder) == {"a/kernel.json": FILES[SPEC], "a/logo-64x64.png": b"logo"}


def test_a_move_that_fails_otherwise_fails(
    folder: KernelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_old: str, _new: str) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(PermissionError):
        folder.write({"a": FILES})


def test_what_a_killed_export_left_is_swept_when_it_is_old(folder: KernelFolder) -> None:
    child = os.fork()
    if child == 0:
        folder._move = lambda *_arguments: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign]  # dies in between
        folder.write({"a": FILES})
    os.waitpid(child, 0)
    (left,) = Path(folder.path).iterdir()
    folder.sweep()
    assert left.exists()
    long_ago = time.time() - 3700
    os.utime(left, (long_ago, long_ago))
    folder.sweep()
    assert not left.exists()


def test_only_what_is_surely_ours_is_swept(folder: KernelFolder) -> None:
    os.makedirs(folder.path)
    kept = [
        Path(folder.path, name) for name in (".jupyter_sm-notes", ".jupyter_sm", ".other-abcdefgh")
    ]
    for path in kept:
        path.mkdir()
    link, file = (Path(folder.path, f".jupyter_sm-{name}") for name in ("abcdefgh", "ijklmnop"))
    link.symlink_to(kept[0])
    file.write_text("")
    for path in [*kept, file]:
        os.utime(path, (0, 0))
    folder.sweep()
    assert set(Path(folder.path).iterdir()) == {*kept, link, file}


def test_an_export_that_ends_meanwhile_is_not_swept(folder: KernelFolder) -> None:
    gone = mock.create_autospec(os.DirEntry, instance=True)
    gone.name = ".jupyter_sm-abcdefgh"
    gone.is_dir.return_value = True
    gone.stat.side_effect = FileNotFoundError
    assert kernelfolder._is_spent(gone) is False
    folder.sweep()
    assert not os.path.exists(folder.path)


def test_an_empty_folder_is_nothing_and_is_taken(folder: KernelFolder) -> None:
    os.makedirs(os.path.join(folder.path, "a"))
    assert not folder.holds("a")
    assert folder.write({"a": FILES}) == {"a"}
    assert folder.holds("a")


def test_a_file_or_a_dangling_link_of_that_name_is_something(folder: KernelFolder) -> None:
    os.makedirs(folder.path)
    Path(folder.path, "file").write_text("")
    Path(folder.path, "link").symlink_to("nowhere")
    Path(folder.path, "to-empty").symlink_to(folder.path)
    assert [folder.holds(n) for n in ("file", "link", "to-empty", "none")] == [True] * 3 + [False]


def test_only_marked_folders_are_ours_and_links_are_not(folder: KernelFolder) -> None:
    folder.write({"ours": FILES})
    envs.write_kernel(Path(folder.path, "theirs"), envs.python_spec())
    envs.write_kernel(Path(folder.path, "broken"), b"\xff{")
    envs.write_kernel(Path(folder.path, "deep"), "[" * 100_000)
    Path(folder.path, "empty").mkdir()
    Path(folder.path, "link").symlink_to("ours")
    Path(folder.path, "file").write_text("")
    assert folder.marked_names() == {"ours"}


def test_a_folder_that_is_not_there_has_no_marked_kernels(folder: KernelFolder) -> None:
    assert folder.marked_names() == set()


def test_a_pipe_in_place_of_a_kernel_json_is_not_read(folder: KernelFolder) -> None:
    os.makedirs(os.path.join(folder.path, "pipe"))
    os.mkfifo(folder.file("pipe", SPEC))
    assert folder.spec("pipe") is None


def test_dropping_removes_what_is_named_and_then_the_empty_folder(folder: KernelFolder) -> None:
    folder.write({"a": FILES, "b": FILES})
    Path(folder.file("b", "notes.txt")).write_text("mine")
    for name in ("a", "b"):
        folder.drop(name, [SPEC, "kernel.js", *folder.resources(name)])
    assert tree(folder) == {"b/notes.txt": b"mine"}
    assert os.listdir(folder.path) == ["b"]


def test_dropping_what_somebody_else_has_dropped_is_fine(folder: KernelFolder) -> None:
    folder.drop("a", [SPEC])
    assert folder.resources("a") == []


def test_a_folder_that_may_not_be_dropped_fails(
    folder: KernelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: str) -> None:
        raise PermissionError

    folder.write({"a": {}})
    monkeypatch.setattr(os, "rmdir", refuse)
    with pytest.raises(PermissionError):
        folder.drop("a", [])


@pytest.mark.parametrize("content", [b"0" * 4, b"0" * 5, None])
def test_something_else_in_the_place_of_a_file_is_replaced(
    folder: KernelFolder, content: bytes | None
) -> None:
    folder.write({"a": FILES})
    logo = Path(folder.file("a", "logo-64x64.png"))
    logo.unlink()
    if content is None:
        os.mkfifo(logo)
    else:
        logo.write_bytes(content)
    assert folder.write({"a": FILES}) == {"a"}
    assert logo.read_bytes() == b"logo"


def test_a_file_that_cannot_be_looked_at_is_a_failure(
    folder: KernelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    folder.write({"a": FILES})
    monkeypatch.setattr(kernelfolder, "read_small", refuse)
    with pytest.raises(PermissionError):
        folder.write({"a": FILES})


def test_resources_are_the_files_that_jupyter_serves(folder: KernelFolder) -> None:
    names = ["kernel.css", "kernel.js", "logo-32x32.png", "logo-svg.svg"]
    folder.write({"a": dict.fromkeys([*names, SPEC, "launcher.py"], b"")})
    assert folder.resources("a") == names
