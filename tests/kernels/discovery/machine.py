"""A machine of its own for each test: an installation, a home folder, and a server beside them."""

import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from envs import make_environment

from jupyter_sm.errors import Finding
from jupyter_sm.kernels import Discovery, Kernel, Places, Snapshot
from jupyter_sm.kernels.discovery.environments import Environments
from jupyter_sm.kernels.discovery.programs import Programs


class Machine:
    """Everything that discovery looks at, below one folder.

    Attributes:
        root: an installation of conda, with a kernel in its base environment.
        home: the user's home folder.
        elsewhere: a folder that nothing points to.
        server: ``sys.prefix`` of the server, which is no environment.
        kernels: the only folder on the Jupyter path.
        environ: the environment variables.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = make_environment(folder / "opt/conda")
        self.home = folder / "home/user"
        self.elsewhere = folder / "elsewhere"
        self.server = folder / "server"
        self.kernels = folder / "share/jupyter/kernels"
        for path in (self.home, self.elsewhere, self.server, self.kernels):
            path.mkdir(parents=True)
        self.environ = {"PATH": f"{folder}/bin"}

    def places(self, **changes: Any) -> Places:
        """Where discovery looks, as an ordinary user unless told otherwise."""
        usual: Mapping[str, Any] = {
            "environ": self.environ,
            "home": str(self.home),
            "passwd_homes": (),
            "euid": 1000,
            "server_prefix": str(self.server),
            "server_executable": sys.executable,
            "kernel_dirs": (str(self.kernels),),
            "native_dir": None,
            "etc": str(self.folder / "etc"),
            "var_lib": str(self.folder / "lib"),
            "well_known_roots": (str(self.root),),
            "internal": str(self.folder / "opt/.sagemakerinternal"),
        }
        return Places(**{**usual, **changes})

    def discovery(self, *, conda_env_filter: str | None = None, **changes: Any) -> Discovery:
        pattern = re.compile(conda_env_filter) if conda_env_filter else None
        return Discovery(self.places(**changes), conda_env_filter=pattern)

    def look(self, **changes: Any) -> Snapshot:
        """What a discovery that has never looked before finds."""
        return self.discovery(**changes).look()

    def kernel(self, name: str, **changes: Any) -> Kernel:
        """The one kernel of that name."""
        return named(self.look(**changes), name)

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file below the machine's folder."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file


def named(snapshot: Snapshot, name: str) -> Kernel:
    """The one kernel of that name."""
    (kernel,) = [kernel for kernel in snapshot.kernels if kernel.name == name]
    return kernel


def names(snapshot: Snapshot) -> list[str]:
    """The names of all kernels, in listing order."""
    return [kernel.name for kernel in snapshot.kernels]


def prefixes(snapshot: Snapshot) -> list[str]:
    return [environment.prefix for environment in snapshot.environments]


def found(machine: Machine, **changes: object) -> list[str]:
    """Prefixes of all environments but the installation's own."""
    return [path for path in prefixes(machine.look(**changes)) if path != str(machine.root)]


def only_finding(snapshot: Snapshot) -> Finding:
    (finding,) = snapshot.findings
    return finding


def installation(folder: Path) -> str:
    """An installation with one environment; the path of that."""
    make_environment(folder)
    return str(make_environment(folder / "envs/inside"))


def envs_dirs(machine: Machine) -> list[str]:
    places = machine.places()
    environments = Environments(places, Programs(places))
    return list(environments.envs_dirs(environments.find(time.time_ns()).roots))
