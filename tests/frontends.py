"""Other JupyterLabs, and Jupyter Notebook 7, on top of the environment that runs the tests.

Such an environment holds the application alone, one or two wheels; everything else, the package
under test too, it takes from the environment that runs the tests. So it is made in seconds, once.
"""

import fcntl
import importlib.metadata
import os
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SECONDS = 240
"""What downloading an application may take."""

SHARED = (
    "share/jupyter/labextensions/jupyter-sm",
    "etc/jupyter/jupyter_server_config.d/jupyter_sm.json",
)
"""What Jupyter looks for below the prefix of the Python that runs it."""


@dataclass(frozen=True)
class Frontend:
    """An application of exactly this version.

    Attributes:
        name: as the line ``real:`` has it.
        requirements: what pip installs, without what that needs.
    """

    name: str
    requirements: tuple[str, ...]


LAB_4_0 = Frontend("JupyterLab 4.0", ("jupyterlab==4.0.13", "notebook==7.0.8"))
NOTEBOOK_7 = Frontend("Notebook 7", ("notebook>=7,<8", "jupyterlab>=4,<5"))


def python_of(frontend: Frontend, environ: dict[str, str]) -> str:
    """The interpreter of the environment that holds it, which is made where there is none.

    Args:
        environ: of pip, with its configuration.

    Raises:
        subprocess.CalledProcessError: pip said no.
        subprocess.TimeoutExpired: it took too long.
    """
    folder = _place() / frontend.name.replace(" ", "-").lower()
    stamp = folder / "complete"
    wanted = f"{sys.version} {sys.prefix} {frontend.requirements}"
    with _one_at_a_time(folder):
        if not stamp.is_file() or stamp.read_text() != wanted:
            _make(folder, frontend, environ)
            stamp.write_text(wanted)
    return str(folder / "bin" / "python")


def _place() -> Path:
    """In the environment that runs the tests, which outlives a run and is thrown away as a whole."""
    if os.access(sys.prefix, os.W_OK):
        return Path(sys.prefix) / "var" / "frontends"
    return Path(tempfile.gettempdir()) / f"frontends-{os.getuid()}"


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(folder: Path, frontend: Frontend, environ: dict[str, str]) -> None:
    venv.create(folder, clear=True, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    command = f"jupyter_core=={importlib.metadata.version('jupyter_core')}"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-qq", "--no-deps"]
    subprocess.run(
        [*pip, *frontend.requirements, command], env=environ, check=True, timeout=SECONDS
    )
    packages = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    ours = sysconfig.get_path("purelib")
    # Only now: pip must not see, and perhaps replace, what is in the other environment.
    (Path(packages) / "rest.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
    for name in SHARED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(Path(sys.prefix) / name)
