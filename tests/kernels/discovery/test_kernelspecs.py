"""Folders of kernelspecs: what is in them, what may not be read, and when a change is seen."""

import os
import socket
import time
from pathlib import Path

import pytest
from envs import python_spec, write_kernel
from unprivileged import as_ordinary_user

from jupyter_sm import reading
from jupyter_sm.kernels.discovery import kernelspecs
from jupyter_sm.kernels.discovery.kernelspecs import KernelFolders, Listing

from .kernel_folder import read, refused


def test_only_what_a_client_may_fetch_is_a_resource(tmp_path: Path) -> None:
    folder = write_kernel(tmp_path / "python3", python_spec())
    for name in ("logo-64x64.png", "logo-svg.svg", "kernel.js", "kernel.css", "secret", "a-logo-b"):
        (folder / name).write_text("")
    (folder / os.fsdecode(b"logo-\xff")).write_text("")

    (file,) = read(tmp_path).files

    assert file.resources == ("kernel.css", "kernel.js", "logo-64x64.png", "logo-svg.svg")


def test_folders_without_a_kernel_json_are_no_kernels_and_no_problem(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "dir/kernel.json").mkdir(parents=True)
    (tmp_path / "stray.json").write_text("{}")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone/kernel.json").symlink_to("nowhere")

    assert read(tmp_path) == Listing()


def test_a_folder_that_is_not_there_or_no_folder_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert read(tmp_path / "none") == Listing()
    assert read(tmp_path / "file") == Listing()
    assert read(tmp_path / "file/below") == Listing()


def test_kernels_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("python3", "ir", "A", ".hidden"):
        write_kernel(tmp_path / name, python_spec())

    assert [file.name for file in read(tmp_path).files] == [".hidden", "A", "ir", "python3"]


def test_a_loop_of_links_is_reported_and_costs_no_other_kernel(tmp_path: Path) -> None:
    write_kernel(tmp_path / "good", python_spec())
    (tmp_path / "loop").symlink_to("loop")

    listing = read(tmp_path)

    assert [file.name for file in listing.files] == ["good"]
    assert [finding.source for finding in listing.findings] == [f"{tmp_path}/loop/kernel.json"]


def test_a_folder_that_is_a_loop_of_links_is_reported(tmp_path: Path) -> None:
    (tmp_path / "kernels").symlink_to("kernels")

    (finding,) = read(tmp_path / "kernels").findings

    assert (finding.id, finding.source) == (
        "kernelspecs-folder-unreadable",
        f"{tmp_path}/kernels",
    )


def test_the_logos_of_a_folder_that_went_away_are_none(tmp_path: Path) -> None:
    assert kernelspecs.resources_in(str(tmp_path / "gone")) == ()


def test_a_pipe_or_a_socket_is_never_opened(tmp_path: Path) -> None:
    for name in ("pipe", "socket"):
        (tmp_path / name).mkdir()
    os.mkfifo(tmp_path / "pipe/kernel.json")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(tmp_path / "socket/kernel.json"))

        listing = read(tmp_path)

    assert {finding.seen for finding in listing.findings} == {"is not a regular file"}
    assert len(listing.findings) == 2


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    folder = write_kernel(tmp_path / "huge", python_spec())
    os.truncate(folder / "kernel.json", kernelspecs.LIMIT + 1)

    assert refused(tmp_path).seen == f"is larger than {kernelspecs.LIMIT} bytes"


def test_what_may_not_be_read_is_reported_and_costs_no_other_kernel(tmp_path: Path) -> None:
    write_kernel(tmp_path / "kernels/good", python_spec())
    (write_kernel(tmp_path / "kernels/locked", python_spec()) / "kernel.json").chmod(0)
    write_kernel(tmp_path / "kernels/shut", python_spec()).chmod(0)
    write_kernel(tmp_path / "closed/python3", python_spec()).parent.chmod(0)

    kernels, closed = as_ordinary_user(
        lambda: (read(tmp_path / "kernels"), read(tmp_path / "closed")), owning=tmp_path
    )

    assert [file.name for file in kernels.files] == ["good"]
    assert [(finding.source, finding.seen) for finding in kernels.findings] == [
        (f"{tmp_path}/kernels/locked/kernel.json", "permission denied"),
        (f"{tmp_path}/kernels/shut/kernel.json", "permission denied"),
    ]
    (finding,) = closed.findings
    assert finding.id == "kernelspecs-folder-unreadable"
    (tmp_path / "closed").chmod(0o755)
    (tmp_path / "kernels/shut").chmod(0o755)


