"""What the probe says of each situation that users report; the driver is a fake."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fakegpu import CUDA, GIB, NVML, FakeDriver, Gpu, Values

from jupyter_sm.cuda.probe.prober import Prober

A10G, H100 = Gpu(), Gpu(number=1, name="NVIDIA H100 80GB HBM3", capability="9.0", total=80 * GIB)
V100 = Gpu(number=2, name="Tesla V100-SXM2-16GB", capability="7.0", total=16 * GIB)
SLICES = (
    Gpu(number=7, name="NVIDIA H100 80GB HBM3 MIG 1g.10gb", total=10 * GIB, used=0),
    Gpu(number=8, name="NVIDIA H100 80GB HBM3 MIG 3g.40gb", total=40 * GIB, used=0),
)
MIG = Gpu(number=1, name=H100.name, capability="9.0", total=H100.total, slices=SLICES)

PATIENT = 20.0
"""Seconds for a probe that ends by itself."""


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A machine, and what the probe must say of it.

    Attributes:
        libraries: which of the driver's there are.
        empty: of which there is an empty file.
        values: of the scenario, beside those of the GPUs.
        environ: variables beside those that the fake needs.
        expected: fields of the probe; those that hold devices hold their uuids.
    """

    name: str
    expected: Values | dict[str, Any]
    gpus: tuple[Gpu, ...] = (A10G,)
    libraries: tuple[str, ...] = (NVML, CUDA)
    empty: tuple[str, ...] = ()
    old: bool = False
    values: Values = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)


def failing(name: str, code: int, text: str) -> Situation:
    """One where cuInit fails although NVML works."""
    return Situation(
        name=name,
        values={"cuda__init": f"!{code}"},
        expected={
            "nvml_devices": [A10G.uuid],
            "cuda_init_code": code,
            "cuda_init_text": text,
            "cuda_driver_version": "12.4",
            "cuda_devices": None,
            "stage": "cuGetErrorName",
        },
    )


def visible(name: str, variable: str, *shown: Gpu) -> Situation:
    """Two GPUs of which CUDA_VISIBLE_DEVICES leaves some."""
    code = 0 if shown else 100
    return Situation(
        name=name,
        gpus=(A10G, H100),
        environ={"CUDA_VISIBLE_DEVICES": variable},
        expected={
            "nvml_devices": [A10G.uuid, H100.uuid],
            "cuda_init_code": code,
            "cuda_devices": [gpu.uuid for gpu in shown] if shown else None,
        },
    )


NOTHING = {"nvml_code": 12, "nvml_devices": None, "cuda_init_code": None, "cuda_devices": None}
NOT_THERE = "cannot open shared object file: No such file or directory"

