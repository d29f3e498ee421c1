"""The image's side of Amazon SageMaker's contract for Jupyter images.

Importing this package loads nothing but its version: the hosts' hooks import their room when the
host calls them.
"""

from typing import Any

from ._version import __version__

__all__ = ["__version__"]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Called by Jupyter Server for each enabled extension."""
    from .server.extension import JupyterSMExtension  # noqa: PLC0415  # tornado only for a host

    return [{"module": "jupyter_sm.server.extension", "app": JupyterSMExtension}]
