"""Whether the host has an NVIDIA GPU and what of its driver came in here: from files alone."""

import os
import re
from collections.abc import Iterable, Mapping
from typing import Final

from ...reading import printable
from ..model import HostEvidence, PciDevice, ProcGpu
from . import libraries
from .tree import Tree

NVIDIA: Final = "0x10de"
DISPLAY: Final = "0x03"
"""The PCI vendor, and the class of display controllers; data-centre cards are 0x0302 among them."""

PCI_DEVICES_MOST: Final = 4_096
GPUS_MOST: Final = 256
SMALL_BYTES_MOST: Final = 16 * 1024

_PCI: Final = "/sys/bus/pci/devices"
_WSL: Final = "/usr/lib/wsl/"
_PROC: Final = "/proc/driver/nvidia"
_CGROUP: Final = re.compile(r"docker|kubepods|containerd|libpod|crio|/ecs/|/lxc")
"""What container runtimes name their control groups; a namespace of them may hide it."""

_NODE: Final = re.compile(r"nvidia(\d{1,4})", re.ASCII)
_DRIVER: Final = re.compile(r"Kernel Module\b.*?\s(\d{1,6}(?:\.\d{1,6}){1,3})(?:\s|$)")
_VERSION: Final = re.compile(r"\d{1,6}(?:\.\d{1,6}){1,3}", re.ASCII)


def look(
    root: str = "/", environ: Mapping[str, str] | None = None, prefixes: Iterable[str] = ()
) -> HostEvidence:
    """What the files below ``root`` and the environment say; never raises.

    Args:
        root: the tree to read, the machine's own if not given. Links stay inside of it.
        environ: the process's own if not given.
        prefixes: environments whose libraries are listed besides the system's.
    """
    environ = os.environ if environ is None else environ
    tree = Tree(root)
    mounts = libraries.Mounts(tree)
    nodes = _nodes(tree)
    found = libraries.look(tree, mounts, environ, prefixes)
    return HostEvidence(
        pci=_pci(tree),
        kernel_driver=_kernel_driver(tree),
        proc_gpus=_proc_gpus(tree),
        device_nodes=tuple(f"/dev/{name}" for name in nodes if _NODE.fullmatch(name)),
        closed_nodes=tuple(f"/dev/{name}" for name in nodes if not tree.is_open(f"/dev/{name}")),
        control_node="nvidiactl" in nodes,
        uvm_node="nvidia-uvm" in nodes,
        dxg_node=tree.exists("/dev/dxg"),
        nvidia_visible_devices=_variable(environ, "NVIDIA_VISIBLE_DEVICES"),
        driver_capabilities=_variable(environ, "NVIDIA_DRIVER_CAPABILITIES"),
        cuda_visible_devices=_variable(environ, "CUDA_VISIBLE_DEVICES"),
        ld_library_path=_variable(environ, "LD_LIBRARY_PATH"),
        libraries=found.libraries,
        libcuda_path=found.loaded.get(libraries.LIBCUDA),
        nvml_path=found.loaded.get(libraries.NVML),
        container=_is_container(tree, mounts, environ),
        loader_folders=found.folders,
        problems=tuple(tree.problems),
    )


def has_gpu(evidence: HostEvidence) -> bool:
    """Whether the host has an NVIDIA GPU, whatever of it came in here.

    The kernel's driver alone is enough: it does not stay loaded without one. A GPU on the bus that was
    given to a virtual machine (vfio-pci) is none of this host's.
    """
    ours = any(device.driver != "vfio-pci" for device in evidence.pci)
    return bool(
        ours
        or evidence.kernel_driver is not None
        or evidence.proc_gpus
        or evidence.device_nodes
        or is_given_by_windows(evidence)
    )


