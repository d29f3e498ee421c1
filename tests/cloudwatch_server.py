"""The strict CloudWatch Logs of the tests as an HTTP server, with faults that come when called.

    python cloudwatch_server.py [--port N]

prints one line of JSON with ``endpoint`` and ``control``, and ends with its standard input. Tests
use ``fake_cloudwatch.py`` and not this file. Two ports: the service's, which may refuse and hang,
and one on which it is told to, which always answers.
"""

import argparse
import asyncio
import contextlib
import json
import socket
import struct
import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from cloudwatch_service import Service, ServiceError

TARGET = "Logs_20140328."
POLL = 0.02
"""Seconds between two looks at whether a hang has ended or its client has gone."""


@dataclass
class Fault:
    """What happens to the next ``times`` calls of ``operation`` (None: of any) instead.

    Attributes:
        action: ``error`` answers ``code``; ``raw`` answers ``body`` as it is; ``reset`` resets the
            connection; ``late`` does as asked, and answers after ``seconds``.
        does: whether the service does as asked before a ``reset``.
    """

    action: str
    operation: str | None = None
    times: int | None = 1
    code: str = ""
    message: str = ""
    status: int = 400
    body: str = ""
    content_type: str = "text/html"
    seconds: float = 0.0
    does: bool = False


@dataclass
class Request:
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    status: int
    body: bytes
    content_type: str = "application/x-amz-json-1.1"
    is_service: bool = True


Answering = Callable[[Request, asyncio.StreamReader], Awaitable[Reply | None]]
"""None: the connection is reset."""


class FakeServer:
    """Service, faults and sockets; everything runs on one event loop."""

    def __init__(self) -> None:
        self.service = Service()
        self.calls: list[dict[str, Any]] = []
        self._faults: list[Fault] = []
        self._delay = 0.0
        self._hang_until = 0.0
        self._hang_accepts = False
        self._listener: asyncio.Server | None = None
        self._reopening: asyncio.Task[None] | None = None
        self._port = 0
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def serve(
        self, port: int, ready: Callable[[str, str], None], until: Awaitable[object]
    ) -> None:
        """Serve until ``until`` has ended; ``ready`` is called with the endpoint and the control."""
        control = await asyncio.start_server(self._control_connection, "127.0.0.1", 0)
        self._port = port
        await self._listen()
        ready(
            f"http://127.0.0.1:{self._port}",
            f"http://127.0.0.1:{control.sockets[0].getsockname()[1]}",
        )
        await until
        control.close()
        self._close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(
            self._service_connection, "127.0.0.1", self._port, limit=1 << 20
        )
        self._port = self._listener.sockets[0].getsockname()[1]

    def _close(self) -> None:
        if self._reopening is not None:
            self._reopening.cancel()
            self._reopening = None
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def _reopen(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._reopening = None
        await self._listen()

    async def _service_connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await self._connection(reader, writer, self._serve_call)

    async def _control_connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await self._connection(reader, writer, self._serve_control)

    async def _connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answering: Answering
    ) -> None:
        task: asyncio.Task[None] | None = asyncio.current_task()
        if task is None:
            raise RuntimeError("a connection is served by a task")
        is_service = answering == self._serve_call
        self._connections[task] = writer
        if is_service and self._listener is None:
            _reset(writer)
        try:
            while (request := await _read(reader)) is not None:
                reply = await answering(request, reader)
                if reply is None:
                    _reset(writer)
                    return
                writer.write(_head(reply) + reply.body)
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client has gone, or the server goes: a task of a server is awaited by nobody
        finally:
            del self._connections[task]
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _serve_control(self, request: Request, _: asyncio.StreamReader) -> Reply:
        order = json.loads(request.body)
        answer = await getattr(self, f"do_{order.pop('do')}")(**order)
        return Reply(200, json.dumps(answer).encode(), "application/json")

    async def do_fault(self, **fault: Any) -> None:
        self._faults.append(Fault(**fault))

    async def do_delay(self, seconds: float) -> None:
        self._delay = seconds

    async def do_hang(self, seconds: float, *, accepts: bool) -> None:
        self._hang_until, self._hang_accepts = time.monotonic() + seconds, accepts

    async def do_refuse(self, seconds: float) -> None:
        self._close()
        for task, writer in self._connections.items():
            if task is not asyncio.current_task():
                _reset(writer)
        self._reopening = asyncio.create_task(self._reopen(seconds))

    async def do_recover(self) -> None:
        self._faults.clear()
        self._delay = self._hang_until = 0.0
        if self._reopening is not None:
            self._reopening.cancel()
            await self._reopen(0)

    async def do_forget(self) -> None:
        await self.do_recover()
        self.service = Service()
        self.calls = []

    async def do_clock(self, offset_ms: int) -> None:
        self.service.clock_offset_ms = offset_ms

    async def do_retention(self, group: str, days: int | None) -> None:
        self.service.groups[group].retention_days = days

    async def do_batches(self, group: str, stream: str) -> list[list[tuple[int, str]]]:
        found = self.service.groups.get(group)
        log_stream = found.streams.get(stream) if found else None
        return log_stream.batches if log_stream else []

    async def do_streams(self, group: str) -> list[str] | None:
        found = self.service.groups.get(group)
        return None if found is None else sorted(found.streams)

    async def do_calls(self) -> list[dict[str, Any]]:
        return self.calls

    async def _serve_call(self, request: Request, reader: asyncio.StreamReader) -> Reply | None:
        operation = request.headers.get("x-amz-target", "").removeprefix(TARGET)
        call: dict[str, Any] = {
            "operation": operation,
            "sent": 0,
            "code": "unanswered",
            "access_key": _access_key(request),
        }
        self.calls.append(call)
        await asyncio.sleep(self._delay)
        fault = self._take(operation)
        if fault is not None and fault.action in ("error", "raw"):
            call["code"] = fault.code or str(fault.status)
            return _faulty(fault)
        does = fault is None or fault.action == "late" or fault.does
        hung = time.monotonic() < self._hang_until
        if hung and not self._hang_accepts and not await self._hang(reader):
            call["code"] = "hung"
            return None
        reply = self._do(operation, request, call) if does else None
        if hung and self._hang_accepts:
            await self._hang(reader)
        if fault is not None and fault.action == "late":
            await asyncio.sleep(fault.seconds)
        if fault is not None and fault.action == "reset":
            call["code"] = "reset"
            return None
        return reply

    async def _hang(self, reader: asyncio.StreamReader) -> bool:
        """Whether the client was still there when the hang ended."""
        while time.monotonic() < self._hang_until and not reader.at_eof():  # noqa: ASYNC110 - a stream has no event for its end
            await asyncio.sleep(POLL)
        return not reader.at_eof()

    def _take(self, operation: str) -> Fault | None:
        for fault in self._faults:
            if fault.operation in (None, operation):
                if fault.times is not None:
                    fault.times -= 1
                if fault.times == 0:
                    self._faults.remove(fault)
                return fault
        return None

    def _do(self, operation: str, request: Request, call: dict[str, Any]) -> Reply:
        try:
            body = _decode(request)
            events = body.get("logEvents")
            call["sent"] = len(events) if isinstance(events, list) else 0
            answer = self.service.answer(operation, body)
        except ServiceError as error:
            call["code"] = error.code
            return _error(error)
        call["code"] = ""
        return Reply(200, json.dumps(answer).encode())


