"""What is said about the server extension is what Jupyter Server makes of the same files."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.extension.config import ExtensionConfigManager
from jupyter_server.serverapp import ServerApp

from jupyter_sm.cli import extensioncheck
from jupyter_sm.cli.configfiles import ServerConfiguration, read_config_files
from jupyter_sm.cli.extensioncheck import check_extension

from .machine import Machine

OF_PACKAGES = "jupyter_server_config.d/jupyter_sm.json"
OF_USERS = "jupyter_server_config.json"


def write(path: Path, enabled: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"ServerApp": {"jpserver_extensions": {"jupyter_sm": enabled}}}))
    return path


def servers_view(folders: list[str]) -> bool:
    manager: Any = ExtensionConfigManager(read_config_path=folders)
    return bool(manager.enabled("jupyter_sm"))


@pytest.mark.parametrize(
    ("files", "counts"),
    [
        ({}, None),
        ({f"low/{OF_PACKAGES}": True}, f"low/{OF_PACKAGES}"),
        ({f"low/{OF_PACKAGES}": True, f"low/{OF_USERS}": False}, f"low/{OF_USERS}"),
        ({f"low/{OF_PACKAGES}": True, f"high/{OF_PACKAGES}": False}, f"high/{OF_PACKAGES}"),
        ({f"low/{OF_USERS}": False, f"high/{OF_PACKAGES}": True}, f"high/{OF_PACKAGES}"),
        (
            {
                "low/jupyter_server_config.d/a.json": True,
                "low/jupyter_server_config.d/zzz.json": False,
            },
            "low/jupyter_server_config.d/zzz.json",
        ),
        ({f"low/{OF_PACKAGES}": True, f"high/{OF_USERS}": None}, f"low/{OF_PACKAGES}"),
    ],
)
def test_the_file_that_counts_is_the_servers(
    tmp_path: Path, files: Mapping[str, object], counts: str | None
) -> None:
    folders = [str(tmp_path / "high"), str(tmp_path / "low")]
    for path, enabled in files.items():
        write(tmp_path / path, enabled)
    report, _ = check_extension(folders, {})
    assert report.file == (str(tmp_path / counts) if counts else None)
    if None not in files.values():
        assert report.enabled is servers_view(folders)


def test_an_enabled_extension_that_imports_is_no_finding(tmp_path: Path) -> None:
    write(tmp_path / OF_PACKAGES, True)
    report, findings = check_extension([str(tmp_path)], {})
    assert (report.enabled, findings) == (True, [])


def test_without_a_file_the_remedy_enables_it(tmp_path: Path) -> None:
    report, (finding,) = check_extension([str(tmp_path)], {})
    assert report.enabled is False
    assert (finding.id, finding.severity) == ("server-extension-disabled", "warning")
    assert finding.remedy == (
        f"{sys.executable} -m jupyter server extension enable --sys-prefix jupyter_sm"
    )


def test_a_file_that_disables_it_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / OF_USERS, False)
    _, (finding,) = check_extension([str(tmp_path)], {})
    assert finding.source == str(path)
    assert finding.seen.startswith("it disables the extension: ")


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[1"])
def test_a_file_that_is_not_json_is_a_finding_and_costs_only_itself(
    tmp_path: Path, content: bytes
) -> None:
    write(tmp_path / OF_PACKAGES, True)
    (tmp_path / OF_USERS).write_bytes(content)
    report, (finding,) = check_extension([str(tmp_path)], {})
    assert report.enabled is True
    assert (finding.id, finding.source) == ("server-config-unreadable", str(tmp_path / OF_USERS))


@pytest.mark.parametrize("document", [[], {"ServerApp": []}, {"ServerApp": {"x": 1}}, "text"])
def test_other_shapes_mention_nothing(tmp_path: Path, document: object) -> None:
    (tmp_path / OF_USERS).write_text(json.dumps(document))
    (tmp_path / "jupyter_server_config.d").mkdir()
    (tmp_path / "jupyter_server_config.d/empty.json").write_text("")
    report, _ = check_extension([str(tmp_path)], {})
    assert report.file is None


def test_an_extension_that_cannot_be_imported_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ImportError("no module named x")

    monkeypatch.setattr(extensioncheck, "_jupyter_server_extension_points", fail)
    write(tmp_path / OF_PACKAGES, True)
    _, (finding,) = check_extension([str(tmp_path)], {})
    assert finding.severity == "error"
    assert finding.seen == (
        "the server extension cannot be imported: ImportError: no module named x"
    )


ON = "c.ServerApp.jpserver_extensions = {'jupyter_sm': True}"
OFF = "c.ServerApp.jpserver_extensions = {'jupyter_sm': False}"
OTHER = "c.ServerApp.jpserver_extensions = {'jupyterlab': True}"
UPDATED = "c.ServerApp.jpserver_extensions.update({'jupyter_sm': False})"
TYPO = "c.ServerApp.jpserver_extensions = 7"


@pytest.mark.parametrize(
    ("low", "high", "counts"),
    [
        ("", OFF, "high"),
        (OFF, "", "low"),
        (OFF, ON, "high"),
        (OFF, OTHER, None),
        ("", UPDATED, "high"),
        ("", "c.ServerApp.port = 1", None),
    ],
)
def test_the_servers_own_configuration_decides_first(
    machine: Machine, low: str, high: str, counts: str | None
) -> None:
    packaged = write(machine.prefix / "etc/jupyter" / OF_PACKAGES, True)
    files = {
        "low": machine.configure(low, "jupyter_config.py"),
        "high": machine.configure(high, "jupyter_server_config.py"),
    }
    read = read_config_files(ServerConfiguration, [], tolerant=True)
    report, _ = check_extension(read.app.config_file_paths, read.files)
    assert report.file == str(files[counts] if counts else packaged)
    server = ServerApp()
    server.load_config_file()
    server.find_server_extensions()
    assert report.enabled is server.jpserver_extensions["jupyter_sm"]


def test_a_setting_of_another_type_mentions_nothing(machine: Machine) -> None:
    machine.configure(TYPO, "jupyter_server_config.py")
    read = read_config_files(ServerConfiguration, [], tolerant=True)
    assert check_extension(read.app.config_file_paths, read.files)[0].file is None
