"""Hosts whose CUDA works, wholly or nearly, and hosts without a GPU."""

from jupyter_sm.cuda.model import CudaDevice, HostEvidence
from jupyter_sm.cuda.tables import runs_on
from jupyter_sm.cuda.verdict.fits import Installed

from .described import (
    A10G,
    CONDA,
    KERNELS,
    LIB,
    NO_NVML,
    SLICED,
    TWO,
    V100,
    Scenario,
    ended,
    failing,
    gpu,
    gpu_host,
    libraries,
    probe,
    slice_of,
    toolkit,
    torch,
)

WELL = {
    "healthy": Scenario(
        status="visible",
        host=gpu_host(),
        probe=probe(A10G),
        toolkits=(toolkit("12.4.1"),),
        environments=(Installed(CONDA, "base", (torch(),)),),
        kernels=KERNELS,
    ),
    "healthy-two": Scenario(status="visible", host=gpu_host(2), probe=probe(*TWO)),
    "no-gpu": Scenario(status="no_gpu_host", host=HostEvidence(), probe=None),
    "no-gpu-libcuda-mounted": Scenario(
        status="no_gpu_host",
        host=HostEvidence(libraries=libraries(), libcuda_path=f"{LIB}/libcuda.so.1"),
        probe=failing(100, nvml_code=9),
    ),
    "no-gpu-libcuda-baked": Scenario(
        status="no_gpu_host",
        codes=("baked-driver",),
        host=HostEvidence(libraries=libraries("baked"), libcuda_path=f"{LIB}/libcuda.so.1"),
        probe=failing(100, nvml_code=9),
    ),
    "no-gpu-libcuda-crashes": Scenario(
        status="no_gpu_host",
        codes=("driver-crashed",),
        host=HostEvidence(libraries=libraries(), libcuda_path=f"{LIB}/libcuda.so.1"),
        probe=ended("signal", "cuInit", signal=11, nvml_code=9),
    ),
    "mig": Scenario(
        status="visible",
        host=gpu_host(),
        probe=probe(
            SLICED,
            *(slice_of(SLICED, number) for number in (1, 2)),
            visible=(slice_of(SLICED, 1),),
        ),
    ),
    "no-nvml": Scenario(
        status="visible",
        codes=("no-nvml",),
        host=gpu_host(driver_capabilities="compute", nvml_path=None),
        probe=probe(A10G, **NO_NVML),
    ),
    "baked-beside-mounted": Scenario(
        status="visible",
        codes=("baked-driver",),
        host=gpu_host(
            libraries=(*libraries(), *libraries("baked", version="535.183.01")),
        ),
        probe=probe(A10G),
    ),
    "driver-tells-little": Scenario(
        status="visible",
        host=gpu_host(),
        probe=probe(
            gpu(
                name="NVIDIA GB10",
                capability="12.1",
                memory_total=None,
                memory_used=None,
                utilization_gpu=None,
                mig=None,
                ecc_uncorrected=None,
            )
        ),
    ),
}

DEGRADED = {
    "ecc": Scenario(
        status="degraded",
        codes=("ecc-uncorrected",),
        host=gpu_host(),
        probe=probe(gpu(ecc_uncorrected=3)),
    ),
    "gpu-lost": Scenario(
        status="degraded",
        codes=("gpu-lost",),
        host=gpu_host(2),
        probe=probe(
            A10G,
            nvml_device_codes={1: 15},
            nvml_problems=("nvmlDeviceGetHandleByIndex 1: 15 GPU is lost",),
        ),
    ),
    "hang-after-cuda": Scenario(
        status="degraded",
        codes=("driver-hangs",),
        host=gpu_host(),
        probe=probe(A10G, ended="timed out", stage="cuDeviceTotalMem_v2 0", seconds=20.01),
    ),
    "gpu-tells-not-all": Scenario(
        status="visible",
        host=gpu_host(),
        probe=probe(
            gpu(ecc_uncorrected=None),
            nvml_device_codes={0: 14},
            nvml_problems=("nvmlDeviceGetTotalEccErrors 0: 14 infoROM is corrupted",),
        ),
    ),
    "gpu-without-handle": Scenario(
        status="degraded",
        codes=("gpu-error",),
        host=gpu_host(2),
        probe=probe(
            A10G,
            nvml_device_codes={1: 14},
            nvml_problems=("nvmlDeviceGetHandleByIndex 1: 14 infoROM is corrupted",),
        ),
    ),
    "gpu-unusable": Scenario(
        status="degraded",
        codes=("device-unusable",),
        host=gpu_host(2),
        probe=probe(
            *TWO,
            cuda_devices=(
                CudaDevice(index=0, uuid=TWO[0].uuid, name=TWO[0].name),
                CudaDevice(index=1, uuid=TWO[1].uuid, name=TWO[1].name, code=214),
            ),
            cuda_problems=("cuDeviceTotalMem_v2 1: 214 CUDA_ERROR_ECC_UNCORRECTABLE",),
        ),
    ),
    "gpu-gone-since": Scenario(
        status="degraded",
        codes=("gpu-gone",),
        host=gpu_host(2),
        probe=probe(A10G),
        previous=TWO,
    ),
    "nvml-gone-since": Scenario(
        status="visible",
        codes=("no-nvml",),
        host=gpu_host(2),
        probe=probe(*TWO, **NO_NVML),
        previous=(*TWO, gpu(2)),
    ),
    "slices-gone-since": Scenario(
        status="visible",
        host=gpu_host(2),
        probe=probe(*TWO),
        previous=(*TWO, slice_of(SLICED, 1), slice_of(gpu(7), 2)),
    ),
    "nvidia-ml-py-missing": Scenario(
        status="visible",
        codes=("no-nvml",),
        host=gpu_host(),
        probe=probe(
            A10G,
            **{**NO_NVML, "nvml_library_error": None, "nvml_code": None},
            nvml_problems=("nvidia-ml-py is not installed",),
        ),
    ),
    "killed-after-cuda": Scenario(
        status="visible",
        codes=("probe-killed",),
        host=gpu_host(),
        probe=probe(A10G, ended="signal", signal=15, stage="cuDeviceTotalMem_v2 0"),
    ),
    "gpu-not-in-cuda": Scenario(
        status="degraded",
        codes=("gpu-not-in-cuda",),
        host=gpu_host(2),
        probe=probe(*TWO, visible=TWO[:1]),
    ),
    "mixed-gpus": Scenario(
        status="visible",
        host=gpu_host(2, driver="580.95.05"),
        probe=probe(A10G, gpu(1, **V100), driver="580.95.05", cuda="13.0"),
        environments=(Installed(CONDA, "base", (torch("13.0", version="2.9.1"),)),),
        kernels=KERNELS,
    ),
}

_SIDES = {
    "11-below": ("11.8.0", "450.51.05", "toolkit-too-new"),
    "11-at": ("11.8.0", "450.80.02", None),
    "12-below": ("12.4.1", "520.61.05", "toolkit-too-new"),
    "12-at": ("12.4.1", "525.60.13", None),
    "13-below": ("13.0.1", "575.51.03", "toolkit-too-new"),
    "13-at": ("13.0.1", "580.65.06", None),
}
"""A toolkit and a driver on one side of its minimum."""

TOOLKITS = {
    f"toolkit-{name}": Scenario(
        status="degraded" if code else "visible",
        codes=(code,) if code else (),
        host=gpu_host(driver=driver),
        probe=probe(A10G, driver=driver, cuda=runs_on(driver) or ""),
        toolkits=(toolkit(version),),
    )
    for name, (version, driver, code) in _SIDES.items()
}
