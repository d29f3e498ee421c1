"""Fixtures of the tests of the explaining kernel."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Protocol

import pytest

from jupyter_sm.kernels.explaining import Explanation

from .standin import StandIn


class Start(Protocol):
    """Starts explaining kernels that end with the test."""

    def __call__(self, told: Explanation | bytes, **how: Any) -> StandIn: ...


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as running:

        def one(told: Explanation | bytes, **how: Any) -> StandIn:
            folder = tmp_path / f"standin{len(list(tmp_path.glob('standin*')))}"
            return running.enter_context(closing(StandIn(folder, told, **how)))

        yield one
