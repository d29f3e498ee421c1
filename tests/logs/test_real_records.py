"""What Jupyter and tornado really log with secrets in it, made by their own code."""

import asyncio
import gc
import logging
from collections.abc import Iterator
from functools import partial
from http.cookies import CookieError
from pathlib import Path
from typing import Any, ClassVar

import pytest
from jupyter_server.auth.identity import IdentityProvider
from jupyter_server.gateway import managers
from jupyter_server.gateway.gateway_client import GatewayClient
from jupyter_server.log import log_request
from jupyter_server.serverapp import ServerApp
from log_state import Kept, fresh_logging
from tornado import web, websocket
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders
from tornado.testing import bind_unused_port
from traitlets.config import Application, Config

from jupyter_sm.logs.secrets.shield import Shield

SECRET = "Hush-4711"  # hidden for where it stands: the shield does not know it
KNOWN = "the-server's own"


@pytest.fixture
def kept() -> Iterator[Kept]:
    with fresh_logging():
        handler = Kept()
        logging.getLogger().addHandler(handler)
        shield = Shield([KNOWN], environ={})
        shield.install()
        yield handler
        shield.uninstall()


@pytest.fixture
def gateway_client() -> Iterator[GatewayClient]:
    GatewayClient.clear_instance()
    client = GatewayClient.instance(
        url=f"http://me:{SECRET}@127.0.0.1:1", auth_token=SECRET, accept_cookies=True
    )
    yield client
    GatewayClient.clear_instance()


def messages(kept: Kept, name: str) -> list[str]:
    """What a logger said; none of it may show the secret, wherever it hides."""
    assert SECRET not in kept.text
    assert KNOWN not in kept.text
    return [record.getMessage() for record in kept.records if record.name == name]


class Fine(web.RequestHandler):
    def get(self) -> None:
        self.write("fine")


class Failing(web.RequestHandler):
    def get(self) -> None:
        raise ValueError(f"no header Authorization: token {SECRET}")


class Refusing(web.RequestHandler):
    def get(self) -> None:
        raise web.HTTPError(403, "not with %s", f"token={SECRET}")


class Socket(websocket.WebSocketHandler):
    def open(self) -> None:
        raise ValueError(f"?token={SECRET}")


def untyped(what: Any) -> Any:
    """What its library gives no types."""
    return what


def served(path: str, settings: dict[str, Any], headers: dict[str, str] | None = None) -> int:
    """Ask a tornado server once; the status of its answer."""

    async def ask() -> int:
        app = web.Application([("/fine", Fine), ("/fail", Failing), ("/no", Refusing)], **settings)
        server = HTTPServer(app)
        listener, port = bind_unused_port()
        server.add_sockets([listener])
        client = AsyncHTTPClient(force_instance=True)
        try:
            url = f"http://127.0.0.1:{port}{path}"
            return (await client.fetch(url, headers=headers, raise_error=False)).code
        finally:
            client.close()
            server.stop()
            await server.close_all_connections()

    return asyncio.run(ask())


@pytest.mark.parametrize("name", ["token", "%74oken", "_xsrf", "X-Amz-Signature"])
def test_tornados_own_request_log(kept: Kept, name: str) -> None:
    assert served(f"/fine?a=b&{name}={SECRET}", {}) == 200
    [said] = messages(kept, "tornado.access")
    assert said.startswith(f"200 GET /fine?a=b&{name}=[secret] (127.0.0.1) ")


def test_tornados_uncaught_exceptions(kept: Kept) -> None:
    assert served(f"/fail?token={SECRET}", {}) == 500
    [said] = messages(kept, "tornado.application")
    assert said.startswith("Uncaught exception GET /fail?token=[secret] (127.0.0.1)\nHTTPServerReq")
    assert "uri='/fail?token=[secret]', version='HTTP/1.1', remote_ip='127.0.0.1')" in said
    assert "ValueError: no header Authorization: [secret]" in kept.text
    assert "in get\n    raise ValueError(" in kept.text


def test_tornados_http_errors(kept: Kept) -> None:
    assert served(f"/no?token={SECRET}", {}) == 403
    [said] = messages(kept, "tornado.general")
    assert said == "403 GET /no?token=[secret] (127.0.0.1): not with token=[secret]"


def test_jupyter_servers_request_log(kept: Kept) -> None:
    log = partial(untyped(log_request), record_prometheus_metrics=False)
    referer = f"http://me:{SECRET}@127.0.0.1/lab?%74oken={SECRET}"
    assert served(f"/fail?t%6fken={SECRET}", {"log_function": log}, {"Referer": referer}) == 500
    headers, line = messages(kept, "tornado.access")
    assert '"Referer": "http://[secret]@127.0.0.1/lab?%74oken=[secret]"' in headers
    assert line.startswith("500 GET /fail?t%6fken=[secret] (@127.0.0.1) ")
    assert line.endswith("referer=http://[secret]@127.0.0.1/lab?%74oken=[secret]")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (f"{SECRET}|1|abc", "Invalid cookie signature b'[secret]'"),
        (f"{SECRET}|1|{{}}", "Expired cookie b'[secret]'"),
        (
            f"{SECRET}|99999999999|{{}}",
            "Cookie timestamp in future; possible tampering b'[secret]'",
        ),
    ],
)
def test_tornados_old_signed_cookies(kept: Kept, value: str, said: str) -> None:
    payload, when, _ = value.split("|")
    signature = web._create_signature_v1("key", "user", payload, when)
    cookie = value.format(signature.decode()) if "{}" in value else value
    assert web.decode_signed_value("key", "user", cookie, min_version=1) is None
    assert messages(kept, "tornado.general") == [said]


