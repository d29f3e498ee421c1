"""The extension of Jupyter Server and JupyterLab: a guest, unless this is a SageMaker image."""

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.gateway.gateway_client import GatewayClient
from jupyter_server.serverapp import ServerApp
from traitlets import TraitError

from .. import __version__
from ..kernels.manager import manager_class
from . import handlers, kernelspecs
from .service import Service
from .settings import JupyterSM


class JupyterSMExtension(ExtensionApp):
    """Adds the routes everywhere; serves the catalog where an AppImageConfig or metadata is found."""

    name = "jupyter_sm"
    version = __version__
    description = "This SageMaker image's kernels, metadata and health"
    classes = [*ExtensionApp.classes, JupyterSM]  # noqa: RUF012 - as the base declares it
    service: Service | None = None  # None after a bad setting: the server goes on without it

    def _link_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        """Called before the server makes its managers."""
        super()._link_jupyter_server_extension(serverapp)
        try:
            settings = JupyterSM(parent=serverapp)
        except TraitError as error:
            self.log.error("jupyter_sm is not active, its configuration is bad: %s", error)  # noqa: TRY400 - the message says it all
            return
        self.service = Service(
            host="jupyter-server",
            settings=settings,
            log=serverapp.log,
            kernelspecs=KernelSpecManager(parent=serverapp),
            observe=self._has_own_kernels(serverapp),
        )
        if self.service.active:
            serverapp.kernel_spec_manager_class = manager_class(self.service.live)

    def _has_own_kernels(self, serverapp: ServerApp) -> bool:
        """Whether a manager class of the user's own, or a gateway elsewhere, has the kernels."""
        return (
            serverapp.trait_has_value("kernel_spec_manager_class")
            or GatewayClient.instance(parent=serverapp).gateway_enabled
        )

    def initialize_handlers(self) -> None:
        """Called when the web application exists; routes of extensions come before the server's own."""
        if self.service is None:
            return
        self.handlers.extend(handlers.handlers(self.service))
        if self.service.active:
            self.handlers.extend(kernelspecs.routes(self.service.live))
            self._follow_default(self.service)
            self.log.info("jupyter_sm %s serves this image's kernels", __version__)
        self.service.start()

    async def stop_extension(self) -> None:
        """Called on SIGTERM, before the server stops its kernels."""
        if self.service is not None:
            self.service.stopping = True

    def _follow_default(self, service: Service) -> None:
        manager = self.settings["kernel_manager"]
        config = self.config
        if any("default_kernel_name" in config.get(c.__name__, {}) for c in type(manager).__mro__):
            return
        service.look.follow(
            lambda catalog: setattr(manager, "default_kernel_name", catalog.default)
        )
