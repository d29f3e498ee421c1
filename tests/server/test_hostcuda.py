"""The GPU as running hosts tell of it; NVIDIA's driver is the tests' fake, compiled from C."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import envs
import processes
import pytest
from fakegpu import FakeDriver, Gpu, Machine, scenario
from hosts import Host

Launch = Callable[..., Host]


@pytest.fixture
def machine(fake_driver: FakeDriver, tmp_path: Path) -> Machine:
    return fake_driver.installed(tmp_path / "lib").machine(Gpu(), Gpu(number=1))


def messages(folder: Path) -> list[dict[str, Any]]:
    (path,) = (folder / "logs").rglob("*.log")
    return [json.loads(json.loads(line)["message"]) for line in path.read_bytes().splitlines()]


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.05)


def environ(machine: Machine) -> dict[str, str]:
    """What the driver's fake needs; the host keeps its own PATH."""
    return {name: value for name, value in machine.environ().items() if name != "PATH"}


@pytest.mark.without_gpu
def test_a_host_without_a_gpu_says_so_and_is_healthy(
    launch_gateway: Launch, tmp_path: Path
) -> None:
    with launch_gateway() as gateway:
        told = gateway.get("/api/sm/cuda").json()
        assert gateway.get("/api/sm/health").status == 200

    assert (told["status"], told["reasons"], told["probe"]) == ("no_gpu_host", [], None)
    verdicts = [event for event in messages(tmp_path) if "GPU" in event["message"]]
    assert [event["level"] for event in verdicts] == ["INFO"]


def test_the_devices_are_told_with_the_verdict(
    launch_gateway: Launch, machine: Machine, tmp_path: Path
) -> None:
    with launch_gateway(env=environ(machine)) as gateway:
        told = gateway.get("/api/sm/cuda").json()
        overview = gateway.get("/api/sm").json()

    assert told["driver_version"] == "550.54.15"
    assert [device["cuda_visible"] for device in told["devices"]] == [True, True]
    assert overview["cuda"] == told
    (verdict,) = [event for event in messages(tmp_path) if "CUDA is visible" in event["message"]]
    assert verdict["level"] == "INFO"


def test_cuda_that_does_not_work_is_an_error_in_the_log_and_kernels_start(
    launch_gateway: Launch, machine: Machine, tmp_path: Path
) -> None:
    machine.becomes(scenario(Gpu(), cuda__init="!803"))
    with launch_gateway(env=environ(machine)) as gateway:
        told = gateway.get("/api/sm/cuda").json()
        with gateway.start_kernel("python3") as kernel:
            assert kernel.execute("1 + 1").result == "2"

    assert told["status"] == "not_visible"
    (alarm,) = [event for event in messages(tmp_path) if "CUDA does not work" in event["message"]]
    assert alarm["level"] == "ERROR"
    assert "To mend it: " in alarm["message"]
    assert told["reasons"][0]["remedy"] in alarm["message"]


def test_nothing_of_the_driver_is_in_the_servers_process(
    launch_gateway: Launch, machine: Machine
) -> None:
    gateway = launch_gateway(env=environ(machine))
    assert gateway.get("/api/sm/cuda").json()["devices"]

    maps = Path(f"/proc/{gateway.process.pid}/maps").read_text()
    assert "libcuda" not in maps
    assert "libnvidia-ml" not in maps


def test_a_report_is_kept_until_it_is_asked_anew(launch_gateway: Launch, machine: Machine) -> None:
    gateway = launch_gateway(env=environ(machine))
    first = gateway.get("/api/sm/cuda").json()
    assert gateway.get("/api/sm/cuda").json() == first

    machine.becomes({"nvml.devices": 0, "cuda.devices": 0, "cuda.init": "!100"})
    assert gateway.get("/api/sm/cuda").json() == first
    anew = gateway.post("/api/sm/cuda/refresh").json()
    assert anew["status"] != first["status"]
    assert gateway.get("/api/sm/cuda").json() == anew


