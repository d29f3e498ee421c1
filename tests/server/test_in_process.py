"""The extension inside the tests' own process, as other extensions' tests run it (pytest-jupyter)."""

import json
import logging
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import HTTPClientError, HTTPResponse

from jupyter_sm.kernels import Live, live
from jupyter_sm.logs import SpoolHandler
from jupyter_sm.server.service import Service

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


class DeadDisk:
    """Answers no look until it is let."""

    def __init__(self) -> None:
        self.answer = threading.Event()

    def __call__(self) -> Any:
        self.answer.wait(60)
        raise OSError("the disk is gone")

    def value(self) -> Live[Any]:
        return Live(self, logging.getLogger("test"))


@pytest.fixture
def dead_disk() -> Iterator[DeadDisk]:
    disk = DeadDisk()
    yield disk
    disk.answer.set()


@pytest.fixture
def service(jp_serverapp: ServerApp) -> Service:
    found: Service = next(iter(jp_serverapp.extension_manager.extension_apps["jupyter_sm"])).service
    return found


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


async def test_what_is_not_known_yet_is_empty_in_the_overview_and_in_its_report(
    jp_fetch: Fetch, service: Service, dead_disk: DeadDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "live", dead_disk.value())
    monkeypatch.setattr(service, "_live_metadata", dead_disk.value())

    overview = json.loads((await jp_fetch("api", "sm")).body)

    assert not dead_disk.answer.is_set()
    assert overview["health"] == {"status": "starting"}
    assert (overview["kernels"]["kernels"], overview["kernels"]["default"]) == ([], "python3")
    assert (overview["metadata"]["present"], overview["metadata"]["findings"]) == (False, [])
    told = [problem["id"] for problem in overview["report"]["problems"]]
    assert {"kernels-not-known", "metadata-not-known"} <= set(told)


async def test_a_look_that_fails_is_in_the_report_and_the_overview_answers(
    jp_fetch: Fetch, service: Service, dead_disk: DeadDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead_disk.answer.set()
    monkeypatch.setattr(service, "live", dead_disk.value())

    overview = json.loads((await jp_fetch("api", "sm")).body)

    seen = {p["id"]: p["seen"] for p in overview["report"]["problems"]}
    assert seen["kernels-not-known"] == "the disk is gone"
    assert overview["kernels"]["kernels"] == []


async def test_metadata_that_are_not_known_are_a_503_with_a_code(
    jp_fetch: Fetch, service: Service, dead_disk: DeadDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "FIRST_PATIENCE", 0.05)
    monkeypatch.setattr(service, "_live_metadata", dead_disk.value())

    with pytest.raises(HTTPClientError) as raised:
        await jp_fetch("api", "sm", "metadata")

    assert raised.value.response is not None
    assert (raised.value.code, json.loads(raised.value.response.body)["code"]) == (
        503,
        "metadata-not-known",
    )
