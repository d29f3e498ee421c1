"""Which tests stay together where several processes share a run (`pytest -n`).

A file's tests do: what they share, as a page or a host, is made once. So do the files of a folder
that shares what is dear.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/browser/", "tests/images/")
"""Folders whose files share a browser, and an engine with its images."""


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist has no types
    """Hands out whole files, or whole folders."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return next((folder for folder in TOGETHER if path.startswith(folder)), path)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Called by pytest-xdist in the process that hands tests out."""
    return ByFile(config, log)
