"""Hosts with a GPU whose CUDA does not work: hidden, not handed over, broken, or without an answer."""

from jupyter_sm.cuda.model import PciDevice

from .described import (
    A10G,
    LIB,
    LOST,
    NO_NVML,
    NOT_FOUND,
    SLICED,
    TWO,
    Scenario,
    failing,
    gpu_host,
    libraries,
    library,
    probe,
    without_gpus,
    without_libcuda,
)

HIDDEN = {
    name: Scenario(
        status="hidden",
        codes=("cuda-visible-devices",),
        host=gpu_host(2, cuda_visible_devices=value),
        probe=failing(100, *TWO),
    )
    for name, value in {
        "hidden-empty": "",
        "hidden-minus-one": "-1",
        "hidden-out-of-range": "7",
        "hidden-unknown-uuid": "GPU-00000000-0000-0000-0000-000000000000",
        "hidden-word": "NoDevFiles",
        "hidden-twice": "0,0",
    }.items()
} | {
    "hidden-one-of-two": Scenario(
        status="visible",
        codes=("gpus-hidden",),
        host=gpu_host(2, cuda_visible_devices="1"),
        probe=probe(*TWO, visible=TWO[1:]),
    ),
    "hidden-and-no-libcuda": Scenario(
        status="not_visible",
        codes=("driver-not-mounted", "cuda-visible-devices"),
        host=gpu_host(cuda_visible_devices="", libraries=(), libcuda_path=None),
        probe=without_libcuda(NOT_FOUND, A10G),
    ),
    "hidden-and-empty-libcuda": Scenario(
        status="not_visible",
        codes=("empty-library", "cuda-visible-devices"),
        host=gpu_host(
            cuda_visible_devices="-1",
            libraries=(library(kind="empty", version="535.183.01", size=0),),
        ),
        probe=without_libcuda(f"{LIB}/libcuda.so.1: file too short", A10G),
    ),
    "hidden-and-gpu-lost": Scenario(
        status="hidden",
        codes=("cuda-visible-devices", "gpu-lost"),
        host=gpu_host(2, cuda_visible_devices=""),
        probe=failing(100, **LOST | {"nvml_devices": TWO[1:]}),
    ),
    "hidden-not-asked": Scenario(
        status="hidden",
        codes=("cuda-visible-devices",),
        host=gpu_host(cuda_visible_devices=""),
        probe=None,
    ),
}

