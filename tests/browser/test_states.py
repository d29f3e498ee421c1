"""Every state of the panel, as it looks: nothing blank, cut off, overlapping, pale or unreadable."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import overviews
import panelchecks
import panelpage
import pytest
from browsing import Chromium
from hosts import Host
from panelpage import PanelPage
from playwright.async_api import expect

Prepare = Callable[[PanelPage], Awaitable[None]]
THEMES = ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast")
GATEWAY = {"X-Jupyter-SM-Gateway": "http://gateway.example:8888"}


def _answer(document: Any, **how: Any) -> Prepare:
    async def prepare(page: PanelPage) -> None:
        await page.answered(document, **how)

    return prepare


def _gateway_error(code: str) -> Prepare:
    message = {
        "gateway-away": "The kernel gateway does not answer",
        "gateway-refuses": "The kernel gateway refuses the token",
        "gateway-without-jupyter-sm": "The kernel gateway has no jupyter_sm",
        "gateway-slow": "The kernel gateway did not answer in time",
    }[code]
    status, reason = (504, "Gateway Timeout") if code == "gateway-slow" else (502, "Bad Gateway")
    body = {"message": message, "reason": reason, "code": code, "hint": "Ask who runs it."}
    return _answer(body, status=status, headers=GATEWAY)


ERROR = {"message": "broken", "reason": "Internal Server Error", "code": "internal", "hint": ""}
GOOD, NONE = (
    _answer(overviews.healthy()),
    _answer({"message": "", "reason": "Not Found"}, status=404),
)
"""What was answered before: with good values at hand, trouble looks otherwise."""

BEFORE = {GOOD: "ready", NONE: "missing"}


@dataclass(frozen=True)
class State:
    """How the panel gets there.

    Attributes:
        is_called: by the panel, in ``data-state``.
        answer: what the host says.
        says: a text that a person needs to see.
        before: what the host said before.
    """

    is_called: str
    answer: Prepare
    says: str
    before: Prepare = GOOD


STATES = {
    "healthy": State("ready", GOOD, "NVIDIA A10G", before=NONE),
    "unhealthy": State("ready", _answer(overviews.unhealthy()), "Did you mean"),
    "stale": State("stale", PanelPage.cut_off, "NVIDIA A10G"),
    "error": State("error", _answer(ERROR, status=500), "broken", before=NONE),
    "away from the start": State("error", PanelPage.cut_off, "not answer", before=NONE),
    "missing": State("missing", NONE, "jupyter server extension enable"),
    "not on SageMaker": State("ready", _answer(overviews.elsewhere()), "SageMaker"),
    "no GPU": State("ready", _answer(overviews.without_gpu()), "GPU"),
    "GPU broken": State("ready", _answer(overviews.broken_gpu()), "libcuda"),
    "GPU not asked yet": State("ready", _answer(overviews.healthy(cuda=None)), "GPU"),
    "many GPUs": State("ready", _answer(overviews.many_gpus()), "NVIDIA A10G"),
    "kernel missing": State("ready", _answer(overviews.kernel_missing()), "training"),
    "through a gateway": State(
        "ready",
        _answer(overviews.healthy(host="kernel-gateway"), headers=GATEWAY),
        "gateway.example",
    ),
    "gateway away": State("gateway-away", _gateway_error("gateway-away"), "gateway.example"),
    "gateway never there": State(
        "gateway-away", _gateway_error("gateway-away"), "gateway.example", before=NONE
    ),
    "gateway refuses": State("error", _gateway_error("gateway-refuses"), "token", before=NONE),
    "gateway slow": State("stale", _gateway_error("gateway-slow"), "in time"),
    "gateway without jupyter_sm": State(
        "gateway-without-jupyter-sm", _gateway_error("gateway-without-jupyter-sm"), "jupyter_sm"
    ),
    "newer": State("newer", _answer(overviews.newer()), "newer"),
    "long words": State("ready", _answer(overviews.long_words()), "aaaaaaaa"),
    "nothing known": State("ready", _answer({"version": "0.1.0", "api": 1}), "0.1.0"),
}


@pytest.fixture(scope="module", params=THEMES)
def desk(
    chromium: Chromium, guest: Host, request: pytest.FixtureRequest
) -> Iterator[tuple[PanelPage, str]]:
    """A page in that theme with the panel open, for every state."""
    visit = panelpage.opened(chromium, guest)
    with ExitStack() as left:
        page = chromium.run(visit.__aenter__())
        left.callback(lambda: chromium.run(visit.__aexit__(None, None, None)))
        chromium.run(page.theme(request.param))
        chromium.run(page.open_panel())
        yield page, request.param


async def _look(page: PanelPage, theme: str) -> list[str]:
    """What is wrong with the panel as it stands."""
    found = [f"cut off: {text}" for text in await panelchecks.cut_off(page.panel)]
    found += [f"overlapping: {text}" for text in await panelchecks.overlapping(page.panel)]
    found += [f"pale: {text}" for text in await panelchecks.too_pale(page.panel)]
    if theme == THEMES[0]:  # but for colours, which are measured above, a theme changes no rule
        found += panelchecks.violations(await panelchecks.axe(page.panel))
    found += await _blank(page)
    return found


async def _blank(page: PanelPage) -> list[str]:
    """Sections that say nothing, and texts that no person wrote."""
    text = await page.panel.inner_text()
    found = [f"raw: {word}" for word in ("undefined", "[object", "NaN", '{"') if word in text]
    for section in await page.panel.locator("section[data-section]").all():
        lines = (await section.inner_text()).strip().splitlines()
        if await section.is_visible() and len(lines) < 2:
            found.append(f"empty: {lines}")
    return found


@pytest.mark.parametrize("name", STATES)
async def test_a_state_can_be_read(desk: tuple[PanelPage, str], name: str) -> None:
    page, theme = desk
    state = STATES[name]
    await state.before(page)
    await page.refresh()
    await page.state(BEFORE[state.before])
    await state.answer(page)
    await page.refresh()

    await page.state(state.is_called)
    await expect(page.panel).to_contain_text(state.says)
    assert await _look(page, theme) == []


async def test_while_it_loads_it_says_so(chromium: Chromium, guest: Host) -> None:
    async with panelpage.opened(chromium, guest, prepare=PanelPage.silent) as page:
        await page.open_panel()

        await page.state("loading")
        assert await _look(page, THEMES[0]) == []
