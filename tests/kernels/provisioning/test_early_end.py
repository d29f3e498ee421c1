"""A process that ends before it has answered is explained; one that ends afterwards is not."""

import asyncio
import os
import signal
import socket
from pathlib import Path

import processes
import pytest
from jupyter_client.ioloop.manager import AsyncIOLoopKernelManager
from jupyter_client.manager import AsyncKernelManager
from traitlets.config import Config

from .foreign import (
    Host,
    Session,
    dying,
    eventually,
    explanation_of,
    group_of,
    has_ended,
    on_event_loop,
    process_of,
    running,
)


@on_event_loop
async def test_what_a_process_says_that_ends_at_once_is_told_in_the_notebook(host: Host) -> None:
    prefix = host.environment()
    host.environment("other")
    dying(prefix, "echo 'no licence for größe' >&2; exit 7")

    async with running(host.manager()) as kernel:
        told = await kernel.told()
        explanation = explanation_of(kernel.km)

    assert "The kernel e did not start." in told
    assert "its process ended with status 7 before it answered" in told
    assert "no licence for größe" in told
    assert f"{host.share}/kernels/e/kernel.json" in told
    assert "Kernels that can be started: other" in told
    assert explanation is not None
    assert explanation.attempt is not None
    assert (explanation.attempt.status, explanation.attempt.cwd) == (7, None)


@on_event_loop
async def test_an_environment_without_ipykernel_is_told_the_command_that_installs_it(
    host: Host,
) -> None:
    prefix = host.environment(folder="no ipykernel")
    (found,) = prefix.glob("lib/*/site-packages/tests.pth")
    found.unlink()

    async with running(host.manager()) as kernel:
        told = await kernel.told()

    assert f"conda install --prefix '{prefix}' ipykernel" in told


@pytest.mark.parametrize("cwd", ["text", "path", "relative"])
@on_event_loop
async def test_a_host_may_give_the_folder_in_any_way(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cwd: str
) -> None:
    prefix = host.environment()
    dying(prefix, "pwd; exit 7")
    folder = tmp_path / "of the notebook"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    ways = {"text": str(folder), "path": folder, "relative": folder.name}

    async with running(host.manager(), cwd=ways[cwd]) as kernel:
        assert f"  {folder}\n" in await kernel.told()