def test_a_gpu_that_is_lost_stays_in_the_report(launch_gateway: Launch, machine: Machine) -> None:
    gateway = launch_gateway(env=environ(machine))

    def gone() -> list[str]:
        told = gateway.get("/api/sm/cuda").json()
        return [reason["evidence"] for reason in told["reasons"] if reason["code"] == "gpu-gone"]

    assert gone() == []
    machine.becomes(scenario(Gpu()))
    for _ in range(2):
        wait_for(lambda: gateway.post("/api/sm/cuda/refresh").status == 200)
        (evidence,) = gone()
        assert Gpu(number=1).uuid in evidence


def test_to_ask_anew_at_once_again_is_refused_with_the_time_to_wait(
    launch_gateway: Launch, machine: Machine
) -> None:
    gateway = launch_gateway(env=environ(machine))
    assert gateway.post("/api/sm/cuda/refresh").status == 200
    refused = gateway.post("/api/sm/cuda/refresh")

    assert refused.status == 429
    assert refused.json()["code"] == "too-soon"
    assert 1 <= int(refused.headers["Retry-After"]) <= 5


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_both_routes_demand_the_token(launch_gateway: Launch, method: str) -> None:
    path = "/api/sm/cuda" if method == "GET" else "/api/sm/cuda/refresh"

    assert launch_gateway().request(method, path, token=None).status in (401, 403)


def test_a_driver_that_hangs_delays_nothing_else(launch_gateway: Launch, machine: Machine) -> None:
    machine.becomes(scenario(Gpu(), cuda__init="hang"))
    gateway = launch_gateway(env=environ(machine))
    answers: list[Any] = []
    asking = threading.Thread(
        target=lambda: answers.append(gateway.get("/api/sm/cuda", timeout=60).json())
    )
    asking.start()
    wait_for(lambda: len(processes.descendants(gateway.process.pid)) > 0)
    for _ in range(20):
        assert gateway.get("/api", timeout=5).status == 200
        assert gateway.get("/api/sm", timeout=5).json()["cuda"] is None
    assert not answers
    asking.join(60)
    assert answers[0]["status"] == "probe_failed"
    assert gateway.stop() == 0
    assert gateway.left_behind() == []


def test_a_gateway_stops_while_the_driver_hangs(launch_gateway: Launch, machine: Machine) -> None:
    machine.becomes(scenario(Gpu(), cuda__init="hang"))
    gateway = launch_gateway(env=environ(machine))
    wait_for(lambda: len(processes.descendants(gateway.process.pid)) > 0)

    assert gateway.stop() == 0
    assert gateway.left_behind() == []


def test_with_cuda_check_off_the_driver_is_not_asked(
    launch_gateway: Launch, machine: Machine
) -> None:
    env = {**environ(machine), "JUPYTER_SM_CUDA_CHECK": "0"}
    gateway = launch_gateway(env=env)

    told = gateway.get("/api/sm/cuda").json()
    assert told["probe"] is None
    assert told["host"]["libcuda_path"]


def test_a_guest_asks_no_driver_until_somebody_wants_to_know(
    launch_server: Launch, machine: Machine
) -> None:
    machine.becomes(scenario(Gpu(), cuda__init="hang"))  # whoever asks it is seen for long
    server = launch_server(env=environ(machine))

    def asks() -> bool:
        children = map(processes.describe, processes.descendants(server.process.pid))
        return any("probe.program" in child for child in children)

    time.sleep(0.3)
    assert not asks()
    server.get("/api/sm")
    wait_for(asks)


def test_an_environment_made_meanwhile_is_in_a_refreshed_report(
    launch_gateway: Launch, tmp_path: Path
) -> None:
    root = envs.make_environment(tmp_path / "conda")
    gateway = launch_gateway(env={"MAMBA_ROOT_PREFIX": str(root)})
    gateway.get("/api/sm/cuda")
    time.sleep(0.3)  # what was seen less than 0.25 s ago may be given again
    envs.make_environment(root / "envs/late")

    told = gateway.post("/api/sm/cuda/refresh").json()
    assert "late" in [environment["name"] for environment in told["environments"]]
