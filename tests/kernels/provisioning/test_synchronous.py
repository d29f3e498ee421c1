"""The synchronous interface of jupyter_client, and its other ways to talk to a kernel."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import KernelManager, run_kernel, start_new_kernel

from .foreign import TIMEOUT, Host, dying, explanation_of


@pytest.fixture(autouse=True)
def on_the_jupyter_path(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where ``start_new_kernel`` looks."""
    monkeypatch.setenv("JUPYTER_PATH", str(host.share))
    host.scripted("export X=1\n", name="works")
    dying(host.environment("dead"), "sleep 0.2; exit 7")


@contextlib.contextmanager
def client_of(km: KernelManager) -> Iterator[Any]:
    """A client of a kernel, which is started for it."""
    km.start_kernel()
    client = km.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=TIMEOUT)
        yield client
    finally:
        client.stop_channels()
        km.shutdown_kernel(now=True)


def reply_of(client: Any, code: str = "import os; assert os.environ['X'] == '1'") -> dict[str, Any]:
    reply: dict[str, Any] = client.execute(code, reply=True, timeout=TIMEOUT)["content"]
    return reply


def status_of(client: Any) -> str:
    return str(reply_of(client).get("ename", "ok"))


def test_a_kernel_works_in_a_with_statement() -> None:
    with run_kernel(kernel_name="works", startup_timeout=TIMEOUT) as client:
        assert status_of(client) == "ok"


def test_an_early_end_is_told_without_an_event_loop() -> None:
    with run_kernel(kernel_name="dead", startup_timeout=TIMEOUT) as client:
        told = "\n".join(reply_of(client)["traceback"])

    assert "its process ended with status 7 before it answered" in told


def test_synchronous_calls_work_where_an_event_loop_runs() -> None:
    async def main() -> list[str]:
        found = []
        for name in ("works", "dead"):
            km, client = start_new_kernel(startup_timeout=TIMEOUT, kernel_name=name)
            found.append(status_of(client))
            client.stop_channels()
            km.shutdown_kernel()
        return found

    assert asyncio.run(main()) == ["ok", "KernelNotStarted"]


def test_a_restart_after_the_mend_starts_the_real_kernel(host: Host) -> None:
    prefix = host.root / "envs/works"
    away = prefix.with_name("away")
    prefix.rename(away)
    km = host.made(KernelManager, "works")

    with client_of(km) as client:
        assert status_of(client) == "KernelNotStarted"
        away.rename(prefix)
        km.restart_kernel()
        client.wait_for_ready(timeout=TIMEOUT)
        assert status_of(client) == "ok"
        assert explanation_of(km) is None


@pytest.mark.parametrize(("name", "status"), [("works", "ok"), ("dead", "KernelNotStarted")])
def test_a_kernel_may_be_reached_by_files(
    host: Host, short_folder: Path, name: str, status: str
) -> None:
    km = host.made(
        KernelManager, name, transport="ipc", connection_file=str(short_folder / "k.json")
    )

    with client_of(km) as client:
        assert status_of(client) == status
        assert km.is_alive()
        assert (explanation_of(km) is None) == (status == "ok")


@pytest.mark.newest_only  # jupyter_client 8.10 and later
@pytest.mark.parametrize(("name", "status"), [("works", "ok"), ("dead", "KernelNotStarted")])
def test_a_connection_may_be_encrypted(host: Host, name: str, status: str) -> None:
    prefix = host.root / "envs" / name
    host.install(name, prefix, metadata={"supported_encryption": "curve"})
    km = host.made(KernelManager, name, transport_encryption="required")

    with client_of(km) as client:
        assert status_of(client) == status
        assert km.is_alive(), "and so the answer has been looked for"
        assert (explanation_of(km) is None) == (status == "ok")
        km.restart_kernel()
        client.wait_for_ready(timeout=TIMEOUT)
        assert status_of(client) == status


START = """
from jupyter_client.manager import start_new_kernel
for name in ("works", "dead"):
    km, client = start_new_kernel(kernel_name=name)
    client.stop_channels()
    km.shutdown_kernel()
    assert not km.is_alive()
"""

START_IN_LOOP = """
import asyncio
from jupyter_client.manager import start_new_async_kernel
async def main():
    for name in ("works", "dead"):
        km, client = await start_new_async_kernel(kernel_name=name)
        client.stop_channels()
        await km.shutdown_kernel()
        assert not await km.is_alive()
asyncio.run(main())
"""

END_BEFORE_IT_ANSWERS = """
import asyncio
from jupyter_client.manager import AsyncKernelManager
async def main():
    for name in ("works", "dead"):
        for now in (True, False):
            km = AsyncKernelManager(kernel_name=name)
            await km.start_kernel()
            await km.shutdown_kernel(now=now)
asyncio.run(main())
"""


@pytest.mark.parametrize(
    "program",
    [START, START_IN_LOOP, END_BEFORE_IT_ANSWERS],
    ids=["synchronous", "in a loop", "ended before they answer"],
)
def test_nothing_is_left_open_by_kernels_that_were_shut_down(tmp_path: Path, program: str) -> None:
    said = _python(
        tmp_path, "-W", "always::ResourceWarning", "-c", f"{program}\nimport gc; gc.collect()"
    )

    for sign in (
        "ResourceWarning",
        "was destroyed",
        "Exception ignored",
        "never retrieved",
        "never awaited",
    ):
        assert sign not in said


DROPPED = """
import asyncio, gc, os, signal, sys
from jupyter_client.manager import AsyncKernelManager, KernelManager

async def start():
    km = AsyncKernelManager(kernel_name="works")
    await km.start_kernel()
    return km.provisioner.pid

def start_without_loop():
    km = KernelManager(kernel_name="works")
    km.start_kernel()
    return km.provisioner.pid

pid = start_without_loop() if sys.argv[1] == "synchronous" else asyncio.run(start())
gc.collect()
os.kill(pid, signal.SIGKILL)
print("goes on")
"""


@pytest.mark.parametrize("how", ["synchronous", "in a loop"])
def test_a_manager_that_is_dropped_before_its_kernel_answered_holds_nobody_up(
    tmp_path: Path, how: str
) -> None:
    assert "goes on" in _python(tmp_path, "-c", DROPPED, how)


def _python(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=dict(os.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said
