"""The pictures in docs/, made of the panel as it is.

    JSM_TEST_SCREENSHOTS=1 scripts/test tests/browser/test_screenshots.py

writes them; without the variable they go to the test's folder, and only that they can be made is seen.
"""

import os
from pathlib import Path

import overviewparts
import overviews
import panelpage
import pytest
from browsing import Chromium
from hosts import LaunchHost
from panelpage import PanelPage

DOCS = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
WANTED = "JSM_TEST_SCREENSHOTS"
SIZE = {"width": 960, "height": 800}
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
PICTURES = {"healthy": overviews.healthy(), "unhealthy": overviews.unhealthy()}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", PICTURES)
async def test_a_picture_for_the_documentation(
    chromium: Chromium, launch_lab: LaunchHost, tmp_path: Path, name: str, theme: str
) -> None:
    folder = DOCS if os.environ.get(WANTED) else tmp_path
    folder.mkdir(parents=True, exist_ok=True)

    async def prepare(page: PanelPage) -> None:
        await page.page.clock.set_fixed_time(overviewparts.NOON)
        await page.answered(PICTURES[name])

    host = launch_lab(*panelpage.LAB_FLAGS)
    async with panelpage.opened(chromium, host, prepare=prepare, viewport=SIZE) as page:
        await page.theme(THEMES[theme])
        await page.open_panel()
        await page.new_notebook("python3")
        await page.kernel_is_idle()
        await page.state("ready")
        await page.page.evaluate("document.activeElement.blur()")
        await page.page.mouse.move(SIZE["width"] - 1, SIZE["height"] // 2)
        file = folder / f"{name}-{theme}.png"
        await page.page.screenshot(path=str(file), animations="disabled")

    assert file.stat().st_size > 10_000
