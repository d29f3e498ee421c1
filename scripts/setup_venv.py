"""Makes a virtual environment at FOLDER from pip's ARGUMENTS, or takes the one that is there.

It is made again when anything it depends on has changed, and when making it was interrupted.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMP = ".complete"
"""Written last; holds the digest of everything that the environment was made from."""

SOURCES = ("pyproject.toml", "jupyter_sm/_version.py", "jupyter-config", "scripts/setup_venv.py")
"""What is copied into the environment, or decides what is; the package itself is only linked."""


def digest(root: Path, arguments: list[str]) -> str:
    """Of the interpreter, pip's arguments, the sources, and each file that pip is told to read."""
    state = hashlib.sha256(f"{sys.version}\n{sys.base_prefix}\n{arguments}\n".encode())
    named = [argument for argument in arguments if (root / argument).is_file()]
    for path in _files(root, [*SOURCES, *named]):
        state.update(f"{path.relative_to(root)}\n".encode() + path.read_bytes())
    return state.hexdigest()


def _files(root: Path, names: list[str]) -> list[Path]:
    found = []
    for name in names:
        path = root / name
        below = path.rglob("*") if path.is_dir() else [path]
        found += [file for file in below if file.is_file() and file.suffix != ".pyc"]
    return sorted(found)


def is_complete(folder: Path, wanted: str) -> bool:
    try:
        return (folder / STAMP).read_text(encoding="utf-8") == wanted
    except FileNotFoundError:
        return False


def make(folder: Path, arguments: list[str], stamp: str) -> None:
    """Make the environment from nothing.

    Raises:
        subprocess.CalledProcessError: pip failed, having said why.
    """
    (folder / STAMP).unlink(missing_ok=True)
    venv.create(folder, clear=True, with_pip=True, symlinks=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-qq"]
    subprocess.run([*pip, *arguments], cwd=ROOT, check=True)
    (folder / STAMP).write_text(stamp, encoding="utf-8")


@contextmanager
def one_at_a_time(root: Path) -> Iterator[None]:
    """Hold a lock on the checkout's folder: two scripts may be started at once."""
    handle = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def main(argv: list[str]) -> int:
    name, *arguments = argv
    folder = ROOT / name
    with one_at_a_time(ROOT):
        stamp = digest(ROOT, arguments)
        if is_complete(folder, stamp):
            return 0
        print(f"making {name} with {sys.executable}, which takes a minute or two", flush=True)
        try:
            make(folder, arguments, stamp)
        except subprocess.CalledProcessError as error:
            print(f"{name} could not be made: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
