"""The parts that hosts with GPUs are described by: evidence, devices and probes that are well."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyter_sm.cuda.model import (
    CudaDevice,
    CudaReport,
    Device,
    Framework,
    HostEvidence,
    Library,
    LibraryKind,
    LoaderFolder,
    PciDevice,
    Probe,
    ProcGpu,
    Status,
    Toolkit,
)
from jupyter_sm.cuda.verdict.fits import Installed
from jupyter_sm.cuda.verdict.report import judge

DRIVER = "550.54.15"
LIB = "/usr/lib/x86_64-linux-gnu"
GIB = 1 << 30


def gpu(index: int = 0, name: str = "NVIDIA A10G", capability: str = "8.6", **more: Any) -> Device:
    fields: dict[str, Any] = {
        "uuid": f"GPU-{index}c04d2d4-6ab3-11d1-9e64-0242ac12000{index}",
        "index": index,
        "name": name,
        "memory_total": 22 * GIB + GIB // 2,
        "memory_used": GIB * 3 // 2,
        "utilization_gpu": 7,
        "compute_capability": capability,
        "mig": False,
        "ecc_uncorrected": 0,
    }
    return Device(**{**fields, **more})


V100: dict[str, Any] = {
    "name": "Tesla V100-SXM2-16GB",
    "capability": "7.0",
    "memory_total": 16 * GIB,
    "mig": None,
}
H100: dict[str, Any] = {
    "name": "NVIDIA H100 80GB HBM3",
    "capability": "9.0",
    "memory_total": 80 * GIB,
}


def slice_of(parent: Device, number: int) -> Device:
    return Device(
        uuid=f"MIG-{number}fc5b8a1-0b9a-5f4f-8f53-2f1b5d0c8a1{number}",
        name=f"{parent.name} MIG 1g.10gb",
        memory_total=10 * GIB,
        memory_used=0,
        compute_capability=parent.compute_capability,
        mig=True,
        parent_uuid=parent.uuid,
    )


def library(
    name: str = "libcuda.so.1",
    kind: LibraryKind = "mounted",
    *,
    folder: str = LIB,
    version: str | None = DRIVER,
    size: int | None = 28_000_000,
) -> Library:
    path = f"{folder}/{name}"
    resolved = f"{folder}/{name.removesuffix('.1')}.{version}" if version else path
    evidence = {
        "mounted": f"{resolved} is a mount point in /proc/self/mountinfo",
        "baked": f"{resolved} is no mount point in /proc/self/mountinfo",
        "empty": f"{resolved} has 0 bytes",
        "stub": f"{resolved} lies in a folder of stubs",
        "compat": f"{resolved} lies in a folder of NVIDIA's compatibility package",
    }
    return Library(
        name=name,
        path=path,
        resolved=resolved,
        kind=kind,
        bytes=size,
        version=version,
        evidence=evidence.get(kind, ""),
    )


def libraries(kind: LibraryKind = "mounted", version: str = DRIVER) -> tuple[Library, ...]:
    return tuple(
        library(name, kind, version=version) for name in ("libcuda.so.1", "libnvidia-ml.so.1")
    )


def gpu_host(count: int = 1, driver: str = DRIVER, **more: Any) -> HostEvidence:
    """All as it should be in a container that was started with ``--gpus all``."""
    addresses = [f"0000:00:{0x1E + number:02x}.0" for number in range(count)]
    fields: dict[str, Any] = {
        "pci": tuple(
            PciDevice(address=address, device="0x2237", pci_class="0x030200")
            for address in addresses
        ),
        "kernel_driver": driver,
        "proc_gpus": tuple(
            ProcGpu(address=address, minor=number) for number, address in enumerate(addresses)
        ),
        "device_nodes": tuple(f"/dev/nvidia{number}" for number in range(count)),
        "control_node": True,
        "uvm_node": True,
        "nvidia_visible_devices": "all",
        "libraries": libraries(version=driver),
        "libcuda_path": f"{LIB}/libcuda.so.1",
        "nvml_path": f"{LIB}/libnvidia-ml.so.1",
    }
    return HostEvidence(**{**fields, **more})


def without_gpus(**more: Any) -> HostEvidence:
    """A container on a GPU host that was started without ``--gpus``: only the kernel's files show."""
    nothing = {
        "device_nodes": (),
        "control_node": False,
        "uvm_node": False,
        "nvidia_visible_devices": None,
        "libraries": (),
        "libcuda_path": None,
        "nvml_path": None,
    }
    return gpu_host(**{**nothing, **more})


