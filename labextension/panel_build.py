"""Builds the JupyterLab panel into ``labextension/bundle`` unless what is there is current.

Run it by hand, or from ``scripts/setup``: ``python labextension/panel_build.py``. It needs the package
``jupyter-builder`` (which newer JupyterLabs bring) and Node.js.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUNDLE = HERE / "bundle"
STAMP = HERE / "bundle.sha256"
"""Written last; holds the digests of what the bundle was made from and of the bundle."""

SOURCES = (
    "package.json",
    "yarn.lock",
    ".yarnrc.yml",
    "rspack.config.js",
    "panel_build.py",
    "schema",
    "src",
    "style",
)

REMOTE = "static/remoteEntry.*.js"
"""The file of a bundle that JupyterLab loads first."""

PROGRAMS = {"jlpm": "jupyter_builder.jlpm", "jupyter-builder": "jupyter_builder.main"}
"""Modules whose ``main`` they are. JupyterLab before 4.6 has a ``jlpm`` of its own, which cannot
run inside pip's isolated build: so none is looked for on the path."""

NODE = ((20, 19), (22, 12))
"""rspack runs on Node 20.19 and later of that series, and from 22.12 on."""

INSTALL_SECONDS = 240
BUILD_SECONDS = 120
"""A registry that never answers must not hold up an installation for ever."""


class BuildError(Exception):
    """The panel could not be built; says why in one line."""


def _stamp(sources: Path, bundle: Path) -> str:
    below = (path for path in sorted(bundle.rglob("*")) if path.is_file())
    return f"{_digest(sources, _sources(sources))}\n{_digest(bundle, below)}\n"


def _digest(root: Path, files: Iterable[Path]) -> str:
    state = hashlib.sha256()
    for path in files:
        state.update(f"{path.relative_to(root).as_posix()}\n".encode() + path.read_bytes())
    return state.hexdigest()


def _sources(root: Path) -> Iterator[Path]:
    for name in SOURCES:
        path = root / name
        below = path.rglob("*") if path.is_dir() else [path]
        yield from sorted(file for file in below if file.is_file())


def is_current() -> bool:
    """Whether the bundle is there, whole, and made from these sources."""
    try:
        there = any(BUNDLE.glob(REMOTE))
        return there and STAMP.read_text(encoding="ascii") == _stamp(HERE, BUNDLE)
    except (OSError, ValueError):  # ValueError: a stamp that is not ASCII
        return False


def has_node() -> bool:
    """Whether a Node.js that can build is on the path."""
    node = shutil.which("node") or shutil.which("nodejs")
    if node is None:
        return False
    try:
        done = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=20, check=True
        )
        major, minor, *_ = (int(part) for part in done.stdout.strip().lstrip("v").split("."))
    except (OSError, ValueError, subprocess.SubprocessError):
        return False
    lowest_20, lowest = NODE
    return (major, minor) >= lowest or (major == lowest_20[0] and (major, minor) >= lowest_20)


def build() -> None:
    """Make the bundle, unless another process made it meanwhile.

    Raises:
        BuildError: a program is missing, failed, or did not end in time; a file could not be
            read or written.
    """
    try:
        with _one_at_a_time():
            if not is_current():
                _build_aside()
    except OSError as error:
        raise BuildError(str(error)) from error


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Until no other process builds here."""
    folder = os.open(HERE, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):  # a file system without locks: nobody is kept out
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _build_aside() -> None:
    """From a copy of the sources, so that the bundle is whole and the stamp is of these sources."""
    aside = HERE / ".building"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    try:
        for path in _sources(HERE):
            copy = aside / path.relative_to(HERE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        _run(INSTALL_SECONDS, HERE, "jlpm", "install", "--immutable")
        (aside / "node_modules").symlink_to(HERE / "node_modules")
        _run(BUILD_SECONDS, aside, "jupyter-builder", "build", ".")
        _put_in_place(aside)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _put_in_place(aside: Path) -> None:
    made = aside / "bundle"
    if not any(made.glob(REMOTE)):
        raise BuildError("jupyter-builder ended well, but wrote no panel")
    # The builder's copy of package.json, which no JupyterLab reads.
    for copy in made.glob("schemas/*/package.json.orig"):
        copy.unlink()
    stamp = _stamp(aside, made)
    STAMP.unlink(missing_ok=True)
    if BUNDLE.exists():
        BUNDLE.rename(aside / "older")
    made.rename(BUNDLE)
    STAMP.write_text(stamp, encoding="ascii")


def _search() -> str:
    """The path with this interpreter's scripts: behind it, unless no good Node.js is on it.

    A ``node`` beside the interpreter may be a script that cannot run in pip's isolated build,
    where pip puts what it installed for the build on the path.
    """
    path, scripts = os.environ.get("PATH", os.defpath), os.path.dirname(sys.executable)
    return os.pathsep.join([path, scripts] if has_node() else [scripts, path])


def _run(seconds: int, folder: Path, program: str, *arguments: str) -> None:
    code = f"import sys; from {PROGRAMS[program]} import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env={**os.environ, "PATH": _search()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # node and what it starts end with it
    )
    command = " ".join([program, *arguments])
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise BuildError(f"{command} did not end within {seconds} s") from None
    if process.returncode != 0:
        sys.stderr.write(said)
        raise BuildError(f"{command} failed: {_last_words(said)}")


def _last_words(said: str) -> str:
    """The first line that yarn marks as an error, else the last one."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    wrong = [line for line in lines if "Error" in line or "YN0001" in line]
    return (wrong or lines[-1:] or ["it said nothing"])[0]


def main() -> int:
    if is_current():
        return 0
    print("building the JupyterLab panel", flush=True)
    try:
        build()
    except BuildError as error:
        print(f"the JupyterLab panel could not be built: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
