"""The panel where something is not as it should be: it says so, and goes on."""

import overviews
import panelpage
from browsing import Chromium
from hosts import Host
from panelpage import PanelPage
from playwright.async_api import expect

BROKEN = {"present": True, "identity": {"kind": "studio-app", "app_type": {"value": {"a": 1}}}}
"""No text, where the panel shows one."""


async def test_a_part_that_cannot_be_shown_costs_no_other_and_comes_back(
    chromium: Chromium, guest: Host
) -> None:
    async with panelpage.opened(chromium, guest) as page:
        await page.open_panel()
        await page.answered({**overviews.healthy(), "metadata": BROKEN})
        await page.refresh()
        await expect(page.panel).to_contain_text("This part could not be shown.")
        await expect(page.section("kernels")).to_be_visible()

        await page.answered(overviews.healthy())
        await page.refresh()

        await expect(page.section("image")).to_be_visible()
        await expect(page.panel).not_to_contain_text("This part could not be shown.")
        page.complaints.clear()  # React tells the console of each


async def test_the_page_of_a_proxy_leaves_what_was_known(chromium: Chromium, guest: Host) -> None:
    async with panelpage.opened(chromium, guest) as page:
        await page.open_panel()
        await page.answered(overviews.healthy())
        await page.refresh()
        await page.state("ready")

        await page.answered({"message": "no route matched"}, status=404)
        await page.refresh()

        await page.state("stale")


async def test_a_copied_report_is_confirmed(chromium: Chromium, guest: Host) -> None:
    async with panelpage.opened(chromium, guest) as page:
        await page.open_panel()
        await page.state("ready")

        await page.panel.get_by_role("button", name="Copy report").click()

        await expect(page.panel.get_by_role("button", name="Copied", exact=True)).to_be_visible()


async def _steady(page: PanelPage) -> None:
    await page.page.clock.install()
    await page.answered(overviews.healthy())


async def test_with_the_panel_closed_and_the_status_bar_hidden_nothing_is_asked(
    chromium: Chromium, guest: Host
) -> None:
    async with panelpage.opened(chromium, guest, prepare=_steady) as page:
        await page.open_panel()
        await page.state("ready")
        await page.execute("application:toggle-left-area")
        await page.execute("statusbar:toggle")
        await expect(page.status).not_to_be_visible()
        await page.page.clock.run_for(60_000)  # one may have been under way
        before = page.polls()

        for _ in range(30):
            await page.page.clock.run_for(10_000)

        assert page.polls() == before