def probe(
    *devices: Device,
    driver: str = DRIVER,
    cuda: str = "12.4",
    visible: tuple[Device, ...] | None = None,
    **more: Any,
) -> Probe:
    """A probe that came to its end; what CUDA shows is what NVML lists, if nothing else is given."""
    shown = [d for d in devices if not d.mig or d.parent_uuid] if visible is None else visible
    fields: dict[str, Any] = {
        "ended": "complete",
        "stage": "cuDeviceGetUuid_v2 0",
        "seconds": 0.08,
        "nvml_code": 0,
        "nvml_path": f"{LIB}/libnvidia-ml.so.{driver}",
        "driver_version": driver,
        "nvml_cuda_version": cuda,
        "nvml_devices": devices,
        "libcuda_path": f"{LIB}/libcuda.so.{driver}",
        "cuda_driver_version": cuda,
        "cuda_init_code": 0,
        "cuda_count_code": 0,
        "cuda_devices": tuple(
            CudaDevice(
                index=number,
                uuid=device.uuid,
                name=device.name,
                compute_capability=device.compute_capability,
                memory_total=device.memory_total,
            )
            for number, device in enumerate(shown)
        ),
    }
    return Probe(**{**fields, **more})


def failing(code: int, *devices: Device, **more: Any) -> Probe:
    """One in which cuInit fails; where NVML fails too, its answers are not there."""
    if more.get("nvml_code"):
        more = {"nvml_devices": None, "driver_version": None, "nvml_cuda_version": None, **more}
    fields: dict[str, Any] = {"cuda_init_code": code, "cuda_count_code": None, "cuda_devices": None}
    return probe(*devices, **{"stage": "cuInit", **fields, **more})


def without_libcuda(error: str, *devices: Device, **more: Any) -> Probe:
    """One that could not load libcuda."""
    fields: dict[str, Any] = {
        "cuda_library_error": error,
        "cuda_init_code": None,
        "libcuda_path": None,
    }
    nothing = {"cuda_driver_version": None, "cuda_count_code": None, "cuda_devices": None}
    return probe(*devices, **{"stage": "dlopen libcuda.so.1", **fields, **nothing, **more})


def told(folder: str, source: str = "LD_LIBRARY_PATH") -> LoaderFolder:
    """A folder that the loader was told of, in a line of its own."""
    line = "" if source == "LD_LIBRARY_PATH" else folder
    return LoaderFolder(folder=folder, resolved=folder, source=source, line=line)


NOT_FOUND = "libcuda.so.1: cannot open shared object file: No such file or directory"
LOST: dict[str, Any] = {
    "nvml_devices": (),
    "nvml_device_codes": {0: 15},
    "nvml_problems": ("nvmlDeviceGetHandleByIndex 0: 15 GPU is lost",),
}
NO_NVML: dict[str, Any] = {
    "nvml_code": 12,
    "nvml_library_error": NOT_FOUND.replace("libcuda", "libnvidia-ml"),
    "nvml_path": None,
    "driver_version": None,
    "nvml_cuda_version": None,
    "nvml_devices": None,
}


def ended(how: str, stage: str, *devices: Device, **more: Any) -> Probe:
    """One that did not come to its end."""
    if more.get("nvml_code"):
        more = {"nvml_devices": None, "driver_version": None, "nvml_cuda_version": None, **more}
    fields: dict[str, Any] = {
        "ended": how,
        "stage": stage,
        "cuda_init_code": None,
        "cuda_devices": None,
    }
    return probe(*devices, **{**fields, "cuda_count_code": None, **more})


def torch(
    cuda: str | None = "12.4",
    *,
    version: str = "2.6.0",
    prefix: str = "/opt/conda",
    **more: Any,
) -> Framework:
    fields: dict[str, Any] = {
        "name": "torch",
        "version": f"{version}+cu{cuda.replace('.', '')}" if cuda else version,
        "build": "cuda" if cuda else "cpu",
        "cuda": cuda,
        "source": f"{prefix}/lib/python3.11/site-packages/torch/version.py",
    }
    return Framework(**{**fields, **more})


def toolkit(version: str) -> Toolkit:
    path = "/usr/local/cuda/version.json"
    return Toolkit(version=version, source=path, path=path)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One state of a host, and the verdict that it should lead to.

    Attributes:
        status: that is expected.
        codes: of the reasons that are expected, in order.
    """

    status: Status
    codes: tuple[str, ...] = ()
    host: HostEvidence
    probe: Probe | None
    toolkits: tuple[Toolkit, ...] = ()
    environments: tuple[Installed, ...] = ()
    previous: tuple[Device, ...] = ()
    kernels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def report(self) -> CudaReport:
        return judge(
            self.host,
            self.probe,
            self.toolkits,
            self.environments,
            previous=self.previous,
            checked_at="2026-11-20T12:00:00Z",
        )


CONDA = "/opt/conda"
TRAIN = f"{CONDA}/envs/train"
KERNELS = {CONDA: ("python3", "conda-base-py"), TRAIN: ("conda-env-train-py",)}
A10G = gpu()
TWO = (gpu(0), gpu(1))
SLICED = gpu(0, **H100, mig=True)
