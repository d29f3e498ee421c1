"""Sees to it that the Debian packages are there that the tests need.

As root they are installed, and said so; otherwise the one line that does it is printed.
"""

import argparse
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class SystemPackage:
    """A Debian package, how one sees that it is there, and what would not run without it.

    Attributes:
        module: a Python module that comes with it; the first of the three that is given counts.
        program: a command that comes with it.
        file: a file that comes with it.
        root_only: nobody else's tests need it.
    """

    name: str
    needed_for: str
    module: str | None = None
    program: str | None = None
    file: str | None = None
    root_only: bool = False

    def is_there(self) -> bool:
        if self.module is not None:
            importlib.invalidate_caches()
            return importlib.util.find_spec(self.module) is not None
        if self.program is not None:
            return shutil.which(self.program) is not None
        return self.file is not None and os.path.exists(self.file)


TABLE = (
    SystemPackage("python3-venv", "the tests' own environment", module="ensurepip"),
    SystemPackage("git", "scripts/check, which reads the list of files", program="git"),
    SystemPackage("gcc", "the fake of NVIDIA's driver", program="gcc"),
    SystemPackage("chromium", "the tests of the JupyterLab panel", program="chromium"),
    SystemPackage("libc6-dev", "the fake of NVIDIA's driver", file="/usr/include/stdio.h"),
    *(
        SystemPackage(name, "the images of docs/examples", file=file, root_only=True)
        for name, file in {
            "podman": "/usr/bin/podman",
            "runc": "/usr/sbin/runc",
            "conmon": "/usr/bin/conmon",
            "netavark": "/usr/lib/podman/netavark",
            "iptables": "/usr/sbin/iptables",
            "mmdebstrap": "/usr/bin/mmdebstrap",
        }.items()
    ),
)
"""One row a package."""


def missing(table: tuple[SystemPackage, ...]) -> list[SystemPackage]:
    wanted = [each for each in table if os.geteuid() == 0 or not each.root_only]
    return [package for package in wanted if not package.is_there()]


def install(packages: list[SystemPackage]) -> None:
    """Install with apt-get, whose output goes where ours does.

    Raises:
        subprocess.CalledProcessError: apt-get said no.
    """
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    names = [package.name for package in packages]
    print(f"running as root: installing the Debian packages {' '.join(names)}", flush=True)
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *names]):
        apt_get = ["apt-get", "-qq", *command]
        subprocess.run(apt_get, check=True, env=environ)


def ensure(table: tuple[SystemPackage, ...], *, may_install: bool, strict: bool) -> int:
    """Exit status: 0 when everything is there, or may be missing because nobody insists."""
    absent = missing(table)
    if absent and may_install and os.geteuid() == 0 and shutil.which("apt-get"):
        install(absent)
        absent = missing(table)
    if not absent:
        return 0
    for package in absent:
        print(f"missing: {package.name}, needed for {package.needed_for}", file=sys.stderr)
    names = shlex.join(package.name for package in absent)
    print(f"sudo apt-get install --no-install-recommends {names}", file=sys.stderr)
    if strict or may_install:
        return 1
    print("going on without, as --no-system says", file=sys.stderr)
    return 0


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-system", action="store_true", help="install nothing, go on without")
    parser.add_argument("--strict", action="store_true", help="a missing package is a failure")
    options = parser.parse_args(argv)
    return ensure(TABLE, may_install=not options.no_system, strict=options.strict)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
