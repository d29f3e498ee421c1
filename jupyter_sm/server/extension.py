"""The extension of Jupyter Server and JupyterLab: a guest, unless this is a SageMaker image."""

import os
from typing import cast

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_core.utils import ensure_async
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.gateway.gateway_client import GatewayClient
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.kernels.handlers import AUTH_RESOURCE, MainKernelHandler
from jupyter_server.services.sessions.handlers import default_handlers as session_handlers
from traitlets import TraitError

from .. import __version__
from ..kernels.manager import CatalogKernelSpecManager
from ..logs import Shield
from . import handlers, kernelspecs, proxy
from .access import guarded
from .hostproblems import HostView
from .refusals import fresh_catalog
from .requestbody import CheckedBodyMixin, with_checked_bodies
from .runtimefolder import provide_or_exit
from .service import Service
from .settings import JupyterSM, is_configured
from .starting import guard_starts


class StartHandler(CheckedBodyMixin, MainKernelHandler):
    """``/api/kernels``: the default kernel is the one that the catalog has now."""

    def initialize(self, service: Service) -> None:
        self.service = service

    @guarded("write", AUTH_RESOURCE)
    async def post(self) -> None:
        await fresh_catalog(self.service.live)
        await ensure_async(super().post())


class JupyterSMExtension(ExtensionApp):
    """Adds the routes everywhere; serves the catalog where an AppImageConfig or metadata is found.

    Everything is decided when the extension is loaded: only then is the configuration of JupyterLab
    read, and the server's managers are there to be looked at.
    """

    name = "jupyter_sm"
    version = __version__
    description = "This SageMaker image's kernels, metadata and health"
    classes = [*ExtensionApp.classes, JupyterSM]  # noqa: RUF012 - as the base declares it
    service: Service | None = None  # None after a bad setting: the server goes on without it

    def _link_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        """Called before the server asks for its runtime folder, which it cannot be without."""
        provide_or_exit(serverapp.log)
        super()._link_jupyter_server_extension(serverapp)

    def initialize_handlers(self) -> None:
        """Called when the web application exists; routes of extensions come before the server's own."""
        app = cast("ServerApp", self.serverapp)  # linked before
        try:
            settings = JupyterSM(parent=app)
        except TraitError as error:
            self.log.error("jupyter_sm is not active, its configuration is bad: %s", error)  # noqa: TRY400 - the message says it all
            return
        service = self.service = Service(
            host="jupyter-server",
            settings=settings,
            log=app.log,
            kernelspecs=KernelSpecManager(parent=app),
            view=view_of(app),
            observe=has_own_kernels(app),
        )
        gateway = proxy.gateway_of(app)
        if gateway is not None:
            self._shield_gateway(app, gateway)
            self.handlers.extend(proxy.handlers(gateway))
            service.problems.begin()  # told in the log: the routes tell of the gateway
        self.handlers.extend(handlers.handlers(service))
        if service.active:
            secrets = (app.identity_provider.token, app.cookie_secret)
            logs = service.open_logs(app, secrets)
            others = app.extension_manager.extension_apps.values()
            applications = [application for found in others for application in found]
            logs.install(app.web_app, request_log=None, applications=applications)
            logs.ship()
            self._serve_catalog(app, service)
            self.log.info("jupyter_sm %s serves this image's kernels", __version__)
        service.start()

    async def stop_extension(self) -> None:
        """Called on SIGTERM, before the server stops its kernels."""
        if self.service is not None:
            self.service.stopping = True

    def _shield_gateway(self, app: ServerApp, gateway: GatewayClient) -> None:
        """Keep the gateway's token out of the log.

        Jupyter's client logs the whole environment of a kernel that it starts, with the token in it
        (jupyter_server/gateway/managers.py, ``start_kernel``).
        """
        secrets = (gateway.auth_token, gateway.http_pwd)
        Shield(secrets, loggers=(app.log.name,), environ=os.environ).install()

    def _serve_catalog(self, app: ServerApp, service: Service) -> None:
        manager = CatalogKernelSpecManager(parent=app, live=service.live)
        app.kernel_spec_manager = manager
        app.kernel_manager.kernel_spec_manager = manager
        # The settings are copied back into the web application after this method.
        self.settings["kernel_spec_manager"] = manager
        app.web_app.settings["kernel_spec_manager"] = manager
        guard_starts(app.kernel_manager, service)
        service.follow_default(app, app.kernel_manager)
        self.handlers.extend(kernelspecs.routes(service.live))
        self.handlers.append((r"/api/kernels", StartHandler, {"service": service}))
        self.handlers.extend(with_checked_bodies(session_handlers))


def view_of(app: ServerApp) -> HostView:
    """What the server knows of itself."""
    return HostView(
        address=lambda: None if app.sock else app.ip,
        has_auth=lambda: app.identity_provider.auth_enabled,
        runtime_folder=app.runtime_dir,
        panel_folders=lambda: _panel_folders(app),
    )


def _panel_folders(app: ServerApp) -> list[str] | None:
    """Where JupyterLab or Notebook look for panels; None where neither is served."""
    loaded = [point.app for point in app.extension_manager.extension_points.values()]
    frontends = [found for found in loaded if hasattr(found, "labextensions_path")]
    if not frontends:
        return None
    folders = (f.extra_labextensions_path + f.labextensions_path for f in frontends)
    return list(dict.fromkeys(folder for found in folders for folder in found))


def has_own_kernels(app: ServerApp) -> bool:
    """Whether a manager class of the user's own, or a gateway elsewhere, has the kernels."""
    return type(app.kernel_spec_manager) is not KernelSpecManager or is_configured(
        app, app, "kernel_spec_manager_class"
    )
