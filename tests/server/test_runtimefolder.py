"""A home folder that cannot be written: the hosts serve from a temporary one, or end with one line."""

import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import hosts
import pytest
from unprivileged import as_ordinary_user

from jupyter_sm.errors import Severity
from jupyter_sm.server.hook import PERSONALITY
from jupyter_sm.server.hostrules import folders, not_writable
from jupyter_sm.server.runtimefolder import (
    VARIABLE,
    RuntimeFolderError,
    provide_runtime_folder,
    replaced_runtime_folder,
)
from jupyter_sm.server.who import of_this_process

LOG = logging.getLogger("a-host")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files, and a home that nobody can make, root neither."""
    temporary = tmp_path / "tmp"
    temporary.mkdir(mode=0o1777)
    (tmp_path / "file").touch()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("HOME", str(tmp_path / "file/home"))
    for name in (VARIABLE, "JUPYTER_DATA_DIR", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, "")
    return temporary


def replacement(temporary: Path) -> Path:
    return temporary / f"jupyter_sm-{os.geteuid()}" / "runtime"


def test_a_home_that_can_be_written_stays_the_place(
    temporary: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))

    provide_runtime_folder(LOG)

    assert os.environ[VARIABLE] == ""
    assert list(temporary.iterdir()) == []
    assert caplog.records == []


def test_a_temporary_folder_of_this_user_alone_stands_in(
    temporary: Path, caplog: pytest.LogCaptureFixture
) -> None:
    provide_runtime_folder(LOG)

    used = replacement(temporary)
    assert os.environ[VARIABLE] == str(used)
    assert (used.stat().st_mode & 0o777, used.stat().st_uid) == (0o700, os.geteuid())
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert (
        "file/home/.local/share/jupyter/runtime cannot be made or written: Not a dir" in caplog.text
    )
    assert f"{used} is used instead" in caplog.text


def test_one_that_others_could_enter_is_closed(temporary: Path) -> None:
    replacement(temporary).mkdir(parents=True)
    replacement(temporary).chmod(0o777)

    provide_runtime_folder(LOG)

    assert replacement(temporary).stat().st_mode & 0o777 == 0o700


def test_a_link_in_its_place_is_refused(temporary: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    replacement(temporary).parent.mkdir()
    replacement(temporary).symlink_to(tmp_path / "elsewhere")

    with pytest.raises(RuntimeFolderError, match="/runtime is a link or no folder; set JUPYTER_"):
        provide_runtime_folder(LOG)
    assert os.environ[VARIABLE] == ""


@pytest.mark.usefixtures("temporary")
def test_without_temporary_files_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr(tempfile, "gettempdir", none)

    with pytest.raises(RuntimeFolderError, match="no folder for temporary files that can be writ"):
        provide_runtime_folder(LOG)


def test_what_the_user_names_is_never_replaced(
    temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "file/runtime"))

    with pytest.raises(RuntimeFolderError, match=r"^JUPYTER_RUNTIME_DIR: .* Not a directory; name"):
        provide_runtime_folder(LOG)

    monkeypatch.setenv(VARIABLE, str(tmp_path / "runtime"))
    provide_runtime_folder(LOG)
    assert os.environ[VARIABLE] == str(tmp_path / "runtime")
    assert list(temporary.iterdir()) == []


class Provided:
    """Picklable, for a child process."""

    def __init__(self, home: Path) -> None:
        self.home = str(home)

    def __call__(self) -> tuple[str, str, list[tuple[str, Severity]]]:
        os.environ["HOME"] = self.home
        provide_runtime_folder(LOG)
        used = os.environ[VARIABLE]
        wanted = list(folders(of_this_process(), None, used, is_on_platform=False))
        found = [(f.id, f.severity) for f in not_writable(wanted)]
        return used, replaced_runtime_folder(used), found


def test_a_part_of_the_home_that_is_somebody_elses_is_a_warning(
    temporary: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".local").mkdir(mode=0o555)

    used, replaced, found = as_ordinary_user(Provided(home), owning=tmp_path)

    assert used.startswith(f"{temporary}/jupyter_sm-")
    assert replaced == f"{home}/.local/share/jupyter/runtime"
    assert found == [("runtime-folder-replaced", "warning")]


def without_home(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "file").touch()
    (tmp_path / "tmp").mkdir()
    home = {"HOME": str(tmp_path / "file/home"), "TMPDIR": str(tmp_path / "tmp")}
    unset = dict.fromkeys(["JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR"], "")
    return {**home, **unset}


@pytest.mark.parametrize("launch", ["launch_gateway", "launch_server"])
def test_the_hosts_serve_and_start_kernels_without_a_home(
    launch: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    start: hosts.LaunchHost = request.getfixturevalue(launch)

    host: Any = start(env=without_home(tmp_path))

    with host.start_kernel("python3") as kernel:
        assert kernel.execute("6 * 7").result == "42"
    assert host.log().count("is used instead") == 1
    assert host.stop() == 0


def run(*command: str, folder: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [os.path.join(os.path.dirname(sys.executable), "jupyter"), *command],
        env=hosts.isolated_environ(folder / "own", {**without_home(folder), **env}),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "command",
    [
        ["kernelgateway"],
        ["sm", "gateway"],
        ["sm", "gateway", "--config=/dev/null"],
        ["server", "--allow-root", "--log-level=CRITICAL"],
    ],
)
def test_a_host_that_can_have_no_runtime_folder_says_so_in_one_line(
    command: list[str], tmp_path: Path
) -> None:
    named = {VARIABLE: str(tmp_path / "file/runtime")}

    done = run(*command, f"--port={hosts.free_port()}", folder=tmp_path, **named)

    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "JUPYTER_RUNTIME_DIR: " in line
    assert "cannot be made: Not a directory" in line


@pytest.mark.parametrize("unset", ["JUPYTER_SM_GATEWAY", "KG_API"])
def test_a_gateway_that_a_variable_switches_on_provides_one(
    unset: str, launch_gateway: hosts.LaunchHost, tmp_path: Path
) -> None:
    named = {"JUPYTER_SM_GATEWAY": "1", "KG_API": PERSONALITY, unset: ""}

    host = launch_gateway(env={**without_home(tmp_path), **named}, wait="/api/sm")

    assert host.log().count("is used instead") == 1


@pytest.mark.parametrize("command", [["kernels"], ["gateway", "--help"]])
def test_who_only_looks_makes_no_folder(command: list[str], tmp_path: Path) -> None:
    done = run("sm", *command, folder=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert list((tmp_path / "tmp").iterdir()) == []
