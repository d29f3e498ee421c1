"""A JupyterLab outside of the image, in a real browser: a notebook runs in there, the panel shows it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browsing
import containers
import hosts
import panelpage
import pytest
from playwright.async_api import expect
from real import ENGINE, RecordReal

pytestmark = [pytest.mark.engine, pytest.mark.newest_only, pytest.mark.timeout(600)]

NOTEBOOK = "work.ipynb"
SHOWN = {"python3": "Base", "conda-env-science-py": "Science", "conda-env-training-py": "Training"}
"""The kernels of docs/examples/app-image-config.json, by the names that it gives them."""
PICTURE = Path(__file__).resolve().parents[2] / "docs/screenshots/image.png"
WANTED = "JSM_TEST_SCREENSHOTS"


@pytest.fixture(scope="module")
def chromium() -> Iterator[browsing.Chromium]:
    program = browsing.chromium_program()
    if program is None:
        pytest.skip(browsing.REMEDY)
    with browsing.chromium(program) as browser:
        yield browser


@pytest.fixture
def image(
    user_image: str,
    context: Path,
    folder_of: containers.FolderOf,
    launch: containers.LaunchContainer,
) -> containers.Container:
    """Started as docs/examples/README.md starts it."""
    home = folder_of("home", 1000, 100)
    return launch(
        user_image,
        "--user=1000:100",
        f"--volume={context}/metadata:/opt/ml/metadata:ro",
        "--tmpfs=/opt/.sagemakerinternal",
        f"--volume={home}:/home/sagemaker-user",
    )


@pytest.fixture
def lab(image: containers.Container, launch_lab: hosts.LaunchHost, tmp_path: Path) -> hosts.Host:
    """Connected to it; in its folder lies a notebook of the image's kernel."""
    kernel = {"name": "conda-env-science-py", "display_name": "Science", "language": "python"}
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "prefix",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": "import os, sys\nprint(sys.prefix, os.getuid(), os.getgid())",
    }
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel},
        "cells": [cell],
    }
    (tmp_path / NOTEBOOK).write_text(json.dumps(notebook))
    token = {"JUPYTER_GATEWAY_AUTH_TOKEN": image.token}
    url = f"--gateway-url={image.url}"
    return launch_lab(url, *panelpage.LAB_FLAGS, env=token, wait="/api")


async def _runs(page: panelpage.PanelPage) -> None:
    """The notebook is opened, and its cell is run in the image."""
    await page.execute("docmanager:open", path=NOTEBOOK)
    await page.kernel_is_idle()
    await page.execute("notebook:run-all-cells")
    output = page.page.locator(".jp-Notebook .jp-OutputArea-output")
    await expect(output).to_have_text("/opt/conda/envs/science 1000 100")
    name = page.page.locator(".jp-Toolbar-kernelName")
    await expect(name).to_contain_text("Science")


async def _shows(page: panelpage.PanelPage, image: containers.Container) -> None:
    """The panel tells of the image, and not of the Lab's own machine."""
    await page.state("ready")
    await expect(page.panel).to_contain_text(image.url.removeprefix("http://"))
    about = page.section("image")
    for fact in ("ana-lopez", "my-app", "d-abc123def456", "my-image", "sagemaker-user"):
        await expect(about).to_contain_text(fact)
    for name, display_name in SHOWN.items():
        await expect(page.kernel(name)).to_contain_text(display_name)
    await expect(page.section("kernels")).to_contain_text(f"{len(SHOWN)} offered")
    current = page.panel.locator("li[data-kernel][data-current=true]")
    await expect(current).to_have_attribute("data-kernel", "conda-env-science-py")
    await expect(page.panel.locator("[data-severity=error]")).to_have_count(0)
    await expect(page.section("health")).to_contain_text("No errors, no warnings.")


def test_a_notebook_runs_in_the_image_and_the_panel_shows_the_image(
    chromium: browsing.Chromium,
    image: containers.Container,
    lab: hosts.Host,
    record_real: RecordReal,
) -> None:
    async def look() -> None:
        async with panelpage.opened(chromium, lab) as page:
            await page.open_panel()
            await _runs(page)
            await _shows(page, image)
            if os.environ.get(WANTED):
                await page.page.screenshot(path=str(PICTURE), animations="disabled")

    chromium.run(look())

    [kernel] = lab.get("/api/kernels").json()
    assert lab.delete(f"/api/kernels/{kernel['id']}").status == 204
    assert image.stop() == 0
    assert image.left_behind() == []
    for part in ("browser", "lab", ENGINE):
        record_real(part)
