"""The catalog as clients read it, and the kernelspecs that hosts start."""

import dataclasses
from typing import Any

import pytest

from jupyter_sm.image import KernelSpec
from jupyter_sm.kernels import Choice, Snapshot, Trouble, choose, listing
from jupyter_sm.kernels.listing import spec_to_start

from .found import FOUND, IR, configured, kernel


def test_the_listing_is_what_jupyter_server_serves_as_it_is() -> None:
    found = kernel("ir", resources=("kernel.js", "logo-64x64.png", "logo-svg.svg", "logo-odd"))

    models = listing(choose(Snapshot(kernels=(found,)), configured("ir")), "/base/")

    assert models == {
        "ir": {
            "name": "ir",
            "spec": {
                "argv": ["/ir/bin/python", "-m", "ipykernel_launcher"],
                "display_name": "Display ir",
                "env": {},
                "metadata": {},
            },
            "resources": {
                "kernel.js": "/base/kernelspecs/ir/kernel.js",
                "logo-64x64": "/base/kernelspecs/ir/logo-64x64.png",
                "logo-svg": "/base/kernelspecs/ir/logo-svg.svg",
                "logo-odd": "/base/kernelspecs/ir/logo-odd",
            },
            "resource_dir": "/share/ir",
        }
    }


def test_a_configured_name_with_a_space_is_quoted_in_resource_urls() -> None:
    found = kernel("a b", resources=("kernel.js",))

    models = listing(choose(Snapshot(kernels=(found,)), configured("a b")), "/")

    assert models["a b"]["resources"] == {"kernel.js": "/kernelspecs/a%20b/kernel.js"}


def test_a_kernelspec_to_start_is_the_shown_one_with_its_folder() -> None:
    choice = Choice(configured=(KernelSpec(name="ir", display_name="Our R"),))

    spec = spec_to_start(choose(FOUND, choice), "ir")

    assert spec == {**IR.spec, "display_name": "Our R", "resource_dir": "/share/ir"}


OURS = {
    "kernel_provisioner": {
        "provisioner_name": "jupyter-sm-conda",
        "config": {"prefix": "/opt/conda/envs/x", "root": "/opt/conda"},
    }
}
THEIRS = {"kernel_provisioner": {"provisioner_name": "local-provisioner"}}


@pytest.mark.parametrize("metadata", [OURS, {}], ids=["of an environment", "of none"])
def test_the_kernelspec_of_a_broken_kernel_tells_the_trouble(metadata: dict[str, Any]) -> None:
    broken = kernel("x", broken=Trouble("no interpreter", "install python"))
    spec = {**broken.spec, "metadata": {"debugger": True, **metadata}}
    broken = dataclasses.replace(broken, spec=spec)

    started = spec_to_start(choose(Snapshot(kernels=(broken,)), configured("x")), "x")

    config = started["metadata"]["kernel_provisioner"]["config"]
    assert started["metadata"]["kernel_provisioner"]["provisioner_name"] == "jupyter-sm-conda"
    assert started["metadata"]["debugger"] is True
    assert config.pop("trouble") == {
        "reason": "no interpreter",
        "remedy": "install python",
        "file": "/share/x/kernel.json",
    }
    assert config == (OURS["kernel_provisioner"]["config"] if metadata else {})
    assert broken.spec == spec
    assert "trouble" not in str(spec)


def test_a_broken_kernel_with_a_provisioner_of_its_own_is_left_to_that() -> None:
    broken = kernel("x", broken=Trouble("no interpreter", "install python"))
    broken = dataclasses.replace(broken, spec={**broken.spec, "metadata": THEIRS})

    started = spec_to_start(choose(Snapshot(kernels=(broken,)), configured("x")), "x")

    assert started["metadata"] == THEIRS


def test_the_kernelspec_of_a_missing_kernel_tells_where_it_was_asked_for() -> None:
    choice = Choice(
        configured=(KernelSpec(name="absent", display_name="Ours"),), source="/etc/config.json"
    )

    started = spec_to_start(choose(FOUND, choice), "absent")

    assert started["display_name"] == "Ours"
    assert "argv" not in started
    trouble = started["metadata"]["kernel_provisioner"]["config"]["trouble"]
    assert trouble["file"] == "/etc/config.json"
    assert trouble["reason"] == "`absent` is not a kernel of this image"
