"""What the proxy makes of answers that are cut short, broken, or no HTTP."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest
from fakegateway import answering, ask, client_of, refused, running, send

from jupyter_sm.server import proxy
from jupyter_sm.server.proxy import Proxy, shown_url

TORNADO_WAITS = pytest.mark.newest_only
"""Older tornados wait in vain for the rest of such an answer, so the gateway counts as slow."""


def raw(text: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    """Answers with these bytes."""

    def serve(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(text)
        handler.close_connection = True

    return serve


@pytest.mark.parametrize(
    "text",
    [
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 70_000 + b"\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 70_000,
        pytest.param(b"no status line\r\n\r\n{}", marks=TORNADO_WAITS),
        pytest.param(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n{}", marks=TORNADO_WAITS),
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        pytest.param(b"\xff\xfe\r\n\r\n", marks=TORNADO_WAITS),
        b"",
    ],
    ids=["headers", "header", "status", "colon", "length", "cut", "chunk", "bytes", "nothing"],
)
def test_an_answer_that_is_no_http_is_a_gateway_that_is_away(text: bytes) -> None:
    with running(raw(text)) as gateway:
        refusal = refused(gateway)

    assert (refusal.status_code, refusal.code) == (502, "gateway-away")


@pytest.mark.parametrize(
    "cookie",
    [
        "a=b; expires=whenever",
        "a=b; expires=Thu, 01 Jan 2037 00:00:00 -0000",
        "a=b; Max-Age=long",
        "a[]=b; expires",
        "=",
    ],
)
def test_a_cookie_that_cannot_be_understood_is_left_out(cookie: str) -> None:
    with running(answering(200, b"{}", Set_Cookie=cookie)) as gateway:
        one = Proxy(client_of(gateway.url, accept_cookies=True))
        assert [ask(one).status, ask(one).status] == [200, 200]

    assert "Cookie" not in gateway.headers[1]


def test_a_good_cookie_beside_a_bad_one_is_kept() -> None:
    def serve(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Set-Cookie", "bad=1; expires=whenever")
        handler.send_header("Set-Cookie", "good=2; Max-Age=9999")
        handler.send_header("Content-Type", "application/json")
        handler.end_headers()
        handler.wfile.write(b"{}")

    with running(serve) as gateway:
        one = Proxy(client_of(gateway.url, accept_cookies=True))
        ask(one)
        ask(one)

    assert gateway.headers[1]["Cookie"] == "good=2"


CUT = b'{"logs": {"events": [' + b'{"message": "x"},' * 40_000


@pytest.mark.parametrize(
    "body",
    [b"{", b'{"a": 1', b'{"a": 1}}', b'{"a": [1,}', b'{"a" 1}', b"{a: 1}", CUT, b"{" * 300_000],
    ids=["open", "cut", "more", "array", "colon", "name", "long", "deep"],
)
@pytest.mark.parametrize("status", [200, 500])
def test_a_body_that_is_cut_or_broken_is_not_passed_on(body: bytes, status: int) -> None:
    with running(answering(status, body)) as gateway:
        refusal = refused(gateway)

    assert (refusal.status_code, refusal.code) == (502, "gateway-away")
    assert "broke off" in refusal.message


def test_nesting_without_end_is_not_passed_on() -> None:
    with running(answering(200, b'{"a": ' + b"[" * 300_000)) as gateway:
        assert refused(gateway).code == "gateway-away"


def test_a_long_body_that_is_whole_is_passed_on_as_it_is() -> None:
    body = CUT[:-1] + b"]}} "
    assert len(body) > proxy.CHECKED_IN_LOOP_MOST
    with running(answering(200, body)) as gateway:
        assert ask(gateway).body == body


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://ann:p/w@host:1", "http://host:1"),
        ("http://ann:p#w@host:1/gw", "http://host:1/gw"),
        ("http://ann:p?w@host:1/gw?token=x", "http://host:1/gw"),
        ("https://ann:p@w@host", "https://host"),
        ("https://ann@x.org:p://w@host", "https://host"),
        ("HTTP://ann:p@[::1]:8/", "HTTP://[::1]:8/"),
        ("ann:pw@host:1", "host:1"),
        ("http://[::1", "http://[::1"),
        ("http://h/\udcff", "http://h/%5Cudcff"),
    ],
)
def test_no_part_of_a_password_is_shown(url: str, shown: str) -> None:
    assert shown_url(url) == shown


@pytest.mark.parametrize("mark", "/?#")
def test_why_an_address_cannot_be_used_has_no_part_of_the_password(mark: str) -> None:
    refusal = refused(Proxy(client_of(f"http://ann:secret{mark}word@127.0.0.1:1")))

    assert refusal.code == "gateway-away"
    assert "secret" not in refusal.message
    assert "percent-encoded" in refusal.message


def test_an_answer_of_a_host_that_is_whole_has_its_status() -> None:
    with running(lambda handler: send(handler, 503, b'{"code": "kernels-not-known"}')) as gateway:
        assert ask(gateway).status == 503
