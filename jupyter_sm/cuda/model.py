"""What is known about CUDA on this host: the evidence, the probe, the verdict; as they go over REST.

Versions are text, as their makers write them: CUDA ``"12.4"``, drivers ``"550.54.15"``, compute
capabilities ``"9.0"``. `versions.py` compares them. Sizes are in bytes, times in seconds.
"""

from typing import Literal

import msgspec

Status = Literal["visible", "degraded", "hidden", "not_visible", "no_gpu_host", "probe_failed"]
"""``not_visible`` and ``probe_failed`` on a host with a GPU are alarms; ``no_gpu_host`` is healthy.

``visible`` with the reason ``driver-not-asked`` rests on files alone: they are as they should be.
"""

LibraryKind = Literal["mounted", "baked", "stub", "compat", "empty", "unknown"]
"""How a library came into the image.

``mounted`` from the host, as it should be for the driver's; ``baked`` a part of the image, right for
libcudart and wrong for the driver's; ``stub`` for linking only; ``compat`` NVIDIA's forward
compatibility package; ``empty`` nothing to load: 0 bytes, or a link to nothing; ``unknown`` where the
mounts cannot be read.
"""

Build = Literal["cuda", "cpu", "rocm", "unknown"]

FrameworkName = Literal["torch", "tensorflow", "jax"]

Ended = Literal["complete", "timed out", "signal", "failed", "not run"]
"""``failed``: the probe's process could not be started, or what it said is not what it should say."""


class PciDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A display controller of NVIDIA on the PCI bus, as /sys/bus/pci/devices has it.

    Attributes:
        address: ``0000:00:1e.0``.
        device: the kind of GPU, ``0x2330``.
        pci_class: ``0x030200`` for data-centre cards, ``0x030000`` for those with a display.
        driver: the kernel's driver that has it: ``nvidia``, ``vfio-pci`` where it belongs to a virtual
            machine; None if none has.
    """

    address: str
    device: str
    pci_class: str
    driver: str | None = None


class ProcGpu(msgspec.Struct, frozen=True, kw_only=True):
    """A GPU that the kernel's driver shows in /proc/driver/nvidia/gpus; what it does not say is None.

    Attributes:
        address: the name of its folder there, a PCI address.
        minor: the number of its node in /dev.
    """

    address: str
    model: str | None = None
    uuid: str | None = None
    minor: int | None = None


class Library(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the driver or of the CUDA runtime that is in the image.

    Attributes:
        name: ``libcuda.so.1``.
        path: where the file of that name lies, links of folders followed.
        resolved: the file that it is, links followed; of a link to nothing, what it points to.
        kind: how it came here.
        bytes: size of the file; None if there is none.
        version: what the name of the resolved file says, ``550.54.15``; None if it says nothing.
        readable: this user may read it; the loader passes by what it may not read.
        evidence: what the kind rests on.
    """

    name: str
    path: str
    resolved: str
    kind: LibraryKind
    bytes: int | None
    version: str | None = None
    readable: bool = True
    evidence: str


class LoaderFolder(msgspec.Struct, frozen=True, kw_only=True):
    """A folder that the loader was told to look in, in which a library of the driver lies.

    Attributes:
        folder: as it was written.
        resolved: links followed, as in the ``path`` of a library.
        source: ``LD_LIBRARY_PATH``, or the file of ld.so.conf(5) that lists it.
        line: of that file, whole; empty for the variable.
    """

    folder: str
    resolved: str
    source: str
    line: str = ""


class HostEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """What files and the environment say of the host's GPU and of what was mounted; nothing is loaded.

    Attributes:
        pci: NVIDIA's display controllers on the bus; containers see those of the host.
        kernel_driver: version of the kernel module from /proc/driver/nvidia/version.
        proc_gpus: the GPUs that the kernel's driver shows.
        device_nodes: ``/dev/nvidia0`` and so on, in order.
        closed_nodes: nodes of the driver that this user may not read and write.
        control_node: /dev/nvidiactl is there.
        uvm_node: /dev/nvidia-uvm is there.
        dxg_node: /dev/dxg is there, through which Windows gives its GPUs to WSL.
        nvidia_visible_devices: NVIDIA_VISIBLE_DEVICES; None is unset, which is not the same as empty.
        driver_capabilities: NVIDIA_DRIVER_CAPABILITIES.
        cuda_visible_devices: CUDA_VISIBLE_DEVICES.
        ld_library_path: LD_LIBRARY_PATH.
        libraries: libcuda.so*, libnvidia-ml.so* and libcudart.so* in the folders of the loader and of
            the toolkits.
        libcuda_path: where the loader finds libcuda.so.1 first, as far as files tell: the ``path`` of
            one of the libraries, or None.
        nvml_path: the same for libnvidia-ml.so.1.
        container: this looks like a container; outside of one, a driver among the files is no mistake.
            None if it is not known.
        loader_folders: the folders of the driver's libraries that somebody told the loader of.
        problems: what could not be read, each ``path: why``.
    """

    pci: tuple[PciDevice, ...] = ()
    kernel_driver: str | None = None
    proc_gpus: tuple[ProcGpu, ...] = ()
    device_nodes: tuple[str, ...] = ()
    closed_nodes: tuple[str, ...] = ()
    control_node: bool = False
    uvm_node: bool = False
    dxg_node: bool = False
    nvidia_visible_devices: str | None = None
    driver_capabilities: str | None = None
    cuda_visible_devices: str | None = None
    ld_library_path: str | None = None
    libraries: tuple[Library, ...] = ()
    libcuda_path: str | None = None
    nvml_path: str | None = None
    container: bool | None = None
    loader_folders: tuple[LoaderFolder, ...] = ()
    problems: tuple[str, ...] = ()