def test_an_asyncio_task_that_nobody_looked_at(kept: Kept) -> None:
    async def fail() -> None:
        raise ValueError(f"GET /api?token={SECRET}")

    async def main() -> None:
        task = asyncio.ensure_future(fail())
        await asyncio.sleep(0)
        del task
        gc.collect()

    asyncio.run(main())
    said = messages(kept, "asyncio")[-1]
    assert said.startswith("Task exception was never retrieved\nfuture: <Task finished name=")
    assert "ValueError: GET /api?token=[secret]" in kept.text


@pytest.mark.newest_only  # older ones say it in other words
def test_the_cookies_of_a_gateway(
    kept: Kept, gateway_client: GatewayClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = HTTPHeaders()
    headers.add("Set-Cookie", f'"{SECRET}"; Path=/')
    gateway_client.update_cookies(headers)
    assert messages(kept, "traitlets")[-1] == "No cookies found in header: [secret]"

    def refuse(_self: object, text: str) -> None:
        raise CookieError(f"Illegal key {text}")

    monkeypatch.setattr("jupyter_server.gateway.gateway_client.SimpleCookie.load", refuse)
    gateway_client.update_cookies(headers)
    assert messages(kept, "traitlets")[-1] == "Failed to parse cookie header [secret]"


def test_the_environment_that_a_gateway_is_asked_to_start_a_kernel_with(
    kept: Kept, gateway_client: GatewayClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert gateway_client.auth_token == SECRET

    class Answer:
        body = b'{"id": "12345678"}'

    async def answer(*_args: object, **_kwargs: object) -> Answer:
        return Answer()

    monkeypatch.setattr(managers, "gateway_request", answer)
    env = {
        "JUPYTER_GATEWAY_AUTH_TOKEN": SECRET,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "DATABASE_PASSWORD": f"{SECRET}' and \"{SECRET}",
        "JUPYTER_GATEWAY_HEADERS": f'{{"Authorization": "token {SECRET}"}}',
        "DATABASE_URL": f"postgresql://me:{SECRET}@db/name",
        "SOME": KNOWN,
        "PATH": "/usr/bin",
    }

    async def start() -> None:
        manager = untyped(managers.GatewayKernelManager)()
        await manager.start_kernel.__wrapped__(manager, kernel_name="python3", env=env)

    asyncio.run(start())
    [said] = [
        m for m in messages(kept, "traitlets") if m.startswith("GatewayKernelManager started")
    ]
    assert "kernel: 12345678, args: {'kernel_name': 'python3', 'env': {" in said
    assert said.endswith("'PATH': '/usr/bin'}}")


class App(Application):
    name = "jupyter-hush"
    ours: ClassVar[str] = "App"


def test_the_configuration_of_a_traitlets_application(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JUPYTER_HUSH__IdentityProvider__token", SECRET)
    path = tmp_path / "jupyter_hush_config.py"
    path.write_text(f"c.IdentityProvider.token = '{SECRET}' + 1\n")
    app = App(log=logging.getLogger("jupyter-hush"))
    app.load_config_environ()
    app.config = Config({"ServerApp": {"password": SECRET, "port": 1}})
    app.load_config_file(path.name, path=str(tmp_path))
    said = messages(kept, "jupyter-hush")
    assert 'Seeing environ "JUPYTER_HUSH__IdentityProvider__token"="[secret]"' in said
    assert any(m.startswith("Config changed: {'ServerApp': {'password': '[secret]'") for m in said)
    assert "c.IdentityProvider.token = '[secret]' + 1" in kept.text


@pytest.mark.newest_only  # older ones say it in other words
def test_the_addresses_that_jupyter_server_prints_at_its_start(kept: Kept) -> None:
    app = ServerApp(log=logging.getLogger("ServerApp"), ip="0.0.0.0", port=8888)
    app.identity_provider = IdentityProvider(parent=app, token=SECRET)
    app.identity_provider.token_generated = True
    assert SECRET in app.connect_url
    for line in app.display_url.split("\n"):
        app.log.info(line)
    file = "file:///root/.local/share/jupyter/runtime/jpserver-1-open.html"
    lines = ["\n", "To access the server, open this file in a browser:", f"    {file}"]
    lines += ["Or copy and paste one of these URLs:", f"    {app.connect_url}"]
    app.log.critical("\n".join(lines))
    said = messages(kept, "ServerApp")[-1]
    assert said == "\n".join(lines).replace(SECRET, "[secret]")
    assert said.count("?token=[secret]") == 2
    assert "so any hostname or IP of this machine will work." in said


@pytest.mark.parametrize(
    "line",
    [
        f"> Authorization: token {SECRET}",
        f"> Cookie: username={SECRET}; _xsrf={SECRET}",
        f"< Set-Cookie: username={SECRET}; Path=/",
        f"GET http://127.0.0.1/api?token={SECRET} (username: 'me')",
    ],
)
def test_what_tornado_repeats_of_curl(kept: Kept, line: str) -> None:
    logging.getLogger("tornado.curl_httpclient").debug("%s %s", "<", line)
    assert "[secret]" in messages(kept, "tornado.curl_httpclient")[0]
