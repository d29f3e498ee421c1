"""A file system that is slow or hangs while the gateway runs costs freshness, and holds nobody up."""

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import envs
import pytest
from hosts import Host
from slowdisk import SlowDisk

Launch = Callable[..., Host]

ROUTES = (
    "/api",
    "/api/kernels",
    "/api/kernelspecs",
    "/api/kernelspecs/python3",
    "/api/status",
    "/api/sm",
    "/api/sm/cuda",
    "/api/sm/health",
    "/api/sm/health/report",
    "/api/sm/kernels",
    "/api/sm/logs",
    "/api/sm/metadata",
)


@pytest.fixture
def conda(tmp_path: Path) -> Path:
    root = envs.make_environment(tmp_path / "conda", interpreter="real")
    prefix = envs.make_environment(root / "envs/myenv", interpreter="real")
    (prefix / "share/jupyter/kernels/python3/logo-64x64.png").write_bytes(b"a picture")
    return root


@pytest.fixture
def host(launch_gateway: Launch, slow_disk: SlowDisk, conda: Path) -> Host:
    """A gateway that has looked at everything once, while its disk was well."""
    env = {"MAMBA_ROOT_PREFIX": str(conda), "JUPYTER_SM_SHOW": "all", **slow_disk.environ()}
    host = launch_gateway(env=env)
    assert_all_answer(host)
    return host


def listed(host: Host) -> list[str]:
    return list(host.get("/api/kernelspecs").json()["kernelspecs"])


def assert_all_answer(host: Host) -> None:
    assert {route: host.get(route).status for route in ROUTES} == dict.fromkeys(ROUTES, 200)


def log_folder(host: Host) -> Path:
    return Path(host.get("/api/sm/logs").json()["file"]).parent


def problems(host: Host) -> list[str]:
    return [problem["id"] for problem in host.get("/api/sm/health/report").json()["problems"]]