CONTAINER = {
    "without-gpus": Scenario(
        status="not_visible",
        codes=("no-gpus-given",),
        host=without_gpus(),
        probe=without_libcuda(NOT_FOUND, **NO_NVML),
    ),
    "without-gpus-image-says-all": Scenario(
        status="not_visible",
        codes=("no-gpus-given",),
        host=without_gpus(nvidia_visible_devices="all"),
        probe=None,
    ),
    "visible-devices-none": Scenario(
        status="hidden",
        codes=("no-gpu-assigned",),
        host=gpu_host(device_nodes=(), nvidia_visible_devices="none"),
        probe=failing(100),
    ),
    "visible-devices-void": Scenario(
        status="hidden",
        codes=("no-gpu-assigned",),
        host=without_gpus(nvidia_visible_devices="void"),
        probe=without_libcuda(NOT_FOUND, **NO_NVML),
    ),
    "no-kernel-driver": Scenario(
        status="not_visible",
        codes=("no-kernel-driver",),
        host=without_gpus(kernel_driver=None, proc_gpus=()),
        probe=without_libcuda(NOT_FOUND, **NO_NVML),
    ),
    "nouveau": Scenario(
        status="not_visible",
        codes=("no-kernel-driver",),
        host=without_gpus(
            kernel_driver=None,
            proc_gpus=(),
            pci=(
                PciDevice(
                    address="0000:00:1e.0", device="0x2237", pci_class="0x030200", driver="nouveau"
                ),
            ),
        ),
        probe=without_libcuda(NOT_FOUND, **NO_NVML),
    ),
    "no-device-nodes-outside-a-container": Scenario(
        status="not_visible",
        codes=("no-device-nodes",),
        host=without_gpus(
            container=False, libraries=libraries("baked"), libcuda_path=f"{LIB}/libcuda.so.1"
        ),
        probe=failing(100, nvml_code=9, nvml_text="Driver Not Loaded"),
    ),
    "libcuda-unloadable": Scenario(
        status="not_visible",
        codes=("libcuda-unloadable",),
        host=gpu_host(problems=("/etc/ld.so.cache: is cut off",)),
        probe=without_libcuda(f"{LIB}/libcuda.so.1: undefined symbol: __gxx_personality_v1", A10G),
    ),
    "count-fails": Scenario(
        status="not_visible",
        codes=("driver-not-initialized",),
        host=gpu_host(),
        probe=probe(A10G, cuda_count_code=3, cuda_devices=None),
    ),
    "capabilities-utility": Scenario(
        status="not_visible",
        codes=("no-compute-capability",),
        host=gpu_host(
            driver_capabilities="utility",
            libraries=libraries()[1:],
            libcuda_path=None,
        ),
        probe=without_libcuda(NOT_FOUND, A10G),
    ),
    "device-without-driver": Scenario(
        status="not_visible",
        codes=("driver-not-mounted",),
        host=gpu_host(nvidia_visible_devices=None, libraries=(), libcuda_path=None, nvml_path=None),
        probe=without_libcuda(NOT_FOUND, **NO_NVML),
    ),
    "libcuda-off-the-path": Scenario(
        status="not_visible",
        codes=("libcuda-off-the-path",),
        host=gpu_host(
            libraries=(library(folder="/usr/local/nvidia/lib64"),),
            libcuda_path=None,
            nvml_path=None,
        ),
        probe=without_libcuda(NOT_FOUND, **NO_NVML),
    ),
    "nodes-closed": Scenario(
        status="not_visible",
        codes=("device-nodes-closed",),
        host=gpu_host(closed_nodes=("/dev/nvidia0", "/dev/nvidiactl")),
        probe=failing(100, nvml_code=4, nvml_text="Insufficient Permissions"),
    ),
    "no-uvm-node": Scenario(
        status="not_visible",
        codes=("no-uvm-node",),
        host=gpu_host(uvm_node=False),
        probe=failing(999, A10G),
    ),
    "gpu-taken-away": Scenario(
        status="not_visible",
        codes=("gpu-taken-away",),
        host=gpu_host(),
        probe=failing(999, nvml_code=999, nvml_text="Unknown Error"),
    ),
    "mig-without-slices": Scenario(
        status="not_visible",
        codes=("mig-without-slices",),
        host=gpu_host(),
        probe=failing(100, SLICED),
    ),
}

CODES = {
    f"code-{code}": Scenario(
        status="not_visible", codes=(reason,), host=gpu_host(), probe=failing(code, A10G)
    )
    for code, reason in {
        3: "driver-not-initialized",
        46: "device-in-use",
        102: "gpu-not-licensed",
        100: "no-device",
        101: "invalid-device",
        214: "ecc-uncorrectable",
        304: "cuda-error",
        802: "fabric-manager",
        803: "driver-mismatch",
        805: "mps-refuses",
        807: "mps-refuses",
        808: "mps-refuses",
        810: "mps-refuses",
        999: "unknown-error",
    }.items()
} | {
    f"nvml-{code}": Scenario(
        status="not_visible",
        codes=(reason,),
        host=gpu_host(),
        probe=failing(999, nvml_code=code, nvml_text=text),
    )
    for code, (text, reason) in {
        9: ("Driver Not Loaded", "driver-not-loaded"),
        15: ("GPU is lost", "gpu-lost"),
        18: ("Driver/library version mismatch", "driver-mismatch"),
    }.items()
}
