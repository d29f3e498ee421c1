"""What the problems of the GPU mean: the rows of ``problemtable.py`` for CUDA.

Each is a reason's code in ``/api/sm/cuda``; its id in the health report begins with ``cuda-``.
"""

from collections.abc import Mapping
from typing import Final

CUDA_PREFIX: Final = "cuda-"

_DRIVER_LIBRARY = "build the image without any part of NVIDIA's driver: the host mounts its own"
_RESTART = "start the app again; if it stays, on another instance"
_GPUS = "start the container with its GPU (docker run --gpus all)"

CUDA_ROWS: Final[Mapping[str, tuple[str, str]]] = {
    "no-kernel-driver": (
        "the host has a GPU, and NVIDIA's driver is not loaded there",
        "load or install the driver on the host",
    ),
    "driver-not-loaded": (
        "NVIDIA's driver is not loaded on the host",
        "load the driver on the host (sudo modprobe nvidia)",
    ),
    "no-device-nodes": ("the driver is loaded, and its device files are not there", _GPUS),
    "no-gpu-assigned": ("NVIDIA_VISIBLE_DEVICES leaves this container no GPU", _GPUS),
    "no-gpus-given": ("the host has a GPU, and the container was started without it", _GPUS),
    "no-device": ("the driver is loaded and has no GPU for this container", _GPUS),
    "device-nodes-closed": (
        "this user may not use the device files of the GPU",
        "open them on the host (chmod a+rw)",
    ),
    "no-permission": ("this user may not ask the driver", "open the device files on the host"),
    "no-uvm-node": ("/dev/nvidia-uvm is not there", "load nvidia-uvm on the host"),
    "no-compute-capability": (
        "the container was given the driver without CUDA",
        "let NVIDIA_DRIVER_CAPABILITIES hold compute and utility",
    ),
    "driver-not-mounted": ("the GPU is here, and the driver's libcuda.so.1 is not", _GPUS),
    "libcuda-off-the-path": (
        "libcuda.so.1 is there, in a folder where the loader does not look",
        "add its folder to LD_LIBRARY_PATH",
    ),
    "libcuda-unloadable": ("libcuda.so.1 is there and cannot be loaded", _DRIVER_LIBRARY),
    "baked-driver": ("the image carries libraries of NVIDIA's driver", _DRIVER_LIBRARY),
    "library-closed": ("this user may not read a library of the driver", "chmod a+r"),
    "empty-library": ("the image carries an empty library of the driver", _DRIVER_LIBRARY),
    "stub-library": (
        "a stub of libcuda, made for linking, is found before the driver's",
        "take its folder from LD_LIBRARY_PATH",
    ),
    "compat-library": (
        "NVIDIA's compatibility library does not work with this driver or GPU",
        "take its folder from LD_LIBRARY_PATH",
    ),
    "driver-mismatch": ("the driver's two halves are of different versions", _RESTART),
    "driver-not-initialized": ("the driver did not begin its work", _RESTART),
    "driver-hangs": ("the driver did not answer within the deadline", _RESTART),
    "driver-crashed": ("the driver's library crashed", _DRIVER_LIBRARY),
    "probe-killed": ("the process that asks the driver was killed", "ask again: jupyter sm cuda"),
    "driver-not-asked": (
        "JupyterSM.cuda_check is off, so only files were looked at",
        "run `jupyter sm cuda`",
    ),
    "probe-still-hangs": ("an earlier question hangs in the driver", _RESTART),
    "probe-failed": ("the process that asks the driver failed", "see what it said"),
    "cuda-error": ("CUDA failed with an error that is named", "see dmesg on the host"),
    "unknown-error": ("the driver failed and does not tell why", "see dmesg on the host"),
    "invalid-device": ("the driver does not know a GPU that it listed", _RESTART),
    "device-in-use": (
        "another process has the GPU for itself",
        "end it, or lift the exclusive mode on the host",
    ),
    "mps-refuses": (
        "CUDA's multi-process service refuses this process",
        "unset CUDA_MPS_PIPE_DIRECTORY",
    ),
    "fabric-manager": (
        "the GPUs wait for the fabric manager",
        "start nvidia-fabricmanager on the host",
    ),
    "mig-without-slices": ("MIG is on, and no slice was made", "make slices, or turn MIG off"),
    "ecc-uncorrectable": ("the GPU's memory has an error that cannot be corrected", _RESTART),
    "ecc-uncorrected": ("memory errors could not be corrected: results may be wrong", _RESTART),
    "gpu-not-licensed": (
        "a virtual GPU has no licence, without which CUDA does not begin",
        "give NVIDIA's licence token to the machine that has the driver",
    ),
    "gpu-lost": ("the GPU has fallen off the bus", _RESTART),
    "gpu-gone": ("a GPU that was here before is not any more", _RESTART),
    "gpu-reset-required": ("the GPU has to be reset", "reset it on the host"),
    "gpu-taken-away": ("the running container lost its GPU", "start the container again"),
    "gpu-error": ("the driver does not give a GPU that it lists", "see dmesg on the host"),
    "device-unusable": ("CUDA counts a device and cannot use it", _RESTART),
    "gpu-not-in-cuda": ("the driver lists a GPU, and CUDA does not", _RESTART),
    "cuda-visible-devices": (
        "CUDA_VISIBLE_DEVICES hides every GPU",
        "unset it, if they are to be used",
    ),
    "gpus-hidden": (
        "CUDA_VISIBLE_DEVICES hides some of the GPUs",
        "unset it, if they are to be used",
    ),
    "no-nvml": (
        "CUDA works, and NVML, which knows memory and load, does not",
        "let NVIDIA_DRIVER_CAPABILITIES hold utility",
    ),
    "toolkit-too-new": (
        "the driver does not run the CUDA that the image ships",
        "build the image on an older CUDA, or choose an instance with a newer driver",
    ),
    "toolkit-dropped-gpu": (
        "the CUDA that the image ships does not run on this generation of GPU any more",
        "build the image on an older CUDA, or choose an instance with a newer GPU",
    ),
    "framework-too-new": (
        "the driver does not run the CUDA that a framework is built for",
        "install the build that the remedy names",
    ),
    "framework-not-whole": (
        "a framework lacks parts that its GPU build needs",
        "install it again, as the remedy says",
    ),
    "libraries-unknown": (
        "a framework may lack parts of its GPU build: no file tells",
        "run the command that is named",
    ),
    "capability-not-in-build": (
        "a framework is not compiled for this GPU",
        "install a build for its compute capability",
    ),
}
"""By the code of the reason."""
