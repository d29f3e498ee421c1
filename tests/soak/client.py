"""One client of a soak: lists, starts, executes, interrupts, restarts and deletes."""

import contextlib
import random
import threading
from collections.abc import Generator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from host import Host, Response
from kernel_client import KernelClient

from .environments import Environments
from .tally import FailedError, Tally, WrongError

PATIENCE = 60.0
"""Seconds that a kernel may take for anything; beyond is an error."""
LONG_CELL = "import time\nprint('begun', flush=True)\ntime.sleep(600)"


@dataclass(frozen=True)
class Ward:
    """What all clients share.

    Attributes:
        places: as many kernels as the machine bears at once; who gets none lists meanwhile.
        over: set when clients finish what they are at, and end.
        pause: seconds that a client waits before each operation, half of it more or less.
    """

    host: Host
    environments: Environments
    tally: Tally
    places: threading.Semaphore
    over: threading.Event
    pause: float


class Client:
    """One person at a notebook."""

    def __init__(self, ward: Ward, choose: random.Random) -> None:
        self._host, self._tally = ward.host, ward.tally
        self._ward = ward
        self._choose = choose

    def run(self) -> None:
        """Work until it is over; no failure ends it."""
        while not self._ward.over.is_set():
            with contextlib.suppress(FailedError):
                self._look_around()
                if self._ward.places.acquire(blocking=False):
                    try:
                        self.use_a_kernel()
                    finally:
                        self._ward.places.release()
            self._ward.over.wait(self._choose.uniform(0.2, 1))

    @contextlib.contextmanager
    def _operation(self, name: str) -> Generator[None, None, None]:
        self._ward.over.wait(self._ward.pause * self._choose.uniform(0.5, 1.5))
        with self._tally.operation(name):
            yield

    def _look_around(self) -> None:
        self.list_kernelspecs()
        with self._operation("list running kernels"):
            expect(self._host.get("/api/kernels"), HTTPStatus.OK)
        gone = self._ward.environments.gone()
        if gone and self._choose.random() < 0.1:
            self._start_what_is_gone(gone)

    def list_kernelspecs(self) -> None:
        environments, path = self._ward.environments, "/api/kernelspecs"
        with self._operation("list kernelspecs"):
            before = environments.settled()
            listed = expect(self._host.get(path), HTTPStatus.OK).json()["kernelspecs"]
            missing = sorted(set(environments.steady) - set(listed))
            if missing:
                raise WrongError("a steady kernel is not listed", missing)
        self._tally.add_stale(environments.stale(path, before, listed))

    def _start_what_is_gone(self, name: str) -> None:
        with self._operation("start what is gone"):
            answer = self._host.post("/api/kernels", {"name": name})
            if answer.status == HTTPStatus.CREATED:
                self._host.delete(f"/api/kernels/{answer.json()['id']}")
            expect(answer, HTTPStatus.NOT_FOUND)

    def use_a_kernel(self) -> None:
        """One kernel, from its start to its end.

        Raises:
            FailedError: something failed; the kernel is deleted all the same.
        """
        name = self._choose.choice(self._ward.environments.steady)
        with self._operation("start"):
            answer = self._host.post("/api/kernels", {"name": name}, timeout=PATIENCE)
            kernel_id = expect(answer, HTTPStatus.CREATED).json()["id"]
        try:
            with self._connected(kernel_id) as channels:
                self._execute(channels, "first cell")
                self._interrupt(channels)
                self._execute(channels, "execute")
                self._restart(channels)
                self._execute(channels, "execute")
        finally:
            self._delete(kernel_id)

    def _connected(self, kernel_id: str) -> KernelClient:
        with self._operation("connect"):
            return self._host.connect(kernel_id, timeout=PATIENCE)

    def _execute(self, channels: KernelClient, called: str) -> None:
        factor = self._choose.randrange(1000)
        with self._operation(called):
            done = channels.execute(f"{factor} * 7", timeout=PATIENCE)
            if done.result != str(factor * 7):
                raise WrongError("wrong result", done)

    def _interrupt(self, channels: KernelClient) -> None:
        # With stop_on_error the interrupted cell would take the next one with it, now and then.
        content = {"code": LONG_CELL, "silent": False, "stop_on_error": False}
        with self._operation("begin a long cell"):
            asked = channels.send("execute_request", content)
            _await(channels, asked, "stream")
        with self._operation("interrupt"):
            path = f"/api/kernels/{channels.kernel_id}/interrupt"
            expect(self._host.post(path, timeout=PATIENCE), HTTPStatus.NO_CONTENT)
            reply = _await(channels, asked, "execute_reply")
            if reply.get("ename") != "KeyboardInterrupt":
                raise WrongError("not interrupted", reply)

    def _restart(self, channels: KernelClient) -> None:
        with self._operation("restart"):
            path = f"/api/kernels/{channels.kernel_id}/restart"
            expect(self._host.post(path, timeout=PATIENCE), HTTPStatus.OK)
            channels.wait_until_heard(timeout=PATIENCE)

    def _delete(self, kernel_id: str) -> None:
        path = f"/api/kernels/{kernel_id}"
        with self._operation("delete"):
            expect(self._host.delete(path, timeout=PATIENCE), HTTPStatus.NO_CONTENT)
        with self._operation("ask for what was deleted"):
            expect(self._host.get(path), HTTPStatus.NOT_FOUND)


class Panel:
    """What the panel in JupyterLab asks while somebody looks at it."""

    PAUSE = 2.0

    def __init__(self, ward: Ward) -> None:
        self._ward = ward

    def run(self) -> None:
        while not self._ward.over.is_set():
            with contextlib.suppress(FailedError):
                self.ask()
            self._ward.over.wait(self.PAUSE)

    def ask(self) -> None:
        environments, path = self._ward.environments, "/api/sm"
        before = environments.settled()
        with self._ward.tally.operation("panel"):
            document = expect(self._ward.host.get(path), HTTPStatus.OK).json()
            listed = {kernel["name"] for kernel in document["kernels"]["kernels"]}
        self._ward.tally.add_stale(environments.stale(path, before, listed))


def expect(answer: Response, status: HTTPStatus) -> Response:
    """The answer.

    Raises:
        WrongError: it has another status.
    """
    if answer.status != status:
        raise WrongError(f"status {answer.status}", answer.body.decode(errors="replace"))
    return answer


def _await(channels: KernelClient, asked: str, msg_type: str) -> dict[str, Any]:
    """The content of the next such message that answers ``asked``.

    Raises:
        TimeoutError: the kernel says nothing for too long.
    """
    while True:
        message = channels.receive(timeout=PATIENCE)
        if message["parent_header"].get("msg_id") == asked and message["msg_type"] == msg_type:
            content: dict[str, Any] = message["content"]
            return content
