"""What belongs to the server alone."""

from collections.abc import Mapping

SECRETS = ("KG_AUTH_TOKEN", "JUPYTER_TOKEN", "JUPYTER_GATEWAY_AUTH_TOKEN")
"""Tokens of the host, which no kernel is given."""


def without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that a kernel may be given."""
    return {name: value for name, value in environ.items() if name not in SECRETS}
