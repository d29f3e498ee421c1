"""The demo in binder/: what repo2docker makes of it, and documents that show what they should."""

import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from jupyter_sm.image import read_app_image_config, read_metadata

pytestmark = pytest.mark.newest_only

ROOT = Path(__file__).resolve().parent.parent
BINDER = ROOT / "binder"


def _post_build() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("post_build", str(BINDER / "postBuild"))
    spec = importlib.util.spec_from_loader("post_build", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_repo2docker_installs_the_environment_and_runs_the_script(
    user_environ: dict[str, str],
) -> None:
    """Rendered only: neither docker nor a conda channel is asked."""
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(ROOT)]
    done = subprocess.run(
        command, env=user_environ, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr
    dockerfile = done.stdout + done.stderr
    assert "Building conda environment for python=3.12" in dockerfile
    assert '--file "binder/environment.yml"' in dockerfile
    assert "RUN ./binder/postBuild" in dockerfile
    assert os.access(BINDER / "postBuild", os.X_OK)


def test_the_documents_of_the_demo_are_without_a_mistake() -> None:
    document = (BINDER / "resource-metadata.json").read_bytes()
    metadata = read_metadata(document, source="demo", environ={}, user="jovyan")
    document = (BINDER / "app-image-config.json").read_bytes()
    config = read_app_image_config(document, source="demo")

    assert metadata.findings == ()
    assert metadata.identity.app_type.value == "KernelGateway"
    assert config.findings == ()


def test_the_demo_puts_its_documents_where_they_are_looked_for(tmp_path: Path) -> None:
    _post_build().place(tmp_path)

    setting = json.loads((tmp_path / "etc/jupyter/jupyter_server_config.json").read_text())
    metadata = Path(setting["JupyterSM"]["metadata_file"])
    assert metadata.read_bytes() == (BINDER / "resource-metadata.json").read_bytes()
    assert (tmp_path / "etc/jupyter_sm/app-image-config.json").is_file()
