"""Kernels and environments for the tests of the catalog and its listing, as discovery gives them."""

from typing import Any

from jupyter_sm.image import KernelSpec
from jupyter_sm.kernels import Choice, Environment, Kernel, Snapshot

BASE = Environment("/opt/conda", "base", "/opt/conda", is_base=True)
MYENV = Environment("/opt/conda/envs/myenv", "myenv", "/opt/conda", is_base=False)


def kernel(name: str, **more: Any) -> Kernel:
    argv = more.pop("argv", [f"/{name}/bin/python", "-m", "ipykernel_launcher"])
    display_name = more.pop("display_name", f"Display {name}")
    return Kernel(
        name=name,
        display_name=display_name,
        language=more.pop("language", "python"),
        source=more.pop("source", "jupyter"),
        resource_dir=more.pop("resource_dir", f"/share/{name}"),
        spec={"argv": argv, "display_name": display_name, "env": {}, "metadata": {}},
        **more,
    )


PYTHON3 = kernel("python3")
IR = kernel("ir", language="R")
CONDA_BASE = kernel("conda-base-py", source="conda", environment=BASE, aliases=("conda-root-py",))
CONDA_MYENV = kernel(
    "conda-env-myenv-py", source="conda", environment=MYENV, aliases=("conda_myenv",)
)
FOUND = Snapshot(kernels=(PYTHON3, IR, CONDA_BASE, CONDA_MYENV))


def configured(*names: str, **more: Any) -> Choice:
    specs = tuple(KernelSpec(name=name) for name in names)
    return Choice(configured=specs, source="/etc/config.json", **more)
