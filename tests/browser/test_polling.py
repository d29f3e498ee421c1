"""When the panel asks the host: never before it is looked at, seldom when the host is away."""

import asyncio

import overviews
import panelpage
from browsing import Chromium
from hosts import Host
from panelpage import PanelPage
from playwright.async_api import expect

STARTED = """(async () => {
  while (!window.jupyterapp) { await new Promise(then => setTimeout(then, 5)); }
  await window.jupyterapp.started;
  window.startedAt = performance.now();
})()"""

FIRST = """() => performance.getEntriesByType('resource')
  .filter(entry => new URL(entry.name).pathname.endsWith('/api/sm'))
  .map(entry => entry.startTime)"""

HIDE = """hidden => {
  const state = hidden ? 'hidden' : 'visible';
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
  Object.defineProperty(document, 'visibilityState', {configurable: true, get: () => state});
  document.dispatchEvent(new Event('visibilitychange'));
}"""

STEP = 5
"""Seconds."""


async def _wait(page: PanelPage, minutes: int) -> int:
    """Let so much time go by in the page; how often the panel asked meanwhile.

    In steps, between which answers arrive: they take real time.
    """
    before = page.polls()
    for _ in range(minutes * 60 // STEP):
        await page.page.clock.run_for(STEP * 1000)
        await asyncio.sleep(0.03)
    return page.polls() - before


async def _steady(page: PanelPage) -> None:
    await page.page.clock.install()
    await page.answered(overviews.healthy())


async def test_nothing_is_asked_before_every_extension_is_there(
    chromium: Chromium, guest: Host
) -> None:
    async def watch(page: PanelPage) -> None:
        await page.page.add_init_script(STARTED)

    async with panelpage.opened(chromium, guest, prepare=watch) as page:
        await page.open_panel()
        await page.state("ready")

        asked = await page.page.evaluate(FIRST)
        assert asked
        assert min(asked) >= await page.page.evaluate("window.startedAt")


async def test_it_asks_while_somebody_looks_and_stops_when_the_page_is_hidden(
    chromium: Chromium, guest: Host
) -> None:
    async with panelpage.opened(chromium, guest, prepare=_steady) as page:
        await page.open_panel()
        await page.state("ready")
        looking = await _wait(page, 1)

        await page.page.evaluate(HIDE, True)
        await _wait(page, 1)  # one that was on its way may still come
        hidden = await _wait(page, 5)

        await page.page.evaluate(HIDE, False)
        again = await _wait(page, 1)
        assert looking >= 5
        assert hidden == 0
        assert again >= 5


async def test_with_the_panel_closed_it_asks_more_seldom(chromium: Chromium, guest: Host) -> None:
    async with panelpage.opened(chromium, guest, prepare=_steady) as page:
        await page.open_panel()
        await page.state("ready")
        looking = await _wait(page, 3)

        await page.execute("filebrowser:toggle-main")
        await expect(page.panel).to_be_hidden()
        await _wait(page, 1)
        assert 0 < await _wait(page, 3) <= looking / 3


async def test_it_asks_ever_more_seldom_while_the_host_is_away(
    chromium: Chromium, guest: Host
) -> None:
    async with panelpage.opened(chromium, guest, prepare=_steady) as page:
        await page.open_panel()
        await page.state("ready")
        answered = await _wait(page, 5)

        await page.cut_off()
        await _wait(page, 10)
        await page.state("stale")
        assert await _wait(page, 5) <= answered / 5

        await page.answered(overviews.healthy())
        await page.refresh()
        await page.state("ready")
