"""Jupyter's runtime folder where the home folder cannot be written: without one no host starts.

jupyter_core makes it when a host first asks for it, and a failure is a traceback
(jupyter_core/application.py, ``_runtime_dir_default``). What is called here has to be called before.
"""

import logging
import os
import stat
import sys
import tempfile
from typing import Final

from jupyter_core.paths import jupyter_data_dir

from ..errors import JupyterSMError
from ..logs import LogRoot, LogRootError
from ..reading import printable

VARIABLE: Final = "JUPYTER_RUNTIME_DIR"

_MODE: Final = 0o700
"""jupyter_core's own."""


class RuntimeFolderError(JupyterSMError):
    """No folder can be Jupyter's runtime folder; the message says why not, and what to do."""


def provide_runtime_folder(log: logging.Logger) -> None:
    """Name a temporary folder in ``JUPYTER_RUNTIME_DIR`` where Jupyter's own one cannot be written.

    Kernels and other processes that are started here inherit the variable. A folder that the user
    names is never replaced.

    Args:
        log: told in one line when another folder is used.

    Raises:
        RuntimeFolderError: the user's cannot be made, or no other one can be used.
    """
    if named := os.environ.get(VARIABLE):
        if why := _make(named):
            raise RuntimeFolderError(
                f"{VARIABLE}: {printable(named)} cannot be made: {why}; name a folder that uid "
                f"{os.geteuid()} can write, or unset it"
            )
        return
    own = own_runtime_folder()
    why = _make(own) or _cannot_be_written(own)
    if not why:
        return
    seen = f"Jupyter's runtime folder {printable(own)} cannot be made or written: {why}"
    try:
        path = _temporary()
    except RuntimeFolderError as error:
        raise RuntimeFolderError(
            f"{seen}; and {error}; set {VARIABLE} to a folder that uid {os.geteuid()} can write"
        ) from None
    os.environ[VARIABLE] = path
    log.warning(
        "%s; %s is used instead: give uid %d a home folder that it can write, or set %s",
        seen,
        printable(path),
        os.geteuid(),
        VARIABLE,
    )


def provide_or_exit(log: logging.Logger) -> None:
    """The same, where the host must end without one.

    Raises:
        SystemExit: with status 1; ``log`` was told why in one line.
    """
    try:
        provide_runtime_folder(log)
    except RuntimeFolderError as error:
        log.critical("%s", error)
        sys.exit(1)


def own_runtime_folder() -> str:
    """Where Jupyter has it as long as nobody names one (jupyter_core/paths.py)."""
    return os.path.join(jupyter_data_dir(), "runtime")


def replaced_runtime_folder(used: str) -> str:
    """Jupyter's own folder, where ``used`` was taken in its place; empty where it was not."""
    return own_runtime_folder() if used == _temporary_path() else ""


def _make(path: str) -> str:
    """Make it as Jupyter would; why that failed, empty where it is there."""
    try:
        os.makedirs(path, _MODE, exist_ok=True)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _cannot_be_written(path: str) -> str:
    writable = os.access(path, os.W_OK | os.X_OK, effective_ids=True)
    return "" if writable else "permission denied"


def _temporary() -> str:
    """The folder among the temporary ones, this user's alone; the care is that of the logs.

    Raises:
        RuntimeFolderError: it cannot be used.
    """
    path = _temporary_path()
    if not path:
        raise RuntimeFolderError("there is no folder for temporary files that can be written")
    try:
        folder = LogRoot(path, os.path.dirname(os.path.dirname(path))).open_folder("")
    except LogRootError as error:
        raise RuntimeFolderError(str(error).rpartition(": ")[0]) from None  # it speaks of logs
    except OSError as error:
        raise RuntimeFolderError(f"{printable(path)}: {error.strerror}") from None
    try:
        found = os.fstat(folder)
        if found.st_uid != os.geteuid():
            raise RuntimeFolderError(f"{printable(path)} belongs to user {found.st_uid}")
        if stat.S_IMODE(found.st_mode) != _MODE:
            os.fchmod(folder, _MODE)
    finally:
        os.close(folder)
    return path


def _temporary_path() -> str:
    """Beside the logs that are there for the same reason; empty where nothing can be written."""
    try:
        temporary = tempfile.gettempdir()
    except FileNotFoundError:
        return ""
    return os.path.join(temporary, f"jupyter_sm-{os.geteuid()}", "runtime")