def _access_key(request: Request) -> str:
    _, _, credential = request.headers.get("authorization", "").partition("Credential=")
    return credential.partition("/")[0]


def _decode(request: Request) -> dict[str, Any]:
    if not request.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 "):
        raise ServiceError("MissingAuthenticationTokenException", "Missing Authentication Token")
    try:
        decoded = json.loads(request.body)
    except ValueError:
        raise ServiceError("SerializationException", "not JSON") from None
    if not isinstance(decoded, dict):
        raise ServiceError("SerializationException", "Start of structure expected")
    return decoded


def _faulty(fault: Fault) -> Reply:
    if fault.action == "raw":
        return Reply(fault.status, fault.body.encode(), fault.content_type, is_service=False)
    return _error(ServiceError(fault.code, fault.message, fault.status))


def _error(error: ServiceError) -> Reply:
    body = {"__type": error.code, "message": error.message}
    return Reply(error.status, json.dumps(body).encode())


async def _read(reader: asyncio.StreamReader) -> Request | None:
    """The next request; None where the client has ended the connection."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = [line.partition(":") for line in head.split("\r\n")[1:] if line]
        headers = {name.strip().lower(): value.strip() for name, _, value in lines}
        return Request(headers, await reader.readexactly(int(headers.get("content-length", "0"))))
    except asyncio.IncompleteReadError:
        return None


def _head(reply: Reply) -> bytes:
    named = f"x-amzn-RequestId: {uuid.uuid4()}\r\n" if reply.is_service else ""
    return (
        f"HTTP/1.1 {reply.status} Said\r\nContent-Type: {reply.content_type}\r\n{named}"
        f"Content-Length: {len(reply.body)}\r\n\r\n"
    ).encode()


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):  # it has been closed meanwhile
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _main(port: int) -> None:
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()
    loop.add_reader(sys.stdin, gone.set)  # nothing is ever written to it: it is readable at its end

    def ready(endpoint: str, control: str) -> None:
        print(json.dumps({"endpoint": endpoint, "control": control}), flush=True)  # noqa: T201 - the parent reads it

    await FakeServer().serve(port, ready, gone.wait())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(_main(parser.parse_args().port))
