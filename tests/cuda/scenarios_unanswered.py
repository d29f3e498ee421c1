"""Hosts whose GPU is lost, whose driver fails where no file tells of a GPU, or gives no answer."""

from jupyter_sm.cuda.model import HostEvidence, Probe

from .described import (
    A10G,
    LIB,
    LOST,
    Scenario,
    ended,
    failing,
    gpu_host,
    libraries,
    library,
    probe,
    toolkit,
)

WINDOWS = HostEvidence(
    dxg_node=True,
    libraries=(library(folder="/usr/lib/wsl/lib", version=None),),
    libcuda_path="/usr/lib/wsl/lib/libcuda.so.1",
)

LOST_GPU = {
    "gpu-lost-and-no-other": Scenario(
        status="not_visible",
        codes=("gpu-lost",),
        host=gpu_host(),
        probe=failing(999, **LOST),
    ),
    "gpu-lost-without-files": Scenario(
        status="not_visible",
        codes=("gpu-lost",),
        host=HostEvidence(),
        probe=failing(100, **LOST),
    ),
    "gpu-to-be-reset": Scenario(
        status="not_visible",
        codes=("gpu-reset-required", "ecc-uncorrectable"),
        host=gpu_host(),
        probe=failing(
            214,
            A10G,
            nvml_device_codes={0: 16},
            nvml_problems=("nvmlDeviceGetMemoryInfo 0: 16 GPU requires restart",),
        ),
    ),
    "code-100-without-nvml": Scenario(
        status="not_visible",
        codes=("no-device", "no-nvml"),
        host=gpu_host(cuda_visible_devices="0"),
        probe=failing(
            100,
            nvml_code=None,
            nvml_devices=None,
            nvml_problems=("nvidia-ml-py is not installed",),
        ),
    ),
}

NO_FILES = {
    "driver-fails-without-files": Scenario(
        status="not_visible",
        codes=("unknown-error",),
        host=HostEvidence(libraries=libraries(), libcuda_path=f"{LIB}/libcuda.so.1"),
        probe=failing(999, nvml_code=999, nvml_text="Unknown Error"),
    ),
    "driver-hangs-without-files": Scenario(
        status="probe_failed",
        codes=("driver-hangs",),
        host=HostEvidence(libraries=libraries(), libcuda_path=f"{LIB}/libcuda.so.1"),
        probe=ended("timed out", "cuInit", seconds=20.01, nvml_code=9),
    ),
    "windows-driver-fails": Scenario(
        status="not_visible",
        codes=("unknown-error",),
        host=WINDOWS,
        probe=failing(999, nvml_code=999, nvml_text="Unknown Error"),
    ),
    "windows-driver-works": Scenario(status="visible", host=WINDOWS, probe=probe(A10G)),
    "windows-without-nvidia": Scenario(
        status="no_gpu_host", host=HostEvidence(dxg_node=True), probe=None
    ),
}

UNANSWERED = {
    "probe-killed": Scenario(
        status="probe_failed",
        codes=("probe-killed", "baked-driver"),
        host=gpu_host(driver="535.183.01", libraries=libraries("baked")),
        probe=ended("signal", "cuInit", A10G, signal=9),
    ),
    "cuinit-hangs": Scenario(
        status="probe_failed",
        codes=("driver-hangs",),
        host=gpu_host(),
        probe=ended("timed out", "cuInit", A10G, seconds=20.01),
    ),
    "nvml-hangs": Scenario(
        status="probe_failed",
        codes=("driver-hangs",),
        host=gpu_host(),
        probe=Probe(ended="timed out", stage="nvmlInit", seconds=20.01),
    ),
    "cuinit-crashes": Scenario(
        status="probe_failed",
        codes=("driver-crashed",),
        host=gpu_host(),
        probe=ended("signal", "cuInit", A10G, signal=11),
    ),
    "baked-cuinit-crashes": Scenario(
        status="probe_failed",
        codes=("baked-driver", "driver-crashed"),
        host=gpu_host(libraries=libraries("baked")),
        probe=ended("signal", "cuInit", A10G, signal=11),
    ),
    "probe-fails": Scenario(
        status="probe_failed",
        codes=("probe-failed",),
        host=gpu_host(),
        probe=Probe(ended="failed", stderr_tail="the probe said too much"),
    ),
    "probe-still-hangs": Scenario(
        status="probe_failed",
        codes=("probe-still-hangs",),
        host=gpu_host(),
        probe=Probe(
            ended="not run",
            stderr_tail="process 41 of an earlier probe still hangs in the driver",
        ),
    ),
    "not-asked": Scenario(
        status="visible", codes=("driver-not-asked",), host=gpu_host(), probe=None
    ),
    "not-asked-and-toolkit-too-new": Scenario(
        status="degraded",
        codes=("toolkit-too-new", "driver-not-asked"),
        host=gpu_host(),
        probe=None,
        toolkits=(toolkit("13.0.1"),),
    ),
}
