"""What real hosts say, as the panel shows it: an image on SageMaker, one with trouble, and none."""

import panelpage
from browsing import Chromium
from hosts import Host, LaunchHost
from playwright.async_api import expect
from real import RecordReal


async def test_an_image_is_shown_with_its_kernels_gpus_and_logs(
    chromium: Chromium, image: Host, record_real: RecordReal
) -> None:
    async with panelpage.opened(chromium, image) as page:
        await page.open_panel()

        await page.state("ready")
        await expect(page.section("image")).to_contain_text("ana-lopez")
        await expect(page.section("image")).to_contain_text("d-abc123def456")
        await expect(page.section("image")).to_contain_text("team-image")
        await expect(page.kernel("python3")).to_be_visible()
        await expect(page.kernel("conda-env-train-py")).to_contain_text("train")
        await expect(page.section("gpu").get_by_text("NVIDIA A10G")).to_have_count(2)
        await expect(page.section("logs")).to_contain_text("/aws/sagemaker/studio")
        link = page.section("logs").get_by_role("link")
        address = await link.first.get_attribute("href")
        assert address is not None
        assert address.startswith("https://eu-west-1.console.aws.amazon.com/cloudwatch/")
    record_real("browser")


async def test_the_worst_news_stands_first_and_says_what_to_do(
    chromium: Chromium, ill_image: Host
) -> None:
    async with panelpage.opened(chromium, ill_image) as page:
        await page.open_panel()

        await page.state("ready")
        await expect(page.status).to_have_attribute("data-worst", "error")
        missing = page.problem("configured-kernel-missing").filter(has_text="training")
        await expect(missing).to_be_visible()
        problems = page.panel.locator("li[data-problem]")
        severities = [await row.get_attribute("data-severity") for row in await problems.all()]
        order = ["error", "warning", "info"]
        assert severities == sorted(severities, key=lambda name: order.index(str(name)))
        assert severities.count("error") >= 2
        first_section = page.panel.locator("section[data-section]").first
        assert await first_section.get_attribute("data-section") == "health"
        await expect(page.section("gpu")).to_contain_text("803")


async def test_away_from_sagemaker_it_says_so_and_nothing_is_wrong(
    chromium: Chromium, guest: Host
) -> None:
    async with panelpage.opened(chromium, guest) as page:
        await page.open_panel()

        await page.state("ready")
        await expect(page.section("image")).to_contain_text("SageMaker")
        await expect(page.kernel("python3")).to_be_visible()
        assert await page.panel.locator("[data-severity=error]").count() == 0


async def test_without_the_server_extension_the_command_that_enables_it_is_shown(
    chromium: Chromium, launch_lab: LaunchHost
) -> None:
    off = "--ServerApp.jpserver_extensions={'jupyter_sm': False}"
    host = launch_lab(off, *panelpage.LAB_FLAGS)
    async with panelpage.opened(chromium, host) as page:
        await page.open_panel()

        await page.state("missing")
        await expect(page.panel).to_contain_text("jupyter server extension enable")


async def test_a_line_of_the_log_appears_without_a_reload(chromium: Chromium, image: Host) -> None:
    async with panelpage.opened(chromium, image) as page:
        await page.open_panel()
        await page.state("ready")

        with image.start_kernel("python3") as kernel:
            await expect(page.section("logs")).to_contain_text(kernel.kernel_id)
