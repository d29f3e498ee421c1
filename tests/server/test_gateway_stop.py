"""However a gateway is told to stop, its kernels end by themselves and no process is left."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hosts import Host

Launch = Callable[..., Host]

DOCKER_GRACE = 10
AT_EXIT = "import atexit; atexit.register(lambda: open({path!r}, 'w').close())"
STUBBORN = (
    "import signal, subprocess\n"
    "for s in (signal.SIGTERM, signal.SIGINT): signal.signal(s, signal.SIG_IGN)\n"
    "subprocess.Popen(['sleep', '300'], preexec_fn=lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN))\n"
    "import time\n"
)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_every_kernel_runs_its_exit_handlers_and_nothing_is_left(
    launch_gateway: Launch, tmp_path: Path, signum: int
) -> None:
    host = launch_gateway()
    marks = [tmp_path / f"ended-{i}" for i in range(4)]
    for mark in marks:
        with host.start_kernel("python3") as kernel:
            kernel.execute(AT_EXIT.format(path=str(mark)))

    assert host.stop(signum, timeout=DOCKER_GRACE) == 0
    assert [mark.exists() for mark in marks] == [True] * 4
    assert host.left_behind() == []


def test_a_kernel_that_will_not_end_is_killed_in_time_with_what_it_started(
    launch_gateway: Launch,
) -> None:
    host = launch_gateway()
    with host.start_kernel("python3") as kernel:
        kernel.execute(STUBBORN)
        kernel.send("execute_request", {"code": "time.sleep(300)", "silent": False})
        time.sleep(0.5)

    assert host.stop(timeout=DOCKER_GRACE) == 0
    assert host.left_behind() == []


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_what_a_kernel_started_is_stopped_with_it(launch_gateway: Launch, signum: int) -> None:
    host = launch_gateway()
    with host.start_kernel("python3") as kernel:
        kernel.execute("import subprocess; subprocess.Popen(['sleep', '300'])")

    assert host.stop(signum, timeout=DOCKER_GRACE) == 0
    assert host.left_behind() == []


def test_a_second_signal_changes_nothing(launch_gateway: Launch) -> None:
    host = launch_gateway()
    with host.start_kernel("python3") as kernel:
        kernel.execute("1")
    host.process.send_signal(signal.SIGTERM)

    assert host.stop(signal.SIGINT, timeout=DOCKER_GRACE) == 0
    assert host.left_behind() == []


def test_a_prespawned_kernel_that_fails_is_said_and_does_not_hang_the_stop(
    launch_gateway: Launch,
) -> None:
    host = launch_gateway(
        "--KernelGatewayApp.prespawn_count=1", "--KernelGatewayApp.default_kernel_name=nowhere"
    )
    deadline = time.monotonic() + 20
    while "`nowhere` is not a kernel of this image" not in host.log():
        assert time.monotonic() < deadline, host.log()
        time.sleep(0.05)

    assert host.get("/api/kernelspecs").status == 200
    assert host.stop(timeout=DOCKER_GRACE) == 0


def test_prespawned_kernels_are_there_and_are_stopped(launch_gateway: Launch) -> None:
    host = launch_gateway("--KernelGatewayApp.prespawn_count=2")
    deadline = time.monotonic() + 30
    while len(host.get("/api/kernels").json()) < 2:
        assert time.monotonic() < deadline, host.log()
        time.sleep(0.05)

    assert host.stop(timeout=DOCKER_GRACE) == 0
    assert host.left_behind() == []


def test_a_signal_while_it_starts_ends_it(launch_gateway: Launch) -> None:
    host = launch_gateway(wait=None)
    deadline = time.monotonic() + 30
    while "jupyter_sm" not in host.log():
        assert time.monotonic() < deadline
        time.sleep(0.01)

    assert host.stop(timeout=DOCKER_GRACE) in (0, 128 + signal.SIGTERM)
    assert host.left_behind() == []


def test_a_kernel_that_is_just_starting_is_stopped_too(launch_gateway: Launch) -> None:
    host = launch_gateway()
    host.post("/api/kernels")

    assert host.stop(timeout=DOCKER_GRACE) == 0
    assert host.left_behind() == []
