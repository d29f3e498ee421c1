"""What belongs to the server alone."""

from collections.abc import Mapping

SECRETS = (
    "JUPYTER_GATEWAY_AUTH_TOKEN",
    "JUPYTER_GATEWAY_HEADERS",
    "JUPYTER_GATEWAY_HTTP_PWD",
    "JUPYTER_TOKEN",
    "KG_AUTH_TOKEN",
)
"""What opens the host, or a gateway that it uses, to others; no kernel is given it.

JupyterHub's ``JUPYTERHUB_API_TOKEN`` is the user's own, and notebooks are meant to use it.
"""


def without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that a kernel may be given."""
    return {name: value for name, value in environ.items() if name not in SECRETS}
