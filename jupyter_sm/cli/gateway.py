"""`jupyter sm gateway`: the kernel gateway with this package, whatever the configuration files say."""

import argparse
import re

from kernel_gateway.gatewayapp import KernelGatewayApp

from .. import __version__
from ..server.hook import PERSONALITY
from ..server.runtimefolder import provide_or_exit
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
    _prepare(app)
    # The command line beats files and variables.
    named = any(_API.fullmatch(word) for word in arguments)
    ours = [] if named else [f"--KernelGatewayApp.api={PERSONALITY}"]
    KernelGatewayApp.launch_instance([*ours, *arguments])
    return 0


def _prepare(app: KernelGatewayApp) -> None:
    """See to the runtime folder between the command line, which may ask for help, and the rest.

    Jupyter's next step copies what IPython 3 left in the home folder, and leaves a note there; where
    that cannot be written, it would end the gateway.
    """
    following = app.migrate_config

    def migrate_config() -> None:
        provide_or_exit(app.log)
        try:
            following()
        except OSError as error:
            app.log.warning("Old settings of IPython are not taken over: %s", error)

    app.migrate_config = migrate_config
