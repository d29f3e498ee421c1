"""Leaves out the one import that takes most of a gateway's start."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_MODULE = "rfc3987_syntax"


@contextmanager
def without_iri_checks() -> Iterator[None]:
    """Import Jupyter Server's modules here, and jsonschema does without its checker of IRIs.

    jsonschema imports ``rfc3987_syntax`` for the formats ``iri`` and ``iri-reference`` and goes on
    without them when it is not there (jsonschema/_format.py). No schema of Jupyter's names either,
    yet the import compiles 35 grammars: 0.9 of the 1.4 CPU-seconds of importing the kernel gateway
    (jupyter-server/jupyter_server#1559). A module that is None cannot be imported.
    """
    if _MODULE in sys.modules:
        yield
        return
    sys.modules[_MODULE] = None  # type: ignore[assignment]  # documented for exactly this
    try:
        yield
    finally:
        del sys.modules[_MODULE]
