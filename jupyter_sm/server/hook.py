"""Switches the personality on in a kernel gateway; called by the configuration file that pip installs."""

import importlib
import os
from typing import Any

from .settings import boolean

PERSONALITY = "jupyter_sm.server.gateway"


def configure(config: Any) -> None:
    """Set ``KernelGatewayApp.api``, unless something says otherwise.

    A value from a file beats the gateway's own ``KG_API`` variable, so the variable is looked at
    here (kernel_gateway/gatewayapp.py, ``api_default``).

    A gateway that can have no runtime folder ends here; a ``SystemExit`` passes the file, which
    catches failures.

    Args:
        config: the traitlets configuration object that is being loaded.

    Raises:
        SystemExit: see above.
    """
    # First, because to ask for the gateway's version is to import the whole gateway.
    if named := os.environ.get("KG_API"):
        if named == PERSONALITY:
            _prepare()
        return
    wanted = os.environ.get("JUPYTER_SM_GATEWAY")
    if wanted and not boolean("JUPYTER_SM_GATEWAY", wanted):
        return
    from kernel_gateway import version_info  # noqa: PLC0415 - only where there is a gateway

    if version_info < (3, 0, 1):
        raise RuntimeError(
            f"jupyter_kernel_gateway {version_info} is too old: 3.0.1 or later is needed"
        )
    # A gateway that cannot import its personality ends; here a failure leaves the stock gateway.
    importlib.import_module(PERSONALITY)
    config.KernelGatewayApp.api = PERSONALITY
    _prepare()


def _prepare() -> None:
    """See to the runtime folder, unless somebody only reads this configuration file."""
    from kernel_gateway.gatewayapp import KernelGatewayApp  # noqa: PLC0415 - as above

    from .runtimefolder import provide_or_exit  # noqa: PLC0415 - not where it is switched off

    if KernelGatewayApp.initialized():
        provide_or_exit(KernelGatewayApp.instance().log)
