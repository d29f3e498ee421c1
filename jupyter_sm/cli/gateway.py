"""`jupyter sm gateway`: the kernel gateway with this package, whatever the configuration files say."""

import argparse
import re

from kernel_gateway.gatewayapp import KernelGatewayApp

from .. import __version__
from ..server.hook import PERSONALITY
from ..server.settings import JupyterSM

_API = re.compile(r"--(KernelGatewayApp\.)?api(=.*)?", re.DOTALL)


def run(options: argparse.Namespace, arguments: list[str]) -> int:
    """Serve until the gateway is stopped; it is the stock one, so all of its files and options count.

    Args:
        options: none.
        arguments: of the kernel gateway, ``--help`` among them.
    """
    del options
    app = KernelGatewayApp.instance()
    app.description = f"The kernel gateway, serving this SageMaker image (jupyter_sm {__version__})"
    app.classes = [*app.classes, JupyterSM]
    # The command line beats files and variables.
    named = any(_API.fullmatch(word) for word in arguments)
    ours = [] if named else [f"--KernelGatewayApp.api={PERSONALITY}"]
    KernelGatewayApp.launch_instance([*ours, *arguments])
    return 0
