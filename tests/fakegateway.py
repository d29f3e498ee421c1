"""Gateways that answer as a test wants it, and the proxy that asks them."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from jupyter_server.gateway.gateway_client import GatewayClient

from jupyter_sm.server.handlers import ROUTES
from jupyter_sm.server.proxy import Answer, Proxy
from jupyter_sm.server.refusals import RefusalError

TOKEN = "a-gateway-token"
OPERATIONS = {operation.path: operation for operation, _ in ROUTES}

Serve = Callable[[BaseHTTPRequestHandler], None]


class Gateway(ThreadingHTTPServer):
    """Answers as ``serve`` says, and remembers what it was asked."""

    def __init__(self, serve: Serve) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.serve = serve
        self.asked: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    server: Gateway

    def do_GET(self) -> None:
        self.server.asked.append((self.command, self.path))
        self.server.headers.append(dict(self.headers))
        self.server.serve(self)

    do_POST = do_GET  # noqa: N815  # as the base names it

    def log_message(self, *args: Any) -> None:
        """Not to stderr."""


@contextmanager
def running(serve: Serve) -> Iterator[Gateway]:
    gateway = Gateway(serve)
    thread = threading.Thread(target=gateway.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield gateway
    finally:
        gateway.over.set()
        gateway.shutdown()
        thread.join()
        gateway.server_close()


def send(
    handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str | int
) -> None:
    handler.send_response(status)
    given = {"Content-Type": "application/json", "Content-Length": len(body), **headers}
    for name, value in given.items():
        handler.send_header(name.replace("_", "-"), str(value))
    handler.end_headers()
    handler.wfile.write(body)


def answering(status: int, body: bytes = b"", **headers: str | int) -> Serve:
    return lambda handler: send(handler, status, body, **headers)


def client_of(url: str, **traits: Any) -> GatewayClient:
    return GatewayClient(url=url, auth_token=TOKEN, **traits)  # type: ignore[no-untyped-call]  # theirs


def ask(
    gateway: Gateway | Proxy, path: str = "/api/sm", etag: str | None = None, **query: str
) -> Answer:
    asked = gateway if isinstance(gateway, Proxy) else Proxy(client_of(gateway.url))
    return asyncio.run(asked.ask(OPERATIONS[path], query, etag))


def refused(gateway: Gateway | Proxy, path: str = "/api/sm") -> RefusalError:
    with pytest.raises(RefusalError) as raised:
        ask(gateway, path)
    assert TOKEN not in raised.value.message + raised.value.hint
    return raised.value
