"""What the probe says of the devices themselves; the driver is a fake."""

from pathlib import Path
from typing import Any

import pytest
from fakegpu import CUDA, GIB, NVML, FakeDriver, Gpu, scenario

from jupyter_sm.cuda.model import Probe
from jupyter_sm.cuda.probe.prober import Prober

A10G, H100 = Gpu(), Gpu(number=1, name="NVIDIA H100 80GB HBM3", capability="9.0", total=80 * GIB)
SLICES = (
    Gpu(number=7, name="NVIDIA H100 80GB HBM3 MIG 1g.10gb", total=10 * GIB, used=0),
    Gpu(number=8, name="NVIDIA H100 80GB HBM3 MIG 3g.40gb", total=40 * GIB, used=0),
)
MIG = Gpu(number=1, name=H100.name, capability="9.0", total=H100.total, slices=SLICES)

PATIENT = 20.0
"""Seconds for a probe that ends by itself."""


@pytest.fixture
def ask(fake_driver: FakeDriver, tmp_path: Path) -> Any:
    """Probes a machine with these GPUs and values."""

    def probe(*gpus: Gpu, old: bool = False, **values: str | int) -> Probe:
        machine = fake_driver.installed(tmp_path / "lib", old=old).machine(*gpus, **values)
        return Prober(timeout=PATIENT, environ=machine.environ()).probe()

    return probe


def test_both_libraries_tell_all_of_a_device(ask: Any) -> None:
    probe = ask(A10G)

    (device,), (in_cuda,) = probe.nvml_devices, probe.cuda_devices
    assert (device.index, device.name, device.compute_capability) == (0, "NVIDIA A10G", "8.6")
    assert (device.memory_total, device.memory_used) == (24 * GIB, GIB)
    assert (device.utilization_gpu, device.ecc_uncorrected) == (7, 0)
    assert (device.mig, device.parent_uuid, device.cuda_visible) == (False, None, None)
    assert (in_cuda.index, in_cuda.name, in_cuda.compute_capability) == (0, "NVIDIA A10G", "8.6")
    assert (in_cuda.memory_total, in_cuda.code) == (24 * GIB, 0)


def test_a_slice_is_a_device_with_its_own_memory_and_its_gpu(ask: Any) -> None:
    gpu, first, second = ask(MIG).nvml_devices

    assert (gpu.mig, gpu.parent_uuid, gpu.index) == (True, None, 0)
    assert (first.name, first.memory_total) == (SLICES[0].name, 10 * GIB)
    assert (second.name, second.memory_total) == (SLICES[1].name, 40 * GIB)
    for part in (first, second):
        assert (part.mig, part.parent_uuid, part.index) == (True, gpu.uuid, None)
        assert part.compute_capability == "9.0"
        assert part.utilization_gpu is None


def test_what_a_device_does_not_support_is_absent_and_no_problem(ask: Any) -> None:
    keys = ("name", "capability", "total", "used", "utilization", "mig", "ecc")
    silent = {f"nvml__0__{key}": "!3" for key in keys}

    probe = ask(A10G, **silent)

    (device,) = probe.nvml_devices
    assert device.uuid == A10G.uuid
    assert not {getattr(device, name) for name in device.__struct_fields__} - {0, None, A10G.uuid}
    assert probe.nvml_problems == ()
    assert probe.nvml_device_codes == {}


def test_uncorrected_errors_are_counted(ask: Any) -> None:
    assert ask(A10G, nvml__0__ecc=3).nvml_devices[0].ecc_uncorrected == 3


def test_used_memory_has_no_share_of_the_driver_where_the_driver_tells(ask: Any) -> None:
    assert ask(A10G, nvml__0__reserved=GIB).nvml_devices[0].memory_used == GIB
    old = ask(A10G, old=True, nvml__0__reserved=GIB)
    assert old.nvml_devices[0].memory_used == 2 * GIB


def test_text_of_a_driver_writes_no_control_characters(ask: Any) -> None:
    probe = ask(A10G, nvml__0__name="\x1b[31mGPU", cuda__0__name="\x1b[31mGPU")

    assert probe.nvml_devices[0].name == probe.cuda_devices[0].name == "\\x1b[31mGPU"


def test_a_device_lost_between_two_probes_is_gone_from_the_second(
    fake_driver: FakeDriver, tmp_path: Path
) -> None:
    machine = fake_driver.installed(tmp_path / "lib").machine(A10G, H100)
    prober = Prober(timeout=PATIENT, environ=machine.environ())
    before = prober.probe()

    machine.becomes(scenario(A10G, H100, nvml__1__handle="!15", cuda__devices=1))
    after = prober.probe()

    assert _uuids(before) == ([A10G.uuid, H100.uuid], [A10G.uuid, H100.uuid])
    assert _uuids(after) == ([A10G.uuid], [A10G.uuid])
    assert after.nvml_device_codes == {1: 15}


@pytest.mark.parametrize("empty", [NVML, CUDA])
def test_an_empty_library_is_told_in_the_loaders_words(
    fake_driver: FakeDriver, tmp_path: Path, empty: str
) -> None:
    machine = fake_driver.installed(tmp_path / "lib", empty=(empty,)).machine(A10G)

    probe = Prober(timeout=PATIENT, environ=machine.environ()).probe()

    said = {NVML: probe.nvml_library_error, CUDA: probe.cuda_library_error}
    assert said.pop(empty) == f"{tmp_path}/lib/{empty}: file too short"
    assert list(said.values()) == [None]


def _uuids(probe: Probe) -> tuple[list[str], list[str | None]]:
    assert probe.nvml_devices is not None
    assert probe.cuda_devices is not None
    in_nvml = [device.uuid for device in probe.nvml_devices]
    return in_nvml, [device.uuid for device in probe.cuda_devices]
