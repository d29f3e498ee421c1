"""Installing from source: with the panel, without it, and where it must not be missing."""

import os
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import panel_build
import pytest

pytestmark = [pytest.mark.newest_only, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("jupyter_sm", "jupyter-config", "pyproject.toml", "README.md", "LICENSE", "labextension")
LEFT_OUT = shutil.ignore_patterns(
    "node_modules", ".yarn", "bundle", "bundle.sha256", "dev", "__pycache__"
)
REMOTE = "/jupyter-sm/static/remoteEntry."


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A checkout in which nothing has been built."""
    folder = tmp_path / "source"
    folder.mkdir()
    for name in NEEDED:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, folder / name, ignore=LEFT_OUT)
        else:
            shutil.copy(path, folder)
    return folder


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a registry that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"https://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def closed() -> str:
    """The address of a registry where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"https://127.0.0.1:{server.getsockname()[1]}"


def _away(registry: str, tmp_path: Path) -> dict[str, str]:
    """What makes yarn ask there, and have nothing kept from before."""
    return {
        "YARN_NPM_REGISTRY_SERVER": registry,
        "YARN_GLOBAL_FOLDER": str(tmp_path / "yarn"),
        "YARN_HTTP_RETRY": "0",
        "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]]),
    }


def _wheel(
    source: Path, mode: str, environ: dict[str, str]
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Build a wheel as pip does, with the tools of this environment; the names in it."""
    out = source.parent / "out"
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, source]
    done = subprocess.run(
        [*map(str, command), "--skip-dependency-check"],
        env={**environ, "JUPYTER_SM_LABEXTENSION": mode},
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    return done, [name for wheel in out.glob("*.whl") for name in zipfile.ZipFile(wheel).namelist()]


def test_without_a_registry_everything_else_is_installed_and_one_line_says_so(
    source: Path, closed: str, user_environ: dict[str, str], tmp_path: Path
) -> None:
    done, names = _wheel(source, "auto", {**user_environ, **_away(closed, tmp_path)})

    assert done.returncode == 0, done.stdout + done.stderr
    assert "jupyter_sm/__init__.py" in names
    assert not [name for name in names if "labextensions" in name]
    assert (done.stdout + done.stderr).count("goes without its JupyterLab panel") == 1


def test_a_release_cannot_be_built_without_the_panel(
    source: Path, closed: str, user_environ: dict[str, str], tmp_path: Path
) -> None:
    done, names = _wheel(source, "require", {**user_environ, **_away(closed, tmp_path)})

    assert done.returncode != 0
    assert "BuildError" in done.stdout + done.stderr
    assert names == []


def test_it_can_be_left_out(source: Path, user_environ: dict[str, str]) -> None:
    done, names = _wheel(source, "skip", user_environ)

    assert done.returncode == 0, done.stdout + done.stderr
    assert not [name for name in names if "labextensions" in name]


def test_a_word_that_means_nothing_is_refused(source: Path, user_environ: dict[str, str]) -> None:
    done, names = _wheel(source, "maybe", user_environ)

    assert done.returncode != 0
    assert "require, auto, skip" in done.stdout + done.stderr
    assert names == []


def test_a_built_panel_is_taken_as_it_is_without_node(
    source: Path, user_environ: dict[str, str], tmp_path: Path
) -> None:
    shutil.copytree(panel_build.BUNDLE, source / "labextension" / "bundle")
    shutil.copy(panel_build.STAMP, source / "labextension")
    nothing = {"PATH": str(tmp_path / "empty")}

    done, names = _wheel(source, "require", {**user_environ, **nothing})

    assert done.returncode == 0, done.stdout + done.stderr
    assert [name for name in names if REMOTE in name]


def test_a_registry_that_never_answers_does_not_hold_up_an_installation(
    source: Path, silent: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here = source / "labextension"
    monkeypatch.setattr(panel_build, "HERE", here)
    monkeypatch.setattr(panel_build, "BUNDLE", here / "bundle")
    monkeypatch.setattr(panel_build, "STAMP", here / "bundle.sha256")
    monkeypatch.setattr(panel_build, "INSTALL_SECONDS", 5)
    for name, value in _away(silent, tmp_path).items():
        monkeypatch.setenv(name, value)

    with pytest.raises(panel_build.BuildError, match="did not end within 5 s"):
        panel_build.build()

    assert not panel_build.is_current()
