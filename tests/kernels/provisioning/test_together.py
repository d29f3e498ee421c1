"""Kernels of one host know nothing of each other, of its secrets, nor of its own variables."""

import asyncio
import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

from jupyter_sm.kernels.secrets import SECRETS

from .foreign import (
    ACTIVATE,
    Host,
    dying,
    explanation_of,
    on_event_loop,
    process_of,
    running,
)

COUNT = 20


@on_event_loop
async def test_twenty_that_start_at_once_see_only_their_own_variables(
    host: Host, short_folder: Path
) -> None:
    names = [f"e{i}" for i in range(COUNT)]
    for i, name in enumerate(names):
        host.environment(
            name,
            files={
                f"{ACTIVATE}/a.sh": f"export OWN={i} ONLY_{i}=1\n",
                "conda-meta/state": f'{{"env_vars": {{"STATE": "{i}"}}}}',
            },
            env={"SPEC": f"$OWN-{i}"},
        )
    before = dict(os.environ)
    # A hundred ports would be asked for, and any process on this machine may take one meanwhile.
    ways = [{"transport": "ipc", "connection_file": f"{short_folder}/{name}"} for name in names]

    async with contextlib.AsyncExitStack() as stack:
        managers = [host.manager(name, **way) for name, way in zip(names, ways, strict=True)]
        starts = [stack.enter_async_context(running(km)) for km in managers]
        kernels = await asyncio.gather(*starts)
        environs = [await kernel.environ() for kernel in kernels]

    for i, environ in enumerate(environs):
        assert {name for name in environ if name.startswith("ONLY_")} == {f"ONLY_{i}"}
        seen = [environ[name] for name in ("OWN", "STATE", "SPEC", "CONDA_PREFIX")]
        assert seen == [str(i), str(i), f"{i}-{i}", f"{host.root}/envs/e{i}"]
    assert dict(os.environ) == before


@on_event_loop
async def test_a_kernelspec_that_kernels_share_is_not_changed(host: Host) -> None:
    host.scripted("export X=1\n")
    shared = host.specs.get_kernel_spec("e")
    before = shared.to_dict()

    class Sharing(KernelSpecManager):
        """As hosts that read each kernelspec once."""

        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:  # noqa: ARG002  # there is but one
            return shared

    for _ in range(2):
        km = host.manager()
        km.kernel_spec_manager = Sharing()
        async with running(km) as kernel:
            await km.restart_kernel(now=True)
            await kernel.ready()
            assert explanation_of(km) is None

    assert shared.to_dict() == before


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The host's secrets, in its own environment."""
    secrets = {name: f"secret-{name}" for name in SECRETS}
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    return secrets


@pytest.mark.parametrize("given", [False, True], ids=["inherited", "given"])
@on_event_loop
async def test_no_token_of_the_host_reaches_a_kernel_or_its_scripts(
    host: Host, tokens: dict[str, str], given: bool
) -> None:
    prefix = host.environment(
        files={f"{ACTIVATE}/a.sh": 'env -0 > "$CONDA_PREFIX/seen"\n'},
        env={"ASKED": "".join(f"${name}" for name in tokens)},
    )

    async with running(host.manager(), **({"env": dict(os.environ)} if given else {})) as kernel:
        seen = [environ_of(process_of(kernel.km).pid), (prefix / "seen").read_bytes()]
        await kernel.km.restart_kernel(now=True)
        await kernel.ready()
        seen += [environ_of(process_of(kernel.km).pid), (prefix / "seen").read_bytes()]

    assert all(b"PATH=" in environ for environ in seen)
    assert not any(b"secret-" in environ for environ in seen)
    assert {name: os.environ[name] for name in tokens} == tokens


@on_event_loop
async def test_no_token_of_the_host_reaches_what_stands_in_for_a_kernel(
    host: Host, tokens: dict[str, str]
) -> None:
    prefix = host.environment(env={"ASKED": "".join(f"${name}" for name in tokens)})
    dying(prefix, f"env -0 >> '{prefix}/seen'; exit 7")

    async with running(host.manager()) as kernel:
        await kernel.told()  # by now it was started once more
        stand_in = environ_of(process_of(kernel.km).pid)
    started = (prefix / "seen").read_bytes()

    assert b"PATH=" in stand_in
    assert b"secret-" not in stand_in
    assert started.count(b"CONDA_PREFIX=") == 2
    assert b"secret-" not in started


@pytest.fixture
def foreign_children() -> Iterator[None]:
    """Children that somebody else in this process started, and waits for afterwards."""
    ends = {"import os; os._exit(7)": 7, "import os; os.kill(os.getpid(), 9)": -9}
    # Not Popen: it would hide that somebody else has waited for its process.
    children = [
        os.posix_spawn(sys.executable, [sys.executable, "-S", "-c", code], os.environ)
        for code in ends
    ]
    yield
    statuses = [os.waitpid(pid, 0)[1] for pid in children]
    assert [os.waitstatus_to_exitcode(status) for status in statuses] == [*ends.values()]


@pytest.mark.usefixtures("foreign_children")
@on_event_loop
async def test_a_child_that_is_not_ours_is_left_to_whoever_started_it(host: Host) -> None:
    host.scripted("sleep 600 &\n")
    dying(host.environment("dead"), "exit 7")

    async with running(host.manager()) as kernel, running(host.manager("dead")) as dead:
        await dead.told()
        await kernel.km.restart_kernel()
        await kernel.ready()
        await kernel.km.interrupt_kernel()


class Noting(KernelSpecManager):
    """Notes for each listing whether an event loop had to wait for it."""

    on_loop: ClassVar[list[bool]] = []

    def find_kernel_specs(self) -> dict[str, str]:
        self.on_loop.append(asyncio._get_running_loop() is not None)
        return super().find_kernel_specs()


@on_event_loop
async def test_the_loop_does_not_wait_for_the_listing_of_other_kernels(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk may be a slow network volume."""
    monkeypatch.setattr(Noting, "on_loop", [])
    shutil.rmtree(host.environment() / "conda-meta")
    host.environment("other")
    km = host.manager()
    km.kernel_spec_manager = Noting(kernel_dirs=[f"{host.share}/kernels"])

    async with running(km) as kernel:
        assert "Kernels that can be started: other" in await kernel.told()

    assert Noting.on_loop == [False]


def environ_of(pid: int) -> bytes:
    """What a process was started with."""
    return Path(f"/proc/{pid}/environ").read_bytes()
