"""Everything that discovery may look at; nothing else is consulted, so that tests can move it all."""

import importlib.util
import os
import pwd
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from jupyter_core.paths import jupyter_path

from ...image import INTERNAL_ROOT

WELL_KNOWN_ROOTS = (
    "/opt/conda",
    "/opt/miniconda3",
    "/opt/anaconda3",
    "/opt/miniforge3",
    "/opt/mambaforge",
    "/opt/micromamba",
)
"""Where images install conda when no variable says so."""


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where discovery looks, and as whom.

    Attributes:
        environ: the environment variables that count.
        home: home folder of the user, None when there is none.
        passwd_homes: home folders of the password database; only read as root, as conda does
            (conda/core/envs_manager.py).
        euid: effective user id.
        server_prefix: ``sys.prefix`` of the server.
        server_executable: its interpreter.
        kernel_dirs: folders of Jupyter kernelspecs, the first one wins a name.
        native_dir: ipykernel's own resources folder, None when the server cannot import it.
        etc: /etc.
        var_lib: /var/lib.
        well_known_roots: conda installations to try besides those that variables name.
        internal: folder whose environments are never looked at.
    """

    environ: Mapping[str, str]
    home: str | None
    passwd_homes: tuple[str, ...]
    euid: int
    server_prefix: str
    server_executable: str
    kernel_dirs: tuple[str, ...]
    native_dir: str | None
    etc: str = "/etc"
    var_lib: str = "/var/lib"
    well_known_roots: tuple[str, ...] = WELL_KNOWN_ROOTS
    internal: str = INTERNAL_ROOT

    @classmethod
    def of_this_process(cls) -> "Places":
        """As this process sees the machine; the only place that reads the environment."""
        euid = os.geteuid()
        return cls(
            environ=dict(os.environ),
            home=_home(),
            passwd_homes=_passwd_homes() if euid == 0 else (),
            euid=euid,
            server_prefix=sys.prefix,
            server_executable=sys.executable,
            kernel_dirs=_kernel_dirs(),
            native_dir=_native_dir(),
        )

    def is_internal(self, path: str) -> bool:
        """Whether a path belongs to the platform and not to the image."""
        return path == self.internal or path.startswith(self.internal + "/")


def _home() -> str | None:
    home = os.path.expanduser("~")
    return home if os.path.isabs(home) else None


def _passwd_homes() -> tuple[str, ...]:
    homes = dict.fromkeys(entry.pw_dir for entry in pwd.getpwall())
    return tuple(home for home in homes if os.path.isabs(home))


def _kernel_dirs() -> tuple[str, ...]:
    """As jupyter_client has them (KernelSpecManager.kernel_dirs), without importing IPython."""
    ipython = os.path.expanduser(os.environ.get("IPYTHONDIR") or "~/.ipython")
    return (*jupyter_path("kernels"), os.path.join(ipython, "kernels"))


def _native_dir() -> str | None:
    """``ipykernel.kernelspec.RESOURCES``, found without importing ipykernel."""
    spec = importlib.util.find_spec("ipykernel")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = os.path.join(spec.submodule_search_locations[0], "resources")
    return folder if os.path.isdir(folder) else None
