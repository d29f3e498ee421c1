"""An HTTP client that costs next to nothing, so that what is measured is the server."""

import socket
import time
from types import TracebackType
from urllib.parse import urlsplit

END_OF_HEADERS = b"\r\n\r\n"
LENGTH = b"\r\ncontent-length:"
ROOM = 1 << 20
"""Bytes of the largest answer, headers included."""


class KeepAlive:
    """One connection to a server that stays open.

    Args:
        url: scheme, host and port.
        token: sent with each request.
    """

    def __init__(self, url: str, token: str) -> None:
        host, _, port = urlsplit(url).netloc.partition(":")
        self._headers = f"Host: {host}:{port}\r\nAuthorization: token {token}\r\n\r\n"
        self._socket = socket.create_connection((host, int(port)), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Used again and again: fresh memory costs more than all the rest of a large answer.
        self._room = bytearray(ROOM)

    def __enter__(self) -> "KeepAlive":  # noqa: PYI034  # typing.Self came with Python 3.11
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def get(self, path: str) -> bytes:
        """The body of a 200.

        Raises:
            ConnectionError: the server closed the connection, or answered something else.
        """
        begin, end = self._exchange(path)
        return bytes(self._room[begin:end])

    def latency(self, path: str) -> float:
        """Seconds until a 200 is there as a whole; raises as ``get``."""
        begun = time.perf_counter()
        self._exchange(path)
        return time.perf_counter() - begun

    def _exchange(self, path: str) -> tuple[int, int]:
        """Where the body begins and ends in the room."""
        self._socket.sendall(f"GET {path} HTTP/1.1\r\n{self._headers}".encode())
        received = self._receive(0)
        while (end := self._room.find(END_OF_HEADERS, 0, received)) < 0:
            received = self._receive(received)
        head = bytes(self._room[:end]).lower() + b"\r\n"
        if not head.startswith(b"http/1.1 200 "):
            raise ConnectionError(f"{path}: {head[:60]!r}")
        begin = end + len(END_OF_HEADERS)
        end = begin + int(head.partition(LENGTH)[2].partition(b"\r\n")[0])
        while received < end:
            received = self._receive(received)
        return begin, end

    def _receive(self, received: int) -> int:
        more = self._socket.recv_into(memoryview(self._room)[received:])
        if not more:
            raise ConnectionResetError("the server closed the connection, or there is no room")
        return received + more
