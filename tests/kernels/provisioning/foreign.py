"""A Jupyter host that knows nothing of this package: stock managers, and kernel.json files."""

import asyncio
import contextlib
import functools
import json
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec

import processes
from envs import make_environment, python_spec, write_kernel
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager, KernelManager

from jupyter_sm.kernels.explaining import Explanation
from jupyter_sm.kernels.provisioner import CondaProvisioner

P = ParamSpec("P")

TIMEOUT = 60
"""Seconds within which anything that is waited for happens."""

LOG = logging.getLogger("tests.foreign")

ACTIVATE = "etc/conda/activate.d"

IPYKERNEL = ("-m", "ipykernel_launcher", "-f", "{connection_file}")
"""What follows the interpreter in argv."""


class Cell(NamedTuple):
    """What became of a cell.

    Attributes:
        status: ``ok`` or ``error``.
        text: what it printed.
        error: its traceback.
    """

    status: str
    text: str
    error: str


class Host:
    """Kernelspecs in one folder.

    Attributes:
        share: holds the folder ``kernels``, as an entry of JUPYTER_PATH does.
        root: the conda installation.
    """

    def __init__(self, folder: Path) -> None:
        self.share = folder / "share"
        self.root = make_environment(folder / "conda", kernels=(), interpreter=None)
        conda = self.root / "bin/conda"
        conda.write_text("#!/bin/sh\n")
        conda.chmod(0o755)

    def environment(
        self,
        name: str = "e",
        *,
        files: Mapping[str, str] | None = None,
        folder: str | None = None,
        **spec: Any,
    ) -> Path:
        """A working environment with a kernelspec; ``spec`` replaces keys of its kernel.json."""
        prefix = self.root / "envs" / (folder or name)
        make_environment(prefix, kernels=(), interpreter="real", files=files)
        self.install(name, prefix, **spec)
        return prefix

    def scripted(self, *scripts: str, name: str = "e") -> Path:
        """A working environment with activate.d/0.sh, 1.sh and so on."""
        return self.environment(
            name, files={f"{ACTIVATE}/{i}.sh": text for i, text in enumerate(scripts)}
        )

    def install(self, name: str, prefix: Path, **spec: Any) -> Path:
        """A kernelspec that asks for the provisioner; returns its kernel.json."""
        config = {"prefix": str(prefix), "root": str(self.root)}
        stanza = {"provisioner_name": "jupyter-sm-conda", "config": config}
        metadata = {**spec.pop("metadata", {}), "kernel_provisioner": stanza}
        document = python_spec(f"{prefix}/bin/python", metadata=metadata, **spec)
        return write_kernel(self.share / "kernels" / name, document) / "kernel.json"

    @property
    def specs(self) -> KernelSpecManager:
        """What any host has."""
        return KernelSpecManager(
            kernel_dirs=[str(self.share / "kernels")], ensure_native_kernel=False
        )

    def manager(self, name: str = "e", **how: Any) -> AsyncKernelManager:
        """Not started yet; it logs to ``LOG``."""
        km: AsyncKernelManager = self.made(AsyncKernelManager, name, **how)
        return km

    def made(self, kind: type[Any], name: str = "e", **how: Any) -> Any:
        """A manager of another class."""
        return kind(kernel_name=name, kernel_spec_manager=self.specs, log=LOG, **how)


class Session:
    """A kernel and one client of it.

    Attributes:
        km: its manager.
        kc: the client.
    """

    def __init__(self, km: AsyncKernelManager) -> None:
        self.km = km
        self.kc = km.client()

    async def ready(self) -> None:
        """Wait until the kernel, or what stands in for it, has answered."""
        await self.kc.wait_for_ready(timeout=TIMEOUT)

    async def run(self, code: str) -> Cell:
        """Run a cell to its end."""
        published: list[Any] = []
        reply: Any = await self.kc.execute_interactive(
            code, timeout=TIMEOUT, allow_stdin=False, output_hook=published.append
        )
        texts = [m["content"]["text"] for m in published if m["msg_type"] == "stream"]
        errors = [m["content"]["traceback"] for m in published if m["msg_type"] == "error"]
        return Cell(
            reply["content"]["status"],
            "".join(texts),
            "\n".join(line for error in errors for line in error),
        )

    async def environ(self) -> dict[str, str]:
        """The variables that the kernel was started with."""
        cell = await self.run("import json, os; print(json.dumps(dict(os.environ)))")
        found: dict[str, str] = json.loads(cell.text)
        return found

    async def told(self) -> str:
        """The explanation that a cell gets instead of being run."""
        cell = await self.run("print('the real kernel')")
        assert (cell.status, cell.text) == ("error", "")
        return cell.error


@contextlib.asynccontextmanager
async def running(km: AsyncKernelManager, **how: Any) -> AsyncIterator[Session]:
    """Start a kernel, wait until it answers, and end it."""
    try:
        await km.start_kernel(**how)
        session = Session(km)
        session.kc.start_channels()
        try:
            await session.ready()
            yield session
        finally:
            session.kc.stop_channels()
    finally:
        await km.shutdown_kernel(now=True)


def provisioner_of(km: KernelManager) -> CondaProvisioner:
    """This package's provisioner of a kernel that was started."""
    assert isinstance(km.provisioner, CondaProvisioner)
    return km.provisioner


def explanation_of(km: KernelManager) -> Explanation | None:
    """What a stand-in was told; None while the real kernel runs."""
    return provisioner_of(km).explanation


def is_connectable(km: KernelManager) -> bool:
    """Whether its connection file is there."""
    return os.path.exists(km.connection_file)


def process_of(km: KernelManager) -> processes.Process:
    """The kernel's own process."""
    pid = provisioner_of(km).pid
    assert pid is not None
    process = processes.find(pid)
    assert process is not None
    return process


def has_ended(km: KernelManager) -> bool:
    """Whether the process can be waited for: some time after it was killed."""
    process = provisioner_of(km).process
    return process is None or process.poll() is not None


def group_of(leader: int) -> set[processes.Process]:
    """The living processes of a process group."""
    found = set()
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(ProcessLookupError):  # it ended meanwhile
            if os.getpgid(int(name)) == leader:
                found.add(processes.find(int(name)))
    return {process for process in found if process is not None}


async def eventually(is_so: Callable[[], object]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + TIMEOUT
    while not is_so():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def on_event_loop(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run a test in an event loop of its own."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


def dying(prefix: Path, text: str) -> None:
    """Let the environment's interpreter be a shell script."""
    python = prefix / "bin/python"
    python.unlink()
    python.write_text(f"#!/bin/sh\n{text}\n")
    python.chmod(0o755)
