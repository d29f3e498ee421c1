"""Spellings of paths."""

from pathlib import Path

import pytest

from jupyter_sm.kernels.discovery.paths import clean, identity, is_path


@pytest.mark.parametrize(
    ("path", "cleaned"),
    [
        ("/a/b", "/a/b"),
        ("/a/b/", "/a/b"),
        ("//a///b", "/a/b"),
        ("/a/./b/.", "/a/b"),
        ("/a/.b", "/a/.b"),
        ("/", "/"),
    ],
)
def test_a_path_is_cleaned_without_looking_at_the_disk(path: str, cleaned: str) -> None:
    assert clean(path) == cleaned


def test_a_parent_folder_is_resolved_through_links(tmp_path: Path) -> None:
    (tmp_path / "real/deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real/deep")

    assert clean(f"{tmp_path}/link/..") == f"{tmp_path.resolve()}/real"


def test_a_path_is_the_same_under_every_spelling_and_nothing_has_no_identity(
    tmp_path: Path,
) -> None:
    assert identity(f"{tmp_path}/.") == identity(str(tmp_path)) is not None
    assert identity(f"{tmp_path}/none") is None


@pytest.mark.parametrize("path", ["", "a", "/a\0", "/\ud800"])
def test_some_strings_can_be_no_absolute_path(path: str) -> None:
    assert not is_path(path)


def test_what_is_too_long_for_linux_is_no_path() -> None:
    assert is_path("/" + "a" * 4094)
    assert not is_path("/a/.." * 1000)
