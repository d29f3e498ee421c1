"""A tree that is read without leaving it, whatever lies in it."""

import os
from functools import partial
from pathlib import Path

import pytest
from unprivileged import as_ordinary_user

from jupyter_sm.cuda.files import tree
from jupyter_sm.cuda.files.tree import Tree

from . import trees


def test_links_are_followed_as_if_the_tree_were_the_machine(tmp_path: Path) -> None:
    trees.write(tmp_path, "/usr/lib/real/libx.so.1.2", "found")
    trees.link(tmp_path, "/lib", "usr/lib")
    trees.link(tmp_path, "/usr/lib/folder", "/usr/lib/real")
    trees.link(tmp_path, "/usr/lib/real/libx.so", "../../../../../../lib/./folder/libx.so.1.2")
    seen = Tree(f"{tmp_path}/")

    assert seen.real("/lib/folder/libx.so") == "/usr/lib/real/libx.so.1.2"
    assert seen.real_folder("/lib/folder/libx.so") == "/usr/lib/real/libx.so"
    assert seen.read("/lib/folder/libx.so", 100) == b"found"
    assert seen.link("/lib/folder/libx.so") == "../../../../../../lib/./folder/libx.so.1.2"
    assert seen.link("/lib/folder/libx.so.1.2") is None
    assert seen.names("/lib/folder") == ["libx.so", "libx.so.1.2"]


@pytest.mark.parametrize("target", ["x", "/x", "../x", "y", "x/x/x/x"])
def test_links_in_a_circle_lead_nowhere(tmp_path: Path, target: str) -> None:
    trees.link(tmp_path, "/x", target)
    trees.link(tmp_path, "/y", "x")
    seen = Tree(str(tmp_path))

    assert seen.read("/x/a", 100) is None
    assert seen.names("/y") == []
    assert not seen.exists("/x")


def test_the_machines_own_tree_is_the_one_without_a_root(tmp_path: Path) -> None:
    trees.write(tmp_path, "/a", "1")
    trees.link(tmp_path, "/b", "a")
    seen = Tree()

    assert seen.real(f"{tmp_path}/b") == os.path.realpath(tmp_path / "a")
    assert seen.read(f"{tmp_path}/b", 100) == b"1"


def test_no_more_is_read_than_allowed(tmp_path: Path) -> None:
    trees.write(tmp_path, "/long", b"x" * 200_000)
    seen = Tree(str(tmp_path))

    assert seen.read("/long", 100, whole=False) == b"x" * 100
    assert seen.problems == []
    assert seen.read("/long", 199_999) == b"x" * 199_999
    assert seen.problems == ["/long: is larger than 199999 bytes"]
    assert seen.read("/long", 200_000) == b"x" * 200_000
    assert len(seen.problems) == 1


def test_a_file_of_the_kernel_is_read_although_it_says_that_it_is_empty() -> None:
    assert Tree().read("/proc/self/status", 100_000)


def test_what_is_not_there_is_no_problem(tmp_path: Path) -> None:
    trees.write(tmp_path, "/file")
    seen = Tree(str(tmp_path))

    assert seen.read("/none", 10) is None
    assert seen.read("/file/below", 10) is None
    assert seen.names("/none") == []
    assert seen.stat("/none") is None
    assert not seen.is_open("/none")
    assert seen.problems == []


def test_no_path_raises(tmp_path: Path) -> None:
    for root in ("/", str(tmp_path)):
        seen = Tree(root)
        for path in ("/a\0b", "/" + "a" * 5_000, "/" + "a/" * 5_000, "/\udcff", "", "a"):
            seen.read(path, 10)
            seen.names(path)
            assert not seen.exists(path) or path == ""
            assert not seen.is_open(path) or path == ""
            assert seen.link(path) is None


def test_only_so_many_names_and_problems_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "NAMES_MOST", 3)
    for i in range(100):
        trees.write(tmp_path, f"/folder/{i}", "xx")
    seen = Tree(str(tmp_path))

    assert len(seen.names("/folder")) == 3
    assert seen.problems == ["/folder: more than 3 names; the others are not read"]
    for i in range(100):
        seen.read(f"/folder/{i}", 1)
    assert len(seen.problems) == tree.PROBLEMS_MOST


def _problems(root: str) -> list[str]:
    seen = Tree(root)
    assert seen.read("/secret", 10) is None
    assert seen.names("/closed") == []
    return seen.problems


def test_what_this_user_may_not_read_is_a_problem(tmp_path: Path) -> None:
    trees.write(tmp_path, "/secret", "x").chmod(0)
    (tmp_path / "closed").mkdir(mode=0)

    problems = as_ordinary_user(partial(_problems, str(tmp_path)), owning=tmp_path)
    (tmp_path / "closed").chmod(0o700)

    assert problems == ["/secret: permission denied", "/closed: permission denied"]
