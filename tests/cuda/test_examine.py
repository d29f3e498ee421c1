"""Files, a fake driver in the probe's own process, and the verdict: all of it together."""

from pathlib import Path

import pytest
from fakegpu import CUDA, NVML, FakeDriver, Gpu

from jupyter_sm.cuda.examine import examine
from jupyter_sm.cuda.model import CudaReport, Probe
from jupyter_sm.cuda.probe.prober import Prober

from . import trees

PATIENT = 20.0


class NeverAsked:
    """A prober that must not be called."""

    def probe(self) -> Probe:
        raise AssertionError("the driver was asked")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


def examined(
    fake_driver: FakeDriver,
    root: Path,
    *gpus: Gpu,
    libraries: tuple[str, ...] = (NVML, CUDA),
    timeout: float = PATIENT,
    environ: dict[str, str] | None = None,
    **values: str | int,
) -> CudaReport:
    machine = fake_driver.installed(root.parent / "lib", *libraries).machine(*gpus, **values)
    prober = Prober(environ=machine.environ(**(environ or {})), timeout=timeout)
    return examine(prober, (), root=str(root), environ=environ or {})


def codes(report: CudaReport) -> list[str]:
    return [reason.code for reason in report.reasons]


def test_a_machine_without_a_gpu_is_told_by_files_and_nobody_is_asked(root: Path) -> None:
    report = examine(NeverAsked(), (), root=str(root), environ={})

    assert (report.status, report.reasons, report.probe) == ("no_gpu_host", (), None)
    assert report.checked_at.endswith("Z")


def test_a_healthy_host_is_visible(fake_driver: FakeDriver, root: Path) -> None:
    trees.healthy(root)
    report = examined(fake_driver, root, Gpu())

    assert (report.status, report.reasons) == ("visible", ())
    assert [device.cuda_visible for device in report.devices] == [True]
    assert (report.driver_version, report.cuda_driver_version) == ("550.54.15", "12.4")


def test_a_gpu_host_without_gpus_is_asked_and_says_what_is_missing(
    fake_driver: FakeDriver, root: Path
) -> None:
    trees.add_gpu_host(root)
    machine = fake_driver.installed(root.parent / "lib").machine()
    environ = {**machine.environ(), "LD_LIBRARY_PATH": ""}
    report = examine(Prober(environ=environ, timeout=PATIENT), (), root=str(root), environ={})

    assert (report.status, codes(report)) == ("not_visible", ["no-gpus-given"])


def test_an_empty_variable_hides_what_the_driver_lists(fake_driver: FakeDriver, root: Path) -> None:
    trees.healthy(root)
    report = examined(fake_driver, root, Gpu(), environ={"CUDA_VISIBLE_DEVICES": ""})

    assert (report.status, codes(report)) == ("hidden", ["cuda-visible-devices"])
    assert [device.cuda_visible for device in report.devices] == [False]


def test_a_baked_driver_of_another_version_is_the_reason(
    fake_driver: FakeDriver, root: Path
) -> None:
    trees.add_gpu_host(root, driver="535.183.01")
    trees.add_container_gpus(root)
    trees.add_driver_libraries(root)
    trees.mount(root)
    report = examined(fake_driver, root, Gpu(), cuda__init="!803", nvml__init="!18")

    assert (report.status, codes(report)) == ("not_visible", ["baked-driver"])
    assert "libcuda.so.550.54.15" in report.reasons[0].remedy


def test_a_driver_that_hangs_leaves_the_devices(fake_driver: FakeDriver, root: Path) -> None:
    trees.healthy(root)
    report = examined(fake_driver, root, Gpu(), timeout=2.0, cuda__init="hang")

    assert (report.status, codes(report)) == ("probe_failed", ["driver-hangs"])
    assert "cuInit" in report.reasons[0].text
    assert [device.cuda_visible for device in report.devices] == [None]


def test_a_driver_that_crashes_says_with_which_signal(fake_driver: FakeDriver, root: Path) -> None:
    trees.healthy(root)
    report = examined(fake_driver, root, Gpu(), cuda__init="segv")

    assert (report.status, codes(report)) == ("probe_failed", ["driver-crashed"])
    assert "SIGSEGV" in report.reasons[0].text


def test_a_device_that_is_gone_since_the_last_report_is_missed(
    fake_driver: FakeDriver, root: Path
) -> None:
    trees.healthy(root, gpus=2)
    driver = fake_driver.installed(root.parent / "lib")
    machine = driver.machine(Gpu(), Gpu(number=1))
    prober = Prober(environ=machine.environ(), timeout=PATIENT)
    before = examine(prober, (), root=str(root), environ={})
    driver.machine(Gpu())
    after = examine(prober, (), root=str(root), environ={}, previous=before.devices)

    assert before.status == "visible"
    assert (after.status, codes(after)) == ("degraded", ["gpu-gone"])
    assert Gpu(number=1).uuid in after.reasons[0].evidence


def test_the_frameworks_of_an_environment_are_judged_by_who_installed_them(
    fake_driver: FakeDriver, root: Path
) -> None:
    trees.healthy(root)
    for prefix in ("/opt/pip", "/opt/conda"):
        path = f"{prefix}/lib/python3.11/site-packages/torch/version.py"
        trees.write(root, path, "__version__ = '2.6.0'\ncuda: str | None = None\nhip = None\n")
    trees.conda(root, "/opt/conda", {"pytorch": "2.6.0-cpu_mkl_py311_0"})
    machine = fake_driver.installed(root.parent / "lib").machine(Gpu())
    prober = Prober(environ=machine.environ(), timeout=PATIENT)
    environments = [("/opt/pip", "pip"), ("/opt/conda", "base"), ("/opt/conda", "again")]

    report = examine(prober, environments, root=str(root), environ={})

    assert [e.name for e in report.environments] == ["pip", "base"]
    remedies = [reason.remedy for e in report.environments for reason in e.reasons]
    assert remedies[0].startswith("/opt/pip/bin/python -m pip install uv")
    assert remedies[1].startswith("conda install -p /opt/conda ")
