"""JupyterLab connected to a kernel gateway: the information is the gateway's, and says so."""

from pathlib import Path

import hosts
import panelpage
from browsing import Chromium
from hosts import Host, LaunchHost
from playwright.async_api import expect


def _lab(folder: Path, gateway: Host, token: str | None = None) -> Host:
    env = {"JUPYTER_GATEWAY_AUTH_TOKEN": gateway.token if token is None else token}
    url = f"--gateway-url={gateway.url}"
    folder.mkdir()
    # /api/status is the gateway's to answer; this one is the Lab's own.
    return hosts.start_lab(folder, url, *panelpage.LAB_FLAGS, env=env, wait="/api")


async def test_through_a_gateway_it_shows_the_gateways_image(
    chromium: Chromium, launch_gateway: LaunchHost, tmp_path: Path
) -> None:
    gateway = launch_gateway(env={"JUPYTER_SM_SHOW": "all"})
    with _lab(tmp_path / "lab", gateway) as lab:
        async with panelpage.opened(chromium, lab) as page:
            await page.open_panel()
            await page.state("ready")
            await expect(page.panel).to_contain_text(gateway.url.removeprefix("http://"))

            await page.new_notebook("python3")
            current = page.panel.locator("li[data-kernel][data-current=true]")
            await expect(current).to_have_attribute("data-kernel", "python3")
            await page.kernel_is_idle()


async def test_a_gateway_without_the_package_is_named_with_what_it_lacks(
    chromium: Chromium, launch_gateway: LaunchHost, tmp_path: Path
) -> None:
    plain = {"KG_API": "kernel_gateway.jupyter_websocket", "KG_LIST_KERNELS": "True"}
    gateway = launch_gateway(env=plain)
    with _lab(tmp_path / "lab", gateway) as lab:
        async with panelpage.opened(chromium, lab) as page:
            await page.open_panel()
            await page.state("gateway-without-jupyter-sm")
            await expect(page.panel).to_contain_text("pip install")


async def test_a_gateway_that_refuses_the_token_is_named(
    chromium: Chromium, launch_gateway: LaunchHost, tmp_path: Path
) -> None:
    with _lab(tmp_path / "lab", launch_gateway(), token="another") as lab:
        async with panelpage.opened(chromium, lab) as page:
            await page.open_panel()
            await page.state("error")
            await expect(page.panel).to_contain_text("KG_AUTH_TOKEN")


async def test_a_gateway_that_went_away_is_named_and_found_again(
    chromium: Chromium, launch_gateway: LaunchHost, tmp_path: Path
) -> None:
    gateway = launch_gateway()
    with _lab(tmp_path / "lab", gateway) as lab:
        async with panelpage.opened(chromium, lab) as page:
            await page.open_panel()
            await page.state("ready")

            gateway.stop()
            await page.refresh()
            await page.state("gateway-away")
            await expect(page.panel).to_contain_text(gateway.url.removeprefix("http://"))

            launch_gateway(port=int(gateway.url.rpartition(":")[2]))
            await page.refresh()
            await page.state("ready")
