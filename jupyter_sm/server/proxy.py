"""Lab to gateway: where a kernel gateway elsewhere has the kernels, its jupyter_sm answers.

A fixed list of routes (``Operation.proxied``), each with the gateway's own answer: its status and body as
they came. Nothing of the browser's request goes along but the query that the route knows and
``If-None-Match``; nothing of the gateway's answer comes back but ``ETag`` and ``Retry-After``. No redirect
is followed: it would carry the gateway's token elsewhere.

What the Lab's own process has to report (its panel, its own address) is in its log: the body is the
gateway's alone, so that one host is never taken for the other.
"""

import asyncio
import contextlib
import inspect
import re
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec
from jupyter_server.gateway.gateway_client import GatewayClient
from jupyter_server.utils import url_path_join
from tornado.httpclient import HTTPRequest, HTTPResponse
from tornado.httputil import HTTPHeaders, HTTPInputError
from tornado.iostream import StreamBufferFullError, UnsatisfiableReadError
from tornado.simple_httpclient import (
    HTTPStreamClosedError,
    HTTPTimeoutError,
    SimpleAsyncHTTPClient,
)

from ..reading import printable, problem
from .handlers import ROUTES, Handler, may_read, may_write
from .openapi import Operation
from .refusals import RefusalError

FROM: Final = "X-Jupyter-SM-Gateway"
"""Header of every proxied answer: the gateway's address, without credentials."""

CONNECT_SECONDS: Final = 3.0
DEADLINE_SECONDS: Final = 5.0
"""For a whole answer."""

CUDA_DEADLINE_SECONDS: Final = 30.0
"""The same where the driver has to be asked first."""

BODY_BYTES_MOST: Final = 32 * 1024 * 1024
"""Of an answer: a thousand log events with long tracebacks are some megabytes."""

CHECKED_IN_LOOP_MOST: Final = 256 * 1024
"""Bytes of a body that is looked through at once; a longer one is in a thread."""

HEALTH: Final = "/api/sm/health"
_CUDA: Final = "/api/sm/cuda"
_REFRESH: Final = "/api/sm/cuda/refresh"
_KEPT: Final = ("Etag", "Retry-After")

_NOT_MODIFIED, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _SERVER_ERROR = 304, 401, 403, 404, 500

_TAKES_HEADERS: Final = "headers" in inspect.signature(GatewayClient.update_cookies).parameters
_BROKE_OFF: Final = "its answer broke off"
_START: Final = "start it, or correct --gateway-url; then ask again"
_TOKEN: Final = "set JUPYTER_GATEWAY_AUTH_TOKEN to the gateway's KG_AUTH_TOKEN"  # noqa: S105  # a hint
_INSTALL: Final = "install jupyter_sm where the gateway runs: pip install jupyter_sm"


def gateway_of(app: Any) -> GatewayClient | None:
    """The client of the gateway that has the kernels of a Jupyter Server; None without one."""
    client = getattr(app, "gateway_config", None)
    if not isinstance(client, GatewayClient):
        return None
    return client if client.gateway_enabled else None


def shown_url(url: str) -> str:
    """A gateway's address without user, password, query and fragment; ASCII, for a header.

    A password may have any character, also unescaped ones that end an address's place: whatever
    stands before the last ``@`` is left out.
    """
    scheme = re.match(r"https?://", url, re.IGNORECASE)
    start = scheme.group() if scheme else ""
    place = url[len(start) :].rpartition("@")[2]
    plain = start + re.sub(r"[?#].*|[\t\r\n]", "", place, flags=re.DOTALL)
    return quote(plain, safe="/:[]%.-_~!$&'()*+,;=", errors="backslashreplace")


@dataclass(frozen=True, slots=True)
class Answer:
    """A gateway's answer that is passed on."""

    status: int
    body: bytes
    headers: dict[str, str]