def test_a_kernel_whose_logos_may_not_be_listed_is_there_without_them(tmp_path: Path) -> None:
    folder = write_kernel(tmp_path / "kernels/python3", python_spec())
    (folder / "logo-svg.svg").write_text("")
    folder.chmod(0o311)

    listing = as_ordinary_user(lambda: read(tmp_path / "kernels"), owning=tmp_path)

    assert [file.resources for file in listing.files] == [()]
    folder.chmod(0o755)


def test_a_path_that_is_not_utf8_is_left_out_because_no_client_could_name_it(
    tmp_path: Path,
) -> None:
    write_kernel(tmp_path / os.fsdecode(b"k\xff"), python_spec())

    finding = refused(tmp_path)

    assert finding.source.endswith("k\\udcff")
    assert finding.seen == "the path is not UTF-8"


class Watch:
    """Looks at one folder again and again."""

    def __init__(self, folder: Path, pause: float) -> None:
        self.folder = folder
        self.reader = KernelFolders()
        self.pause = pause

    def look(self) -> Listing:
        self.reader.begin(time.time_ns())
        listing = self.reader.read(str(self.folder))
        time.sleep(self.pause)
        return listing

    def names(self) -> list[str]:
        return [file.name for file in self.look().files]


@pytest.fixture(params=["settled", "just written"])
def watch(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """A watch on a folder with one kernel, whose times can be trusted or cannot."""
    pause = 0.0
    if request.param == "settled":
        monkeypatch.setattr(reading, "SETTLED_NS", -(10**9))
        pause = 0.02  # longer than a tick of the clock that files are stamped with
    write_kernel(tmp_path / "kernels/python3", python_spec())
    return Watch(tmp_path / "kernels", pause)


def test_a_folder_in_which_nothing_changes_gives_the_same_listing(watch: Watch) -> None:
    first = watch.look()

    assert watch.look() is first
    assert watch.look() is first


def test_new_changed_and_removed_kernels_are_seen_at_the_next_look(watch: Watch) -> None:
    assert watch.names() == ["python3"]

    write_kernel(watch.folder / "ir", {"argv": ["R"], "display_name": "R"})
    assert watch.names() == ["ir", "python3"]

    write_kernel(watch.folder / "ir", {"argv": ["R"], "display_name": "R 4"})
    assert watch.look().files[0].spec.display_name == "R 4"

    (watch.folder / "ir/kernel.json").unlink()
    assert watch.names() == ["python3"]

    write_kernel(watch.folder / "ir", {"argv": ["R"], "display_name": "R 5"})
    assert watch.names() == ["ir", "python3"]


def test_a_kernel_json_that_comes_after_its_folder_is_seen(watch: Watch) -> None:
    (watch.folder / "late").mkdir()
    assert watch.names() == ["python3"]

    write_kernel(watch.folder / "late", python_spec())
    assert watch.names() == ["late", "python3"]


def test_a_change_costs_only_the_file_that_changed(watch: Watch) -> None:
    write_kernel(watch.folder / "ir", {"argv": ["R"], "display_name": "R"})
    before = watch.look()
    write_kernel(watch.folder / "ir", {"argv": ["R"], "display_name": "R 4"})

    after = watch.look()

    assert after.files[1].spec == before.files[1].spec
    assert after.files[0].spec != before.files[0].spec


def test_an_edit_that_keeps_size_and_time_is_seen(watch: Watch) -> None:
    file = watch.folder / "python3/kernel.json"
    before = file.stat()
    watch.look()
    file.write_text(file.read_text().replace("Python 3", "Python 4"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert watch.look().files[0].spec.display_name == "Python 4 (ipykernel)"


def test_a_folder_that_is_replaced_by_another_is_seen(watch: Watch) -> None:
    watch.look()
    other = write_kernel(watch.folder.parent / "other/ir", python_spec()).parent
    watch.folder.rename(watch.folder.parent / "old")
    watch.folder.symlink_to(other)

    assert watch.names() == ["ir"]


def test_a_folder_that_nobody_asks_for_any_more_is_forgotten(watch: Watch) -> None:
    watch.look()
    watch.reader.begin(time.time_ns())
    watch.reader.begin(time.time_ns())

    assert watch.reader._old == {}
