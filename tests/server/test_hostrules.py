"""What the running process reports: user and group, folders, disk, address, panel."""

import grp
import os
import pwd
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import unprivileged

from jupyter_sm.errors import Finding
from jupyter_sm.image import FileSystemConfig, read_app_image_config, read_metadata
from jupyter_sm.server.api import Host
from jupyter_sm.server.hostrules import (
    Folder,
    file_system_of,
    ids,
    nearly_full,
    no_panel,
    not_writable,
    open_host,
)
from jupyter_sm.server.hostrules import folders as folders_of
from jupyter_sm.server.problemtable import PROBLEMS
from jupyter_sm.server.who import Who, nameless, of_this_process


def who(uid: int = 1000, gid: int = 100, *, has_account: bool = True, home: str = "/") -> Who:
    return Who(uid=uid, gid=gid, user="u", group="g", has_account=has_account, home=home)


def kinds(found: Iterable[Finding]) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = [(finding.id, finding.severity) for finding in found]
    assert all(severity in PROBLEMS[kind].severities for kind, severity in told)
    return told


@pytest.mark.parametrize("address", ["", "*", "0.0.0.0", "::", "10.0.0.1", "myhost"])
def test_an_address_beyond_loopback_without_a_token_is_an_error(address: str) -> None:
    (finding,) = open_host(address, is_on_platform=False)

    assert (finding.id, finding.severity) == ("host-without-token", "error")
    assert "--ip=127.0.0.1" in finding.remedy


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "127.3.2.1", "::1", None])
def test_loopback_or_a_socket_in_the_file_system_is_not_open(address: str | None) -> None:
    assert kinds(open_host(address, is_on_platform=False)) == []


def test_on_sagemaker_an_open_host_is_as_it_should_be() -> None:
    assert kinds(open_host("0.0.0.0", is_on_platform=True)) == [("host-without-token", "info")]


@pytest.mark.parametrize("pair", [(1000, 100), (0, 0)])
def test_the_supported_pairs_are_no_problem_on_sagemaker(pair: tuple[int, int]) -> None:
    assert kinds(ids(who(*pair), None, is_on_platform=True, host="jupyter-server")) == []


@pytest.mark.parametrize("pair", [(1000, 0), (0, 100), (501, 20)])
def test_another_pair_is_one_on_sagemaker_and_none_elsewhere(pair: tuple[int, int]) -> None:
    (finding,) = ids(who(*pair), None, is_on_platform=True, host="kernel-gateway")
    assert finding.id == "process-ids-unsupported"
    assert f"{pair[0]}:{pair[1]}" in finding.seen

    assert kinds(ids(who(*pair), None, is_on_platform=False, host="kernel-gateway")) == []


def test_a_pair_that_differs_from_the_app_image_config_is_one_problem() -> None:
    config = FileSystemConfig(default_uid=1000, default_gid=100)

    (finding,) = ids(who(501, 20), config, is_on_platform=True, host="kernel-gateway")
    assert finding.id == "process-ids-differ"
    assert finding.wanted.startswith("1000:100")
    assert kinds(ids(who(0, 0), config, is_on_platform=True, host="jupyter-server")) == [
        ("process-ids-differ", "warning")
    ]
    assert kinds(ids(who(501, 20), config, is_on_platform=False, host="kernel-gateway")) == []


def test_root_in_jupyter_server_is_worth_knowing_off_the_platform() -> None:
    assert kinds(ids(who(0, 0), None, is_on_platform=False, host="jupyter-server")) == [
        ("process-is-root", "info")
    ]
    assert kinds(ids(who(0, 0), None, is_on_platform=False, host="kernel-gateway")) == []


def test_a_uid_without_an_account_is_worth_knowing() -> None:
    found = ids(who(has_account=False), None, is_on_platform=True, host="kernel-gateway")

    assert kinds(found) == [("process-user-unnamed", "info")]


def test_who_this_process_is() -> None:
    found = of_this_process()

    assert (found.uid, found.gid) == (os.geteuid(), os.getegid())
    assert found.home == os.environ["HOME"]
    assert nameless().user == str(os.geteuid())


def test_a_uid_without_an_account_stands_for_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(number: int) -> None:
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.setattr(grp, "getgrgid", unknown)
    monkeypatch.delenv("HOME")

    found = of_this_process()

    assert (found.user, found.group) == (str(os.geteuid()), str(os.getegid()))
    assert (found.has_account, found.home) == (False, "")


def config(section: str) -> bytes:
    return (
        f'{{"{section}": {{"KernelSpecs": [{{"Name": "python3"}}], "FileSystemConfig": '
        '{"MountPath": "/mnt/x", "DefaultUid": 0, "DefaultGid": 0}}}'
    ).encode()


