"""Talks to one running kernel through its host's websocket, as a notebook does."""

import contextlib
import json
import time
import uuid
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import websocket

Message = dict[str, Any]
"""A message of the Jupyter protocol as JSON values, with its ``channel``."""


@dataclass(frozen=True)
class Execution:
    """What one cell did.

    Attributes:
        reply: content of the ``execute_reply``.
        messages: everything the kernel published meanwhile, in order.
    """

    reply: dict[str, Any]
    messages: list[Message] = field(default_factory=list)

    def _contents(self, *types: str) -> list[dict[str, Any]]:
        return [m["content"] for m in self.messages if m["msg_type"] in types]

    @property
    def text(self) -> str:
        """What the cell printed, on either stream."""
        return "".join(content["text"] for content in self._contents("stream"))

    @property
    def result(self) -> str | None:
        """The plain text of the cell's last expression."""
        for content in self._contents("execute_result"):
            return str(content["data"]["text/plain"])
        return None


class KernelClient:
    """A websocket to a kernel's channels.

    Args:
        url: address of the channels, ``ws://…/api/kernels/<id>/channels``.
        token: the host's token, or empty.
        timeout: seconds to wait for the connection.
    """

    def __init__(self, url: str, kernel_id: str, *, token: str = "", timeout: float = 30) -> None:
        self.kernel_id = kernel_id
        self.session = uuid.uuid4().hex
        header = [f"Authorization: token {token}"] if token else []
        self._socket = websocket.create_connection(
            f"{url}?session_id={self.session}", header=header, timeout=timeout
        )

    def __enter__(self) -> "KernelClient":  # noqa: PYI034  # typing.Self came with Python 3.11
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def send(self, msg_type: str, content: dict[str, Any], *, channel: str = "shell") -> str:
        """Send a request; returns its message id."""
        msg_id = uuid.uuid4().hex
        header = {
            "msg_id": msg_id,
            "msg_type": msg_type,
            "username": "test",
            "session": self.session,
            "version": "5.3",
        }
        message = {"channel": channel, "header": header, "content": content}
        self._socket.send(json.dumps({**message, "parent_header": {}, "metadata": {}}))
        return msg_id

    def receive(self, *, timeout: float) -> Message:
        """The next message of any kind; TimeoutError when none comes in ``timeout`` seconds."""
        self._socket.settimeout(max(timeout, 0.001))
        try:
            message: Message = json.loads(self._socket.recv())
        except websocket.WebSocketTimeoutException as error:
            raise TimeoutError(
                f"kernel {self.kernel_id} said nothing for {timeout:.1f} s"
            ) from error
        return message

    def wait_until_heard(self, *, timeout: float = 60) -> None:
        """Ask until what the kernel publishes arrives, as notebooks do: after a restart the host
        connects anew, and what is published before that reaches nobody.
        """
        asked: set[str] = set()
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            asked.add(self.send("kernel_info_request", {}))
            until = time.monotonic() + 0.5
            with contextlib.suppress(TimeoutError):
                while True:
                    message = self.receive(timeout=until - time.monotonic())
                    is_ours = message["parent_header"].get("msg_id") in asked
                    if is_ours and message["channel"] == "iopub" and _is_idle([message]):
                        return
        raise TimeoutError(f"kernel {self.kernel_id} is not heard")

    def execute(self, code: str, *, timeout: float = 60) -> Execution:
        """Run a cell to its end: until the kernel has replied and is idle again."""
        deadline = time.monotonic() + timeout
        asked = self.send("execute_request", {"code": code, "silent": False, "store_history": True})
        reply: dict[str, Any] | None = None
        published: list[Message] = []
        while reply is None or not _is_idle(published):
            message = self.receive(timeout=deadline - time.monotonic())
            if message["parent_header"].get("msg_id") != asked:
                continue
            if message["channel"] == "iopub":
                published.append(message)
            elif message["msg_type"] == "execute_reply":
                reply = message["content"]
        return Execution(reply, published)


def _is_idle(published: list[Message]) -> bool:
    return any(
        message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"
        for message in published
    )
