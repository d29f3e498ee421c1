"""The wheel as people get it: built once, installed into a clean environment, run, removed."""

import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import hosts
import pytest
from real import RecordReal

from jupyter_sm import __version__

pytestmark = [pytest.mark.newest_only, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parent.parent
HOOKS = (
    "etc/jupyter/jupyter_kernel_gateway_config.py",
    "etc/jupyter/jupyter_server_config.d/jupyter_sm.json",
)
"""What switches the package on, below the environment's prefix."""

PANEL = "share/jupyter/labextensions/jupyter-sm/"
"""Where JupyterLab looks for its extensions."""


@dataclass(frozen=True)
class Built:
    wheel: Path
    sdist: Path


@dataclass(frozen=True)
class Installed:
    """An environment that holds the wheel, what it needs, and JupyterLab.

    Attributes:
        prefix: the environment's folder.
        pip: runs its pip.
    """

    prefix: Path
    pip: Callable[..., str]

    @property
    def python(self) -> str:
        return str(self.prefix / "bin" / "python")


def _run(*command: str | Path, environ: dict[str, str]) -> str:
    done = subprocess.run(
        command, env=environ, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(user_environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The wheel is built from the source distribution, so that neither lacks a file.

    It is built as a release is, which fails without the panel.
    """
    folder = tmp_path_factory.mktemp("dist")
    environ = {**user_environ, "JUPYTER_SM_LABEXTENSION": "require"}
    _run(sys.executable, "-m", "build", "--outdir", folder, ROOT, environ=environ)
    [wheel], [sdist] = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return Built(wheel, sdist)


@pytest.fixture(scope="module")
def installed(
    built: Built, user_environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Installed:
    prefix = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(prefix, with_pip=True, symlinks=True)

    def pip(*arguments: str | Path) -> str:
        return _run(prefix / "bin" / "python", "-m", "pip", *arguments, environ=user_environ)

    pip("install", "-qq", built.wheel, "jupyterlab>=4")
    return Installed(prefix, pip)


def _package_files(folder: Path) -> set[str]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {str(path.relative_to(folder.parent)) for path in found}


def test_the_wheel_holds_the_package_its_hooks_and_its_licence_and_nothing_else(
    built: Built,
) -> None:
    names = set(zipfile.ZipFile(built.wheel).namelist())
    package = {name for name in names if name.startswith("jupyter_sm/")}
    info, data = f"jupyter_sm-{__version__}.dist-info/", f"jupyter_sm-{__version__}.data/data/"

    assert package == _package_files(ROOT / "jupyter_sm")
    assert "jupyter_sm/py.typed" in package
    installed = {name.removeprefix(data) for name in names if name.startswith(data)}
    panel = {name for name in installed if name.startswith(PANEL)}
    assert installed - panel == set(HOOKS)
    assert {name.removeprefix(PANEL).split("/")[0] for name in panel} == {
        "install.json",
        "package.json",
        "schemas",
        "static",
    }
    assert f"{info}licenses/LICENSE" in names
    assert not [name for name in names - package if not name.startswith((info, data))]


def test_the_source_distribution_holds_what_is_needed_to_test_it(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {"README.md", "LICENSE", "CHANGELOG.md", "scripts/test", "tests/conftest.py"} <= names
    assert {"labextension/bundle.sha256", "labextension/bundle/package.json"} <= names
    assert not [name for name in names if name.startswith((".venv", ".git/", ".ci"))]
    assert not [name for name in names if "node_modules" in name or ".yarn/" in name]


def test_nothing_that_it_needs_is_missing_or_at_odds(installed: Installed) -> None:
    assert installed.pip("check") == "No broken requirements found.\n"


def test_jupyterlab_finds_the_panel(installed: Installed, user_environ: dict[str, str]) -> None:
    command = [installed.python, "-m", "jupyter", "labextension", "list"]
    done = subprocess.run(
        command, env=user_environ, capture_output=True, text=True, timeout=100, check=True
    )
    listed = re.sub(r"\x1b\[\d*m", "", done.stdout + done.stderr)

    assert f"jupyter-sm v{__version__} enabled OK (python, jupyter_sm)" in listed


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("gateway", hosts.start_gateway),
        ("server", hosts.start_server),
        ("lab", hosts.start_lab),
    ],
)
def test_each_host_serves_the_routes_and_a_kernel(
    installed: Installed,
    tmp_path: Path,
    name: str,
    start: hosts.LaunchHost,
    record_real: RecordReal,
) -> None:
    with start(tmp_path, python=installed.python, wait="/api/sm/health") as host:
        assert host.get("/api/sm/health", token=None).status == 200
        assert host.get("/api/sm", token=None).status in {401, 403}
        assert host.get("/api/sm").status == 200
        record_real(name)
        with host.start_kernel("python3") as kernel:
            assert kernel.execute("import sys; sys.prefix").result == repr(str(installed.prefix))
        record_real("kernel")
        assert host.stop() == 0
        assert host.left_behind() == []
    record_real("wheel")


@pytest.fixture
def uninstalled(built: Built, installed: Installed) -> Iterator[Installed]:
    """The same environment without the package, which comes back after the test."""
    installed.pip("uninstall", "-qq", "--yes", "jupyter_sm")
    yield installed
    installed.pip("install", "-qq", "--no-deps", built.wheel)


def test_uninstalling_leaves_no_file_and_a_stock_gateway(
    uninstalled: Installed, tmp_path: Path
) -> None:
    everything = [
        os.path.join(folder, name)
        for folder, below, files in os.walk(uninstalled.prefix)
        for name in (*below, *files)
    ]
    assert not [path for path in everything if "jupyter_sm" in path or "jupyter-sm" in path]
    assert not [hook for hook in HOOKS if (uninstalled.prefix / hook).exists()]

    with hosts.start_gateway(tmp_path, python=uninstalled.python) as host:
        assert host.get("/api/sm").status == 404
        assert host.stop() == 0
