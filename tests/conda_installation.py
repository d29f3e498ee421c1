"""Environments that a conda installer really made, from a channel that the tests built."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import channel

INSTALLER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rattler_install.py")


@dataclass(frozen=True)
class CondaInstallation:
    """A base environment and one named environment, both with ipykernel.

    Attributes:
        root: prefix of the base environment.
        prefix: prefix of ``myenv``, below ``root/envs``.
    """

    root: Path
    prefix: Path


def _install(source: Path, prefix: Path, *specs: str, cache: Path) -> None:
    """Solve ``specs`` against the channel and install them into ``prefix``, in its own process.

    Raises:
        AssertionError: the installer failed; the message is what it printed.
    """
    done = subprocess.run(
        [sys.executable, INSTALLER, source.as_uri(), prefix, cache, *specs],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    if done.returncode != 0:
        raise AssertionError(f"installing {specs} into {prefix}:\n{done.stdout}{done.stderr}")


def make(folder: Path) -> CondaInstallation:
    """Build the channel in ``folder`` and install both environments from it."""
    source = channel.build_channel(folder / "channel")
    made = CondaInstallation(folder / "root", folder / "root" / "envs" / "myenv")
    for prefix in (made.root, made.prefix):
        _install(source, prefix, "python", "ipykernel", cache=folder / "cache")
    return made
