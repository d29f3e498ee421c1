"""An explaining kernel that runs, and a client that talks to it as a notebook does."""

import contextlib
import os
import queue
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import processes
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from jupyter_client.launcher import launch_kernel

from jupyter_sm.kernels.explaining import Attempt, Explanation, command, encode, interrupts_held

TIMEOUT = 60
"""Seconds within which anything that is waited for happens."""

FIRST = "/run/first/kernel-1.json"
"""Connection file of the start that failed."""

Content = dict[str, Any]


def explanation(**changes: Any) -> Explanation:
    """One of a lost interpreter; ``changes`` replaces attributes."""
    told: dict[str, Any] = {
        "kernel": "conda-env-lost-py",
        "language": "python",
        "reason": "the interpreter /opt/lost/bin/python does not exist",
        "remedy": "conda install --prefix /opt/lost python ipykernel",
        "file": "/opt/lost/share/jupyter/kernels/python3/kernel.json",
        "kernels": ("python3", "conda-env-good-py"),
    }
    return Explanation(**{**told, **changes})


def attempt(*argv: str, **changes: Any) -> Attempt:
    """A start that ended with status 1; ``changes`` replaces attributes."""
    how: dict[str, Any] = {
        "environ": dict(os.environ),
        "cwd": None,
        "connection_file": FIRST,
        "status": 1,
    }
    return Attempt(argv, **{**how, **changes})


def python(code: str, *words: str) -> tuple[str, ...]:
    """The argv of a Python program."""
    return (sys.executable, "-c", code, *words)


def died(*argv: str, **changes: Any) -> Explanation:
    """What the server tells of a process that ended before it answered."""
    return explanation(reason="", remedy="", attempt=attempt(*argv), **changes)


class StandIn:
    """A process started as the provisioner starts it; to be closed.

    Attributes:
        process: leads a group of its own.
        temporary: the folder it has for temporary files.
        client: connected to it.

    Args:
        folder: for its files; a new one.
        told: the explanation, or what stands in its place.
        cwd: its folder.
        env: variables besides those of the tests.
        without: variables that it does not get.
        through: a program that starts the rest of its arguments.
        taken: sockets that take the ports of those names before it starts.
    """

    def __init__(
        self,
        folder: Path,
        told: Explanation | bytes,
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        without: tuple[str, ...] = (),
        through: tuple[str, ...] = (),
        taken: Mapping[str, socket.socket] | None = None,
    ) -> None:
        self.temporary = folder / "tmp"
        self.temporary.mkdir(parents=True)
        file, ports = write_connection_file(
            str(folder / "kernel-2.json"), ip="127.0.0.1", key=secrets.token_hex().encode()
        )
        for name, other in (taken or {}).items():
            other.bind(("127.0.0.1", dict(ports)[name]))
            other.listen()
        variables = {**os.environ, "TMPDIR": str(self.temporary), **(env or {})}
        for name in without:
            variables.pop(name, None)
        with tempfile.TemporaryFile() as stdin, interrupts_held():
            stdin.write(told if isinstance(told, bytes) else encode(told))
            stdin.seek(0)
            self.process: subprocess.Popen[bytes] = launch_kernel(
                [*through, *command(file)],
                stdin=stdin.fileno(),
                env=variables,
                cwd=str(cwd) if cwd else None,
            )
        self.client = BlockingKernelClient(connection_file=file)
        self.client.load_connection_file()
        self.client.start_channels()

    def ready(self) -> "StandIn":
        """Wait until it has answered."""
        while True:
            self.client.kernel_info(reply=True, timeout=TIMEOUT)
            with contextlib.suppress(queue.Empty):
                self.client.get_iopub_msg(timeout=0.2)
                return self  # what is published arrives as well

    def execute(self, code: str, *, silent: bool = False) -> tuple[Content, list[Content]]:
        """The reply's content, and the errors that were published meanwhile."""
        errors = []

        def note(message: Content) -> None:
            if message["msg_type"] == "error":
                errors.append(message["content"])

        reply = self.client.execute_interactive(
            code, silent=silent, allow_stdin=False, timeout=TIMEOUT, output_hook=note
        )
        return reply["content"], errors

    def text(self) -> str:
        """What a cell shows."""
        reply, _ = self.execute("1 + 1")
        assert reply["status"] == "error"
        return "\n".join(reply["traceback"])

    def reply_to(self, request: str) -> Content:
        """The content of the reply to a request on the shell channel; others are dropped."""
        return _reply_to(request, self.client.get_shell_msg)

    def control(self, kind: str, content: Content) -> Content:
        """The content of the reply to a request on the control channel."""
        request = self.client.session.msg(f"{kind}_request", content)
        self.client.control_channel.send(request)
        return _reply_to(request["header"]["msg_id"], self.client.get_control_msg)

    def interrupt(self) -> None:
        """As LocalProvisioner does."""
        os.killpg(self.process.pid, signal.SIGINT)

    def runs(self) -> bool:
        return self.process.poll() is None

    def second_start(self) -> set[processes.Process]:
        """What it has started."""
        return processes.descendants(self.process.pid)

    def left(self) -> list[str]:
        """Names of the temporary files of ours that are there."""
        return [name for name in os.listdir(self.temporary) if name.startswith("jupyter_sm")]

    def close(self) -> None:
        self.client.stop_channels()
        if self.runs():
            self.process.terminate()
        self.process.wait(TIMEOUT)


def _reply_to(request: str, receive: Callable[..., Content]) -> Content:
    while (reply := receive(timeout=TIMEOUT))["parent_header"].get("msg_id") != request:
        pass
    content: Content = reply["content"]
    return content