@pytest.mark.parametrize(
    ("section", "app", "host", "found"),
    [
        ("KernelGatewayImageConfig", "KernelGateway", "kernel-gateway", True),
        ("KernelGatewayImageConfig", None, "kernel-gateway", True),
        ("KernelGatewayImageConfig", None, "jupyter-server", True),
        ("JupyterLabAppImageConfig", None, "jupyter-server", True),
        ("JupyterLabAppImageConfig", "JupyterLab", "jupyter-server", True),
        ("CodeEditorAppImageConfig", "CodeEditor", "jupyter-server", True),
        ("KernelGatewayImageConfig", "JupyterLab", "jupyter-server", False),
        ("JupyterLabAppImageConfig", None, "kernel-gateway", False),
    ],
)
def test_the_section_of_this_kind_of_app_counts(
    section: str, app: str | None, host: Host, found: bool
) -> None:
    document = read_app_image_config(config(section), source="x").config
    data = None if app is None else f'{{"AppType": "{app}", "DomainId": "d-1"}}'.encode()
    reading = read_metadata(data, source="m", environ={}, user="u")

    mount = file_system_of(document, reading, host)

    assert (mount is not None) == found
    assert mount is None or mount.mount_path == "/mnt/x"
    assert file_system_of(None, reading, host) is None


def folder(path: Path | str, kind: str = "home-not-writable", **more: Any) -> Folder:
    return Folder(kind=kind, source="HOME", path=str(path), remedy="mend it", **more)


def test_a_folder_that_can_be_written_or_made_is_no_problem(tmp_path: Path) -> None:
    assert kinds(not_writable([folder(tmp_path), folder(tmp_path / "a/b")])) == []


def test_a_file_in_the_way_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    (finding,) = not_writable([folder(tmp_path / "file/home")])

    assert finding.id == "home-not-writable"
    assert f"{tmp_path}/file is no folder" in finding.seen


def seen_by_an_ordinary_user(path: str) -> list[Finding]:
    return list(
        not_writable([Folder(kind="home-not-writable", source="HOME", path=path, remedy="")])
    )


class InFolder:
    """Picklable, for a child process."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __call__(self) -> list[Finding]:
        return seen_by_an_ordinary_user(self.path)


def test_a_folder_that_this_user_cannot_write_is_a_problem(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o555)

    (finding,) = unprivileged.as_ordinary_user(InFolder(home), owning=home)

    assert finding.id == "home-not-writable"
    assert "cannot be written by uid" in finding.seen


def test_what_one_cause_bars_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    wanted = [
        folder(tmp_path / "home", "mount-path-not-writable"),
        folder(tmp_path / "home"),
        folder(tmp_path / "home/.local/runtime", "runtime-folder-not-writable"),
        folder(tmp_path),
    ]

    assert kinds(not_writable(wanted)) == [("mount-path-not-writable", "error")]


def test_a_mount_path_has_to_be_there_on_sagemaker_alone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    mount = FileSystemConfig(mount_path=str(tmp_path / "file/home"))

    def found(*, is_on_platform: bool) -> list[tuple[str, str]]:
        wanted = folders_of(who(), mount, str(tmp_path), is_on_platform=is_on_platform)
        return kinds(not_writable(f for f in wanted if f.kind != "home-not-writable"))

    assert found(is_on_platform=False) == []
    assert found(is_on_platform=True) == [("mount-path-not-writable", "error")]


def test_a_disk_with_less_room_than_the_log_may_take_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk(blocks: int, files: int = 5) -> list[tuple[str, str]]:
        real = SimpleNamespace(f_bavail=blocks, f_frsize=4096, f_favail=files, f_files=10)
        monkeypatch.setattr(os, "statvfs", lambda _path: real)
        return kinds(nearly_full(str(tmp_path)))

    assert disk(1 << 20) == []
    assert disk(10) == [("log-disk-nearly-full", "warning")]
    assert disk(1 << 20, files=0) == [("log-disk-nearly-full", "warning")]


def test_a_log_folder_that_is_gone_is_told_by_the_log(tmp_path: Path) -> None:
    assert kinds(nearly_full(str(tmp_path / "gone"))) == []


def test_a_panel_in_any_folder_is_found(tmp_path: Path) -> None:
    panels = [str(tmp_path / "a"), str(tmp_path / "b")]
    (finding,) = no_panel(panels)
    assert finding.id == "panel-not-installed"
    assert "-m pip install --force-reinstall --no-deps ." in finding.remedy

    (tmp_path / "b/jupyter-sm").mkdir(parents=True)
    (tmp_path / "b/jupyter-sm/package.json").write_text("{}")
    assert kinds(no_panel(panels)) == []
