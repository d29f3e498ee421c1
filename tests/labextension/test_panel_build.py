"""Building the panel: with which programs, where it cannot be written, and twice at once."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import panel_build
import pytest
from unprivileged import as_ordinary_user

pytestmark = pytest.mark.newest_only

YARN = "def main(): pass\n"

BUILDER = """
import os, pathlib, sys, time

def main():
    mine = pathlib.Path(os.environ["ONLY_ONE"])
    mine.touch(exist_ok=False)
    static = pathlib.Path("bundle/static")
    static.mkdir(parents=True)
    (static / "style.js").write_text("")
    time.sleep(0.3)
    (static / "remoteEntry.0.js").write_text("")
    with open(f"{mine}.builds", "a") as builds:
        builds.write("x")
    mine.unlink()
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder ``labextension`` of a checkout in which nothing has been built."""
    folder = tmp_path / "source" / "labextension"
    folder.mkdir(parents=True)
    (folder / "package.json").write_text("{}")
    shutil.copy(panel_build.__file__, folder)
    monkeypatch.setattr(panel_build, "HERE", folder)
    monkeypatch.setattr(panel_build, "BUNDLE", folder / "bundle")
    monkeypatch.setattr(panel_build, "STAMP", folder / "bundle.sha256")
    return folder


@pytest.fixture(autouse=True)
def builder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package ``jupyter-builder`` as this file says it, and a foreign ``jlpm`` before it."""
    package = tmp_path / "packages" / "jupyter_builder"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "jlpm.py").write_text(YARN)
    (package / "main.py").write_text(BUILDER)
    scripts = tmp_path / "bin"
    scripts.mkdir()
    for name in ("jlpm", "jupyter-builder"):
        (scripts / name).write_text("#!/bin/sh\necho ModuleNotFoundError: jupyterlab >&2\nexit 1\n")
        (scripts / name).chmod(0o755)
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    monkeypatch.setenv("PATH", os.pathsep.join([str(scripts), os.environ["PATH"]]))
    monkeypatch.setenv("ONLY_ONE", str(tmp_path / "building"))
    return package


def test_a_jlpm_of_another_jupyterlab_is_not_run(here: Path) -> None:
    panel_build.build()

    assert panel_build.is_current()
    assert not (here / ".building").exists()


@pytest.mark.parametrize("version", ["v22.12.0", "v18.0.0"])
def test_a_good_node_on_the_path_comes_before_the_interpreters(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "bin"
    (folder / "node").write_text(f"#!/bin/sh\necho {version}\n")
    (folder / "node").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    scripts = os.path.dirname(sys.executable)

    found = panel_build._search().split(os.pathsep)

    good = version == "v22.12.0"
    assert found == ([str(folder), scripts] if good else [scripts, str(folder)])


def test_two_builds_at_once_are_one(here: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(here / "panel_build.py")]
    builds = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    said = [each.communicate(timeout=60)[1] for each in builds]

    assert [each.returncode for each in builds] == [0, 0, 0], said
    assert (tmp_path / "building.builds").read_text() == "x"
    assert panel_build.is_current()


@pytest.mark.parametrize("name", ["remoteEntry.0.js", "style.js"])
def test_a_bundle_that_lacks_a_file_is_not_current(name: str, here: Path) -> None:
    panel_build.build()
    (here / "bundle" / "static" / name).unlink()
    assert not panel_build.is_current()

    panel_build.build()

    assert panel_build.is_current()


def test_a_stamp_that_is_not_text_is_not_current(here: Path) -> None:
    panel_build.build()
    (here / "bundle.sha256").write_bytes(b"\xff\xfe")

    assert not panel_build.is_current()


def test_a_failed_build_leaves_the_older_panel(here: Path, builder: Path) -> None:
    panel_build.build()
    (here / "package.json").write_text('{"more": 1}')
    (builder / "main.py").write_text("def main(): return 1\n")

    with pytest.raises(panel_build.BuildError, match=r"jupyter-builder build \. failed"):
        panel_build.build()

    assert not panel_build.is_current()
    assert [*(here / "bundle").glob("static/remoteEntry.*.js")]


def test_a_tree_that_cannot_be_written_is_said_in_one_line(here: Path, tmp_path: Path) -> None:
    panel_build.build()
    (here / "package.json").write_text('{"more": 1}')

    said = as_ordinary_user(_build_in_a_read_only_folder, owning=tmp_path)

    assert "Permission denied" in said


def _build_in_a_read_only_folder() -> str:
    panel_build.HERE.chmod(0o555)
    try:
        panel_build.build()
    except panel_build.BuildError as error:
        return str(error)
    finally:
        panel_build.HERE.chmod(0o755)
    return "built"
