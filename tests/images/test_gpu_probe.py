"""The process that asks NVIDIA's driver is killed in the image, or hangs when the image is stopped.

The driver is the tests' fake, mounted into the container.
"""

import signal
import time
import uuid
from pathlib import Path

import containers
import fakegpu
import processes
import pytest

pytestmark = [pytest.mark.engine, pytest.mark.newest_only, pytest.mark.timeout(600)]

HANGS = {"cuda__init": "hang"}
"""The driver's first call never returns, and blocks every signal that can be blocked."""


class Gpu:
    """The fake, and how a container is given it.

    Attributes:
        options: of the engine's `run`.
    """

    def __init__(self, folder: Path, machine: fakegpu.Machine) -> None:
        self.machine = machine
        seen = f"/opt/driver-{uuid.uuid4().hex}"
        self._mark = f"{fakegpu.SCENARIO}={seen}/scenario"
        self.options = (
            f"--volume={folder}:{seen}:ro",
            f"--env=LD_LIBRARY_PATH={seen}",
            f"--env={self._mark}",
        )

    def becomes(self, **values: str | int) -> None:
        self.machine.becomes(fakegpu.scenario(fakegpu.Gpu(), **values))

    def asking(self) -> set[processes.Process]:
        """The processes in the container that ask the driver, seen from outside."""
        marked = processes.processes_with_env(self._mark)
        return {process for process in marked if "probe.program" in processes.describe(process)}

    def wait_until_it_hangs(self) -> set[processes.Process]:
        """Those that ask, as soon as they are in the driver's call."""
        deadline = time.monotonic() + 60
        while not (hanging := set(filter(blocks_signals, self.asking()))):
            assert time.monotonic() < deadline, "nobody asks the driver"
            time.sleep(0.02)
        return hanging


def blocks_signals(process: processes.Process) -> bool:
    try:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    blocked = int(status.partition("\nSigBlk:")[2].split()[0], 16)
    return bool(blocked & 1 << (signal.SIGTERM - 1))


@pytest.fixture
def gpu(fake_driver: fakegpu.FakeDriver, folder_of: containers.FolderOf) -> Gpu:
    folder = folder_of("driver", 0, 0)
    return Gpu(folder, fake_driver.installed(folder).machine(fakegpu.Gpu(), **HANGS))


def runs_a_cell(container: containers.Container) -> None:
    with container.start_kernel("conda-env-science-py") as kernel:
        assert kernel.execute("6 * 7").result == "42"


def test_a_killed_probe_is_told_and_the_driver_can_be_asked_again(
    user_image: str, launch: containers.LaunchContainer, gpu: Gpu
) -> None:
    with launch(user_image, *gpu.options, wait=None) as container:
        processes.kill(gpu.wait_until_it_hangs())  # at once: its own deadline would end it, too
        container.wait_for("/api/sm/health", timeout=60)

        told = container.get("/api/sm/cuda").json()
        assert told["status"] == "probe_failed"
        [reason] = [reason for reason in told["reasons"] if reason["code"] == "probe-killed"]
        assert "SIGKILL" in reason["text"]
        assert reason["remedy"]
        report = container.get("/api/sm/health/report").json()
        assert "cuda-probe-killed" in [problem["id"] for problem in report["problems"]]
        assert container.get("/api/sm/health").status == 200
        runs_a_cell(container)

        gpu.becomes()
        again = container.post("/api/sm/cuda/refresh").json()
        [device] = again["devices"]
        assert (device["name"], device["cuda_visible"]) == ("NVIDIA A10G", True)
        assert container.stop() == 0, container.log()
        assert container.left_behind() == []
        assert processes.still_alive(gpu.asking()) == set()


def test_a_driver_that_hangs_delays_no_stop_and_its_probe_is_gone_with_the_image(
    user_image: str, launch: containers.LaunchContainer, gpu: Gpu
) -> None:
    with launch(user_image, *gpu.options) as container:
        asking = gpu.wait_until_it_hangs()
        runs_a_cell(container)

        assert container.stop() == 0, container.log()
        assert container.left_behind() == []
        assert processes.still_alive(asking | gpu.asking()) == set()
