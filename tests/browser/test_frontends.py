"""The oldest JupyterLab that is promised, the newest, and Jupyter Notebook 7: one panel."""

import json
from pathlib import Path

import frontends
import hosts
import panelpage
import pytest
from browsing import Chromium
from frontends import Frontend
from hosts import Host
from panelpage import PanelPage
from playwright.async_api import expect
from real import RecordReal

NOTEBOOK = {
    "cells": [],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def _start(folder: Path, python: str, command: str) -> Host:
    flags = panelpage.NOTEBOOK_FLAGS if command == "notebook" else panelpage.LAB_FLAGS
    (folder / "a.ipynb").write_text(json.dumps(NOTEBOOK))
    return hosts.start_server(folder, *flags, command=command, python=python)


async def _shows_its_kernel(page: PanelPage) -> None:
    await page.open_panel()
    await page.state("ready")
    current = page.panel.locator("li[data-kernel][data-current=true]")
    await expect(current).to_have_attribute("data-kernel", "python3")
    await page.kernel_is_idle()


async def test_the_panel_works_in_jupyterlab_4_0(
    chromium: Chromium, tmp_path: Path, user_environ: dict[str, str], record_real: RecordReal
) -> None:
    python = frontends.python_of(frontends.LAB_4_0, user_environ)
    with _start(tmp_path, python, "lab") as lab:
        async with panelpage.opened(chromium, lab) as page:
            version = await page.page.evaluate("window.jupyterapp.version")
            assert version.startswith("4.0.")
            await page.new_notebook("python3")
            await _shows_its_kernel(page)
            await expect(page.status).to_be_visible()
    record_real(frontends.LAB_4_0.name)


@pytest.mark.parametrize(
    "frontend", [frontends.NOTEBOOK_7, frontends.LAB_4_0], ids=lambda f: f.name
)
async def test_the_panel_works_in_notebook_7(
    chromium: Chromium,
    tmp_path: Path,
    frontend: Frontend,
    user_environ: dict[str, str],
    record_real: RecordReal,
) -> None:
    """The newest one, and the one of JupyterLab 4.0."""
    python = frontends.python_of(frontend, user_environ)
    with _start(tmp_path, python, "notebook") as notebook:
        async with panelpage.opened(chromium, notebook, path="/notebooks/a.ipynb") as page:
            assert (await page.page.evaluate("window.jupyterapp.version")).startswith("7.")
            await _shows_its_kernel(page)
        async with panelpage.opened(chromium, notebook, path="/tree") as page:
            await page.open_panel()
            await page.state("ready")
    record_real(frontends.NOTEBOOK_7.name)
