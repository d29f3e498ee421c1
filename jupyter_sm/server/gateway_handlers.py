"""Routes of the kernel gateway that its stock edition gets wrong or lacks."""

import json
import os
from collections.abc import Callable, Generator, Iterable
from typing import Any

from jupyter_client.jsonutil import json_default
from jupyter_server._tz import isoformat
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_escape, url_path_join
from kernel_gateway.jupyter_websocket.handlers import APIYamlHandler, SpecJsonHandler
from kernel_gateway.mixins import CORSMixin, JSONErrorsMixin, TokenAuthorizationMixin
from kernel_gateway.services.kernels.handlers import MainKernelHandler
from kernel_gateway.services.sessions.handlers import default_handlers as session_handlers

from .access import guarded
from .kernel_env import is_environment, kernel_environment
from .refusals import RefusalError, Route
from .requestbody import CheckedBodyMixin, with_checked_bodies
from .service import Service

MIXINS = (TokenAuthorizationMixin, CORSMixin, JSONErrorsMixin)
"""What the gateway puts in front of every handler of Jupyter Server."""


class StartHandler(CheckedBodyMixin, MainKernelHandler):
    """``/api/kernels``, with each request's environment kept to its own kernel.

    The stock handler swaps the shared manager's ``start_kernel`` while it waits
    (kernel_gateway/services/kernels/handlers.py), so that concurrent requests exchange environments.
    """

    def initialize(self, process_whitelist: Iterable[str] | None) -> None:
        self.process_whitelist = process_whitelist

    @guarded("write", MainKernelHandler.auth_resource)
    async def post(self) -> None:
        model = self._model()
        if "env" in model:
            model["env"] = kernel_environment(
                model["env"],
                environ=os.environ,
                process_whitelist=self.process_whitelist,
                request_whitelist=self.env_whitelist,
            )
        kernel_id: str = await self.kernel_manager.start_kernel(**model)
        self.set_header(
            "Location", url_path_join(self.base_url, "api", "kernels", url_escape(kernel_id))
        )
        self.set_status(201)
        started = self.kernel_manager.kernel_model(kernel_id)
        self.finish(json.dumps(started, default=json_default))

    def _model(self) -> dict[str, Any]:
        """The request's body as ``start_kernel`` takes it."""
        body = self.get_json_body() or {}
        model = {
            "kernel_name": body.get("name"),
            "path": body.get("path"),
            "kernel_id": body.get("kernel_id"),
        }
        if "env" in body:
            if not is_environment(body["env"]):
                hint = "send an object of strings, or none"
                raise RefusalError(400, "bad-env", "`env` is not an object of strings", hint)
            model["env"] = body["env"]
        return model


class _Awaitable(dict[str, Any]):
    """A session's model that may be awaited, or not; what it lacks is None."""

    def __missing__(self, key: str) -> None:
        return None

    def __await__(self) -> Generator[None, None, "_Awaitable"]:
        yield from ()
        return self


def make_awaitable(session_manager: Any) -> None:
    """Let the handlers of sessions await what the gateway's own manager returns at once, or lacks.

    Without it the second POST of a session, GET and PATCH are 500 or 501: the handlers are those of
    jupyter_server, which await (jupyter_server/services/sessions/handlers.py).
    """

    async def start_kernel_for_session(session_id: str, *, kernel_name: str, **_: Any) -> str:
        path = session_manager.get_session_by_key("session_id", session_id)["path"]
        kernels = session_manager.kernel_manager
        started: str = await kernels.start_kernel(path=path, kernel_name=kernel_name)
        return started

    session_manager.start_kernel_for_session = start_kernel_for_session
    for name in ("get_session", "update_session"):
        setattr(session_manager, name, _awaitable(getattr(session_manager, name)))


def _awaitable(method: Callable[..., dict[str, Any] | None]) -> Callable[..., _Awaitable]:
    def answer(*args: Any, **kwargs: Any) -> _Awaitable:
        return _Awaitable(method(*args, **kwargs) or {})

    return answer


class StatusHandler(TokenAuthorizationMixin, CORSMixin, JSONErrorsMixin, APIHandler):
    """``/api/status`` as Jupyter Server answers it; SageMaker's JupyterLab apps are probed there."""

    _track_activity = False

    def initialize(self, service: Service) -> None:
        self.service = service

    @guarded("read", "api")
    def get(self) -> None:
        kernels = self.kernel_manager.list_kernels()
        used = (self.kernel_manager.last_kernel_activity, self.settings.get("api_last_activity"))
        model = {
            "connections": sum(kernel["connections"] for kernel in kernels),
            "kernels": len(kernels),
            "last_activity": isoformat(max(filter(None, (self.service.started, *used)))),
            "started": isoformat(self.service.started),
        }
        self.finish(json.dumps(model))


class JSONDescriptionHandler(TokenAuthorizationMixin, SpecJsonHandler):
    """The stock description in JSON, which the stock gateway gives without a token."""


class YAMLDescriptionHandler(TokenAuthorizationMixin, APIYamlHandler):
    """The stock description in YAML, likewise."""


def routes(service: Service, process_whitelist: Iterable[str] | None) -> list[Route]:
    """The routes, to be put below the gateway's base URL and in front of its own."""
    return [
        (r"/api/kernels", StartHandler, {"process_whitelist": process_whitelist}),
        (r"/api/status", StatusHandler, {"service": service}),
        (r"/api/swagger\.json", JSONDescriptionHandler, {}),
        (r"/api/swagger\.yaml", YAMLDescriptionHandler, {}),
        *with_checked_bodies(session_handlers),
    ]
