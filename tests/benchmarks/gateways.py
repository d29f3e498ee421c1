"""The gateways that are compared: this package's and the stock one, with the same kernels to serve."""

import os
import subprocess
import sys
import time
import uuid
from http import HTTPStatus
from pathlib import Path
from typing import Literal

from envs import make_environment, python_spec, write_kernel
from host import Host, HostError
from hosts import LOG_ROOT, MARK, TOKEN, free_port, isolated_environ

from .keepalive import KeepAlive

Kind = Literal["ours", "stock", "sm gateway"]

COMMANDS: dict[Kind, tuple[str, ...]] = {
    "ours": ("kernelgateway",),
    "stock": ("kernelgateway",),
    "sm gateway": ("sm", "gateway"),
}
SIDES: tuple[Kind, Kind] = ("ours", "stock")
STOCK_API = "kernel_gateway.jupyter_websocket"
LOGOS = ("logo-32x32.png", "logo-64x64.png")


class Kernels:
    """The same kernels twice below a folder: as conda environments, and as plain kernelspecs.

    Args:
        folder: where they are made.
        count: how many; ``python3`` comes on top of them in every gateway.
    """

    def __init__(self, folder: Path, count: int) -> None:
        self.count = count
        self.root = folder / "conda"
        self.path = folder / "jupyter"
        for name in (f"env{i:04}" for i in range(count)):
            prefix = self.root / "envs" / name
            files = {f"share/jupyter/kernels/python3/{logo}": "a picture" for logo in LOGOS}
            make_environment(prefix, files=files)
            spec = python_spec(f"{prefix}/bin/python")
            kernel = write_kernel(self.path / "kernels" / f"conda-env-{name}-py", spec)
            for logo in LOGOS:
                (kernel / logo).write_text("a picture")

    def environ(self, kind: Kind) -> dict[str, str]:
        """What makes a gateway of that kind serve them."""
        if kind == "stock":
            return {"KG_API": STOCK_API, "JUPYTER_PATH": str(self.path)}
        return {"MAMBA_ROOT_PREFIX": str(self.root), "JUPYTER_SM_SHOW": "all"}


def start(kind: Kind, folder: Path, kernels: Kernels) -> Host:
    """Start a gateway; it does not answer yet."""
    port = free_port()
    mark = uuid.uuid4().hex
    log_path = folder / f"gateway-{port}.log"
    # Nobody starts a gateway without compiled modules, which tests forbid Python to write.
    more = {MARK: mark, "KG_AUTH_TOKEN": TOKEN, "PYTHONDONTWRITEBYTECODE": ""}
    more[LOG_ROOT] = str(folder / "logs")
    program = os.path.join(os.path.dirname(sys.executable), "jupyter")
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [program, *COMMANDS[kind], f"--port={port}"],
            cwd=folder,
            env=isolated_environ(folder, more | kernels.environ(kind)),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    return Host(process, url=url, token=TOKEN, log_path=log_path, mark=f"{MARK}={mark}")


def wait_until_ready(host: Host) -> None:
    """Until ``/api`` answers 200, seen within 2 ms of it.

    Raises:
        HostError: the gateway ended, or did not answer so within a minute.
    """
    deadline = time.monotonic() + 60
    while not _answers(host):
        if time.monotonic() > deadline or host.process.poll() is not None:
            raise HostError(f"not ready\n{host.log()}")
        time.sleep(0.002)


def confirm(kind: Kind, host: Host) -> None:
    """That it is what it should be: without this package a gateway only warns, and serves as stock.

    Raises:
        HostError: it is not.
    """
    status = host.get("/api/sm/health").status
    if (status == HTTPStatus.NOT_FOUND) is not (kind == "stock"):
        raise HostError(f"not {kind}: /api/sm/health answered {status}\n{host.log()}")


def _answers(host: Host) -> bool:
    try:
        with KeepAlive(host.url, host.token) as client:
            client.get("/api")
    except ConnectionError:
        return False
    return True
