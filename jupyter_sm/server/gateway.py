"""The kernel gateway's personality: what `jupyter kernelgateway` becomes where this package is installed.

The gateway constructs it after its managers and before its web application
(kernel_gateway/gatewayapp.py, ``init_configurables``). What the user configured stays as configured.
"""

import asyncio
import gc
import os
import signal
import sys
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.utils import url_path_join
from kernel_gateway.jupyter_websocket import JupyterWebsocketPersonality
from tornado import web
from tornado.log import access_log
from traitlets import TraitError, default

from .. import __version__
from ..kernels.manager import CatalogKernelSpecManager
from . import gateway_handlers, handlers, kernelspecs
from .hostproblems import HostView
from .hostrules import is_loopback
from .service import Service
from .settings import JupyterSM, is_configured
from .starting import guard_starts
from .stop import stop_kernels


class SageMakerPersonality(JupyterWebsocketPersonality):
    """The stock personality, serving this image's kernels."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        app = self.parent
        self._stop_on_interrupt(app)
        stock = app.kernel_spec_manager
        self.service = Service(
            host="kernel-gateway",
            settings=JupyterSM(parent=app),
            log=app.log,
            kernelspecs=stock,
            view=_view(app),
            observe=type(stock) is not KernelSpecManager
            or is_configured(app, app, "kernel_spec_manager_class"),
        )
        self._logs = None
        if self.service.settings.active is not False:
            self._logs = self.service.open_logs(app, (app.auth_token, app.cookie_secret))
        self._stopped: asyncio.Task[None] | None = None
        if self.service.active:
            self._serve_catalog(app)
        guard_starts(
            app.kernel_manager,
            self.service,
            limit=app.max_kernels,
            forced=app.force_kernel_name,
        )
        gateway_handlers.make_awaitable(app.session_manager)
        self._fail_on_busy_port(app)
        self._announce(app)
        self.service.start()

    @default("list_kernels")
    def _list_kernels_default(self) -> bool:
        """On, unless the user says otherwise: JupyterLab cannot connect without it."""
        return os.environ.get(self.list_kernels_env, "True") == "True"

    def create_request_handlers(self) -> list[tuple[Any, ...]]:
        """Ours in front of the stock ones, whose last one catches everything."""
        app = self.parent
        if self._logs is not None:
            # The web application is made right after this; nothing is served before the loop runs.
            app.io_loop.add_callback(lambda: self._install_logs(app.web_app))
        stock = list(super().create_request_handlers())
        ours = [
            *handlers.handlers(self.service),
            *gateway_handlers.routes(self.service, _whitelist(app)),
        ]
        if self.service.active:
            ours += kernelspecs.routes(self.service.live, *gateway_handlers.MIXINS)
        return [(url_path_join("/", app.base_url, path), *rest) for path, *rest in ours] + stock

    async def init_configurables(self) -> None:
        """Prespawn; a failure is said and does not keep the gateway from stopping later.

        Called by the gateway 0.1 s after it starts, in a task that nobody looks at.
        """
        # What was imported stays: without this, every full collection of the many objects that the
        # gateway's libraries hold stops all answers for up to 0.2 s.
        gc.freeze()
        try:
            await super().init_configurables()
        except Exception:  # whatever a kernel's start raises: it must be seen
            self.log.exception("Kernels could not be started in advance")

    async def shutdown(self) -> None:
        """Called on every signal to stop, and again when the loop has ended; never raises."""
        self.service.stopping = True
        if self._stopped is None:
            self._stopped = asyncio.ensure_future(self._stop())
        await asyncio.shield(self._stopped)

    async def _stop(self) -> None:
        try:
            await stop_kernels(self.parent.kernel_manager, self.log)
        except Exception:  # the gateway hangs for ever when this raises (gatewayapp.py, ``_stop``)
            self.log.exception("Not every kernel could be stopped")

    def _install_logs(self, web_app: web.Application) -> None:
        if self._logs is not None:
            self._logs.install(web_app, request_log=access_log)
            self._logs.ship()

    def _serve_catalog(self, app: Any) -> None:
        manager = CatalogKernelSpecManager(parent=app, live=self.service.live)
        app.kernel_spec_manager = manager
        app.kernel_manager.kernel_spec_manager = manager
        if not app.default_kernel_name:
            self.service.follow_default(app, app.kernel_manager)

    def _fail_on_busy_port(self, app: Any) -> None:
        """8888 is reserved for the gateway: on another port the platform never finds it."""
        if not is_configured(app, app, "port_retries") and app.port_retries_env not in os.environ:
            app.port_retries = 0

    def _stop_on_interrupt(self, app: Any) -> None:
        """Ctrl-C without a terminal stops as cleanly as SIGTERM; the stock gateway leaves kernels behind.

        Set here, before the loop runs, so that a container stopped while it starts does stop: as
        process 1 it would ignore a signal without a handler.
        """
        own_stop = app._signal_stop  # noqa: SLF001  # the gateway's own way to stop

        def leave(signum: int, _frame: object) -> None:
            raise SystemExit(128 + signum)

        def stop(signum: int, frame: object) -> None:
            if app.io_loop.asyncio_loop.is_running():
                # In the loop, not in the signal: it logs, and where the signal comes in the middle of a
                # line on stderr that raises ("reentrant call"), and nothing stops.
                app.io_loop.add_callback_from_signal(own_stop, signum, frame)
            else:
                leave(signum, frame)

        signal.signal(signal.SIGTERM, leave)  # replaced when the gateway starts, by the next line's
        app._signal_stop = stop  # noqa: SLF001
        if not (sys.stdin and sys.stdin.isatty()):
            signal.signal(signal.SIGINT, stop)

    def _announce(self, app: Any) -> None:
        self.log.info("jupyter_sm %s is active in this gateway%s", __version__, _way_off(app))
        if not app.auth_token and not is_loopback(app.ip):
            self.log.warning(
                "ANYBODY WHO REACHES THIS HOST CAN RUN CODE ON IT: the gateway listens on %s without a "
                "token. Set KG_AUTH_TOKEN, or listen on 127.0.0.1",
                app.ip or "every address",
            )


def create_personality(*args: Any, **kwargs: Any) -> SageMakerPersonality:
    """Called by the gateway for the module that ``KernelGatewayApp.api`` names."""
    try:
        return SageMakerPersonality(*args, **kwargs)
    except TraitError as error:
        app = kwargs["parent"]
        app.log.critical("Bad configuration of jupyter_sm: %s", error)
        app.exit(1)
        raise


def _view(app: Any) -> HostView:
    return HostView(
        address=lambda: app.ip,
        has_auth=lambda: bool(app.auth_token),
        runtime_folder=app.runtime_dir,
    )


def _way_off(app: Any) -> str:
    """How to do without this package, where nobody asked for it by name."""
    by_name = "api" in app.cli_config.get("KernelGatewayApp", {}) or os.environ.get(app.api_env)
    return "" if by_name else " (JUPYTER_SM_GATEWAY=0 turns it off)"


def _whitelist(app: Any) -> list[str] | None:
    """The user's own list of inherited variables, None where there is none."""
    if (
        is_configured(app, app, "env_process_whitelist")
        or app.env_process_whitelist_env in os.environ
    ):
        names: list[str] = app.env_process_whitelist
        return names
    return None
