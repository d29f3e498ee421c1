"""The extension inside the tests' own process, as other extensions' tests run it (pytest-jupyter)."""

import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import HTTPClientError, HTTPResponse

from jupyter_sm.logs import SpoolHandler

pytest_plugins = ["pytest_jupyter.jupyter_server"]

Fetch = Callable[..., Awaitable[HTTPResponse]]


@pytest.fixture
def jp_server_config(tmp_path: Path) -> dict[str, Any]:
    return {
        "ServerApp": {"jpserver_extensions": {"jupyter_sm": True}},
        "JupyterSM": {"active": True, "log_root": str(tmp_path / "logs")},
    }


@pytest.fixture(autouse=True)
def no_handler_left(jp_serverapp: ServerApp) -> Iterator[None]:
    yield
    extension = next(iter(jp_serverapp.extension_manager.extension_apps["jupyter_sm"]))
    extension.service.logs.close()
    assert not [h for h in logging.getLogger().handlers if isinstance(h, SpoolHandler)]


async def test_the_routes_answer(jp_fetch: Fetch) -> None:
    overview = json.loads((await jp_fetch("api", "sm")).body)

    assert overview["host"] == "jupyter-server"
    assert overview["active"] is True
    assert overview["health"] == {"status": "ready"}


async def test_the_service_is_reached_by_other_extensions(jp_serverapp: ServerApp) -> None:
    extension = next(iter(jp_serverapp.extension_manager.extension_apps["jupyter_sm"]))

    assert extension.service.active
    assert extension.service.live.last().default == "python3"


async def test_an_error_has_the_documented_body(jp_fetch: Fetch) -> None:
    with pytest.raises(HTTPClientError) as raised:
        await jp_fetch("api", "sm", "kernels", headers={"Authorization": "token wrong"})

    assert raised.value.code == 403
    assert raised.value.response is not None
    assert set(json.loads(raised.value.response.body)) == {"message", "reason", "code", "hint"}


async def test_an_unexpected_exception_is_a_500_that_shows_nothing_of_it(
    jp_fetch: Fetch, jp_serverapp: ServerApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    extension = next(iter(jp_serverapp.extension_manager.extension_apps["jupyter_sm"]))

    def fail(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(extension.service, "etag", fail)
    with pytest.raises(HTTPClientError) as raised:
        await jp_fetch("api", "sm", "kernels")

    assert raised.value.code == 500
    assert raised.value.response is not None
    body = json.loads(raised.value.response.body)
    assert body["code"] == "internal-server-error"
    assert "secret" not in json.dumps(body)
