"""Builds the JupyterLab panel with the tools of the environment at FOLDER, and links it there.

It is built again when its sources have changed; see labextension/panel_build.py.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from setup_venv import ROOT, one_at_a_time

BUNDLE = ROOT / "labextension" / "bundle"
SHARE = Path("share", "jupyter", "labextensions", "jupyter-sm")


def link(bundle: Path, prefix: Path) -> None:
    """Show JupyterLab the bundle itself, so that a new build needs no new installation."""
    place = prefix / SHARE
    if place.is_symlink() and os.readlink(place) == str(bundle):
        return
    if place.is_symlink():
        place.unlink()
    elif place.exists():
        shutil.rmtree(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(bundle, target_is_directory=True)


def main(argv: list[str]) -> int:
    [name] = argv
    prefix = ROOT / name
    with one_at_a_time(ROOT):
        build = [prefix / "bin" / "python", ROOT / "labextension" / "panel_build.py"]
        status = subprocess.run(build, check=False).returncode
        if status == 0:
            link(BUNDLE, prefix)
        return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
