"""A page of JupyterLab or Jupyter Notebook 7, and the panel in it.

async with opened(chromium, lab) as page:
    await page.open_panel()
    await page.panel.locator("[data-problem=kernel-missing]").wait_for()
"""

import json
import re
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from browsing import Chromium
from hosts import Host
from playwright.async_api import ConsoleMessage, Locator, Page, Route, expect

ROUTE = re.compile(r"/api/sm(\?|$)")
"""What the panel asks for; JupyterLab adds the time, against caches."""

LAB_FLAGS = ("--LabApp.expose_app_in_browser=True",)
NOTEBOOK_FLAGS = ("--JupyterNotebookApp.expose_app_in_browser=True",)

QUIET: Mapping[str, Mapping[str, Any]] = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
"""Settings of every test: a toast about news would lie over what is looked at."""

READY = "() => window.jupyterapp && window.jupyterapp.restored.then(() => true)"
"""A function that the page is asked until it gives true."""

IDLE = """() =>
  window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"""


def write_settings(folder: Path, settings: Mapping[str, Mapping[str, Any]]) -> None:
    """Give a host that `hosts` starts in ``folder`` a user's settings, by plugin's id, and no others."""
    user_settings = folder / "jupyter" / "config" / "lab" / "user-settings"
    for old in user_settings.rglob("*.jupyterlab-settings"):
        old.unlink()
    for plugin, values in {**QUIET, **settings}.items():
        path = user_settings / plugin.replace(":", "/")
        file = path.with_name(f"{path.name}.jupyterlab-settings")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))


class PanelPage:
    """A page in which an application runs.

    Attributes:
        page: Playwright's.
        panel: the panel's root.
        complaints: what the page wrote to its console as an error, and errors nobody caught.
        asked: the path and query of every request to the host, in order.
    """

    def __init__(self, page: Page, host: Host) -> None:
        self.page = page
        self.host = host
        self.panel: Locator = page.locator("#jupyter-sm-panel")
        self.status: Locator = page.locator("#jupyter-sm-status")
        self.complaints: list[str] = []
        self.asked: list[str] = []
        page.on("console", self._console)
        page.on(
            "pageerror", lambda error: self.complaints.append(f"{error.message}\n{error.stack}")
        )
        page.on("request", lambda request: self.asked.append(request.url.removeprefix(host.url)))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} {message.location.get('url', '')}")

    def own_complaints(self) -> list[str]:
        """Those of the panel's own code, without the browser's note on each answer that is an error."""
        told = [text for text in self.complaints if not text.startswith("Failed to load resource")]
        return [text for text in told if "jupyter-sm" in text or "api/sm" in text]

    def polls(self) -> int:
        """How often the panel has asked the host so far."""
        return sum(path.partition("?")[0].endswith("/api/sm") for path in self.asked)

    async def visit(self, path: str) -> None:
        joint = "&" if "?" in path else "?"
        await self.page.goto(f"{self.host.url}{path}{joint}token={self.host.token}")
        await self.page.wait_for_function(READY)

    async def execute(self, command: str, **arguments: Any) -> None:
        """A command of the application; what it gives back is dropped."""
        await self.page.evaluate(
            "async ([id, args]) => { await window.jupyterapp.commands.execute(id, args); }",
            [command, arguments],
        )

    async def open_panel(self) -> None:
        await self.execute("jupyter-sm:open")
        await expect(self.panel).to_be_visible()

    async def state(self, wanted: str) -> None:
        """Wait until the whole panel is in that state."""
        await expect(self.panel).to_have_attribute("data-state", wanted)

    async def refresh(self) -> None:
        await self.execute("jupyter-sm:refresh")

    async def theme(self, name: str) -> None:
        """Change the theme and wait until its colours are there."""
        await self.execute("apputils:change-theme", theme=name)
        await self.page.wait_for_function(
            "name => document.body.dataset.jpThemeName === name", arg=name
        )

    async def new_notebook(self, kernel: str) -> None:
        await self.execute("notebook:create-new", kernelName=kernel)

    async def kernel_is_idle(self) -> None:
        """Wait until the current notebook's kernel is; a host stops badly amid the start of one."""
        await self.page.wait_for_function(IDLE)

    def section(self, name: str) -> Locator:
        return self.panel.locator(f"section[data-section={name}]")

    def kernel(self, name: str) -> Locator:
        return self.panel.locator(f'li[data-kernel="{name}"]')

    def problem(self, name: str) -> Locator:
        return self.panel.locator(f'li[data-problem="{name}"]')

    async def answered(
        self, document: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        """From now on the host's place is taken: this is the answer to what the panel asks."""

        async def fulfil(route: Route) -> None:
            await route.fulfill(
                status=status,
                content_type="application/json",
                headers={"Content-Type": "application/json", **(headers or {})},
                body=json.dumps(document),
            )

        await self.page.unroute(ROUTE)
        await self.page.route(ROUTE, fulfil)

    async def cut_off(self) -> None:
        """From now on no answer comes: the connection is refused."""
        await self.page.unroute(ROUTE)
        await self.page.route(ROUTE, lambda route: route.abort("connectionrefused"))

    async def silent(self) -> None:
        """From now on no answer comes, and no refusal."""

        async def wait(_: Route) -> None:
            """The request stays open until the page goes."""

        await self.page.unroute(ROUTE)
        await self.page.route(ROUTE, wait)


Prepare = Callable[[PanelPage], Any]


@asynccontextmanager
async def opened(
    chromium: Chromium,
    host: Host,
    *,
    path: str = "/lab",
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    prepare: Prepare | None = None,
    **context: Any,
) -> AsyncIterator[PanelPage]:
    """The application with nothing of an earlier visit: settings and layout are as shipped.

    Args:
        path: below the host's address; a workspace of its own is added to ``/lab``.
        settings: by plugin's id.
        prepare: called, and awaited, before the page is loaded.
        context: as for ``Browser.new_context``.
    """
    write_settings(host.log_path.parent, settings or {})
    async with chromium.page(**context) as page:
        lab = PanelPage(page, host)
        if prepare is not None:
            await prepare(lab)
        place = f"/lab/workspaces/{uuid.uuid4().hex}" if path == "/lab" else path
        await lab.visit(place)
        yield lab
        assert lab.own_complaints() == []