class Proxy:
    """Asks one gateway.

    Args:
        client: Jupyter's own: address, token, certificates and further headers are as it has them.
    """

    def __init__(self, client: GatewayClient) -> None:
        self._client = client
        self.url = shown_url(client.url or "")
        self._knows_cuda = False

    async def ask(self, operation: Operation, query: dict[str, str], etag: str | None) -> Answer:
        """The gateway's answer to one of the routes.

        Args:
            operation: the route.
            query: parameters that the route knows.
            etag: of the answer that the client has.

        Raises:
            RefusalError: there is no answer, or none that can be passed on.
        """
        headers = {"Accept": "application/json"} | ({"If-None-Match": etag} if etag else {})
        path = f"{operation.path}?{urlencode(query)}" if query else operation.path
        asks_driver = operation.path == _REFRESH or (
            operation.path == _CUDA and not self._knows_cuda
        )
        seconds = CUDA_DEADLINE_SECONDS if asks_driver else DEADLINE_SECONDS
        response = await self._fetch(path, operation.method.upper(), headers, seconds)
        answer = await self._answer(response, operation)
        if operation.path in (_CUDA, _REFRESH):
            self._knows_cuda = answer.status < _SERVER_ERROR
        return answer

    async def _fetch(
        self, path: str, method: str, headers: dict[str, str], seconds: float
    ) -> HTTPResponse:
        too_long: list[str] = []

        def look_at(line: str) -> None:
            name, _, value = line.partition(":")
            if name.lower() == "content-length" and _number(value) > BODY_BYTES_MOST:
                too_long.append(value.strip())

        bounds = {
            "connect_timeout": min(CONNECT_SECONDS, seconds),
            "request_timeout": seconds,
            "follow_redirects": False,
            "decompress_response": False,
            "header_callback": look_at,
        }
        body = "" if method == "POST" else None
        http = SimpleAsyncHTTPClient(force_instance=True, max_body_size=BODY_BYTES_MOST)
        try:
            # What Jupyter's client adds overrides what it is given, so the bounds come last.
            given = self._client.load_connection_args(headers=headers)
            request = HTTPRequest(
                url_path_join(self._client.url or "", path),
                method,
                body=body,
                **{**given, **bounds},
            )
            response = await http.fetch(request, raise_error=False)
        except HTTPTimeoutError as error:
            raise self._late(seconds, connecting="connecting" in str(error)) from None
        except HTTPStreamClosedError:
            if too_long:
                raise self._too_much(too_long[0]) from None
            raise self._away(_BROKE_OFF) from None
        except (HTTPInputError, StreamBufferFullError, UnsatisfiableReadError):
            raise self._away("the headers of its answer are too long, or none") from None
        except (OSError, ValueError) as error:  # ValueError: an address, or headers, that are none
            raise self._away(self._why(error)) from None
        finally:
            http.close()
        if self._client.accept_cookies:
            self._keep_cookies(response.headers)
        return response

    def _why(self, error: Exception) -> str:
        """Why it was not reached; a part of an unescaped password was not a host, and is not told."""
        if re.match(r"https?://[^/?#]*[/?#].*@", self._client.url or "", re.IGNORECASE):
            return "user or password in its address are not percent-encoded (/ is %2F)"
        return problem(error)

    def _keep_cookies(self, headers: HTTPHeaders) -> None:
        """Hand them to Jupyter's client, but for those that it would trip over, now or later."""
        for header in headers.get_list("Set-Cookie"):
            with contextlib.suppress(CookieError, OverflowError, TypeError, ValueError):
                cookie: SimpleCookie = SimpleCookie(header)
                for morsel in cookie.values():
                    float(morsel["max-age"] or 0)
                # Before 2.18, Jupyter Server handed over the cookie itself.
                taken: Any = HTTPHeaders({"Set-Cookie": header}) if _TAKES_HEADERS else cookie
                self._client.update_cookies(taken)

    async def _answer(self, response: HTTPResponse, operation: Operation) -> Answer:
        status = response.code
        headers = {name: response.headers[name] for name in _KEPT if name in response.headers}
        if status == _NOT_MODIFIED:
            return Answer(status, b"", headers)
        if status in (_UNAUTHORIZED, _FORBIDDEN):
            raise self._refusal("gateway-refuses", f"refuses this server ({status})", _TOKEN)
        if status == _NOT_FOUND:
            raise await self._not_found(operation)
        if 300 <= status < 400:  # noqa: PLR2004  # HTTP's redirects
            seen = f"answers with a redirect ({status}), which is not followed"
            hint = f"let --gateway-url be the gateway's own address, and not a login page; {_TOKEN}"
            raise self._refusal("gateway-refuses", seen, hint)
        if _is_json(response):
            if not await _is_whole(response.body):
                raise self._away(_BROKE_OFF)
            return Answer(status, response.body, headers)
        if status >= _SERVER_ERROR:
            raise self._away(f"something in front of it answers {status}")
        raise self._refusal(
            "gateway-without-jupyter-sm", f"answers {operation.path} with something else", _INSTALL
        )

    async def _not_found(self, operation: Operation) -> RefusalError:
        """It has no jupyter_sm, or an older one that lacks this route."""
        older = operation.path != "/api/sm" and await self._has_health()
        if older:
            seen = f"has an older jupyter_sm without {operation.path}"
            return self._refusal("gateway-jupyter-sm-older", seen, f"{_INSTALL} --upgrade")
        return self._refusal("gateway-without-jupyter-sm", "has no jupyter_sm", _INSTALL)

    async def _has_health(self) -> bool:
        try:
            found = await self._fetch(HEALTH, "GET", {}, DEADLINE_SECONDS)
        except RefusalError:
            return False
        return found.code in (200, 503) and _is_json(found)

    def _away(self, why: str) -> RefusalError:
        return self._refusal("gateway-away", f"cannot be reached: {why}", _START)

    def _late(self, seconds: float, *, connecting: bool) -> RefusalError:
        if connecting:
            return self._away("it does not take a connection")
        message = f"The kernel gateway at {self.url} did not answer in {seconds:.0f} s"
        return RefusalError(504, "gateway-slow", message, "ask again; see the gateway's log")

    def _too_much(self, length: str) -> RefusalError:
        seen = f"answers with {length} bytes, more than are taken ({BODY_BYTES_MOST})"
        return self._refusal("gateway-too-much", seen, "ask for less, for instance with ?tail=20")

    def _refusal(self, code: str, seen: str, hint: str) -> RefusalError:
        return RefusalError(502, code, f"The kernel gateway at {self.url} {printable(seen)}", hint)