def is_given_by_windows(evidence: HostEvidence) -> bool:
    """Whether WSL has a GPU of NVIDIA: its node is that of every maker, its libcuda is NVIDIA's."""
    return evidence.dxg_node and any(
        library.name.startswith("libcuda.so")
        and (library.kind == "mounted" or library.path.startswith(_WSL))
        for library in evidence.libraries
    )


def _pci(tree: Tree) -> tuple[PciDevice, ...]:
    found = []
    for address in tree.names(_PCI)[:PCI_DEVICES_MOST]:
        folder = f"{_PCI}/{address}"
        if _line(tree, f"{folder}/vendor") != NVIDIA:
            continue
        pci_class = _line(tree, f"{folder}/class") or ""
        if pci_class.startswith(DISPLAY):
            driver = tree.link(f"{folder}/driver")
            found.append(
                PciDevice(
                    address=printable(address),
                    device=_line(tree, f"{folder}/device") or "",
                    pci_class=pci_class,
                    driver=printable(os.path.basename(driver)) if driver else None,
                )
            )
    return tuple(found[:GPUS_MOST])


def _kernel_driver(tree: Tree) -> str | None:
    path = f"{_PROC}/version"
    text = tree.text(path, SMALL_BYTES_MOST)
    if text is not None:
        found = _DRIVER.search(text)
        if found is not None:
            return found[1]
        tree.note(path, ValueError("names no version of the kernel module"))
    loaded = _line(tree, "/sys/module/nvidia/version")
    return loaded if loaded and _VERSION.fullmatch(loaded) else None


def _proc_gpus(tree: Tree) -> tuple[ProcGpu, ...]:
    folder = f"{_PROC}/gpus"
    return tuple(
        _proc_gpu(address, tree.text(f"{folder}/{address}/information", SMALL_BYTES_MOST) or "")
        for address in tree.names(folder)[:GPUS_MOST]
    )


def _proc_gpu(address: str, text: str) -> ProcGpu:
    """Lines of ``Model:  NVIDIA H100``; a GPU that never started has question marks for its UUID."""
    said = {key.strip(): value.strip() for key, _, value in _pairs(text)}
    uuid, minor = said.get("GPU UUID", ""), said.get("Device Minor", "")
    return ProcGpu(
        address=printable(address),
        model=printable(said.get("Model", "")) or None,
        uuid=printable(uuid) if uuid and "?" not in uuid else None,
        minor=int(minor) if re.fullmatch(r"\d{1,6}", minor, re.ASCII) else None,
    )


def _pairs(text: str) -> list[tuple[str, str, str]]:
    return [line.partition(":") for line in text.splitlines()]


def _nodes(tree: Tree) -> list[str]:
    """The driver's nodes in /dev that CUDA opens, GPUs first and in the order of their numbers."""
    names = tree.names("/dev")
    gpus = sorted(
        (name for name in names if _NODE.fullmatch(name)),
        key=lambda name: int(name[len("nvidia") :]),
    )
    return gpus[:GPUS_MOST] + [name for name in ("nvidiactl", "nvidia-uvm") if name in names]


def _is_container(tree: Tree, mounts: libraries.Mounts, environ: Mapping[str, str]) -> bool | None:
    """By what Docker, Podman and Kubernetes leave, and by the file system that images unpack on.

    containerd leaves nothing in the image, and on ZFS, Btrfs or EROFS it has no overlay.
    """
    if tree.exists("/.dockerenv") or tree.exists("/run/.containerenv"):
        return True
    if environ.get("KUBERNETES_SERVICE_HOST"):
        return True
    if _CGROUP.search(tree.text("/proc/1/cgroup", SMALL_BYTES_MOST) or ""):
        return True
    return mounts.root_type == "overlay" if mounts.known else None


def _line(tree: Tree, path: str) -> str | None:
    text = tree.text(path, SMALL_BYTES_MOST)
    return printable(text.strip()) if text is not None else None


def _variable(environ: Mapping[str, str], name: str) -> str | None:
    value = environ.get(name)
    return None if value is None else printable(value)