SITUATIONS = (
    Situation(
        name="one GPU",
        expected={
            "nvml_code": 0,
            "driver_version": "550.54.15",
            "nvml_cuda_version": "12.4",
            "nvml_devices": [A10G.uuid],
            "nvml_problems": (),
            "nvml_device_codes": {},
            "cuda_init_code": 0,
            "cuda_driver_version": "12.4",
            "cuda_count_code": 0,
            "cuda_devices": [A10G.uuid],
            "cuda_problems": (),
        },
    ),
    Situation(
        name="mixed GPUs",
        gpus=(A10G, H100, V100),
        expected={
            "nvml_devices": [A10G.uuid, H100.uuid, V100.uuid],
            "cuda_devices": [A10G.uuid, H100.uuid, V100.uuid],
        },
    ),
    visible("CUDA sees the second GPU by its number", "1", H100),
    visible("CUDA sees them in another order", "1,0", H100, A10G),
    visible("CUDA sees a GPU by its uuid", H100.uuid, H100),
    visible("CUDA sees none behind a number that means nothing", "0,7,1", A10G),
    visible("an empty CUDA_VISIBLE_DEVICES hides all", ""),
    visible("a CUDA_VISIBLE_DEVICES of -1 hides all", "-1"),
    Situation(
        name="a host without a driver, or a container without --gpus",
        gpus=(),
        libraries=(),
        expected={
            **NOTHING,
            "nvml_library_error": f"{NVML}: {NOT_THERE}",
            "cuda_library_error": f"{CUDA}: {NOT_THERE}",
        },
    ),
    Situation(
        name="libcuda in an image on a host without a GPU",
        gpus=(),
        libraries=(CUDA,),
        expected={**NOTHING, "cuda_init_code": 100, "cuda_init_text": "CUDA_ERROR_NO_DEVICE"},
    ),
    failing("a stub instead of libcuda", 34, "CUDA_ERROR_STUB_LIBRARY"),
    failing("a GPU in exclusive mode", 46, "CUDA_ERROR_DEVICE_UNAVAILABLE"),
    failing("no device although there is a GPU", 100, "CUDA_ERROR_NO_DEVICE"),
    failing("the fabric manager does not run", 802, "CUDA_ERROR_SYSTEM_NOT_READY"),
    failing("a libcuda of another driver", 803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"),
    failing("compat on the wrong GPU", 804, "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE"),
    failing("nobody knows why", 999, "CUDA_ERROR_UNKNOWN"),
    Situation(
        name="a code that libcuda itself has no name for",
        values={"cuda__init": "!4711"},
        expected={"cuda_init_code": 4711, "cuda_init_text": None},
    ),
    Situation(
        name="NVML of another driver than the kernel's",
        values={"nvml__init": "!18", "cuda__init": "!803"},
        expected={"nvml_code": 18, "nvml_devices": None, "cuda_init_code": 803},
    ),
    Situation(
        name="NVML without a kernel driver",
        values={"nvml__init": "!9", "cuda__init": "!100"},
        expected={"nvml_code": 9, "nvml_text": "Driver Not Loaded", "cuda_init_code": 100},
    ),
    Situation(
        name="a driver that is too old for CUDA 12",
        values={"nvml__driver": "470.57.02", "nvml__cuda": 11040, "cuda__driver": 11040},
        expected={
            "driver_version": "470.57.02",
            "nvml_cuda_version": "11.4",
            "cuda_driver_version": "11.4",
        },
    ),
    Situation(
        name="a driver without the newer functions",
        old=True,
        expected={"nvml_devices": [A10G.uuid], "nvml_problems": (), "cuda_devices": [A10G.uuid]},
    ),
    Situation(
        name="no libnvidia-ml, as without the capability utility",
        libraries=(CUDA,),
        expected={"nvml_code": 12, "nvml_devices": None, "cuda_devices": [A10G.uuid]},
    ),
    Situation(
        name="no libcuda, as without the capability compute",
        libraries=(NVML,),
        expected={
            "nvml_devices": [A10G.uuid],
            "libcuda_path": None,
            "cuda_library_error": f"{CUDA}: {NOT_THERE}",
        },
    ),
    Situation(
        name="a lost GPU",
        gpus=(A10G, H100),
        values={"nvml__1__handle": "!15", "cuda__devices": 1},
        expected={
            "nvml_devices": [A10G.uuid],
            "nvml_problems": ("nvmlDeviceGetHandleByIndex 1: 15 GPU is lost",),
            "nvml_device_codes": {1: 15},
            "cuda_devices": [A10G.uuid],
        },
    ),
    Situation(
        name="no GPU that NVML may look at",
        values={"nvml__devices": "!4"},
        expected={
            "nvml_code": 0,
            "nvml_devices": None,
            "nvml_problems": ("nvmlDeviceGetCount: 4 Insufficient Permissions",),
        },
    ),
    Situation(
        name="a device that CUDA counts and cannot open",
        gpus=(A10G, H100),
        values={"cuda__1__get": "!214"},
        expected={
            "cuda_init_code": 0,
            "cuda_devices": [A10G.uuid, None],
            "cuda_problems": ("cuDeviceGet 1: 214 CUDA_ERROR_ECC_UNCORRECTABLE",),
        },
    ),
    Situation(
        name="devices that CUDA cannot count",
        values={"cuda__count": "!999"},
        expected={
            "cuda_count_code": 999,
            "cuda_devices": None,
            "cuda_problems": ("cuDeviceGetCount: 999 CUDA_ERROR_UNKNOWN",),
        },
    ),
    Situation(
        name="MIG slices behind their GPU",
        gpus=(MIG, A10G),
        expected={
            "nvml_devices": [MIG.uuid, *(part.slice_uuid for part in SLICES), A10G.uuid],
            "nvml_problems": (),
            "cuda_devices": [SLICES[0].slice_uuid, A10G.uuid],
        },
    ),
)


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
def test_the_probe_says_what_the_driver_does(
    situation: Situation, fake_driver: FakeDriver, tmp_path: Path
) -> None:
    for name in {NVML, CUDA}.difference(situation.libraries):
        if _is_installed(name):
            pytest.skip(f"this machine has a {name}")
    folder = tmp_path / "lib"
    driver = fake_driver.installed(folder, *situation.libraries or (NVML,), old=situation.old)
    if not situation.libraries:
        (folder / NVML).unlink()
    machine = driver.machine(*situation.gpus, **situation.values)

    probe = Prober(timeout=PATIENT, environ=machine.environ(**situation.environ)).probe()

    assert probe.ended == "complete"
    assert {name: _plain(getattr(probe, name)) for name in situation.expected} == dict(
        situation.expected
    )
    assert probe.libcuda_path == (str(folder / CUDA) if CUDA in situation.libraries else None)
    assert probe.nvml_path == (str(folder / NVML) if NVML in situation.libraries else None)


def _is_installed(library: str) -> bool:
    command = [sys.executable, "-c", f"import ctypes; ctypes.CDLL({library!r})"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _plain(value: Any) -> Any:
    """Devices by their uuid."""
    if isinstance(value, tuple) and value and hasattr(value[0], "uuid"):
        return [device.uuid for device in value]
    return value
