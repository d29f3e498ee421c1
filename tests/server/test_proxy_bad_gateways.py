"""What the proxy makes of gateways that are slow, redirect, refuse or are something else."""

from http.server import BaseHTTPRequestHandler

import pytest
from fakegateway import OPERATIONS, TOKEN, answering, ask, client_of, refused, running, send

from jupyter_sm.server import proxy
from jupyter_sm.server.proxy import Answer, Proxy, shown_url


def test_an_answer_comes_as_it_is_with_the_token_sent() -> None:
    with running(
        answering(200, b'{"api": 7}', Etag='"x"', Set_Cookie="a=b", X_Other="1")
    ) as gateway:
        answer = ask(gateway, "/api/sm/logs", tail="3")

    assert answer == Answer(200, b'{"api": 7}', {"Etag": '"x"'})
    assert gateway.asked == [("GET", "/api/sm/logs?tail=3")]
    assert gateway.headers[0]["Authorization"] == f"token {TOKEN}"


def test_the_scheme_and_further_headers_of_jupyters_client_are_sent() -> None:
    with running(answering(200, b"{}")) as gateway:
        client = client_of(gateway.url, auth_scheme="Bearer", headers='{"X-Team": "ours"}')
        ask(Proxy(client))

    assert gateway.headers[0]["Authorization"] == f"Bearer {TOKEN}"
    assert gateway.headers[0]["X-Team"] == "ours"


def test_a_condition_is_passed_on_and_so_is_what_has_not_changed() -> None:
    with running(answering(304, Etag='"x"')) as gateway:
        answer = ask(gateway, "/api/sm/kernels", etag='"x"')

    assert answer == Answer(304, b"", {"Etag": '"x"'})
    assert gateway.headers[0]["If-None-Match"] == '"x"'


@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_an_error_of_its_own_comes_as_it_is(status: int) -> None:
    with running(answering(status, b' {"code": "x"}', Retry_After=3)) as gateway:
        assert ask(gateway) == Answer(status, b' {"code": "x"}', {"Retry-After": "3"})


def test_to_ask_anew_is_a_post() -> None:
    with running(answering(200, b"{}")) as gateway:
        ask(gateway, "/api/sm/cuda/refresh")

    assert gateway.asked == [("POST", "/api/sm/cuda/refresh")]


def test_no_redirect_is_followed() -> None:
    with running(answering(200, b"{}")) as other:
        away = answering(302, Location=f"{other.url}/login")
        with running(away) as gateway:
            refusal = refused(gateway)

    assert (refusal.status_code, refusal.code) == (502, "gateway-refuses")
    assert other.asked == []
    assert other.url not in refusal.message


@pytest.mark.parametrize("status", [401, 403])
def test_a_gateway_that_refuses(status: int) -> None:
    with running(answering(status, b'{"token": "whatever"}')) as gateway:
        refusal = refused(gateway)

    assert (refusal.status_code, refusal.code) == (502, "gateway-refuses")
    assert "JUPYTER_GATEWAY_AUTH_TOKEN" in refusal.hint


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"<html>hello</html>", {"Content-Type": "text/html"}),
        (b"<script>", {"Content-Type": "application/json"}),
        (b"[]", {"Content-Type": "application/json"}),
        (b'{"a": 1}', {"Content-Type": "text/html"}),
        (b'{"a": 1}', {"Content-Encoding": "gzip"}),
    ],
)
def test_what_is_no_json_object_is_not_passed_on(body: bytes, headers: dict[str, str]) -> None:
    given = {name.replace("-", "_"): value for name, value in headers.items()}
    with running(answering(200, body, **given)) as gateway:
        refusal = refused(gateway)

    assert (refusal.status_code, refusal.code) == (502, "gateway-without-jupyter-sm")


def test_a_web_server_in_front_of_a_gateway_that_is_away() -> None:
    page = answering(502, b"<html>Bad Gateway</html>", Content_Type="text/html")
    with running(page) as gateway:
        refusal = refused(gateway)

    assert (refusal.status_code, refusal.code) == (502, "gateway-away")


