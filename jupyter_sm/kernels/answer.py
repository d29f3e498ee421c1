"""Whether a kernel has answered anybody yet."""

import contextlib
import json
from typing import Any

import zmq

_RETRY_MS = 10
"""Between two tries to connect: sooner than any client, which try every 100 ms or more."""

_DELIMITER = b"<IDS|MSG>"


class Answer:
    """Listens to what a kernel publishes until it has answered one request.

    A kernel publishes ``busy`` and ``idle`` around each request that it answers (Jupyter messaging
    protocol, "Kernel status"); what it publishes while it starts does not count. Nothing is sent, so
    a start is not made slower.

    Args:
        manager: the ``KernelManager``, once its ports are known.
    """

    def __init__(self, manager: Any) -> None:
        # Not the manager's own way: it may give a socket that belongs to one event loop.
        self._socket = manager.context.socket(zmq.SUB, socket_class=zmq.Socket)
        self._socket.linger = 0
        self._socket.reconnect_ivl = _RETRY_MS
        self._socket.rcvhwm = 100  # the first ones are enough
        self._socket.subscribe(b"")
        key = getattr(manager, "curve_publickey", None)  # since jupyter_client 8.10
        if key is not None:
            self._socket.curve_secretkey = manager.curve_secretkey
            self._socket.curve_publickey = self._socket.curve_serverkey = key
        separator = "-" if manager.transport == "ipc" else ":"
        self._socket.connect(f"{manager.transport}://{manager.ip}{separator}{manager.iopub_port}")

    def heard(self, patience: float = 0.0) -> bool:
        """Whether it has answered; waits ``patience`` seconds for what is still on its way."""
        while self._socket.poll(patience * 1000):
            if _is_answer(self._socket.recv_multipart()):
                return True
        return False

    def close(self) -> None:
        self._socket.close()


def _is_answer(frames: list[bytes]) -> bool:
    """Read without the session: checking a signature would mark the message as seen for others."""
    with contextlib.suppress(ValueError, IndexError, AttributeError):
        start = frames.index(_DELIMITER)
        header, content = json.loads(frames[start + 2]), json.loads(frames[start + 5])
        if header.get("msg_type") == "status":
            return content.get("execution_state") in {"busy", "idle"}
    return False
