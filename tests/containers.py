"""A real container engine, driven through the command line that podman and docker share.

``JSM_TEST_ENGINE`` names another program, with its global options.
"""

import os
import shlex
import shutil
import subprocess
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import hosts

LIMITS = ("--ulimit=nofile=20000:20000", "--ulimit=nproc=4096:4096")
"""Podman's own are higher than what root of a container may ask for."""

GRACE_S = 10
"""Seconds from SIGTERM to SIGKILL, docker's default."""

PORT = 8888


class EngineError(AssertionError):
    """A command of the engine failed; the message is what it printed."""


@dataclass(frozen=True)
class Engine:
    """An engine with its own storage.

    Attributes:
        command: the program with its global options.
    """

    command: tuple[str, ...]

    def call(self, *arguments: str | Path, timeout: float = 300) -> str:
        """Run a command to its end; what it printed on standard output.

        Raises:
            EngineError: it failed.
        """
        done = subprocess.run(
            [*self.command, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if done.returncode != 0:
            raise EngineError(f"{shlex.join(map(str, arguments))}\n{done.stdout}{done.stderr}")
        return done.stdout

    def build(self, image: str, context: Path, *, file: str = "Dockerfile", **values: str) -> None:
        """Build ``image`` from a folder, with ``values`` as build arguments."""
        arguments = [f"--build-arg={name}={value}" for name, value in values.items()]
        path = context / file
        self.call("build", "--network=host", *LIMITS, *arguments, "-t", image, "-f", path, context)

    def start(
        self,
        folder: Path,
        image: str,
        *options: str,
        command: tuple[str, ...] = (),
        wait: str | None = "/api/sm/health",
    ) -> "Container":
        """Run ``image``, its port 8888 at a free one here; ready when ``wait`` answers 200."""
        name = f"jsm-{uuid.uuid4().hex[:12]}"
        port = hosts.free_port()
        mark = f"{hosts.MARK}={uuid.uuid4().hex}"
        run = [f"--name={name}", "--rm", f"--publish=127.0.0.1:{port}:{PORT}", *LIMITS]
        variables = [f"--env={mark}", f"--env=KG_AUTH_TOKEN={hosts.TOKEN}"]
        log_path = folder / f"{name}.log"
        with log_path.open("wb") as log:
            process = subprocess.Popen(
                [*self.command, "run", *run, *variables, *options, image, *command],
                cwd=folder,  # where conmon leaves a note when memory runs out
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        container = Container(process, self, name, port=port, log_path=log_path, mark=mark)
        try:
            if wait is not None:
                container.wait_for(wait, timeout=60)
        except BaseException:
            container.kill()
            raise
        return container


class Container(hosts.Host):
    """A gateway in a container; its process is the engine's client, whose exit status is its own.

    Attributes:
        name: of the container.
    """

    def __enter__(self) -> "Container":  # noqa: PYI034  # typing.Self came with Python 3.11
        return self

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        engine: Engine,
        name: str,
        *,
        port: int,
        log_path: Path,
        mark: str,
    ) -> None:
        url = f"http://127.0.0.1:{port}"
        super().__init__(process, url=url, token=hosts.TOKEN, log_path=log_path, mark=mark)
        self.name = name
        self._engine = engine

    def run(self, *command: str, user: str = "0:0") -> str:
        """What a command prints inside the container."""
        return self._engine.call("exec", f"--user={user}", self.name, *command)

    def stop(self, signum: int = 15, timeout: float = 30) -> int:  # noqa: ARG002  # SIGTERM it is
        """`stop`: SIGTERM, and SIGKILL when the grace is over, which makes the exit status 137."""
        self.started()
        self._engine.call("stop", f"--time={GRACE_S}", self.name)
        return self.process.wait(timeout)

    def kill(self) -> None:
        self._engine.call("rm", "--force", "--ignore", "--time=0", self.name)
        super().kill()


LaunchContainer = Callable[..., Container]
"""`Engine.start`, its folder given and its end taken care of."""


FolderOf = Callable[[str, int, int], Path]
"""Makes a folder to be mounted: its name, the uid and the gid that own it."""


DiskOf = Callable[[int], str]
"""Makes a disk of so many pages of 4096 bytes, to be mounted by the name that is given back."""


def podman(folder: Path) -> Engine | None:
    """Podman with its storage in ``folder``; None where there is none, or no right to run it."""
    if os.geteuid() != 0 or shutil.which("podman") is None or shutil.which("runc") is None:
        return None
    options = ["--runtime=runc", "--cgroup-manager=cgroupfs", "--storage-driver=overlay"]
    places = [f"--root={folder}/storage", f"--runroot={folder}/run", f"--tmpdir={folder}/tmp"]
    return Engine(("podman", *options, *places, "--events-backend=none"))


def named() -> Engine | None:
    """The engine that ``JSM_TEST_ENGINE`` names."""
    words = shlex.split(os.environ.get("JSM_TEST_ENGINE", ""))
    return Engine(tuple(words)) if words else None
