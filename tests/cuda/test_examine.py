"""Files, a fake driver in the probe's own process, and the verdict: all of it together."""

from pathlib import Path

import msgspec
import pytest
from fakegpu import CUDA, NVML, FakeDriver, Gpu

from jupyter_sm.cuda.examine import examine
from jupyter_sm.cuda.model import CudaReport, Probe
from jupyter_sm.cuda.probe.prober import Prober
from jupyter_sm.cuda.verdict.report import verdict

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


def test_a_healthy_host_that_is_not_to_be_asked_is_no_alarm(root: Path) -> None:
    trees.healthy(root)
    report = examine(None, (), root=str(root), environ={})

    assert (report.status, codes(report)) == ("visible", ["driver-not-asked"])
    assert "was not asked" in verdict(report)


def test_a_container_without_its_gpu_is_an_alarm_also_where_nobody_is_asked(root: Path) -> None:
    trees.add_gpu_host(root)
    report = examine(None, (), root=str(root), environ={})

    assert (report.status, codes(report)) == ("not_visible", ["no-gpus-given"])


def test_a_driver_that_fails_is_no_health_although_no_file_tells_of_a_gpu(
    fake_driver: FakeDriver, root: Path
) -> None:
    trees.mount(root, *trees.add_driver_libraries(root))
    failing = examined(fake_driver, root, Gpu(), cuda__init="!999", nvml__init="!999")
    without = examined(fake_driver, root, cuda__init="!100", nvml__init="!9")

    assert (failing.status, codes(failing)) == ("not_visible", ["unknown-error"])
    assert (without.status, codes(without)) == ("no_gpu_host", [])


def test_a_lost_gpu_is_the_reason_where_cuda_fails_altogether(
    fake_driver: FakeDriver, root: Path
) -> None:
    trees.healthy(root)
    report = examined(fake_driver, root, Gpu(), nvml__0__handle="!15", cuda__init="!999")

    assert (report.status, codes(report)) == ("not_visible", ["gpu-lost"])


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


def test_the_python_that_exists_is_told_and_the_systems_is_left_alone(
    fake_driver: FakeDriver, root: Path
) -> None:
    trees.healthy(root)
    for prefix in ("/opt/own", "/usr"):
        path = f"{prefix}/lib/python3.11/site-packages/torch/version.py"
        trees.write(root, path, "__version__ = '2.6.0'\ncuda: str | None = None\nhip = None\n")
        trees.write(root, f"{prefix}/bin/python3")
        trees.write(root, f"{prefix}/bin/python3.11")
    trees.write(root, "/usr/lib/python3.11/EXTERNALLY-MANAGED")
    machine = fake_driver.installed(root.parent / "lib").machine(Gpu())
    prober = Prober(environ=machine.environ(), timeout=PATIENT)

    report = examine(prober, [("/opt/own", "own"), ("/usr", "python3")], root=str(root), environ={})

    own, system = (e.reasons[0].remedy for e in report.environments)
    assert own.startswith("/opt/own/bin/python3 -m pip install uv ")
    assert system.startswith("/usr/bin/python3 -m venv ~/gpu && ~/gpu/bin/python -m pip ")


def test_the_library_path_of_the_process_counts_for_frameworks(root: Path) -> None:
    trees.install(root, "/opt/env", "tensorflow-2.18.1")
    for name in ("libcudnn.so.9", "libcudart.so.12"):
        trees.write(root, f"/opt/cudnn/lib/{name}")

    problems = [
        examine(None, [("/opt/env", "env")], root=str(root), environ=environ)
        .environments[0]
        .frameworks[0]
        .problem
        for environ in ({}, {"LD_LIBRARY_PATH": "/opt/cudnn/lib"})
    ]

    assert [bool(problem) for problem in problems] == [True, False]


def test_a_prefix_that_is_no_text_does_not_keep_a_report_from_being_sent(root: Path) -> None:
    prefix = "/opt/\udcff"
    trees.install(root, prefix, "torch-2.5.1")
    trees.conda(root, prefix, {"cuda-cudart": "12.6.77-h5888daf_0"})

    report = examine(None, [(prefix, "\udcfe")], root=str(root), environ={})

    assert report.environments[0].prefix == r"/opt/\udcff"
    assert msgspec.json.decode(msgspec.json.encode(report), type=CudaReport) == report
