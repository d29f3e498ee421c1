"""What is measured of a panel as it stands in a page: colours, sizes, and axe-core's rules.

Contrast is computed here from the colours that the browser has computed, for every piece of text,
because axe-core leaves out what it cannot decide, text that is scrolled out of view among it.
"""

import importlib.resources
from typing import Any

from playwright.async_api import Locator

CONTRAST_LEAST = 4.5
"""WCAG 2.2, 1.4.3: for text of ordinary size."""

SIGN_CONTRAST_LEAST = 3.0
"""WCAG 2.2, 1.4.11: for a sign beside a word that says the same."""

ONLY_SPOKEN = """
  const isOnlySpoken = element => {
    const box = element.getBoundingClientRect();
    return getComputedStyle(element).overflow !== 'visible' && box.width <= 1 && box.height <= 1;
  };"""
"""An element that only a screen reader has: one pixel, and what is in it clipped."""

CONTRAST = f"""root => {{{ONLY_SPOKEN}"""
CONTRAST += """
  const parse = text => {
    const parts = text.match(/[\\d.]+/g).map(Number);
    const scale = text.startsWith('color(') ? 255 : 1;
    const [r, g, b, a = 1] = parts;
    return [r * scale, g * scale, b * scale, a];
  };
  const over = (top, below) => {
    const a = top[3];
    return [0, 1, 2].map(i => top[i] * a + below[i] * (1 - a)).concat(1);
  };
  const ground = element => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      const style = getComputedStyle(e);
      if (style.backgroundImage !== 'none' && style.backgroundImage.includes('gradient')) {
        throw new Error('a gradient lies behind text');
      }
      layers.push(parse(style.backgroundColor));
      if (layers[layers.length - 1][3] === 1) { break; }
    }
    return layers.reduceRight((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const luminance = ([r, g, b]) => {
    const linear = [r, g, b].map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const opacity = element => {
    let product = 1;
    for (let e = element; e; e = e.parentElement) {
      product *= Number(getComputedStyle(e).opacity);
    }
    return product;
  };
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (!text || !element.checkVisibility({visibilityProperty: true})) { continue; }
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const box = range.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1 || isOnlySpoken(element)) { continue; }
    if (element.closest('[disabled], [aria-disabled=true]')) { continue; }
    const below = ground(element);
    const colour = parse(getComputedStyle(element).color);
    colour[3] *= opacity(element);
    const lights = [luminance(over(colour, below)), luminance(below)].sort((a, b) => b - a);
    const ratio = (lights[0] + 0.05) / (lights[1] + 0.05);
    const isSign = !/[\\p{L}\\p{N}]/u.test(text) && element.closest('[aria-hidden=true]') !== null;
    found.push({text: text.slice(0, 60), isSign, ratio: Math.round(ratio * 100) / 100});
  }
  return found;
}"""

CUT_OFF = """root => {
  const name = e => `${e.tagName.toLowerCase()}.${[...e.classList].join('.')} ` +
    `"${e.textContent.trim().slice(0, 40)}"`;
  const edge = root.getBoundingClientRect();
  const found = [];
  for (const element of [root, ...root.querySelectorAll('*')]) {
    if (!element.checkVisibility() || element.closest('svg')) { continue; }
    const box = element.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1) { continue; }
    const style = getComputedStyle(element);
    if (style.display !== 'inline' && element.scrollWidth > element.clientWidth + 1) {
      found.push(`${name(element)}: ${element.scrollWidth} px in ${element.clientWidth} px`);
    }
    const scrolls = ['auto', 'scroll'].includes(style.overflowY);
    if (style.overflowY !== 'visible' && !scrolls
        && element.scrollHeight > element.clientHeight + 1) {
      found.push(`${name(element)}: ${element.scrollHeight} px high in ${element.clientHeight} px`);
    }
    if (box.left < edge.left - 1 || box.right > edge.right + 1) {
      found.push(`${name(element)}: beyond the panel's edge`);
    }
  }
  return found;
}"""

OVERLAPPING = f"""root => {{{ONLY_SPOKEN}"""
OVERLAPPING += """
  const boxes = [];
  const shown = (node, box) => {
    let {left, top, right, bottom} = box;
    for (let e = node.parentElement; e && e !== root; e = e.parentElement) {
      if (getComputedStyle(e).overflow === 'visible') { continue; }
      const clip = e.getBoundingClientRect();
      [left, top] = [Math.max(left, clip.left), Math.max(top, clip.top)];
      [right, bottom] = [Math.min(right, clip.right), Math.min(bottom, clip.bottom)];
    }
    return {left, top, right, bottom, width: right - left, height: bottom - top};
  };
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.textContent.trim()) { continue; }
    if (!node.parentElement.checkVisibility({visibilityProperty: true})) { continue; }
    if (isOnlySpoken(node.parentElement)) { continue; }
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) {
      const box = shown(node, rect);
      if (box.width > 1 && box.height > 1) {
        boxes.push({node, box, text: node.textContent.trim().slice(0, 40)});
      }
    }
  }
  for (const node of root.querySelectorAll('button, a, meter, progress, svg')) {
    const box = shown(node, node.getBoundingClientRect());
    if (box.width > 1 && box.height > 1 && node.checkVisibility({visibilityProperty: true})) {
      boxes.push({node, box, text: node.getAttribute('aria-label') || node.tagName});
    }
  }
  const found = [];
  boxes.forEach((one, index) => {
    for (const other of boxes.slice(index + 1)) {
      if (one.node.contains(other.node) || other.node.contains(one.node)) { continue; }
      const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const high = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
      if (wide > 2 && high > 3) { found.push(`"${one.text}" and "${other.text}"`); }
    }
  });
  return found;
}"""


async def too_pale(panel: Locator) -> list[tuple[str, float]]:
    """Visible texts that cannot be read well, each with its contrast.

    Raises:
        AssertionError: there is no text at all, so nothing was measured.
    """
    measured = await panel.evaluate(CONTRAST)
    assert measured, "no text was measured"
    return [
        (row["text"], row["ratio"])
        for row in measured
        if row["ratio"] < (SIGN_CONTRAST_LEAST if row["isSign"] else CONTRAST_LEAST)
    ]


async def cut_off(panel: Locator) -> list[str]:
    """Elements that do not show all of what they hold, or reach beyond the panel."""
    return list(await panel.evaluate(CUT_OFF))


async def overlapping(panel: Locator) -> list[str]:
    """Pairs of texts and controls that lie over each other."""
    return list(await panel.evaluate(OVERLAPPING))


async def axe(panel: Locator) -> dict[str, Any]:
    """What axe-core says of the panel's own elements: ``violations``, ``passes``, ``incomplete``."""
    script = importlib.resources.files("axe_playwright_python") / "axe.min.js"
    await panel.page.evaluate(script.read_text(encoding="utf-8"))
    return dict(await panel.evaluate("root => axe.run(root)"))


def violations(said: dict[str, Any]) -> list[str]:
    """One line for each element that breaks a rule."""
    return [
        f"{rule['id']}: {node['html'][:120]} ({node['failureSummary']})"
        for rule in said["violations"]
        for node in rule["nodes"]
    ]
