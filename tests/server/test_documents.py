"""A document is read again exactly when the file has changed, and a bad file is said with its name."""

import os
import time
from pathlib import Path

import pytest
from unprivileged import as_ordinary_user

from jupyter_sm.errors import DocumentError, Finding
from jupyter_sm.reading import SETTLED_NS
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


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files that were written a moment ago be old enough to be trusted."""
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 10 * SETTLED_NS)


def test_an_unchanged_file_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    decode = Decoder()
    document = WatchedDocument([str(path)], decode)
    later(monkeypatch)

    assert document.read() is document.read()
    assert len(decode.calls) == 1


def test_a_file_written_a_moment_ago_is_read_again_and_gives_the_same_object(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    decode = Decoder()
    document = WatchedDocument([str(path)], decode)

    assert document.read() is document.read()
    assert len(decode.calls) == 2


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


def refusal(document: WatchedDocument[object]) -> Finding:
    with pytest.raises(DocumentError) as raised:
        document.read()
    return raised.value.finding


def test_a_refused_document_is_refused_again_and_read_again_once_mended(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * (MAX_BYTES + 1))
    document: WatchedDocument[object] = WatchedDocument([str(path)], Decoder())

    for _ in range(2):
        assert "larger than" in refusal(document).seen
    path.write_bytes(b"x")

    assert document.read() == (b"x", str(path))


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_there_and_is_no_file_is_said(tmp_path: Path, kind: str) -> None:
    path = tmp_path / kind
    if kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    document: WatchedDocument[object] = WatchedDocument([str(path)], Decoder())

    assert document.path() == str(path)
    finding = refusal(document)
    assert (finding.id, finding.severity, finding.source) == (
        "document-unreadable",
        "error",
        str(path),
    )
    assert "not a regular file" in finding.seen


@pytest.mark.parametrize("path", ["link", "nul\0", "file/below"])
def test_what_leads_nowhere_is_absent(tmp_path: Path, path: str) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "file").write_bytes(b"")

    assert WatchedDocument([str(tmp_path / path)], Decoder()).path() is None


def test_a_folder_that_cannot_be_entered_is_said(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "a").write_bytes(b"x")
    closed.chmod(0)

    def read() -> None:
        document: WatchedDocument[object] = WatchedDocument([str(closed / "a")], Decoder())
        finding = refusal(document)
        assert "permission denied" in finding.seen
        assert str(os.geteuid()) in finding.remedy

    as_ordinary_user(read, owning=tmp_path)
