"""A machine that holds nothing but what a test puts there, and a command's outcome."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupyter_sm

SOURCE = str(Path(jupyter_sm.__file__).parent.parent)
"""What goes on PYTHONPATH for a process that is to find the package under test."""


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Outcome]


@dataclass(frozen=True)
class Machine:
    """Folders that the Jupyter of one test knows.

    Attributes:
        prefix: stands for this Python's, with share/jupyter and etc/jupyter in it.
        config: the user's Jupyter configuration.
        conda: of a conda installation, which is not there at first.
    """

    prefix: Path
    config: Path
    conda: Path

    @property
    def kernels(self) -> Path:
        """Folder of the kernelspecs below the prefix."""
        return self.prefix / "share/jupyter/kernels"

    def configure(self, text: str, name: str = "jupyter_kernel_gateway_config.py") -> Path:
        """Write a file of the user's Jupyter configuration."""
        path = self.config / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def list_kernels(self, *kernels: Mapping[str, str]) -> str:
        """Write an AppImageConfig with these entries; the argument that makes it count."""
        file_system = {"MountPath": "/home/user", "DefaultUid": 1000, "DefaultGid": 100}
        section = {"KernelSpecs": list(kernels), "FileSystemConfig": file_system}
        path = self.prefix / "app-image-config.json"
        path.write_text(json.dumps({"KernelGatewayImageConfig": section}))
        return f"--JupyterSM.app_image_config={path}"
