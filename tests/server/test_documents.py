"""A document is read again exactly when the file has changed, and a bad file is said with its name."""

import os
from pathlib import Path

import pytest

from jupyter_sm.errors import DocumentError
from jupyter_sm.server.documents import MAX_BYTES, WatchedDocument


class Decoder:
    def __init__(self) -> None:
        self.calls: list[tuple[bytes | None, str]] = []

    def __call__(self, content: bytes | None, path: str) -> tuple[bytes | None, str]:
        self.calls.append((content, path))
        return content, path


def test_the_first_path_that_exists_is_read(tmp_path: Path) -> None:
    paths = [str(tmp_path / name) for name in ("a", "b", "c")]
    Path(paths[1]).write_bytes(b"b")
    Path(paths[2]).write_bytes(b"c")
    document = WatchedDocument(paths, Decoder())

    assert document.path() == paths[1]
    assert document.read() == (b"b", paths[1])


def test_without_a_file_the_decoder_gets_none_and_the_last_path(tmp_path: Path) -> None:
    document = WatchedDocument([str(tmp_path / "a"), str(tmp_path / "b")], Decoder())

    assert document.path() is None
    assert document.read() == (None, str(tmp_path / "b"))


def test_an_unchanged_file_is_decoded_once(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    decode = Decoder()
    document = WatchedDocument([str(path)], decode)

    assert document.read() is document.read()
    assert len(decode.calls) == 1


def test_a_changed_a_vanished_and_a_new_file_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "a"
    document = WatchedDocument([str(path)], Decoder())
    seen = [document.read()[0]]
    path.write_bytes(b"x")
    seen.append(document.read()[0])
    path.write_bytes(b"longer")
    seen.append(document.read()[0])
    path.unlink()
    seen.append(document.read()[0])

    assert seen == [None, b"x", b"longer", None]


def test_a_file_replaced_by_one_of_the_same_size_and_time_is_seen(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"x")
    other.write_bytes(b"y")
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    document = WatchedDocument([str(path)], Decoder())
    document.read()
    other.replace(path)

    assert document.read()[0] == b"y"


def test_a_refused_document_is_refused_again_and_read_again_once_mended(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * (MAX_BYTES + 1))
    document = WatchedDocument([str(path)], Decoder())

    for _ in range(2):
        with pytest.raises(DocumentError) as raised:
            document.read()
        assert raised.value.finding.id == "document-too-large"
        assert raised.value.finding.source == str(path)
    path.write_bytes(b"x")

    assert document.read()[0] == b"x"


def test_a_folder_a_pipe_and_a_dangling_link_are_no_documents(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    paths = [str(tmp_path / name) for name in ("folder", "pipe", "link")]

    assert WatchedDocument(paths, Decoder()).path() is None


def test_a_file_that_cannot_be_opened_is_said_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    # Root opens every file, so the refusal has to be made.
    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(DocumentError) as raised:
        WatchedDocument([str(path)], Decoder()).read()

    assert raised.value.finding.id == "document-unreadable"
    assert "Permission denied" in raised.value.finding.seen
    assert str(os.geteuid()) in raised.value.finding.remedy
