"""Which libraries lie in the image, how they came there, and which one the loader takes."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from jupyter_sm.cuda.files import libraries
from jupyter_sm.cuda.files.tree import Tree
from jupyter_sm.cuda.model import Library

from . import trees

ELF = b"\x7fELF\x02"


def look(
    root: Path, environ: Mapping[str, str] | None = None, prefixes: Sequence[str] = ()
) -> tuple[dict[str, Library], dict[str, str]]:
    """The libraries by their path, and where the names lead."""
    tree = Tree(str(root))
    found = libraries.look(tree, libraries.Mounts(tree), environ or {}, prefixes)
    return {library.path: library for library in found.libraries}, found.loaded


def test_mounted_libraries_are_the_ones_that_are_mount_points(tmp_path: Path) -> None:
    trees.healthy(tmp_path)

    found, loaded = look(tmp_path)

    library = found[f"{trees.LIBRARIES}/libcuda.so.1"]
    assert library == Library(
        name="libcuda.so.1",
        path="/usr/lib/x86_64-linux-gnu/libcuda.so.1",
        resolved="/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15",
        kind="mounted",
        bytes=len(ELF),
        version="550.54.15",
        evidence="/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15 is a mount point in "
        "/proc/self/mountinfo",
    )
    assert {library.kind for library in found.values()} == {"mounted"}
    assert loaded[libraries.LIBCUDA] == library.path


def test_a_library_that_is_no_mount_point_is_baked_into_the_image(tmp_path: Path) -> None:
    trees.mount(tmp_path)
    trees.add_driver_libraries(tmp_path, "525.60.13")

    found, loaded = look(tmp_path)

    library = found[loaded[libraries.LIBCUDA]]
    assert library.kind == "baked"
    assert library.version == "525.60.13"
    assert "no mount point" in library.evidence


def test_a_mount_point_with_a_space_is_one(tmp_path: Path) -> None:
    folder = "/opt/my driver"
    trees.write(tmp_path, f"{folder}/libcuda.so.1", ELF)
    trees.mount(tmp_path, f"{folder}/libcuda.so.1")

    found, _ = look(tmp_path, {"LD_LIBRARY_PATH": folder})

    assert found[f"{folder}/libcuda.so.1"].kind == "mounted"


def test_a_library_below_a_mounted_folder_is_mounted(tmp_path: Path) -> None:
    trees.write(tmp_path, "/usr/local/nvidia/lib64/libcuda.so.1", ELF)
    trees.mount(tmp_path, "/usr/local/nvidia")

    found, loaded = look(tmp_path, {"LD_LIBRARY_PATH": "/usr/local/nvidia/lib64"})

    library = found[loaded[libraries.LIBCUDA]]
    assert library.kind == "mounted"
    assert "lies below /usr/local/nvidia, a mount point" in library.evidence


@pytest.mark.parametrize("point", ["/", "/usr", "/usr/lib"])
def test_the_mount_of_a_whole_system_mounts_no_library(tmp_path: Path, point: str) -> None:
    trees.write(tmp_path, "/usr/lib/libcuda.so.1", ELF)
    trees.mount(tmp_path, point)

    found, _ = look(tmp_path)

    assert found["/usr/lib/libcuda.so.1"].kind == "baked"


def test_without_mountinfo_nobody_is_accused(tmp_path: Path) -> None:
    trees.add_driver_libraries(tmp_path)

    found, _ = look(tmp_path)

    assert {library.kind for library in found.values()} == {"unknown"}


def test_leftovers_of_a_build_are_empty(tmp_path: Path) -> None:
    trees.healthy(tmp_path)
    trees.write(tmp_path, f"{trees.LIBRARIES}/libcuda.so.470.57.02", b"")
    trees.link(tmp_path, f"{trees.LIBRARIES}/libcuda.so", "libcuda.so.460.1.1")

    found, _ = look(tmp_path)

    leftover = found[f"{trees.LIBRARIES}/libcuda.so.470.57.02"]
    assert (leftover.kind, leftover.bytes, leftover.version) == ("empty", 0, "470.57.02")
    dangling = found[f"{trees.LIBRARIES}/libcuda.so"]
    assert (dangling.kind, dangling.bytes) == ("empty", None)
    assert (
        dangling.evidence == f"a link to {trees.LIBRARIES}/libcuda.so.460.1.1, which is not there"
    )


def test_stubs_and_compatibility_libraries_are_told_by_their_folder(tmp_path: Path) -> None:
    trees.mount(tmp_path)
    trees.link(tmp_path, "/usr/local/cuda", "/usr/local/cuda-12.4")
    trees.write(tmp_path, "/usr/local/cuda-12.4/targets/x86_64-linux/lib/stubs/libcuda.so", ELF)
    trees.link(tmp_path, "/usr/local/cuda-12.4/lib64", "targets/x86_64-linux/lib")
    trees.write(tmp_path, "/usr/local/cuda-12.4/compat/libcuda.so.550.54.14", ELF)
    trees.link(tmp_path, "/usr/local/cuda-12.4/compat/libcuda.so.1", "libcuda.so.550.54.14")
    trees.write(tmp_path, "/opt/conda/cuda-compat/libcuda.so.1", ELF)

    found, loaded = look(
        tmp_path, {"LD_LIBRARY_PATH": "/usr/local/cuda/compat"}, prefixes=["/opt/conda"]
    )

    assert {path: library.kind for path, library in found.items()} == {
        "/usr/local/cuda-12.4/compat/libcuda.so.1": "compat",
        "/usr/local/cuda-12.4/compat/libcuda.so.550.54.14": "compat",
        "/usr/local/cuda-12.4/targets/x86_64-linux/lib/stubs/libcuda.so": "stub",
        "/opt/conda/cuda-compat/libcuda.so.1": "compat",
    }
    assert loaded == {libraries.LIBCUDA: "/usr/local/cuda-12.4/compat/libcuda.so.1"}
    assert found[loaded[libraries.LIBCUDA]].version == "550.54.14"


def test_the_runtime_is_listed_with_its_version(tmp_path: Path) -> None:
    trees.mount(tmp_path)
    trees.write(tmp_path, "/usr/local/cuda-12.4/lib64/libcudart.so.12.4.127", ELF)
    trees.write(tmp_path, "/opt/conda/lib/libcudart.so.13", ELF)
    trees.write(tmp_path, "/opt/conda/lib/libcudart.so.13.bak", ELF)
    trees.write(tmp_path, "/opt/conda/lib/libcuda.so.1", ELF)

    found, _ = look(tmp_path, prefixes=["/opt/conda"])

    assert {path: library.version for path, library in found.items()} == {
        "/usr/local/cuda-12.4/lib64/libcudart.so.12.4.127": "12.4.127",
        "/opt/conda/lib/libcudart.so.13": "13",
        "/opt/conda/lib/libcuda.so.1": None,
    }


def test_the_loader_takes_the_folders_of_the_environment_first(tmp_path: Path) -> None:
    trees.healthy(tmp_path)
    trees.write(tmp_path, "/opt/old/libcuda.so.1", b"")

    _, loaded = look(tmp_path, {"LD_LIBRARY_PATH": "relative::/nowhere;/opt/old"})

    assert loaded == {
        libraries.LIBCUDA: "/opt/old/libcuda.so.1",
        libraries.NVML: f"{trees.LIBRARIES}/libnvidia-ml.so.1",
    }


def test_the_loader_passes_over_what_is_not_there_or_has_32_bits(tmp_path: Path) -> None:
    trees.healthy(tmp_path)
    trees.link(tmp_path, "/opt/gone/libcuda.so.1", "libcuda.so.460.1.1")
    trees.write(tmp_path, "/opt/old/libcuda.so.1", b"\x7fELF\x01\x01")

    _, loaded = look(tmp_path, {"LD_LIBRARY_PATH": "/opt/gone:/opt/old"})

    assert loaded[libraries.LIBCUDA] == f"{trees.LIBRARIES}/libcuda.so.1"


def test_the_loaders_cache_comes_before_its_own_folders(tmp_path: Path) -> None:
    trees.healthy(tmp_path)
    trees.write(tmp_path, "/opt/driver/libcuda.so.1", ELF)
    trees.write(
        tmp_path,
        "/etc/ld.so.cache",
        trees.loader_cache(
            [
                ("libcuda.so.1", "/usr/lib/i386-linux-gnu/libcuda.so.1", 0x0003),
                ("libcuda.so.1", "/opt/driver/libcuda.so.1", 0x0303),
                ("libz.so.1", "/usr/lib/libz.so.1", 0x0303),
                ("libnvidia-ml.so.1", "/gone/libnvidia-ml.so.1", 0x0303),
            ]
        ),
    )

    found, loaded = look(tmp_path)

    assert loaded == {
        libraries.LIBCUDA: "/opt/driver/libcuda.so.1",
        libraries.NVML: f"{trees.LIBRARIES}/libnvidia-ml.so.1",
    }
    assert "/opt/driver/libcuda.so.1" in found


def test_a_folder_that_ldconfig_has_not_seen_is_listed_and_not_searched(tmp_path: Path) -> None:
    trees.write(tmp_path, "/etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n# /not/this\n")
    trees.write(tmp_path, "/etc/ld.so.conf.d/nvidia.conf", "/opt/driver # new\n")
    trees.write(tmp_path, "/etc/ld.so.conf.d/nvidia.conf.bak", "/opt/other\n")
    trees.write(tmp_path, "/opt/driver/libcuda.so.1", ELF)
    trees.write(tmp_path, "/opt/other/libcuda.so.1", ELF)

    found, loaded = look(tmp_path)

    assert list(found) == ["/opt/driver/libcuda.so.1"]
    assert loaded == {}


def test_a_configuration_that_includes_itself_ends(tmp_path: Path) -> None:
    trees.write(tmp_path, "/etc/ld.so.conf", "include ld.so.conf\ninclude /etc/ld.so.conf\n")

    assert look(tmp_path) == ({}, {})


@pytest.mark.parametrize(
    "cache",
    [
        b"",
        b"glibc-ld.so.cache1.1",
        trees.loader_cache([("libcuda.so.1", "/a/libcuda.so.1", 0x0303)])[:60],
        trees.loader_cache([("libcuda.so.1", "/a/libcuda.so.1", 0x0303)]).replace(b"/a/", b"../"),
        b"glibc-ld.so.cache1.1" + b"\xff" * 500,
    ],
)
def test_a_cache_that_is_damaged_leads_nowhere(tmp_path: Path, cache: bytes) -> None:
    trees.write(tmp_path, "/etc/ld.so.cache", cache)

    assert look(tmp_path) == ({}, {})


def test_a_cache_of_the_older_form_is_read_behind_its_first_half(tmp_path: Path) -> None:
    new = trees.loader_cache([("libcuda.so.1", "/a/libcuda.so.1", 0x0303)])
    trees.write(tmp_path, "/etc/ld.so.cache", b"ld.so-1.7.0\0" + bytes(12) + new)
    trees.write(tmp_path, "/a/libcuda.so.1", ELF)

    assert look(tmp_path)[1] == {libraries.LIBCUDA: "/a/libcuda.so.1"}


def test_a_cache_that_ldconfig_wrote_is_understood(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    for name in (libraries.LIBCUDA, libraries.NVML):
        source = tmp_path / "empty.c"
        source.write_text("int nothing;\n")
        command = ["gcc", "-shared", f"-Wl,-soname,{name}", "-o", str(real / name), str(source)]
        subprocess.run(command, check=True)
    (tmp_path / "ld.so.conf").write_text(f"{real}\n")
    (tmp_path / "etc").mkdir()
    cache = tmp_path / "etc/ld.so.cache"
    ldconfig = shutil.which("ldconfig", path="/sbin:/usr/sbin") or "ldconfig"
    configured = ["-C", str(cache), "-f", str(tmp_path / "ld.so.conf")]
    subprocess.run([ldconfig, "-X", *configured], check=True, capture_output=True)
    shutil.copytree(real, tmp_path / str(real)[1:])

    found, loaded = look(tmp_path)

    assert loaded == {name: f"{real}/{name}" for name in (libraries.LIBCUDA, libraries.NVML)}
    assert list(found) == sorted(loaded.values())


def test_a_folder_in_the_place_of_a_library_is_nothing_to_load(tmp_path: Path) -> None:
    (tmp_path / "usr/lib/libcuda.so.1").mkdir(parents=True)

    found, loaded = look(tmp_path)

    assert found["/usr/lib/libcuda.so.1"].kind == "empty"
    assert loaded == {libraries.LIBCUDA: "/usr/lib/libcuda.so.1"}