def test_a_gateway_without_jupyter_sm() -> None:
    with running(answering(404, b'{"reason": "Not Found", "message": ""}')) as gateway:
        refusal = refused(gateway, "/api/sm/kernels")

    assert (refusal.status_code, refusal.code) == (502, "gateway-without-jupyter-sm")
    assert "pip install" in refusal.hint


def test_an_older_jupyter_sm_answers_what_it_has() -> None:
    def old(handler: BaseHTTPRequestHandler) -> None:
        known = {"/api/sm": b'{"version": "0.0"}', "/api/sm/health": b'{"status": "ready"}'}
        body = known.get(handler.path)
        send(handler, 404 if body is None else 200, body or b"{}")

    with running(old) as gateway:
        assert ask(gateway).body == b'{"version": "0.0"}'
        refusal = refused(gateway, "/api/sm/health/report")

    assert (refusal.status_code, refusal.code) == (502, "gateway-jupyter-sm-older")
    assert "/api/sm/health/report" in refusal.message


def test_a_body_without_end_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy, "BODY_BYTES_MOST", 1000)
    with running(answering(200, b"{" + b" " * 2000)) as gateway:
        assert refused(gateway).code == "gateway-too-much"

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.protocol_version = "HTTP/1.1"
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for _ in range(1000):
            handler.wfile.write(b"64\r\n" + b"{" * 100 + b"\r\n")

    with running(endless) as gateway:
        assert refused(gateway).code == "gateway-away"


def test_a_port_that_nobody_listens_on() -> None:
    with running(answering(200)) as gateway:
        url = gateway.url

    refusal = refused(Proxy(client_of(url)))
    assert (refusal.status_code, refusal.code) == (502, "gateway-away")


@pytest.mark.parametrize("url", ["http://no-such-host.invalid:1", "http://127.0.0.1:99999"])
def test_an_address_that_is_none(url: str) -> None:
    assert refused(Proxy(client_of(url))).code == "gateway-away"


def test_headers_of_jupyters_client_that_are_no_json() -> None:
    refusal = refused(Proxy(client_of("http://127.0.0.1:1", headers="{")))

    assert refusal.code == "gateway-away"
    assert refusal.message


def test_a_gateway_that_is_slow_has_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy, "DEADLINE_SECONDS", 0.2)

    def slow(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"{")
        gateway.over.wait(20)

    with running(slow) as gateway:
        refusal = refused(gateway)

    assert (refusal.status_code, refusal.code) == (504, "gateway-slow")


def test_the_first_answer_about_cuda_has_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy, "DEADLINE_SECONDS", 0.2)

    def as_slow_as_a_driver(handler: BaseHTTPRequestHandler) -> None:
        gateway.over.wait(0.6)
        send(handler, 200, b"{}")

    with running(as_slow_as_a_driver) as gateway:
        one = Proxy(client_of(gateway.url))
        assert ask(one, "/api/sm/cuda").status == 200
        assert ask(one, "/api/sm/cuda/refresh").status == 200
        assert refused(one, "/api/sm/cuda").code == "gateway-slow"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://host:8888", "http://host:8888"),
        ("https://ann:pass@host/gw/?token=x#y", "https://host/gw/"),
        ("http://[::1]:8/\r\nx", "http://[::1]:8/x"),
        ("http://höst/", "http://h%C3%B6st/"),
    ],
)
def test_a_gateway_is_named_without_credentials(url: str, shown: str) -> None:
    assert shown_url(url) == shown


def test_the_routes_that_are_passed_on_are_these() -> None:
    proxied = {operation.path for operation in OPERATIONS.values() if operation.proxied}

    assert proxied == {
        "/api/sm",
        "/api/sm/cuda",
        "/api/sm/cuda/refresh",
        "/api/sm/health/report",
        "/api/sm/kernels",
        "/api/sm/logs",
        "/api/sm/metadata",
    }
