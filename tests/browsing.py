"""A real Chromium, driven by coroutines on an event loop of its own.

Playwright's interface for coroutines is used: the other one keeps an event loop running in the
main thread, where pytest-jupyter then cannot run its own.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

from playwright.async_api import Browser, Page, async_playwright

Result = TypeVar("Result")

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
REMEDY = "no Chromium here: sudo apt-get install --no-install-recommends chromium"
WIDE = {"width": 1280, "height": 900}
PATIENCE = 60_000
"""Milliseconds that anything in a page may take; a machine with two busy cores is slow."""


def chromium_program() -> str | None:
    """The Chromium of this machine."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Chromium:
    """One browser process; each page is a person of its own, who has never been here."""

    def __init__(self, loop: asyncio.AbstractEventLoop, browser: Browser) -> None:
        self._loop = loop
        self._browser = browser

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        return self._loop.run_until_complete(coroutine)

    @asynccontextmanager
    async def page(self, **context: Any) -> AsyncIterator[Page]:
        """A page in a context of its own; ``context`` as for ``Browser.new_context``."""
        person = await self._browser.new_context(**{"viewport": WIDE, "locale": "en-US", **context})
        person.set_default_timeout(PATIENCE)
        try:
            yield await person.new_page()
        finally:
            await person.close()


@contextmanager
def chromium(program: str) -> Iterator[Chromium]:
    loop = asyncio.new_event_loop()
    try:
        driver = async_playwright()
        playwright = loop.run_until_complete(driver.__aenter__())
        try:
            browser = loop.run_until_complete(playwright.chromium.launch(executable_path=program))
            try:
                yield Chromium(loop, browser)
            finally:
                loop.run_until_complete(browser.close())
        finally:
            loop.run_until_complete(driver.__aexit__())
    finally:
        loop.close()
