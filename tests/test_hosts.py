"""The harness itself, on the hosts as they are without jupyter_sm."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import hosts
import processes
import pytest

STOCK = {"JUPYTER_SM_GATEWAY": "0"}

ORPHAN = """
import subprocess
orphan = subprocess.Popen(["sleep", "300"], start_new_session=True, env={})
print(orphan.pid)
"""
"""A cell whose child is in no group, session or environment of its host."""


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "300"]) as process:
        yield process
        process.kill()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[hosts.Host]:
    with hosts.start_gateway(tmp_path_factory.mktemp("gateway"), env=STOCK) as host:
        yield host


def test_a_gateway_answers_starts_a_kernel_and_stops(launch_gateway: hosts.LaunchHost) -> None:
    host = launch_gateway(env=STOCK)

    with host.start_kernel("python3") as kernel:
        cell = kernel.execute("import sys; print('hi'); print('ho', file=sys.stderr); 6 * 7")

    assert (cell.text, cell.result, cell.reply["status"]) == ("hi\nho\n", "42", "ok")
    assert host.stop() == 0
    assert host.left_behind() == []


def test_a_cell_that_fails_says_so(gateway: hosts.Host) -> None:
    with gateway.start_kernel() as kernel:
        cell = kernel.execute("1 / 0")

    assert cell.result is None
    assert (cell.reply["status"], cell.reply["ename"]) == ("error", "ZeroDivisionError")


def test_a_cell_that_never_ends_is_a_timeout(gateway: hosts.Host) -> None:
    with gateway.start_kernel() as kernel, pytest.raises(TimeoutError, match="said nothing"):
        kernel.execute("import time; time.sleep(300)", timeout=1)


def test_what_outlives_a_host_is_seen_and_then_killed(launch_gateway: hosts.LaunchHost) -> None:
    host = launch_gateway(env=STOCK)
    with host.start_kernel() as kernel:
        pid = int(kernel.execute(ORPHAN).text)
    orphan = processes.find(pid)
    assert orphan is not None

    host.stop()

    assert host.left_behind(within=0.5) == [f"{pid}: sleep 300"]
    host.close()
    assert not processes.still_alive([orphan])


def test_a_host_that_ignores_a_signal_is_killed_with_its_log_in_the_message(
    launch_gateway: hosts.LaunchHost,
) -> None:
    host = launch_gateway(env=STOCK)

    with pytest.raises(hosts.HostError, match=r"(?s)still running.*is available at"):
        host.stop(signal.SIGHUP, timeout=0.5)

    assert host.process.returncode == -signal.SIGKILL


def test_the_token_is_sent_unless_the_test_says_otherwise(gateway: hosts.Host) -> None:
    assert gateway.get("/api/kernelspecs").json()["default"] == "python3"
    assert gateway.get("/api/kernelspecs", token=None).status == 401
    assert gateway.get("/api/kernelspecs", token="another").status == 401
    assert gateway.delete("/api/kernels/00000000-0000-0000-0000-000000000000").status == 404


def test_a_host_without_a_token_asks_for_none(launch_server: hosts.LaunchHost) -> None:
    host = launch_server(token="")

    assert host.get("/api/contents").status == 200


def test_a_host_that_does_not_start_is_an_error_with_its_log(
    launch_gateway: hosts.LaunchHost,
) -> None:
    with pytest.raises(hosts.HostError, match=r"(?s)ended with 1.*no_such_module"):
        launch_gateway("--KernelGatewayApp.api=no_such_module", env=STOCK)


def test_a_host_that_is_not_ready_in_time_is_an_error(launch_gateway: hosts.LaunchHost) -> None:
    with pytest.raises(hosts.HostError, match=r"/api not ready after 0\.1 s"):
        launch_gateway(env=STOCK, timeout=0.1)


def test_a_host_without_the_awaited_route_is_an_error_at_once(
    launch_gateway: hosts.LaunchHost,
) -> None:
    with pytest.raises(hosts.HostError, match="/nowhere answers 404"):
        launch_gateway(env=STOCK, wait="/nowhere")


def test_a_kernel_that_does_not_exist_is_an_error(gateway: hosts.Host) -> None:
    with pytest.raises(hosts.HostError, match="kernel nobody: "):
        gateway.start_kernel("nobody")


def test_nothing_of_the_person_who_runs_the_tests_reaches_a_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_PATH", "/somewhere")
    monkeypatch.setenv("SECRET", "a secret")

    environ = hosts.isolated_environ(tmp_path, {"KG_PORT": "1"})

    assert {"JUPYTER_PATH", "SECRET"}.isdisjoint(environ)
    assert environ["KG_PORT"] == "1"
    assert environ["HOME"] == str(tmp_path / "home")
    assert environ["PATH"].startswith(os.path.dirname(sys.executable) + os.pathsep)


def test_no_setting_of_the_person_who_runs_the_tests_reaches_a_test() -> None:
    assert not [name for name in os.environ if name.startswith(("JUPYTER", "KG_", "CONDA"))]


def test_a_port_is_given_once() -> None:
    ports = [hosts.free_port() for _ in range(50)]

    assert len(set(ports)) == len(ports)


def test_a_process_is_found_by_its_parent_and_by_its_environment(tmp_path: Path) -> None:
    environ = {**os.environ, "SOME_MARK": "of-this-test"}
    popen = subprocess.Popen(["sleep", "300"], env=environ, cwd=tmp_path)
    with popen as child, contextlib.ExitStack() as at_the_end:
        at_the_end.callback(child.kill)
        found = processes.find(child.pid)
        assert found is not None
        assert found in processes.descendants(os.getpid())
        assert processes.processes_with_env("SOME_MARK=of-this-test") == {found}

        processes.kill([found])

        assert not processes.still_alive([found])  # a zombie: nobody has waited for it yet
    assert processes.describe(found) == f"{child.pid}: (ended)"


def test_a_number_that_is_used_again_is_another_process(
    sleeper: subprocess.Popen[bytes],
) -> None:
    earlier = processes.Process(sleeper.pid, started=0)

    assert not processes.is_alive(earlier)
    processes.kill([earlier])
    assert sleeper.poll() is None
