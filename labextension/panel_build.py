"""Builds the JupyterLab panel into ``labextension/bundle`` unless what is there is current.

Run it by hand, or from ``scripts/setup``: ``python labextension/panel_build.py``. It needs ``jlpm`` and
``jupyter-builder`` (the package ``jupyter-builder``, which newer JupyterLabs bring) and Node.js.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUNDLE = HERE / "bundle"
STAMP = HERE / "bundle.sha256"
"""Written last; holds the digest of everything that the bundle was made from."""

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

NODE = ((20, 19), (22, 12))
"""rspack runs on Node 20.19 and later of that series, and from 22.12 on."""

INSTALL_SECONDS = 240
BUILD_SECONDS = 120
"""A registry that never answers must not hold up an installation for ever."""


class BuildError(Exception):
    """The panel could not be built; says why in one line."""


def digest() -> str:
    """Of all sources."""
    state = hashlib.sha256()
    for path in _files():
        state.update(f"{path.relative_to(HERE).as_posix()}\n".encode() + path.read_bytes())
    return state.hexdigest()


def _files() -> Iterator[Path]:
    for name in SOURCES:
        path = HERE / name
        below = path.rglob("*") if path.is_dir() else [path]
        yield from sorted(file for file in below if file.is_file())


def is_current() -> bool:
    """Whether the bundle is there, and made from these sources."""
    try:
        return STAMP.read_text(encoding="ascii") == digest() and any(BUNDLE.iterdir())
    except OSError:
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
    """Make the bundle from nothing.

    Raises:
        BuildError: a program is missing, failed, or did not end in time.
    """
    STAMP.unlink(missing_ok=True)
    shutil.rmtree(BUNDLE, ignore_errors=True)
    wanted = digest()
    _run(INSTALL_SECONDS, "jlpm", "install", "--immutable")
    _run(BUILD_SECONDS, "jupyter-builder", "build", ".")
    if not list(BUNDLE.glob("static/remoteEntry.*.js")):
        raise BuildError("jupyter-builder ended well, but wrote no panel")
    # The builder's copy of package.json, which no JupyterLab reads.
    for copy in BUNDLE.glob("schemas/*/package.json.orig"):
        copy.unlink()
    STAMP.write_text(wanted, encoding="ascii")


def _run(seconds: int, program: str, *arguments: str) -> None:
    scripts = os.path.dirname(sys.executable)
    search = os.pathsep.join([scripts, os.environ.get("PATH", os.defpath)])
    found = shutil.which(program, path=search)
    if found is None:
        raise BuildError(f"{program} is not on the path")
    process = subprocess.Popen(
        [found, *arguments],
        cwd=HERE,
        env={**os.environ, "PATH": search},
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