class ProxyHandler(Handler):
    """One route, answered by the gateway."""

    def initialize(self, proxy: Proxy, operation: Operation) -> None:  # type: ignore[override]  # no service
        self.proxy = proxy
        self.operation = operation
        self.set_header(FROM, proxy.url)

    def set_default_headers(self) -> None:
        super().set_default_headers()
        # Called before ``initialize``, and again for the answer that is an error.
        proxy = getattr(self, "proxy", None)
        if proxy is not None:
            self.set_header(FROM, proxy.url)

    def compute_etag(self) -> str | None:
        """The gateway's, or none."""
        return None

    @may_read
    async def get(self) -> None:
        await self.pass_on()

    @may_write
    async def post(self) -> None:
        await self.pass_on()

    async def pass_on(self) -> None:
        known = [query.name for query in self.operation.query]
        query = {name: given[-1] for name in known if (given := self.get_query_arguments(name))}
        etag = self.request.headers.get("If-None-Match")
        answer = await self.proxy.ask(self.operation, query, etag)
        self.set_status(answer.status)
        for name, value in answer.headers.items():
            self.set_header(name, value)
        if answer.status != _NOT_MODIFIED:
            self.set_header("Content-Type", "application/json")
            self.write(answer.body)
        await self.finish()


class ProxyReadHandler(ProxyHandler):
    """A route that only reads."""

    SUPPORTED_METHODS = ("GET", "HEAD", "OPTIONS")


class ProxyWriteHandler(ProxyHandler):
    """A route that has something done."""

    SUPPORTED_METHODS = ("POST", "OPTIONS")


def handlers(client: GatewayClient) -> list[tuple[str, type[ProxyHandler], dict[str, Any]]]:
    """The proxied routes, to be put in front of this server's own."""
    proxy = Proxy(client)
    return [
        (
            operation.path.replace(".", r"\."),
            ProxyReadHandler if operation.method == "get" else ProxyWriteHandler,
            {"proxy": proxy, "operation": operation},
        )
        for operation, _ in ROUTES
        if operation.proxied
    ]


def _is_json(response: HTTPResponse) -> bool:
    """Whether it is a JSON object, as far as its beginning says."""
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    plain = response.headers.get("Content-Encoding", "identity").lower() == "identity"
    return kind == "application/json" and plain and response.body.lstrip()[:1] == b"{"


async def _is_whole(body: bytes) -> bool:
    """Whether it is JSON to its end."""
    if len(body) <= CHECKED_IN_LOOP_MOST:
        return _decodes(body)
    return await asyncio.to_thread(_decodes, body)


def _decodes(body: bytes) -> bool:
    try:
        msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return False
    return True


def _number(text: str) -> int:
    text = text.strip()
    return int(text[:18]) if text.isascii() and text.isdigit() else 0
