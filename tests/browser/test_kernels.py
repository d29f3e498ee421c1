"""The panel's kernels: the current one is followed, new ones appear, one click starts one."""

import shutil
from pathlib import Path

import envs
import panelpage
from browsing import Chromium
from hosts import Host
from panelpage import PanelPage
from playwright.async_api import expect

OURS = "conda-env-train-py"

CHANGE = """async name => {
  await window.jupyterapp.shell.currentWidget.sessionContext.changeKernel({name});
}"""
SHUT_DOWN = "async () => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()"
KERNEL = "() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.name"


async def _is_current(page: PanelPage, name: str) -> None:
    current = page.panel.locator("li[data-kernel][data-current=true]")
    await expect(current).to_have_count(1)
    await expect(current).to_have_attribute("data-kernel", name)


async def test_the_kernel_of_the_current_notebook_is_followed_as_it_changes(
    chromium: Chromium, image: Host
) -> None:
    async with panelpage.opened(chromium, image) as page:
        await page.open_panel()
        await page.state("ready")
        await expect(page.panel.locator("[data-current=true]")).to_have_count(0)
        without_notebook = await page.section("kernels").inner_text()

        await page.new_notebook("python3")
        await _is_current(page, "python3")
        await page.page.evaluate(CHANGE, OURS)
        await _is_current(page, OURS)

        await page.page.evaluate(SHUT_DOWN)
        await expect(page.panel.locator("[data-current=true]")).to_have_count(0)
        assert await page.section("kernels").inner_text() != without_notebook


async def test_an_environment_that_is_created_appears_and_goes_without_a_reload(
    chromium: Chromium, image: Host, conda: Path
) -> None:
    async with panelpage.opened(chromium, image) as page:
        await page.open_panel()
        await page.state("ready")
        await expect(page.kernel("conda-env-fresh-py")).to_have_count(0)

        fresh = envs.make_environment(conda / "envs/fresh", interpreter="real")
        await expect(page.kernel("conda-env-fresh-py")).to_have_count(1)
        shutil.rmtree(fresh)
        await expect(page.kernel("conda-env-fresh-py")).to_have_count(0)


async def test_a_notebook_with_this_kernel_is_one_click_away(
    chromium: Chromium, image: Host
) -> None:
    async with panelpage.opened(chromium, image) as page:
        await page.open_panel()
        await page.state("ready")

        await page.kernel(OURS).get_by_role("button", name="notebook").click()
        await _is_current(page, OURS)
        assert await page.page.evaluate(KERNEL) == OURS


async def test_the_command_starts_a_notebook_with_the_named_kernel(
    chromium: Chromium, image: Host
) -> None:
    async with panelpage.opened(chromium, image) as page:
        await page.execute("jupyter-sm:new-notebook", kernelName=OURS)

        await page.page.wait_for_function(f"({KERNEL})() === '{OURS}'")
