"""Routes of the kernel gateway that its stock edition gets wrong or lacks."""

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

from jupyter_client.jsonutil import json_default
from jupyter_server._tz import isoformat
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_escape, url_path_join
from kernel_gateway.jupyter_websocket.handlers import APIYamlHandler, SpecJsonHandler
from kernel_gateway.mixins import CORSMixin, JSONErrorsMixin, TokenAuthorizationMixin
from kernel_gateway.services.kernels.handlers import MainKernelHandler
from tornado import web

from ..errors import KernelNameError, KernelRefusedError
from .access import guarded
from .error_body import ErrorBodyMixin, RefusalError
from .service import Service

KEPT = frozenset(
    {
        "HOME",
        "HOSTNAME",
        "LANG",
        "LANGUAGE",
        "LD_LIBRARY_PATH",
        "LOGNAME",
        "PATH",
        "SHELL",
        "TMPDIR",
        "TZ",
        "USER",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "REQUESTS_CA_BUNDLE",
        "SSL_CERT_FILE",
    }
)
"""What a kernel inherits when a client names an environment for it, as jupyter's own client always does."""

KEPT_PREFIXES = ("AWS_", "CUDA_", "LC_", "NVIDIA_", "SAGEMAKER_")


def kernel_environment(
    requested: Mapping[str, str],
    *,
    environ: Mapping[str, str],
    process_whitelist: Iterable[str] | None,
    request_whitelist: Iterable[str],
) -> dict[str, str]:
    """The environment of a kernel whose client sent one.

    Args:
        requested: the request's ``env``.
        environ: the gateway's own environment.
        process_whitelist: what the user configured to be inherited; None for this package's choice.
        request_whitelist: names that a client may set besides ``KERNEL_*``.
    """
    if process_whitelist is None:
        kept = {k: v for k, v in environ.items() if k in KEPT or k.startswith(KEPT_PREFIXES)}
    else:
        kept = {name: environ[name] for name in process_whitelist if name in environ}
    allowed = frozenset(request_whitelist)
    wanted = {k: v for k, v in requested.items() if k.startswith("KERNEL_") or k in allowed}
    return {"PATH": environ.get("PATH", ""), **kept, **wanted}


class StartHandler(ErrorBodyMixin, MainKernelHandler):
    """``/api/kernels``, with each request's environment kept to its own kernel.

    The stock handler swaps the shared manager's ``start_kernel`` while it waits
    (kernel_gateway/services/kernels/handlers.py), so that concurrent requests exchange environments.
    """

    def initialize(self, service: Service, process_whitelist: Iterable[str] | None) -> None:
        self.service = service
        self.process_whitelist = process_whitelist

    @guarded("write", MainKernelHandler.auth_resource)
    async def post(self) -> None:
        if self.service.stopping:
            raise RefusalError(503, "stopping", "The gateway is stopping")
        self._respect_limit()
        model = self._model()
        name = model.get("name") or self.kernel_manager.default_kernel_name
        await self._check_name(name)
        options: dict[str, Any] = {"path": model.get("path"), "kernel_id": model.get("kernel_id")}
        if "env" in model:
            options["env"] = self._environment(model["env"])
        kernel_id: str = await self.kernel_manager.start_kernel(kernel_name=name, **options)
        self.set_header(
            "Location", url_path_join(self.base_url, "api", "kernels", url_escape(kernel_id))
        )
        self.set_status(201)
        started = self.kernel_manager.kernel_model(kernel_id)
        self.finish(json.dumps(started, default=json_default))

    def _respect_limit(self) -> None:
        limit = self.settings["kg_max_kernels"]
        if limit is not None and len(self.kernel_manager.list_kernels()) >= limit:
            raise RefusalError(
                403,
                "kernel-limit",
                f"{limit} kernels are running, which is the limit",
                "delete one, or raise KernelGatewayApp.max_kernels",
            )

    def _model(self) -> dict[str, Any]:
        model = self.get_json_body()
        if model is None:
            return {}
        if not isinstance(model, dict):
            raise RefusalError(400, "bad-body", "The body is not a JSON object")
        if not isinstance(model.get("name") or "", str):
            raise RefusalError(400, "bad-name", "`name` is not a string")
        return model

    async def _check_name(self, name: str) -> None:
        """Answer with the reason what jupyter_client would only log."""
        forced = self.settings["kg_personality"].parent.force_kernel_name
        if forced or not self.service.active:
            return
        catalog = await self.service.live.fresh_async()
        try:
            catalog.resolve(name)
        except KernelNameError as error:
            if isinstance(error, KernelRefusedError):
                status, code = 403, "kernel-refused"
            else:
                status, code = 404, "kernel-unknown"
            raise RefusalError(status, code, str(error), error.remedy) from None

    def _environment(self, requested: Any) -> dict[str, str]:
        if not isinstance(requested, dict) or not all(
            isinstance(value, str) for value in requested.values()
        ):
            raise RefusalError(400, "bad-env", "`env` is not an object of strings")
        return kernel_environment(
            requested,
            environ=os.environ,
            process_whitelist=self.process_whitelist,
            request_whitelist=self.env_whitelist,
        )


MIXINS = (TokenAuthorizationMixin, CORSMixin, JSONErrorsMixin)
"""What the gateway puts in front of every handler of Jupyter Server."""


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


def routes(
    service: Service, process_whitelist: Iterable[str] | None
) -> list[tuple[str, type[web.RequestHandler], dict[str, Any]]]:
    """The routes, to be put below the gateway's base URL and in front of its own."""
    return [
        (
            r"/api/kernels",
            StartHandler,
            {"service": service, "process_whitelist": process_whitelist},
        ),
        (r"/api/status", StatusHandler, {"service": service}),
        (r"/api/swagger\.json", JSONDescriptionHandler, {}),
        (r"/api/swagger\.yaml", YAMLDescriptionHandler, {}),
    ]
