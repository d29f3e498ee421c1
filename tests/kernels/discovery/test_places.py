"""Where this process looks."""

import os
import sys
from pathlib import Path

import ipykernel.kernelspec
import jupyter_core.paths
import msgspec
import pytest

from jupyter_sm.kernels import Discovery, Places

from .machine import Machine


def test_this_process_has_the_places_that_jupyter_client_has(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("JUPYTER_PATH", "/first:/second")

    here = Places.of_this_process()

    assert here.home == str(tmp_path)
    assert here.environ["JUPYTER_PATH"] == "/first:/second"
    assert here.kernel_dirs[:2] == ("/first/kernels", "/second/kernels")
    assert list(here.kernel_dirs) == [
        *jupyter_core.paths.jupyter_path("kernels"),
        f"{tmp_path}/.ipython/kernels",
    ]
    assert here.native_dir == ipykernel.kernelspec.RESOURCES
    assert (here.server_prefix, here.server_executable) == (sys.prefix, sys.executable)
    assert here.euid == os.geteuid()
    assert bool(here.passwd_homes) == (os.geteuid() == 0)
    assert "/opt/conda" in here.well_known_roots


def test_a_process_without_a_home_or_ipykernel_has_neither(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", "not/absolute")
    monkeypatch.setenv("IPYTHONDIR", "/ipython")
    monkeypatch.setitem(sys.modules, "ipykernel", None)
    monkeypatch.setattr(sys, "meta_path", [])

    here = Places.of_this_process()

    assert here.home is None
    assert here.kernel_dirs[-1] == "/ipython/kernels"
    assert here.native_dir is None


def test_only_the_folder_itself_and_what_is_below_is_internal(machine: Machine) -> None:
    places = machine.places(internal="/opt/in")

    assert places.is_internal("/opt/in")
    assert places.is_internal("/opt/in/x")
    assert not places.is_internal("/opt/inside")


def test_a_look_at_this_machine_never_fails() -> None:
    discovery = Discovery(Places.of_this_process())
    snapshot = discovery.look()

    assert discovery.look() is snapshot
    assert snapshot.kernels[0].name == "python3"
    msgspec.json.encode([kernel.spec for kernel in snapshot.kernels])
