"""What a person can do in the panel: copy, report, use the keyboard, settle it once for all."""

from typing import Any

import overviewparts
import overviews
import panelpage
from browsing import Chromium
from hosts import Host
from panelpage import PanelPage
from playwright.async_api import expect

CLIPBOARD: dict[str, Any] = {"permissions": ["clipboard-read", "clipboard-write"]}

FOCUSABLE = """root => [...root.querySelectorAll(
    'button:not([disabled]), a[href], summary, input, select, [tabindex="0"]')]
  .filter(element => element.checkVisibility({visibilityProperty: true}))
  .map(element => { element.dataset.testReached ??= 'no'; return element; }).length"""

MARK = """root => {
  const now = document.activeElement;
  if (!root.contains(now)) { return null; }
  now.dataset.testReached = 'yes';
  const style = getComputedStyle(now);
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  return {ring: ring || style.boxShadow !== 'none' || now === root, text: now.outerHTML.slice(0, 90)};
}"""

NAMELESS = """root => [...root.querySelectorAll('button, a, meter, summary')]
  .filter(element => element.checkVisibility() &&
    !(element.getAttribute('aria-label') || element.textContent.trim() || element.title))
  .map(element => element.outerHTML.slice(0, 90))"""


async def _sick(page: PanelPage) -> None:
    await page.answered(overviews.unhealthy())


async def _clipboard(page: PanelPage) -> str:
    return str(await page.page.evaluate("navigator.clipboard.readText()"))


async def test_a_value_of_the_image_is_copied_by_its_button(
    chromium: Chromium, guest: Host
) -> None:
    async with panelpage.opened(chromium, guest, prepare=_sick, **CLIPBOARD) as page:
        await page.open_panel()
        await page.state("ready")

        row = page.section("image").locator(":has(> button)").filter(has_text="d-abc123def456")
        await row.last.get_by_role("button").first.click()
        await page.page.wait_for_function(
            "async () => (await navigator.clipboard.readText()) === 'd-abc123def456'"
        )


async def test_the_remedy_of_a_problem_is_copied_by_its_button(
    chromium: Chromium, guest: Host
) -> None:
    async with panelpage.opened(chromium, guest, prepare=_sick, **CLIPBOARD) as page:
        await page.open_panel()
        await page.state("ready")

        await page.problem("cuda-baked-driver").get_by_role("button").first.click()
        await page.page.wait_for_function(
            "async () => (await navigator.clipboard.readText()).startsWith('build the image')"
        )


async def test_the_report_for_a_ticket_has_everything_but_account_ids_arns_and_tokens(
    chromium: Chromium, guest: Host
) -> None:
    document = overviews.unhealthy()
    secret = "0123456789abcdef0123456789abcdef0123456789abcdef"
    document["logs"]["events"].append(overviewparts.event(1, "INFO", f"GET /lab?token={secret}"))

    async def leaky(page: PanelPage) -> None:
        await page.answered(document)

    async with panelpage.opened(chromium, guest, prepare=leaky, **CLIPBOARD) as page:
        await page.open_panel()
        await page.state("ready")

        await page.execute("jupyter-sm:copy-report")
        text = await _clipboard(page)
        assert overviewparts.ACCOUNT not in text
        assert "arn:aws" not in text
        assert secret not in text
        assert guest.token not in text
        for word in (
            "configured-kernel-missing",
            "Did you mean",
            "conda-env-train-py",
            "JupyterLab",
        ):
            assert word in text


async def test_every_control_is_reached_by_the_keyboard_and_seen_when_it_is(
    chromium: Chromium, guest: Host
) -> None:
    async with panelpage.opened(chromium, guest, prepare=_sick) as page:
        await page.open_panel()
        await page.state("ready")
        controls = await page.panel.evaluate(FOCUSABLE)
        assert controls > 5
        assert await page.panel.evaluate(NAMELESS) == []

        await page.panel.evaluate("root => root.querySelector('button, summary, a').focus()")
        unseen = []
        for _ in range(controls + 5):
            await page.page.keyboard.press("Shift+Tab")
        for _ in range(3 * controls):
            await page.page.keyboard.press("Tab")
            focused = await page.panel.evaluate(MARK)
            if focused and not focused["ring"]:
                unseen.append(focused["text"])
        left = page.panel.locator("[data-test-reached=no]")
        assert [await element.evaluate("e => e.outerHTML") for element in await left.all()] == []
        assert unseen == []


async def test_the_status_bar_opens_the_panel_by_keyboard(chromium: Chromium, guest: Host) -> None:
    async with panelpage.opened(chromium, guest, prepare=_sick) as page:
        await expect(page.status).to_have_attribute("data-worst", "error")
        assert not await page.panel.is_visible()

        button = page.status.locator("xpath=descendant-or-self::*[self::button or @tabindex='0']")
        await button.first.focus()
        await page.page.keyboard.press("Enter")
        await expect(page.panel).to_be_visible()


async def test_a_section_closes_and_opens_by_keyboard(chromium: Chromium, guest: Host) -> None:
    async with panelpage.opened(chromium, guest, prepare=_sick) as page:
        await page.open_panel()
        await page.state("ready")
        heading = page.section("image").locator("h3 button")
        value = page.section("image").get_by_text("d-abc123def456").first

        await expect(value).to_be_visible()
        await heading.focus()
        await page.page.keyboard.press("Enter")
        await expect(heading).to_have_attribute("aria-expanded", "false")
        await expect(value).to_be_hidden()
        await page.page.keyboard.press("Space")
        await expect(value).to_be_visible()


async def test_the_open_panel_is_there_again_after_a_reload(
    chromium: Chromium, guest: Host
) -> None:
    async with panelpage.opened(chromium, guest, prepare=_sick) as page:
        async with page.page.expect_response(
            lambda answer: answer.request.method == "PUT" and "/api/workspaces/" in answer.url
        ):
            await page.open_panel()
        await page.state("ready")
        await page.page.reload()
        await page.page.wait_for_function(panelpage.READY)

        await expect(page.panel).to_be_visible()
        await page.state("ready")


async def test_a_section_can_be_left_out_but_never_health(chromium: Chromium, guest: Host) -> None:
    settings = {"jupyter-sm:panel": {"hiddenSections": ["gpu", "logs"]}}
    async with panelpage.opened(chromium, guest, prepare=_sick, settings=settings) as page:
        await page.open_panel()
        await page.state("ready")

        await expect(page.section("gpu")).to_have_count(0)
        await expect(page.section("logs")).to_have_count(0)
        await expect(page.section("kernels")).to_be_visible()
        await expect(page.section("health")).to_be_visible()


async def test_how_often_it_asks_is_a_setting(chromium: Chromium, guest: Host) -> None:
    async def prepare(page: PanelPage) -> None:
        await page.page.clock.install()
        await page.answered(overviews.healthy())

    settings = {"jupyter-sm:panel": {"refreshInterval": 600}}
    async with panelpage.opened(chromium, guest, prepare=prepare, settings=settings) as page:
        await page.open_panel()
        await page.state("ready")
        before = page.polls()
        await page.page.clock.run_for(300_000)
        assert page.polls() == before
