"""Fixtures of the tests of activation."""

from pathlib import Path

import pytest

from jupyter_sm.kernels.activation import settings

from .installation import Installation


@pytest.fixture
def conda(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SYSTEM", ())
