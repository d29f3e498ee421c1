"""What the panel is measured with finds what is wrong, and nothing else."""

import panelchecks
import pytest
from browsing import Chromium
from playwright.async_api import Locator, Page


async def _panel(page: Page, inside: str, *, style: str = "") -> Locator:
    await page.set_content(
        f"<html lang=en><title>t</title><main><div id=panel style='width: 200px;"
        f" background: white; {style}'>{inside}</div></main></html>"
    )
    return page.locator("#panel")


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<p style='color: #777'>pale</p>", {"pale": 4.48}),
        ("<p style='color: #767676'>just dark enough</p>", {}),
        ("<p style='color: rgba(0,0,0,0.5)'>half</p>", {"half": 3.97}),
        ("<p style='opacity: 0.5; color: black'>half</p>", {"half": 3.97}),
        ("<p style='background: rgb(0 0 0 / 50%); color: white'>on grey</p>", {"on grey": 3.97}),
        ("<p style='color: color(srgb 0.467 0.467 0.467)'>pale</p>", {"pale": 4.48}),
        ("<p>well <span aria-hidden=true style='color: #888'>✔</span></p>", {}),
        ("<p>well <span aria-hidden=true style='color: #aaa'>✔</span></p>", {"✔": 2.32}),
        ("<p style='display: none; color: #eee'>hidden</p>dark", {}),
        (
            "<div style='height: 9px; overflow: auto'>a<p>b<p>c<p style='color: #aaa'>d</div>",
            {"d": 2.32},
        ),
    ],
)
async def test_pale_texts_are_found_also_where_one_has_to_scroll(
    chromium: Chromium, inside: str, expected: dict[str, float]
) -> None:
    async with chromium.page() as page:
        found = await panelchecks.too_pale(await _panel(page, inside))

    assert dict(found) == pytest.approx(expected, abs=0.03)


async def test_a_panel_without_text_is_not_said_to_be_readable(chromium: Chromium) -> None:
    async with chromium.page() as page:
        with pytest.raises(AssertionError, match="no text"):
            await panelchecks.too_pale(await _panel(page, "<svg></svg>"))


@pytest.mark.parametrize(
    ("inside", "count"),
    [
        ("<p>some words that wrap where they have to, as words do</p>", 0),
        (f"<p style='overflow: hidden'>{'a' * 90}</p>", 1),
        (f"<p style='overflow: hidden; text-overflow: ellipsis'>{'a' * 90}</p>", 1),
        ("<p style='overflow: hidden; height: 12px'>one<br>two<br>three</p>", 1),
        ("<div style='overflow: auto; height: 12px'>one<br>two<br>three</div>", 0),
        ("<p style='width: 240px'>wide</p>", 2),
        ("<p style='position: relative; left: -9px'>left</p>", 1),
    ],
)
async def test_what_is_cut_off_is_found(chromium: Chromium, inside: str, count: int) -> None:
    async with chromium.page() as page:
        found = await panelchecks.cut_off(await _panel(page, inside))

    assert len(found) == count, found


@pytest.mark.parametrize(
    ("inside", "count"),
    [
        ("<p>one</p><p>two</p>", 0),
        ("<p>one</p><p style='margin-top: -30px'>two</p>", 1),
        ("<button>one</button><button style='margin-left: -20px'>two</button>", 2),
        (
            "<p>one<b style='position: absolute; width: 1px; height: 1px; overflow: clip'>two</b> on",
            0,
        ),
        ("<button><svg width=9 height=9></svg> one</button>", 0),
    ],
)
async def test_what_lies_over_something_else_is_found(
    chromium: Chromium, inside: str, count: int
) -> None:
    async with chromium.page() as page:
        found = await panelchecks.overlapping(await _panel(page, inside))

    assert bool(found) == bool(count), found


async def test_what_axe_core_finds_is_told_by_rule_and_element(chromium: Chromium) -> None:
    async with chromium.page() as page:
        panel = await _panel(page, "<button></button><ul><p>no item</p></ul>")
        found = panelchecks.violations(await panelchecks.axe(panel))

    assert sorted(text.partition(":")[0] for text in found) == ["button-name", "list"]


async def test_axe_core_measures_contrast_where_it_can(chromium: Chromium) -> None:
    """It did not run where the panel was not in view; here one sees that it does."""
    async with chromium.page() as page:
        said = await panelchecks.axe(await _panel(page, "<p>dark</p>"))

    assert "color-contrast" in [rule["id"] for rule in said["passes"]]