def until(host: Host, is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 40
    while not is_so():
        assert time.monotonic() < deadline, host.log()
        time.sleep(0.02)


def until_listed(host: Host, name: str) -> None:
    until(host, lambda: name in listed(host))


def until_looked(host: Host, disk: SlowDisk) -> None:
    """Have the gateway look at the disk that does not answer: it does where the last look is old."""
    until(host, lambda: bool(listed(host) and disk.met))


def test_every_route_answers_while_the_environments_hang_and_the_fresh_catalog_follows(
    host: Host, slow_disk: SlowDisk, conda: Path
) -> None:
    known = listed(host)
    slow_disk.hangs(conda)
    envs.make_environment(conda / "envs/new")
    until_looked(host, slow_disk)

    assert_all_answer(host)
    assert slow_disk.waiting
    assert listed(host) == known

    slow_disk.answers()
    until_listed(host, "conda-env-new-py")


def test_every_route_answers_while_each_call_takes_200_ms(
    host: Host, slow_disk: SlowDisk, conda: Path
) -> None:
    slow_disk.slow(0.2, conda)
    envs.make_environment(conda / "envs/new")
    until_looked(host, slow_disk)

    assert_all_answer(host)
    slow_disk.slow(0.02, conda)  # a look is some eighty calls
    until_listed(host, "conda-env-new-py")


def test_that_the_kernels_are_not_fresh_is_said_in_the_log_and_a_problem_until_they_are(
    host: Host, slow_disk: SlowDisk, conda: Path
) -> None:
    assert "kernels-not-fresh" not in problems(host)
    slow_disk.hangs(conda)
    until(host, lambda: "kernels-not-fresh" in problems(host))
    assert "kernels-not-fresh" in problems(host)  # asked again: the log is told before the answer
    assert "The look for the kernels has not ended" in host.log()

    slow_disk.answers()
    until(host, lambda: "kernels-not-fresh" not in problems(host))
    until(host, lambda: "The look for the kernels has ended" in host.log())


def test_a_kernel_whose_environment_hangs_starts_later_and_holds_nobody_up(
    host: Host, slow_disk: SlowDisk, conda: Path
) -> None:
    slow_disk.hangs(conda)
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(host.post, "/api/kernels", {"name": "conda-env-myenv-py"})
        try:
            slow_disk.wait_until_met()
            with host.start_kernel("python3") as kernel:
                assert kernel.execute("6 * 7").result == "42"
            assert_all_answer(host)
            assert not late.done()
        finally:
            slow_disk.answers()

    assert late.result().status == 201
    with host.connect(late.result().json()["id"]) as kernel:
        assert kernel.execute("import sys; sys.prefix").result == repr(str(conda / "envs/myenv"))


def test_a_kernel_whose_program_hangs_starts_later_and_holds_nobody_up(
    launch_gateway: Launch, slow_disk: SlowDisk, tmp_path: Path
) -> None:
    """Not an environment's: nothing of ours activates it, and Jupyter's own provisioner starts it."""
    program = tmp_path / "programs/python"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    program.chmod(0o755)
    argv = [str(program), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernelspec = tmp_path / "jupyter/data/kernels/far"
    envs.write_kernel(kernelspec, {**envs.python_spec(), "argv": argv})
    host = launch_gateway(env={"JUPYTER_SM_SHOW": "all", **slow_disk.environ()})
    assert "far" in listed(host)
    slow_disk.hangs(program)
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(host.post, "/api/kernels", {"name": "far"}, timeout=60)
        try:
            time.sleep(0.5)
            assert_all_answer(host)
            assert not late.done()
        finally:
            slow_disk.answers()

    assert late.result().status == 201
    assert host.stop() == 0


def test_a_gateway_stops_while_a_kernel_and_a_look_hang(
    host: Host, slow_disk: SlowDisk, conda: Path
) -> None:
    with host.start_kernel("python3") as kernel:
        kernel.execute("1")
    slow_disk.hangs(conda)
    with ThreadPoolExecutor(1) as pool:
        start = pool.submit(host.post, "/api/kernels", {"name": "conda-env-myenv-py"})
        slow_disk.wait_until_met()

        assert host.stop() == 0
        assert start.exception() is not None or start.result().status != 201

    assert host.left_behind() == []


def test_a_picture_of_a_kernel_whose_environment_hangs_holds_nobody_up(
    host: Host, slow_disk: SlowDisk, conda: Path
) -> None:
    picture = "/kernelspecs/conda-env-myenv-py/logo-64x64.png"
    assert host.get(picture).body == b"a picture"
    slow_disk.hangs(conda)
    until_looked(host, slow_disk)
    met = slow_disk.met
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(host.get, picture)
        try:
            slow_disk.wait_until_met(after=met)
            assert_all_answer(host)
            assert not late.done()
        finally:
            slow_disk.answers()

    assert late.result().body == b"a picture"


def test_a_segment_of_the_log_that_hangs_holds_up_neither_its_readers_nor_the_stop(
    host: Host, slow_disk: SlowDisk
) -> None:
    closed = Path(host.get("/api/sm/logs").json()["file"] + ".00000001")
    closed.write_text('{"timestamp":1,"message":"an old one"}\n')
    assert "an old one" in host.get("/api/sm/logs?tail=1000").body.decode()
    slow_disk.hangs(closed)

    answer = host.get("/api/sm/logs?tail=1000").json()

    assert slow_disk.waiting
    assert answer["trouble"] == "the file system of the log does not answer"
    assert_all_answer(host)
    assert host.stop() == 0
    assert host.left_behind() == []


def test_a_guest_stops_while_the_listing_of_its_host_hangs(
    launch_server: Launch, slow_disk: SlowDisk, tmp_path: Path
) -> None:
    kernels = tmp_path / "jupyter/data/kernels"
    envs.write_kernel(kernels / "foreign", envs.python_spec())
    host = launch_server(env=slow_disk.environ())
    assert not host.get("/api/sm").json()["active"]
    slow_disk.hangs(kernels)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(host.get, "/api/sm/kernels")
        slow_disk.wait_until_met()
        assert host.get("/api").status == 200

        assert host.stop() == 0
        assert asked.exception() is not None

    assert host.left_behind() == []


def test_a_slow_disk_of_the_log_costs_time_and_no_line(host: Host, slow_disk: SlowDisk) -> None:
    slow_disk.slow(0.02, log_folder(host))

    assert_all_answer(host)
    assert host.get("/api?a-marked-request").status == 200
    assert slow_disk.met
    slow_disk.answers()
    assert "a-marked-request" in host.get("/api/sm/logs").body.decode()


def test_a_disk_of_the_log_that_hangs_holds_everything_up_and_no_line_is_lost(
    host: Host, slow_disk: SlowDisk
) -> None:
    """The price of a line that is written before the call that logs it returns (README, Logs)."""
    slow_disk.hangs(log_folder(host))
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(host.get, "/api?a-marked-request")
        try:
            slow_disk.wait_until_met()
            with pytest.raises(TimeoutError):
                host.get("/api", timeout=1)
        finally:
            slow_disk.answers()

    assert late.result().status == 200
    assert "a-marked-request" in host.get("/api/sm/logs").body.decode()
    assert host.stop() == 0
