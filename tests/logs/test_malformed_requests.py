"""What tornado says of requests and answers that it refuses; it repeats headers without names."""

import asyncio
import logging
from collections.abc import Iterator

import pytest
from log_state import Kept, fresh_logging
from tornado import web
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port

from jupyter_sm.logs.secrets.shield import Shield

pytestmark = pytest.mark.newest_only  # older tornados take such headers, and repeat none
SECRET = "Hush-4711"  # hidden for where it stands: the shield does not know it


@pytest.fixture
def kept() -> Iterator[Kept]:
    with fresh_logging():
        handler = Kept()
        logging.getLogger().addHandler(handler)
        yield handler


@pytest.fixture
def shielded(kept: Kept) -> Iterator[Kept]:
    shield = Shield(environ={})
    shield.install()
    yield kept
    shield.uninstall()


class SetHeader(web.RequestHandler):
    def get(self) -> None:
        self.set_header("X-Own", f"{SECRET}\n")


class SetCookie(web.RequestHandler):
    def get(self) -> None:
        self.set_cookie("user", f"{SECRET}\x01")


def answered(request: bytes) -> bytes:
    """The status line with which a tornado server answers exactly these bytes."""

    async def ask() -> bytes:
        server = HTTPServer(web.Application([("/header", SetHeader), ("/cookie", SetCookie)]))
        listener, port = bind_unused_port()
        server.add_sockets([listener])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(request)
            return await reader.readline()
        finally:
            writer.close()
            await writer.wait_closed()
            server.stop()
            await server.close_all_connections()

    return asyncio.run(ask())


def asking(path: str, *lines: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode("latin-1")


MALFORMED = [
    (f"Cookie: a={SECRET}\x01", "Invalid header value '[secret]'"),
    (f"Cookie: a='{SECRET}\x01", 'Invalid header value "[secret]"'),
    (f"Cookie: a='{SECRET}\"\\\x7f\xe9; b={SECRET}", "Invalid header value '[secret]'"),
    (f"Authorization: token {SECRET}\x00", "Invalid header value '[secret]'"),
    (f"X-Own: {SECRET}\x01", "Invalid header value '[secret]'"),
    (f"a={SECRET}; b:c", "Invalid header name '[secret]'"),
    (f"Cookie a={SECRET}; b='\":c", "Invalid header name '[secret]'"),
    (f"Cookie a={SECRET}", "no colon in header line"),
    (f" a={SECRET}", "header line cannot start with whitespace, folding not supported"),
]


@pytest.mark.parametrize(("line", "reason"), MALFORMED)
def test_a_refused_header_is_not_repeated(shielded: Kept, line: str, reason: str) -> None:
    assert answered(asking("/", "Host: a", line)).startswith(b"HTTP/1.1 400 ")
    assert shielded.last.getMessage() == f"Malformed HTTP message from 127.0.0.1: {reason}"
    assert SECRET not in shielded.text


def test_a_refused_host_shows_no_password(shielded: Kept) -> None:
    assert answered(asking("/", f"Host: me:{SECRET}@a b")).startswith(b"HTTP/1.1 400 ")
    said = shielded.last.getMessage()
    assert said.endswith("Invalid Host header: '[secret]@a b'")
    assert SECRET not in shielded.text


@pytest.mark.parametrize(
    "first",
    [f"GET /?token={SECRET} a HTTP/1.1", f"GET /?token={SECRET} HTTP/2.0", f"token {SECRET}"],
)
def test_a_refused_request_line_is_not_repeated(shielded: Kept, first: str) -> None:
    request = f"{first}\r\nHost: a\r\nCookie: a={SECRET}\r\n\r\n".encode()
    assert answered(request).startswith(b"HTTP/1.1 400 ")
    assert "Malformed HTTP message from 127.0.0.1: " in shielded.last.getMessage()
    assert SECRET not in shielded.text


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/header", "Unsafe header value '[secret]'"),
        ("/cookie", "Invalid cookie 'user': '[secret]'"),
    ],
)
def test_a_header_that_an_answer_cannot_have_is_not_repeated(
    shielded: Kept, path: str, said: str
) -> None:
    assert answered(asking(path, "Host: a")).startswith(b"HTTP/1.1 500 ")
    assert said in shielded.text
    assert SECRET not in shielded.text


def test_without_the_shield_tornado_does_repeat_it(kept: Kept) -> None:
    for line, reason in MALFORMED:
        answered(asking("/", "Host: a", line))
        assert (SECRET in kept.last.getMessage()) == ("[secret]" in reason)
