"""Jupyter's own interface in front of the catalog, for whoever calls it without an event loop."""

import asyncio
import dataclasses
import logging
import sys
import threading
import time
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpec, NoSuchKernel
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory

from jupyter_sm.image import KernelSpec as ConfiguredKernel
from jupyter_sm.kernels import Catalog, Choice, Kernel, Live, Snapshot, Trouble, choose
from jupyter_sm.kernels.manager import CatalogKernelSpecManager, KernelNotStarted

LOG = logging.getLogger("test")


def kernel(name: str, **spec: Any) -> Kernel:
    document = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "env": {"A": "1"},
        "display_name": name.upper(),
        "language": "python",
        "interrupt_mode": "signal",
        "metadata": {"debugger": True},
        **spec,
    }
    return Kernel(name, name.upper(), "python", "jupyter", f"/share/{name}", document)


class Image:
    """Kernels that a test can add to."""

    def __init__(self, *names: str) -> None:
        self.names = list(names)
        self.broken: dict[str, Trouble] = {}
        self.choice = Choice(everything=True)

    def __call__(self) -> Catalog:
        kernels = [
            dataclasses.replace(kernel(name), broken=self.broken.get(name)) for name in self.names
        ]
        return choose(Snapshot(kernels=tuple(kernels)), self.choice)


@pytest.fixture
def image() -> Image:
    return Image("python3", "ir")


@pytest.fixture
def manager(image: Image) -> CatalogKernelSpecManager:
    return CatalogKernelSpecManager(live=Live(image, LOG))


def test_the_listing_serves_both_kinds_of_caller(manager: CatalogKernelSpecManager) -> None:
    specs = manager.get_all_specs()

    assert list(specs) == ["python3", "ir"]
    assert specs["ir"]["resource_dir"] == "/share/ir"
    assert specs["ir"]["spec"]["display_name"] == "IR"
    assert specs["ir"]["name"] == "ir"
    assert specs["ir"]["resources"] == {}
    assert manager.find_kernel_specs() == {"python3": "/share/python3", "ir": "/share/ir"}


def test_a_kernelspec_is_jupyters_own_class(manager: CatalogKernelSpecManager) -> None:
    spec = manager.get_kernel_spec("IR")

    assert isinstance(spec, KernelSpec)
    assert spec.display_name == "IR"
    assert spec.resource_dir == "/share/ir"
    assert spec.env == {"A": "1"}


def test_each_kernelspec_is_the_callers_own(manager: CatalogKernelSpecManager) -> None:
    manager.get_kernel_spec("ir").argv.append("changed")
    manager.get_kernel_spec("ir").env["changed"] = "yes"

    again = manager.get_kernel_spec("ir")
    assert "changed" not in again.argv
    assert "changed" not in again.env


def test_a_broken_kernels_kernelspec_is_that_of_one_which_says_why(image: Image) -> None:
    image.broken["ir"] = Trouble("R is gone", "install R")
    manager = CatalogKernelSpecManager(live=Live(image, LOG))

    spec = manager.get_kernel_spec("ir")

    assert KernelProvisionerFactory().is_provisioner_available(spec)
    stanza = spec.metadata["kernel_provisioner"]
    assert stanza["provisioner_name"] == "jupyter-sm-conda"
    assert stanza["config"]["trouble"] == {
        "reason": "R is gone",
        "remedy": "install R",
        "file": "/share/ir/kernel.json",
    }
    listed = manager.get_all_specs()["ir"]["spec"]
    assert "kernel_provisioner" not in listed["metadata"]


def test_a_missing_kernels_kernelspec_is_that_of_one_which_says_so(image: Image) -> None:
    image.choice = Choice(configured=(ConfiguredKernel(name="absent"),), source="/etc/config.json")
    manager = CatalogKernelSpecManager(live=Live(image, LOG))

    spec = manager.get_kernel_spec("absent")

    trouble = spec.metadata["kernel_provisioner"]["config"]["trouble"]
    assert trouble["file"] == "/etc/config.json"
    assert (spec.argv, spec.resource_dir, spec.language) == ([], "", "")
    assert "absent" not in manager.get_all_specs()


def test_the_names_that_can_be_started_are_the_listed_ones_that_are_not_broken(
    image: Image,
) -> None:
    image.names.append("julia")
    image.broken["python3"] = Trouble("it is gone", "")
    image.choice = Choice(
        configured=(ConfiguredKernel(name="python3"), ConfiguredKernel(name="ir"))
    )

    assert CatalogKernelSpecManager(live=Live(image, LOG)).startable_names() == ["ir"]


def test_an_unknown_name_is_jupyters_own_error_with_the_reason(
    manager: CatalogKernelSpecManager,
) -> None:
    with pytest.raises(NoSuchKernel) as raised:
        manager.get_kernel_spec("irr")

    assert isinstance(raised.value, KernelNotStarted)
    assert raised.value.name == "irr"
    assert str(raised.value) == "`irr` is not a kernel of this image. Did you mean `ir`?"


def test_a_kernel_made_a_moment_ago_is_found(
    manager: CatalogKernelSpecManager, image: Image
) -> None:
    manager.get_all_specs()
    image.names.append("julia")
    time.sleep(0.25)

    assert manager.get_kernel_spec("julia").display_name == "JULIA"


def test_a_key_that_this_jupyter_client_does_not_know_is_left_out(
    recwarn: pytest.WarningsRecorder,
) -> None:
    odd = kernel("odd", a_key_of_the_future="x")
    live = Live(lambda: choose(Snapshot(kernels=(odd,)), Choice(everything=True)), LOG)

    spec = CatalogKernelSpecManager(live=live).get_kernel_spec("odd")

    assert not hasattr(spec, "a_key_of_the_future")
    assert not recwarn.list


def test_without_a_host_resources_are_below_the_root() -> None:
    found = Kernel("ir", "R", "R", "jupyter", "/share/ir", kernel("ir").spec, ("kernel.js",))
    choice = Choice(configured=(ConfiguredKernel(name="ir"),))
    manager = CatalogKernelSpecManager(
        live=Live(lambda: choose(Snapshot(kernels=(found,)), choice), LOG)
    )

    assert manager.get_all_specs()["ir"]["resources"] == {"kernel.js": "/kernelspecs/ir/kernel.js"}


def test_on_an_event_loop_nobody_waits_long_for_the_first_look() -> None:
    gate = threading.Event()

    def hang() -> Catalog:
        gate.wait(30)
        return choose(Snapshot(), Choice())

    manager = CatalogKernelSpecManager(live=Live(hang, LOG))

    async def ask() -> None:
        for question in (manager.get_all_specs, lambda: manager.get_kernel_spec("python3")):
            with pytest.raises(TimeoutError, match="still being looked for"):
                question()

    before = time.monotonic()
    asyncio.run(ask())
    gate.set()
    assert time.monotonic() - before < 20


def test_on_an_event_loop_an_unknown_name_is_looked_for_once_more(
    manager: CatalogKernelSpecManager, image: Image
) -> None:
    manager.get_all_specs()
    image.names.append("julia")
    time.sleep(0.25)

    async def ask() -> str:
        return str(manager.get_kernel_spec("julia").display_name)

    assert asyncio.run(ask()) == "JULIA"


def test_a_real_kernel_manager_finds_its_kernelspec(manager: CatalogKernelSpecManager) -> None:
    km = KernelManager(kernel_name="ir", kernel_spec_manager=manager)

    assert km.kernel_spec is not None
    assert km.kernel_spec.argv[0] == sys.executable