@on_event_loop
async def test_a_program_below_the_home_folder_is_heard_too(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = host.environment(argv=["~/kernel", "{connection_file}"])
    dying(prefix, "echo 'no licence'; exit 7")
    (prefix / "bin/python").rename(tmp_path / "kernel")
    monkeypatch.setenv("HOME", str(tmp_path))

    async with running(host.manager()) as kernel:
        assert "  no licence\n" in await kernel.told()


@on_event_loop
async def test_what_lies_beside_the_notebook_is_not_taken_for_a_library(
    host: Host, tmp_path: Path
) -> None:
    dying(host.environment(), "exit 7")
    for name in ("json", "zmq", "ipykernel", "jupyter_sm", "random"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong one')\n")

    async with running(host.manager(), cwd=str(tmp_path)) as kernel:
        assert "ended with status 7" in await kernel.told()


@on_event_loop
async def test_what_the_process_left_behind_is_ended_before_another_stands_in(host: Host) -> None:
    prefix = host.environment()
    dying(prefix, f"sleep 600 & echo $$ > '{prefix}/first'; exit 7")
    km = host.manager()

    await km.start_kernel()
    await eventually(lambda: explanation_of(km))
    first = int((prefix / "first").read_text())

    assert not processes.still_alive(group_of(first), within=1)
    await km.shutdown_kernel(now=True)


@on_event_loop
async def test_an_interrupt_before_it_answered_is_told_and_a_restart_goes_on(host: Host) -> None:
    prefix = host.environment(argv=["/bin/sleep", "600"])
    km = host.manager()

    await km.start_kernel()
    kernel = Session(km)
    kernel.kc.start_channels()
    await km.interrupt_kernel()
    await kernel.ready()
    assert "its process was interrupted while it started" in await kernel.told()

    host.install("e", prefix)
    await km.restart_kernel(now=True)
    await kernel.ready()
    assert (await kernel.run("print('works')")).text == "works\n"
    kernel.kc.stop_channels()
    await km.shutdown_kernel(now=True)


@pytest.mark.parametrize("now", [False, True], ids=["politely", "now"])
@on_event_loop
async def test_a_second_start_that_hangs_ends_with_what_stands_in(host: Host, now: bool) -> None:
    prefix = host.environment()
    mark = f"'{prefix}/mark'"
    dying(prefix, f"[ -e {mark} ] && {{ touch {mark}2; sleep 600; }}; touch {mark}; exit 7")

    async with running(host.manager()) as kernel:
        await eventually((prefix / "mark2").exists)
        group = process_of(kernel.km).pid
        await kernel.km.shutdown_kernel(now=now)

        assert not processes.still_alive(group_of(group), within=1)


@on_event_loop
async def test_a_variable_that_is_not_utf8_does_not_keep_it_from_being_told(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying(host.environment(), "exit 7")
    monkeypatch.setitem(os.environb, b"ODD", b"\xff\xfe")

    async with running(host.manager()) as kernel:
        assert "ended with status 7" in await kernel.told()


@on_event_loop
async def test_a_cell_that_ends_the_process_is_no_reason_to_explain(host: Host) -> None:
    host.environment()
    km = host.manager()
    await km.start_kernel()
    client = Session(km).kc
    client.start_channels()

    client.kernel_info()
    await client.get_shell_msg(timeout=60)
    client.execute("import os; os._exit(3)")
    await eventually(lambda: has_ended(km))

    assert not await km.is_alive()
    assert explanation_of(km) is None
    client.stop_channels()
    await km.shutdown_kernel(now=True)


@on_event_loop
async def test_a_host_that_watches_lets_the_explanation_stand(host: Host) -> None:
    dying(host.environment(), "exit 7")
    km, restarts = watched(host)

    async with running(km) as kernel:
        for _ in range(3):
            await kernel.told()
            await asyncio.sleep(0.2)  # the host looks every 0.1 s

        assert not restarts


OPENS_ITS_PORTS = """\
import json, sys, time, zmq
told = json.load(open(sys.argv[1]))
socket = zmq.Context().socket(zmq.PUB)
socket.bind(f"tcp://{told['ip']}:{told['iopub_port']}")
time.sleep(0.3)
print("no licence", flush=True)
sys.exit(7)
"""


@pytest.mark.parametrize("kind", [AsyncKernelManager, AsyncIOLoopKernelManager])
@on_event_loop
async def test_an_end_after_the_ports_were_opened_is_told_in_every_host(
    host: Host, kind: type[AsyncKernelManager]
) -> None:
    python = host.environment() / "bin/python"
    argv = [str(python), "-c", OPENS_ITS_PORTS, "{connection_file}"]
    host.install("e", python.parent.parent, argv=argv)
    config = Config({"AsyncIOLoopKernelRestarter": {"time_to_dead": 0.1}})
    km = host.made(kind, config=config)

    await km.start_kernel()
    await eventually(lambda: explanation_of(km) and km.ready.done())
    kernel = Session(km)  # a host that starts it again takes other ports
    kernel.kc.start_channels()
    await kernel.ready()
    told = await kernel.told()
    kernel.kc.stop_channels()
    await km.shutdown_kernel(now=True)

    assert "its process ended with status 7 before it answered" in told
    assert "no licence" in told


@on_event_loop
async def test_a_port_that_another_process_took_is_left_to_the_host_to_change(
    host: Host, tmp_path: Path
) -> None:
    host.environment()
    command = f"while [ ! -e '{tmp_path}/go' ]; do sleep 0.02; done; exec \"$@\""
    real = [f"{host.root}/envs/e/bin/python", "-m", "ipykernel_launcher", "-f"]
    host.install("e", host.root / "envs/e", argv=_shell(command, *real, "{connection_file}"))
    km, restarts = watched(host)
    km.cache_ports = False  # with cached ones jupyter_client keeps them

    with socket.socket() as other:
        await km.start_kernel()
        other.bind(("127.0.0.1", km.shell_port))
        other.listen()
        (tmp_path / "go").touch()
        await eventually(lambda: restarts)
        await eventually(lambda: km.ready.done() and explanation_of(km) is None)
    kernel = Session(km)
    kernel.kc.start_channels()
    await kernel.ready()

    assert (await kernel.run("print(1)")).text == "1\n"
    kernel.kc.stop_channels()
    await km.shutdown_kernel(now=True)


@on_event_loop
async def test_what_stands_in_can_be_killed_and_the_next_one_tells_again(host: Host) -> None:
    dying(host.environment(), "exit 7")

    async with running(host.manager()) as kernel:
        os.kill(process_of(kernel.km).pid, signal.SIGKILL)
        await eventually(lambda: has_ended(kernel.km))
        assert not await kernel.km.is_alive()

        await kernel.km.restart_kernel()
        await kernel.ready()
        assert "ended with status 7" in await kernel.told()


@pytest.mark.parametrize("mode", ["signal", "message"])
@on_event_loop
async def test_an_interrupt_does_not_end_what_stands_in(host: Host, mode: str) -> None:
    dying(host.environment(interrupt_mode=mode), "exit 7")

    async with running(host.manager()) as kernel:
        await kernel.km.interrupt_kernel()
        assert "ended with status 7" in await kernel.told()


def watched(host: Host) -> tuple[AsyncIOLoopKernelManager, list[None]]:
    """A manager that looks often whether its kernel lives, and a list that grows at each restart."""
    config = Config({"AsyncIOLoopKernelRestarter": {"time_to_dead": 0.1}})
    km: AsyncIOLoopKernelManager = host.made(AsyncIOLoopKernelManager, config=config)
    restarts: list[None] = []
    start = km.start_restarter

    def start_and_count() -> None:
        start()
        if km._restarter.callbacks["restart"] == []:
            km.add_restart_callback(lambda: restarts.append(None))

    km.start_restarter = start_and_count  # type: ignore[method-assign]  # callbacks need a restarter
    return km, restarts


def _shell(text: str, *words: str) -> list[str]:
    return ["/bin/sh", "-c", text, "sh", *words]
