"""The demo in binder/: JupyterLab opens with the panel, which shows the demo's documents."""

import os
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import hosts
import panelpage
import pytest
from browsing import Chromium
from hosts import Host
from playwright.async_api import expect

BINDER = Path(__file__).resolve().parents[2] / "binder"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Host]:
    """JupyterLab as the script in binder/ leaves it."""
    prefix = tmp_path / "prefix"
    script = runpy.run_path(str(BINDER / "postBuild"))
    script["place"](prefix)
    env = {
        "JUPYTER_CONFIG_PATH": str(prefix / "etc" / "jupyter"),
        "JUPYTER_SM_APP_IMAGE_CONFIG": str(prefix / script["CONFIG"]),
    }
    jupyter = os.path.join(os.path.dirname(sys.executable), "jupyter")
    subprocess.run(
        [jupyter, "lab", "workspaces", "import", str(BINDER / script["WORKSPACE"])],
        env=hosts.isolated_environ(tmp_path, env),
        capture_output=True,
        check=True,
    )
    with hosts.start_lab(tmp_path, *panelpage.LAB_FLAGS, env=env) as lab:
        yield lab


async def test_the_demo_opens_with_the_panel_and_its_trouble(
    chromium: Chromium, demo: Host
) -> None:
    async with panelpage.opened(chromium, demo, path="/lab/") as page:
        await expect(page.panel).to_be_visible()
        await page.state("ready")
        await expect(page.section("image")).to_contain_text("ana-lopez")
        missing = page.problem("configured-kernel-missing")
        await expect(missing).to_contain_text("conda-env-training-py")
