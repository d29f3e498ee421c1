"""What the files say of the host's GPU and of what was mounted."""

import os
from functools import partial
from pathlib import Path

import msgspec
import pytest
from unprivileged import as_ordinary_user

from jupyter_sm.cuda.files import host
from jupyter_sm.cuda.model import HostEvidence, ProcGpu

from . import trees


def look(root: Path, **environ: str) -> HostEvidence:
    return host.look(str(root), environ)


def test_a_healthy_container_shows_everything(tmp_path: Path) -> None:
    trees.healthy(tmp_path, gpus=2)

    seen = look(
        tmp_path, NVIDIA_VISIBLE_DEVICES="all", NVIDIA_DRIVER_CAPABILITIES="compute,utility"
    )

    assert [device.address for device in seen.pci] == ["0000:00:1b.0", "0000:00:1c.0"]
    assert {(gpu.device, gpu.pci_class, gpu.driver) for gpu in seen.pci} == {
        ("0x2330", "0x030200", "nvidia")
    }
    assert seen.kernel_driver == trees.DRIVER
    assert seen.proc_gpus[1] == ProcGpu(
        address="0000:00:1c.0",
        model="NVIDIA H100 80GB HBM3",
        uuid="GPU-00000000-0000-0000-0000-000000000001",
        minor=1,
    )
    assert seen.device_nodes == ("/dev/nvidia0", "/dev/nvidia1")
    assert seen.closed_nodes == ()
    assert seen.control_node
    assert seen.uvm_node
    assert seen.nvidia_visible_devices == "all"
    assert seen.driver_capabilities == "compute,utility"
    assert seen.cuda_visible_devices is None
    assert seen.libcuda_path == f"{trees.LIBRARIES}/libcuda.so.1"
    assert seen.nvml_path == f"{trees.LIBRARIES}/libnvidia-ml.so.1"
    assert seen.container is True
    assert seen.problems == ()
    assert host.has_gpu(seen)


def test_a_machine_without_a_gpu_has_none(tmp_path: Path) -> None:
    trees.add_pci(tmp_path, "0000:00:05.0")
    trees.mount(tmp_path)

    seen = look(tmp_path)

    assert seen == HostEvidence(container=True)
    assert not host.has_gpu(seen)


def test_an_empty_tree_has_no_gpu_and_no_problem(tmp_path: Path) -> None:
    assert look(tmp_path) == HostEvidence()


def test_a_container_without_gpus_still_sees_the_hosts(tmp_path: Path) -> None:
    trees.add_gpu_host(tmp_path)

    seen = look(tmp_path)

    assert host.has_gpu(seen)
    assert seen.device_nodes == ()
    assert not seen.control_node
    assert seen.libcuda_path is None


@pytest.mark.parametrize(
    "line",
    [
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024",
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.15  Release Build  (dvs@x)",
        "NVRM version: NVIDIA UNIX Open Kernel Module for aarch64  550.54.15\n",
    ],
)
def test_both_kernel_modules_tell_their_version(tmp_path: Path, line: str) -> None:
    trees.write(tmp_path, "/proc/driver/nvidia/version", line)

    assert look(tmp_path).kernel_driver == "550.54.15"


def test_the_modules_own_version_stands_in_where_proc_says_nothing(tmp_path: Path) -> None:
    trees.write(tmp_path, "/proc/driver/nvidia/version", "who knows")
    trees.write(tmp_path, "/sys/module/nvidia/version", "535.104.05\n")

    seen = look(tmp_path)

    assert seen.kernel_driver == "535.104.05"
    assert seen.problems == ("/proc/driver/nvidia/version: names no version of the kernel module",)


def test_a_gpu_that_never_started_has_no_uuid(tmp_path: Path) -> None:
    trees.write(
        tmp_path,
        "/proc/driver/nvidia/gpus/0000:00:1e.0/information",
        "Model: \t Unknown\nGPU UUID: \t GPU-????????-????-????-????-????????????\nDevice Minor: x\n",
    )

    assert look(tmp_path).proc_gpus == (ProcGpu(address="0000:00:1e.0", model="Unknown"),)


def test_a_gpu_given_to_a_virtual_machine_is_not_this_hosts(tmp_path: Path) -> None:
    trees.add_pci(tmp_path, "0000:00:1e.0", gpu=True)
    driver = tmp_path / "sys/devices/pci0000:00/0000:00:1e.0/driver"
    driver.unlink()
    driver.symlink_to("../../../bus/pci/drivers/vfio-pci")

    seen = look(tmp_path)

    assert [device.driver for device in seen.pci] == ["vfio-pci"]
    assert not host.has_gpu(seen)


def test_other_devices_of_nvidia_are_no_gpus(tmp_path: Path) -> None:
    trees.add_pci(tmp_path, "0000:00:1e.0", gpu=True)
    trees.write(tmp_path, "/sys/devices/pci0000:00/0000:00:1e.0/class", "0x068000\n")

    assert look(tmp_path).pci == ()


def test_nodes_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for name in ("nvidia10", "nvidia2", "nvidia-modeset", "nvidia-caps", "nvidiactl", "nvidiax"):
        trees.write(tmp_path, f"/dev/{name}")

    seen = look(tmp_path)

    assert seen.device_nodes == ("/dev/nvidia2", "/dev/nvidia10")
    assert seen.control_node
    assert not seen.uvm_node


def test_variables_that_are_empty_are_not_those_that_are_absent(tmp_path: Path) -> None:
    seen = look(tmp_path, CUDA_VISIBLE_DEVICES="", NVIDIA_VISIBLE_DEVICES="void\n\x1b[31m")

    assert seen.cuda_visible_devices == ""
    assert seen.driver_capabilities is None
    assert seen.nvidia_visible_devices == "void\\n\\x1b[31m"


