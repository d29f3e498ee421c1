"""The images of docs/examples, built as its README says, on a base made here.

The base stands for condaforge/miniforge3: Debian with Python 3.11, and the stand-in base/conda. No
registry and no channel is asked from inside: wheels for that Python are fetched outside.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import containers
import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SUITE, PYTHON = "bookworm", "3.11.2"
SOURCES = Path("/etc/apt/sources.list.d/debian.sources")


def _run(*command: str | Path, environ: dict[str, str]) -> None:
    done = subprocess.run(
        command, env=environ, capture_output=True, text=True, timeout=400, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def engine() -> Iterator[containers.Engine]:
    folder = Path(tempfile.mkdtemp(prefix="jsm-"))  # podman takes no path over 50 characters
    found = containers.named() or containers.podman(folder)
    if found is None:
        folder.rmdir()
        pytest.skip("no container engine: needs podman and runc, as root, or JSM_TEST_ENGINE")
    yield found
    storage = folder / "storage/overlay"  # bound to itself by podman
    if storage.is_mount():
        subprocess.run(["umount", storage], check=True)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def wheels(user_environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that jupyter_sm needs, for the Python of the base; ``ours/`` holds its own wheel."""
    folder = tmp_path_factory.mktemp("wheels")
    skip = {**user_environ, "JUPYTER_SM_LABEXTENSION": "skip"}
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    _run(*build, "--outdir", folder / "ours", ROOT, environ=skip)
    [ours] = (folder / "ours").glob("*.whl")
    fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:"]
    target = ("--python-version", PYTHON, "--dest")
    _run(*fetch, *target, folder / "all", ours, environ=user_environ)
    (folder / "all" / ours.name).unlink()
    return folder


@pytest.fixture(scope="session")
def base(
    engine: containers.Engine,
    wheels: Path,
    user_environ: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """The image that the examples start from."""
    folder = tmp_path_factory.mktemp("base")
    archive = folder / "debian.tar"
    sources = [SOURCES] if SOURCES.exists() and SUITE in SOURCES.read_text() else []
    options = ["--quiet", "--variant=minbase", "--mode=root"]
    aptopt = '--aptopt=Acquire::Check-Valid-Until "false"'
    packages = "--include=python3,python3-venv,ca-certificates"
    _run("mmdebstrap", *options, aptopt, packages, SUITE, archive, *sources, environ=user_environ)
    engine.call("import", archive, "localhost/debian:test")
    archive.unlink()
    context = folder / "context"
    shutil.copytree(HERE / "base", context)
    shutil.copytree(wheels / "all", context / "wheels")
    engine.build("localhost/conda:test", context, BASE="localhost/debian:test")
    return "localhost/conda:test"


@pytest.fixture(scope="session")
def context(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of docs/examples with the wheel in it."""
    folder = tmp_path_factory.mktemp("context") / "examples"
    shutil.copytree(ROOT / "docs/examples", folder, ignore=shutil.ignore_patterns("*.whl"))
    shutil.copytree(wheels / "ours", folder, dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def user_image(engine: containers.Engine, base: str, context: Path) -> str:
    engine.build("localhost/user:test", context, BASE=base)
    return "localhost/user:test"


@pytest.fixture(scope="session")
def root_image(engine: containers.Engine, base: str, context: Path) -> str:
    root = {"NB_USER": "root", "NB_UID": "0", "NB_GID": "0", "NB_HOME": "/root"}
    config = "app-image-config-root.json"
    engine.build("localhost/root:test", context, BASE=base, APP_IMAGE_CONFIG=config, **root)
    return "localhost/root:test"


@pytest.fixture(scope="session")
def stock_image(engine: containers.Engine, base: str, context: Path) -> str:
    """The static example, with a gateway beside it as SageMaker would mount one."""
    engine.build("localhost/static:test", context, file="static.Dockerfile", BASE=base)
    engine.build("localhost/stock:test", HERE / "stock", BASE="localhost/static:test")
    return "localhost/stock:test"


@pytest.fixture
def launch(engine: containers.Engine, tmp_path: Path) -> Iterator[containers.LaunchContainer]:
    """`Engine.start` in this test's folder; every container it starts ends with the test."""
    with ExitStack() as running:

        def start(image: str, *options: str, **how: object) -> containers.Container:
            container = engine.start(tmp_path, image, *options, **how)  # type: ignore[arg-type]  # passed on
            return running.enter_context(container)

        yield start


@pytest.fixture
def small_disk(engine: containers.Engine) -> Iterator[containers.DiskOf]:
    """Makes a disk of a few pages to be mounted, owned by 1000:100; name it before ``launch``."""
    made: list[str] = []

    def make(pages: int) -> str:
        name = f"jsm-{uuid.uuid4().hex[:12]}"
        # Not `size=`: podman asks the file system of its storage for a quota then.
        disk = ("--opt=type=tmpfs", "--opt=device=tmpfs")
        limits = f"--opt=o=nr_blocks={pages},uid=1000,gid=100"
        engine.call("volume", "create", *disk, limits, name)
        made.append(name)
        return name

    yield make
    for name in made:
        engine.call("volume", "rm", name)


@pytest.fixture
def folder_of(tmp_path: Path) -> containers.FolderOf:
    """Makes a folder to be mounted, owned by a user of the container."""

    def make(name: str, uid: int, gid: int) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        os.chown(folder, uid, gid)
        return folder

    return make
