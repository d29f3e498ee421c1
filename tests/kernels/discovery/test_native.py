"""The kernel of ipykernel itself, for a Jupyter path without a python3."""

import shutil
import sys
from pathlib import Path

import ipykernel.kernelspec
import pytest
from envs import python_spec, write_kernel

from .machine import Machine, named, names

EXECUTABLE = sys.executable


def test_without_a_python3_ipykernels_own_is_offered(machine: Machine) -> None:
    native = Path(ipykernel.kernelspec.RESOURCES)

    kernel = machine.kernel("python3", native_dir=str(native))

    assert kernel.source == "native"
    assert kernel.prefix == str(machine.server)
    assert kernel.resource_dir == str(native)
    assert kernel.spec["argv"][0] == EXECUTABLE
    assert kernel.spec["argv"][1:3] == ["-m", "ipykernel_launcher"]
    assert "logo-64x64.png" in kernel.resources
    assert kernel.broken is None


def test_a_python3_on_the_path_goes_before_ipykernels_own(machine: Machine) -> None:
    write_kernel(machine.kernels / "python3", python_spec())

    assert machine.kernel("python3", native_dir=ipykernel.kernelspec.RESOURCES).source == "jupyter"


def test_without_ipykernel_there_is_no_kernel_of_its_own(machine: Machine) -> None:
    for native_dir in (None, f"{machine.folder}/gone"):
        assert "python3" not in names(machine.look(native_dir=native_dir))


def test_a_broken_ipykernel_is_reported_and_costs_no_other_kernel(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("no\nkernel")

    monkeypatch.setattr(ipykernel.kernelspec, "get_kernel_dict", fail)

    snapshot = machine.look(native_dir=ipykernel.kernelspec.RESOURCES)

    assert names(snapshot) == ["conda-base-py"]
    (finding,) = snapshot.findings
    assert (finding.id, finding.severity) == ("native-kernel-unusable", "error")
    assert finding.seen == "no\\nkernel"


def test_ipykernels_own_kernel_comes_and_goes_with_python3(machine: Machine) -> None:
    discovery = machine.discovery(native_dir=ipykernel.kernelspec.RESOURCES)
    first = named(discovery.look(), "python3")
    write_kernel(machine.kernels / "python3", python_spec())

    assert first.source == "native"
    assert named(discovery.look(), "python3").source == "jupyter"
    shutil.rmtree(machine.kernels / "python3")
    assert named(discovery.look(), "python3").source == "native"
