"""The panel as it is shipped."""

import json
import re
import shutil
from pathlib import Path

import panel_build
import pytest

from jupyter_sm import __version__

pytestmark = pytest.mark.newest_only

JAVASCRIPT_MOST = 60_000
"""Bytes: what the panel may cost a page."""


@pytest.fixture(scope="module")
def bundle() -> Path:
    assert panel_build.is_current(), "python labextension/panel_build.py"
    return panel_build.BUNDLE


def test_it_is_small(bundle: Path) -> None:
    size = sum(path.stat().st_size for path in bundle.glob("static/*.js"))

    assert 0 < size < JAVASCRIPT_MOST


def test_it_brings_none_of_what_jupyterlab_has(bundle: Path) -> None:
    remote = next(bundle.glob("static/remoteEntry.*.js")).read_text()
    shared = re.findall(r'shareKey:"([^"]+)",import:(\w+)', remote)

    assert {"react", "@jupyterlab/application"} <= {name for name, _ in shared}
    assert {imported for _, imported in shared} == {"null"}


def test_it_runs_in_every_jupyterlab_4(bundle: Path) -> None:
    remote = next(bundle.glob("static/remoteEntry.*.js")).read_text()
    ranges = dict(re.findall(r'shareKey:"([^"]+)",import:null,requiredVersion:"([^"]+)"', remote))

    assert {wanted for name, wanted in ranges.items() if name.startswith("@jupyterlab/")} == {
        "^4.0.0",
        "^7.0.0",
    }


def test_only_the_themes_own_colours_are_used() -> None:
    css = (panel_build.HERE / "style" / "base.css").read_text()
    declared = re.findall(r"(?:color|background|border[\w-]*|outline|fill):\s*([^;]+);", css)

    assert declared
    assert not [
        value for value in declared if re.search(r"#|rgb|hsl|\b(?:red|black|white)\b", value)
    ]


def test_its_settings_have_a_default_each(bundle: Path) -> None:
    schema = json.loads((bundle / "schemas" / "jupyter-sm" / "panel.json").read_text())

    assert all("default" in each for each in schema["properties"].values())
    [shortcut] = schema["jupyter.lab.shortcuts"]
    assert shortcut["command"] == "jupyter-sm:open"


def test_its_version_is_the_packages() -> None:
    package = json.loads((panel_build.HERE / "package.json").read_text())

    assert package["version"] == __version__


def test_a_changed_source_makes_it_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "labextension"
    ignored = shutil.ignore_patterns("node_modules", "dev", "__pycache__")
    shutil.copytree(panel_build.HERE, here, ignore=ignored)
    for name in ("HERE", "BUNDLE", "STAMP"):
        monkeypatch.setattr(panel_build, name, here / getattr(panel_build, name).name)
    monkeypatch.setattr(panel_build, "HERE", here)
    assert panel_build.is_current()

    (here / "src" / "more.ts").write_text("")

    assert not panel_build.is_current()
