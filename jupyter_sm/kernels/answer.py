"""Whether a kernel has answered anybody yet."""

import contextlib
from typing import Any

import msgspec
import zmq

_RETRY_MS = 10
"""Between two tries to connect: sooner than any client, which try every 100 ms or more."""

_DELIMITER = b"<IDS|MSG>"

_AT_ONCE = 20
"""Messages that are looked at in one go, and kept for the next: a kernel may publish faster than anybody
can read."""

_IN_ALL = 2000
"""Messages of a process that has ended which are looked at."""

_LARGEST, _LARGEST_STATUS = 1 << 20, 1 << 12
"""Bytes of a message that are taken at all, and of one that may be a status."""


class Answer:
    """Listens to what a kernel publishes until it has answered one request.

    A kernel publishes ``busy`` and ``idle`` around each request that it answers (Jupyter messaging
    protocol, "Kernel status"); what it publishes while it starts does not count. Nothing is sent, so
    a start is not made slower.

    Args:
        manager: the ``KernelManager``, once its ports are known.
    """

    def __init__(self, manager: Any) -> None:
        # Not the manager's context: its sockets may belong to one event loop, and a manager that is
        # dropped with this one open would wait for it for ever.
        context: Any = zmq.Context.instance()
        self._socket = context.socket(zmq.SUB)
        self._socket.linger = 0
        self._socket.reconnect_ivl = _RETRY_MS
        self._socket.rcvhwm = _AT_ONCE
        self._socket.maxmsgsize = _LARGEST
        self._monitor = self._socket.get_monitor_socket(zmq.Event.HANDSHAKE_SUCCEEDED)
        self._was_reached = False
        self._socket.subscribe(b"")
        key = getattr(manager, "curve_publickey", None)  # since jupyter_client 8.10
        if key is not None:
            self._socket.curve_secretkey = manager.curve_secretkey
            self._socket.curve_publickey = self._socket.curve_serverkey = key
        separator = "-" if manager.transport == "ipc" else ":"
        self._socket.connect(f"{manager.transport}://{manager.ip}{separator}{manager.iopub_port}")

    def heard(self, patience: float = 0.0) -> bool:
        """Whether it has answered, as far as a short look can tell.

        Args:
            patience: of a process that has ended: seconds for what is still on its way.
        """
        for _ in range(_IN_ALL if patience else _AT_ONCE):
            if not self._socket.poll(patience * 1000):
                break
            if _is_answer(self._socket.recv_multipart()):
                return True
        return False

    @property
    def reached(self) -> bool:
        """Whether the kernel has opened its ports: requests of clients may have reached it."""
        if not self._was_reached and self._monitor.poll(0):
            self._was_reached = True
        return self._was_reached

    def close(self) -> None:
        if not self._socket.closed:
            self._socket.disable_monitor()
            self._monitor.close()
            self._socket.close()


def _is_answer(frames: list[bytes]) -> bool:
    """Read without the session: checking a signature would mark the message as seen for others."""
    with contextlib.suppress(ValueError, IndexError):
        start = frames.index(_DELIMITER)
        header, content = frames[start + 2], frames[start + 5]
        if len(header) + len(content) < _LARGEST_STATUS:
            return _member(header, "msg_type") == "status" and _member(
                content, "execution_state"
            ) in ("busy", "idle")
    return False


def _member(frame: bytes, name: str) -> object:
    value = msgspec.json.decode(frame)
    return value.get(name) if isinstance(value, dict) else None
