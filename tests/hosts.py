"""Starts the three real hosts on loopback, alone: own home, own Jupyter folders, own session.

    with start_gateway(tmp_path, "--debug") as host, host.start_kernel("python3") as kernel:
        assert kernel.execute("1 + 1").result == "2"

Every process that comes out of a host carries ``JSM_TEST_HOST=<its mark>`` in its environment, or
was seen as its descendant: closing the host leaves none of them behind.
"""

import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from host import Host, HostError, Response
from kernel_client import Execution, KernelClient

__all__ = [
    "Execution",
    "Host",
    "HostError",
    "KernelClient",
    "LaunchHost",
    "Response",
    "free_port",
    "isolated_environ",
    "start_gateway",
    "start_lab",
    "start_server",
]

LaunchHost = Callable[..., Host]
"""One of the ``start_…`` below, its folder given and its end taken care of."""

MARK = "JSM_TEST_HOST"
TOKEN = "a-token-of-the-tests"  # the value is no secret
LOG_ROOT = "JUPYTER_SM_LOG_ROOT"
RUN_MARK = "JSM_TEST_RUN"
KEPT = ("LANG", "LANGUAGE", "LD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE", "TERM", "TMPDIR", "TZ")
"""Variables that a host inherits from the tests, beside ``LC_*``, coverage's and the run's mark."""


def free_port() -> int:
    """A port of 127.0.0.1 that no other process is given for the next minute.

    The connection made here stays in TIME_WAIT: the kernel hands the port to nobody who asks for
    any port, while a server that asks for this one with SO_REUSEADDR, as tornado does, gets it.
    """
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        address = listener.getsockname()
        with socket.create_connection(address):
            listener.accept()[0].close()
    return int(address[1])


def isolated_environ(
    folder: str | os.PathLike[str],
    env: Mapping[str, str] | None = None,
    *,
    python: str = sys.executable,
) -> dict[str, str]:
    """The environment of a process that knows nothing of the person who runs the tests.

    Args:
        folder: holds its home and its Jupyter folders, which are made.
        env: added last.
        python: interpreter whose folder comes first on PATH.
    """
    kept = {name: value for name, value in os.environ.items() if _is_kept(name)}
    folders = {
        "HOME": "home",
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "jupyter/config",
        "JUPYTER_DATA_DIR": "jupyter/data",
        "JUPYTER_RUNTIME_DIR": "jupyter/runtime",
    }
    own = {name: os.path.join(folder, below) for name, below in folders.items()}
    for path in own.values():
        os.makedirs(path, mode=0o700, exist_ok=True)
    path = os.pathsep.join([os.path.dirname(python), os.environ.get("PATH", os.defpath)])
    return {**kept, **own, "PATH": path, **(env or {})}


def _is_kept(name: str) -> bool:
    return name in KEPT or name.startswith(("LC_", "COVERAGE_", RUN_MARK))


def _start(
    command: str,
    folder: str | os.PathLike[str],
    args: tuple[str, ...],
    *,
    env: Mapping[str, str],
    token: str,
    wait: str | None,
    timeout: float,
    python: str,
    port: int | None,
) -> Host:
    port = free_port() if port is None else port
    log_path = Path(folder) / f"{command}-{port}.log"
    mark = uuid.uuid4().hex
    logs = os.path.join(folder, "logs")
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [os.path.join(os.path.dirname(python), "jupyter"), command, f"--port={port}", *args],
            cwd=folder,
            env=isolated_environ(folder, {MARK: mark, LOG_ROOT: logs, **env}, python=python),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    host = Host(process, url=url, token=token, log_path=log_path, mark=f"{MARK}={mark}")
    try:
        if wait is not None:
            host.wait_for(wait, timeout=timeout)
    except BaseException:
        host.kill()
        raise
    return host


def start_gateway(
    folder: str | os.PathLike[str],
    *args: str,
    env: Mapping[str, str] | None = None,
    token: str = TOKEN,
    wait: str | None = "/api",
    timeout: float = 60,
    python: str = sys.executable,
    port: int | None = None,
) -> Host:
    """`jupyter kernelgateway` with ``args``, ready when ``wait`` answers 200 (None: at once)."""
    return _start(
        "kernelgateway",
        folder,
        args,
        env={**({"KG_AUTH_TOKEN": token} if token else {}), **(env or {})},
        token=token,
        wait=wait,
        timeout=timeout,
        python=python,
        port=port,
    )


def start_server(
    folder: str | os.PathLike[str],
    *args: str,
    command: str = "server",
    env: Mapping[str, str] | None = None,
    token: str = TOKEN,
    wait: str | None = "/api/status",
    timeout: float = 60,
    python: str = sys.executable,
    port: int | None = None,
) -> Host:
    """`jupyter server` with ``args``, ready when ``wait`` answers 200 (None: at once)."""
    secret = {"JUPYTER_TOKEN": token} if token else {}
    return _start(
        command,
        folder,
        ("--no-browser", "--allow-root", *(() if token else ("--IdentityProvider.token=",)), *args),
        env={**secret, **(env or {})},
        token=token,
        wait=wait,
        timeout=timeout,
        python=python,
        port=port,
    )


def start_lab(folder: str | os.PathLike[str], *args: str, **how: Any) -> Host:
    """`jupyter lab`, as ``start_server``; its extension manager looks nothing up."""
    return start_server(folder, "--LabApp.extension_manager=readonly", *args, command="lab", **how)