class Toolkit(msgspec.Struct, frozen=True, kw_only=True):
    """A CUDA toolkit, or only its runtime, inside the image.

    Attributes:
        version: ``12.4.1`` or ``12.4``, as the source has it.
        source: what said so: ``/usr/local/cuda/version.json``, ``pip nvidia-cuda-runtime-cu12 in
            /opt/conda``, ``conda cuda-version in /opt/conda``.
        path: the file or folder that was read.
        prefix: the environment that it belongs to; None for the system's.
    """

    version: str
    source: str
    path: str
    prefix: str | None = None


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why the verdict is what it is.

    Attributes:
        code: stable kebab-case name of the kind of reason.
        text: one sentence.
        evidence: the file, the error code or the variable that it rests on.
        remedy: one command or setting that mends it, shell-quoted; may be empty.
    """

    code: str
    text: str
    evidence: str
    remedy: str = ""


class Framework(msgspec.Struct, frozen=True, kw_only=True):
    """A framework that is installed in an environment, as its files say it.

    Attributes:
        cuda: the CUDA that it was built for, ``12.4`` or only ``12``; None if it was not, or if no
            file says so.
        compute_capabilities: what it was compiled for, where a file says so: ``8.0``, and ``9.0+PTX``
            where the driver can compile it for newer GPUs as well.
        source: the file or folder that was read.
        problem: why something is not known, or why this build cannot use its GPU part; empty if all is
            well.
        doubt: why it is not known whether this build finds all that it needs; empty if there is none.
        distributions: pip's names of what brought it, and of what was built for the same CUDA beside
            it: ``tensorflow-cpu``; ``torch``, ``torchvision``; ``jaxlib``, ``jax-cuda12-plugin``.
        fits: a CUDA build runs on this host's driver and GPU; None for others, and if it is not known.
        reasons: why it does not, or why it is not known.
    """

    name: FrameworkName
    version: str
    build: Build
    cuda: str | None = None
    compute_capabilities: tuple[str, ...] | None = None
    source: str
    problem: str = ""
    doubt: str = ""
    distributions: tuple[str, ...] = ()
    fits: bool | None = None
    reasons: tuple[Reason, ...] = ()


class EnvironmentCuda(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the kernels of an environment can use the GPU.

    Attributes:
        fits: each of its CUDA builds runs on this host's driver and GPU; None if there is none, or if
            it is not known.
        reasons: those of its frameworks.
    """

    prefix: str
    name: str
    frameworks: tuple[Framework, ...] = ()
    fits: bool | None = None
    reasons: tuple[Reason, ...] = ()


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A GPU or a MIG slice; None is what the driver does not tell.

    Attributes:
        uuid: ``GPU-…`` or ``MIG-…``; devices are matched by it, never by their index.
        index: NVML's; None for MIG slices and for what only CUDA sees.
        utilization_gpu: percent.
        mig: of a GPU, whether it is in MIG mode; of a slice, True.
        parent_uuid: of a MIG slice, the GPU that it is a part of.
        ecc_uncorrected: uncorrected memory errors since the driver was loaded.
        cuda_visible: CUDA in this process's environment sees it; None if CUDA was not asked.
    """

    uuid: str
    index: int | None = None
    name: str | None = None
    memory_total: int | None = None
    memory_used: int | None = None
    utilization_gpu: int | None = None
    compute_capability: str | None = None
    mig: bool | None = None
    parent_uuid: str | None = None
    ecc_uncorrected: int | None = None
    cuda_visible: bool | None = None


class CudaDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device as libcuda counts it; ``index`` is CUDA's, after CUDA_VISIBLE_DEVICES.

    Attributes:
        uuid: written as NVML does; None if this libcuda does not tell.
        code: of the first call that failed for this device; 0 if none did.
    """

    index: int
    uuid: str | None = None
    name: str | None = None
    compute_capability: str | None = None
    memory_total: int | None = None
    code: int = 0


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """What the probe's process said, stage by stage; None is what it did not come to.

    Attributes:
        ended: how the process ended.
        stage: the last stage that it began, ``cuInit``; empty if it said nothing.
        signal: the signal that ended it.
        stderr_tail: the end of what it and the libraries wrote.
        seconds: how long it took.
        nvml_library_error: what the loader said if libnvidia-ml.so.1 could not be loaded.
        nvml_code: of NVML's initialisation, 0 is success.
        nvml_text: NVML's words for it.
        nvml_path: the file that was loaded.
        driver_version: the user-space driver's, from NVML.
        nvml_cuda_version: the newest CUDA that the driver runs, by NVML.
        nvml_devices: what NVML lists, MIG slices behind their GPU.
        nvml_problems: calls that failed, ``nvmlDeviceGetHandleByIndex 1: 15 GPU is lost``.
        nvml_device_codes: NVML's codes other than "not supported" by device; index to code.
        cuda_library_error: what the loader said if libcuda.so.1 could not be loaded.
        libcuda_path: the file that was loaded, from /proc/self/maps.
        cuda_init_code: of cuInit, 0 is success.
        cuda_init_text: the name of that code.
        cuda_driver_version: the newest CUDA that this libcuda runs, ``12.4``.
        cuda_count_code: of cuDeviceGetCount.
        cuda_devices: what libcuda lists; None if it was not asked.
        cuda_problems: calls that failed after cuInit.
    """

    ended: Ended
    stage: str = ""
    signal: int | None = None
    stderr_tail: str = ""
    seconds: float = 0.0
    nvml_library_error: str | None = None
    nvml_code: int | None = None
    nvml_text: str | None = None
    nvml_path: str | None = None
    driver_version: str | None = None
    nvml_cuda_version: str | None = None
    nvml_devices: tuple[Device, ...] | None = None
    nvml_problems: tuple[str, ...] = ()
    nvml_device_codes: dict[int, int] = {}
    cuda_library_error: str | None = None
    libcuda_path: str | None = None
    cuda_init_code: int | None = None
    cuda_init_text: str | None = None
    cuda_driver_version: str | None = None
    cuda_count_code: int | None = None
    cuda_devices: tuple[CudaDevice, ...] | None = None
    cuda_problems: tuple[str, ...] = ()


class CudaReport(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict, and all that it rests on.

    Attributes:
        reasons: the most important first; empty for ``visible`` without a flaw.
        driver_version: of the driver in user space, else of the kernel module.
        cuda_driver_version: the newest CUDA that the driver runs.
        probe: what the driver said; None if it was not asked, for there is nothing to ask.
        probe_seconds: how long the driver took to answer.
        checked_at: ISO 8601, UTC.
    """

    status: Status
    reasons: tuple[Reason, ...] = ()
    devices: tuple[Device, ...] = ()
    driver_version: str | None = None
    cuda_driver_version: str | None = None
    toolkits: tuple[Toolkit, ...] = ()
    host: HostEvidence
    probe: Probe | None = None
    environments: tuple[EnvironmentCuda, ...] = ()
    probe_seconds: float | None = None
    checked_at: str
