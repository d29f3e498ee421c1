"""Fake root trees: what a host, a container runtime and an image's author leave in the files."""

import os
import shutil
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "golden/frameworks"

LIBRARIES = "/usr/lib/x86_64-linux-gnu"

DRIVER = "550.54.15"

OVERLAY = "22 1 0:50 / / rw,relatime - overlay overlay rw,lowerdir=/a"


def write(root: Path, path: str, content: str | bytes = "") -> Path:
    """A file at an absolute path of the tree, with its folders."""
    file = root / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def link(root: Path, path: str, target: str) -> None:
    """A link that says ``target``, as it would in the image."""
    file = root / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.symlink_to(target)


def mount(root: Path, *points: str) -> None:
    """/proc/self/mountinfo of a container with these files mounted into it."""
    lines = [OVERLAY, "23 22 0:51 / /proc rw,nosuid - proc proc rw"]
    lines += [
        f"{40 + i} 22 259:1 {_escaped(point)} {_escaped(point)} ro,nosuid - ext4 /dev/nvme0n1p1 rw"
        for i, point in enumerate(points)
    ]
    write(root, "/proc/self/mountinfo", "".join(f"{line}\n" for line in lines))


def add_gpu_host(root: Path, *, gpus: int = 1, driver: str = DRIVER) -> None:
    """What every container on a host with GPUs sees, also without ``--gpus``."""
    for i in range(gpus):
        add_pci(root, f"0000:00:{0x1B + i:02x}.0", gpu=True)
    add_pci(root, "0000:00:05.0")
    write(
        root,
        "/proc/driver/nvidia/version",
        f"NVRM version: NVIDIA UNIX x86_64 Kernel Module  {driver}  Tue Mar  5 22:23:56 UTC 2024\n"
        "GCC version:  gcc version 10.5.0 (GCC)\n",
    )


def add_pci(root: Path, address: str, *, gpu: bool = False) -> None:
    """A device on the bus, as /sys shows it: the GPU of a p5 instance, or a network card."""
    real = f"/sys/devices/pci0000:00/{address}"
    vendor, device, pci_class = (
        ("0x10de", "0x2330", "0x030200") if gpu else ("0x1d0f", "0xec20", "0x020000")
    )
    for name, value in (("vendor", vendor), ("device", device), ("class", pci_class)):
        write(root, f"{real}/{name}", f"{value}\n")
    driver = "nvidia" if gpu else "ena"
    (root / f"sys/bus/pci/drivers/{driver}").mkdir(parents=True, exist_ok=True)
    link(root, f"{real}/driver", f"../../../bus/pci/drivers/{driver}")
    link(root, f"/sys/bus/pci/devices/{address}", f"../../../devices/pci0000:00/{address}")


def add_container_gpus(root: Path, *, gpus: int = 1) -> None:
    """What ``--gpus`` adds of the kernel's driver: nodes and information."""
    for i in range(gpus):
        write(root, f"/dev/nvidia{i}")
        write(
            root,
            f"/proc/driver/nvidia/gpus/0000:00:{0x1B + i:02x}.0/information",
            "Model: \t\t NVIDIA H100 80GB HBM3\n"
            "IRQ:   \t\t 42\n"
            f"GPU UUID: \t GPU-00000000-0000-0000-0000-00000000000{i}\n"
            f"Device Minor: \t {i}\n",
        )
    for name in ("nvidiactl", "nvidia-uvm"):
        write(root, f"/dev/{name}")


def add_driver_libraries(
    root: Path, version: str = DRIVER, *, content: bytes = b"\x7fELF\x02"
) -> list[str]:
    """The driver's libraries with their links, as the container toolkit leaves them; the files' paths."""
    paths = []
    for name in ("libcuda", "libnvidia-ml"):
        path = f"{LIBRARIES}/{name}.so.{version}"
        write(root, path, content)
        (root / f"{LIBRARIES}/{name}.so.1".lstrip("/")).unlink(missing_ok=True)
        link(root, f"{LIBRARIES}/{name}.so.1", os.path.basename(path))
        paths.append(path)
    return paths


def healthy(root: Path, *, gpus: int = 1) -> None:
    """A container with GPUs in which nothing is wrong."""
    add_gpu_host(root, gpus=gpus)
    add_container_gpus(root, gpus=gpus)
    mount(root, *add_driver_libraries(root))


def loader_cache(entries: Sequence[tuple[str, str, int]]) -> bytes:
    """/etc/ld.so.cache with names, paths and flags, each name the end of its path as in glibc 2.33."""
    strings = b"".join(path.encode() + b"\0" for _, path, _ in entries)
    start = 48 + 24 * len(entries)
    rows, at = b"", start
    for name, path, flags in entries:
        size = len(path.encode())
        rows += struct.pack("<iIIIQ", flags, at + size - len(name.encode()), at, 0, 0)
        at += size + 1
    header = b"glibc-ld.so.cache1.1" + struct.pack("<II", len(entries), len(strings))
    return header.ljust(48, b"\0") + rows + strings


def install(root: Path, prefix: str, *wheels: str, python: str = "3.11") -> Path:
    """Put golden wheels into an environment of the tree; its folder of packages."""
    packages = root / prefix.lstrip("/") / f"lib/python{python}/site-packages"
    packages.mkdir(parents=True, exist_ok=True)
    for wheel in wheels:
        for file in sorted((GOLDEN / wheel).rglob("*")):
            if file.is_file():
                target = packages / str(file.relative_to(GOLDEN / wheel)).removesuffix(".txt")
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
    return packages


RUNTIME_12 = ("nvidia_cudnn_cu12-9.5.1.17", "nvidia_cuda_runtime_cu12-12.5.82")
RUNTIME_13 = ("nvidia_cudnn_cu13-9.13.0.50", "nvidia_cuda_runtime-13.0.96")
"""What the extras of TensorFlow and JAX bring of CUDA, as far as it is looked at."""


def add_distributions(root: Path, prefix: str, *names: str, python: str = "3.11") -> None:
    """Packages of pip of which only the name counts."""
    for name in names:
        folder = f"{prefix}/lib/python{python}/site-packages/{name}.dist-info"
        write(root, f"{folder}/METADATA")


def conda(root: Path, prefix: str, packages: Mapping[str, str]) -> None:
    """Records of conda packages, name to ``version-build``."""
    for name, version in packages.items():
        write(root, f"{prefix}/conda-meta/{name}-{version}.json", "{}")


def _escaped(path: str) -> str:
    return path.replace("\\", "\\134").replace(" ", "\\040")