@pytest.mark.parametrize("path", ["/.dockerenv", "/run/.containerenv"])
def test_a_container_is_known_by_what_its_runtime_leaves(tmp_path: Path, path: str) -> None:
    trees.write(tmp_path, path)

    assert look(tmp_path).container is True


@pytest.mark.parametrize("kind", ["zfs", "btrfs", "erofs"])
def test_a_container_of_containerd_is_known_without_an_overlay(tmp_path: Path, kind: str) -> None:
    trees.write(tmp_path, "/proc/self/mountinfo", f"22 1 0:50 / / rw - {kind} pool rw\n")
    assert look(tmp_path).container is False

    assert look(tmp_path, KUBERNETES_SERVICE_HOST="10.0.0.1").container is True
    trees.write(tmp_path, "/proc/1/cgroup", "0::/kubepods.slice/cri-containerd-1.scope\n")
    assert look(tmp_path).container is True


@pytest.mark.parametrize("group", ["0::/\n", "0::/init.scope\n", "1:name=systemd:/\n"])
def test_the_group_of_a_machines_first_process_is_no_sign(tmp_path: Path, group: str) -> None:
    trees.write(tmp_path, "/proc/self/mountinfo", "22 1 0:50 / / rw - ext4 /dev/vda rw\n")
    trees.write(tmp_path, "/proc/1/cgroup", group)

    assert look(tmp_path).container is False


def test_windows_gives_a_gpu_of_nvidia_with_its_libcuda(tmp_path: Path) -> None:
    trees.write(tmp_path, "/dev/dxg")
    without = look(tmp_path)
    trees.write(tmp_path, "/usr/lib/wsl/lib/libcuda.so.1", b"\x7fELF\x02")
    seen = look(tmp_path)

    assert (without.dxg_node, host.has_gpu(without)) == (True, False)
    assert host.has_gpu(seen)


def test_a_machine_of_its_own_is_no_container(tmp_path: Path) -> None:
    line = "22 1 259:1 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
    trees.write(tmp_path, "/proc/self/mountinfo", line)

    assert look(tmp_path).container is False


def test_links_do_not_lead_out_of_the_tree(tmp_path: Path) -> None:
    outside = trees.write(tmp_path, "/outside/version", "Kernel Module  1.2.3 ")
    root = tmp_path / "root"
    for target in (str(outside), "../../../../../outside/version"):
        file = root / "proc/driver/nvidia/version"
        file.unlink(missing_ok=True)
        trees.link(root, "/proc/driver/nvidia/version", target)

        assert look(root).kernel_driver is None


def test_hostile_files_are_problems_and_nothing_more(tmp_path: Path) -> None:
    version = tmp_path / "proc/driver/nvidia/version"
    version.parent.mkdir(parents=True)
    os.mkfifo(version)
    trees.link(tmp_path, "/proc/self/mountinfo", "mountinfo")
    trees.write(tmp_path, "/etc/ld.so.cache", b"\0" * 1_000)
    trees.write(tmp_path, "/etc/ld.so.conf", b"\xff\xfe/" + b"x" * 100_000)
    trees.write(tmp_path, "/proc/driver/nvidia/gpus/\udcff\x1b/information", b"\xff:\0\n" * 10)
    trees.write(tmp_path, "/usr/lib/libcuda.so", "")

    seen = look(tmp_path, LD_LIBRARY_PATH="/" + "a/" * 3_000 + ":/a\0b:relative:")

    assert "/proc/driver/nvidia/version: is not a regular file" in seen.problems
    assert "/etc/ld.so.cache: is not a cache of the loader" in seen.problems
    assert any("symbolic links" in problem for problem in seen.problems)
    assert any(problem.startswith("/etc/ld.so.conf: is larger") for problem in seen.problems)
    assert seen.proc_gpus[0].address == "\\udcff\\x1b"
    assert msgspec.json.decode(msgspec.json.encode(seen), type=HostEvidence) == seen


def test_the_machine_itself_can_be_looked_at() -> None:
    seen = host.look()

    assert bool(seen.device_nodes) == any(
        name.startswith("nvidia") and name[6:].isdigit() for name in os.listdir("/dev")
    )
    assert msgspec.json.decode(msgspec.json.encode(seen), type=HostEvidence) == seen


def _closed(root: str) -> tuple[str, ...]:
    return host.look(root, {}).closed_nodes


def _libcuda(root: str) -> tuple[str | None, bool]:
    seen = host.look(root, {"LD_LIBRARY_PATH": "/opt/driver"})
    return seen.libcuda_path, seen.libraries[0].readable


def test_a_library_that_this_user_may_not_read_is_passed_by(tmp_path: Path) -> None:
    library = trees.write(tmp_path, "/opt/driver/libcuda.so.1", b"\x7fELF\x02")
    library.chmod(0)

    seen = as_ordinary_user(partial(_libcuda, str(tmp_path)), owning=tmp_path)

    assert seen == (None, False)


def test_nodes_that_this_user_may_not_open_are_named(tmp_path: Path) -> None:
    trees.add_container_gpus(tmp_path)
    for name in ("nvidia0", "nvidiactl", "nvidia-uvm"):
        (tmp_path / "dev" / name).chmod(0o666)
    (tmp_path / "dev/nvidiactl").chmod(0)

    closed = as_ordinary_user(partial(_closed, str(tmp_path)), owning=tmp_path)

    assert closed == ("/dev/nvidiactl",)
