"""What takes a folder off the loader's path, or puts it on, pasted into a shell."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from jupyter_sm.cuda.files import host
from jupyter_sm.cuda.model import Library
from jupyter_sm.cuda.verdict import loaderpath

from . import trees

ELF = b"\x7fELF\x02"
CONF = "/etc/ld.so.conf.d"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An image with a toolkit of which /usr/local/cuda is a link, as NVIDIA's images have it."""
    trees.mount(tmp_path)
    trees.link(tmp_path, "/usr/local/cuda", "cuda-12.4")
    trees.write(tmp_path, "/usr/local/cuda-12.4/compat/libcuda.so.1", ELF)
    trees.write(tmp_path, "/usr/local/cuda-12.4/lib64/stubs/libcuda.so.1", ELF)
    trees.write(tmp_path, "/usr/lib/libcuda.so.1", ELF)
    trees.write(tmp_path, "/etc/ld.so.conf", f"include {CONF}/*.conf\n")
    return tmp_path


def at(root: Path, folder: str, environ: Mapping[str, str] | None = None) -> tuple[str, Library]:
    """The remedy for the libcuda in a folder, and that library."""
    seen = host.look(str(root), environ or {})
    (library,) = [x for x in seen.libraries if x.path == f"{folder}/libcuda.so.1"]
    return loaderpath.without_folder(seen, library), library


def pasted(root: Path, remedy: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables after a shell has run it; paths of the system are those of the tree."""
    tools = root / "tools"
    tools.mkdir(exist_ok=True)
    (tools / "ldconfig").write_text(f"#!/bin/sh\ntouch {root}/ldconfig-ran\n")
    (tools / "ldconfig").chmod(0o755)
    for folder in ("/etc/ld.so.conf.d", "/usr/local/cuda-12.4", "/usr/lib/"):
        remedy = remedy.replace(f" {folder}", f" {root}{folder}")
    done = subprocess.run(
        ["/bin/sh", "-eu", "-c", f"{remedy}\nenv"],
        env={"PATH": f"{tools}:{os.defpath}", **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


@pytest.mark.parametrize("folder", ["compat", "lib64/stubs"])
@pytest.mark.parametrize(
    "spelled", ["/usr/local/cuda/{}", "/usr/local/cuda-12.4/{}/", "/x/../usr/local/cuda/{}"]
)
def test_an_entry_of_the_variable_is_dropped_however_it_is_spelled(
    root: Path, folder: str, spelled: str
) -> None:
    entry = spelled.format(folder)
    environ = {"LD_LIBRARY_PATH": f"/opt/a b:{entry}:/usr/local/cuda/lib64;{entry}"}
    real = f"/usr/local/cuda-12.4/{folder}"
    before = host.look(str(root), environ)
    remedy, library = at(root, real, environ)
    after = pasted(root, remedy, environ)

    assert before.libcuda_path == library.path
    assert after["LD_LIBRARY_PATH"] == "/opt/a b:/usr/local/cuda/lib64"
    assert host.look(str(root), after).libcuda_path == "/usr/lib/libcuda.so.1"
    assert not (root / "ldconfig-ran").exists()
    assert remedy.endswith(
        "  # in the Dockerfile: ENV LD_LIBRARY_PATH='/opt/a b:/usr/local/cuda/lib64'"
    )


def test_the_only_entry_takes_the_variable_with_it(root: Path) -> None:
    environ = {"LD_LIBRARY_PATH": "/usr/local/cuda/compat"}
    remedy, _ = at(root, "/usr/local/cuda-12.4/compat", environ)

    assert "LD_LIBRARY_PATH" not in pasted(root, remedy, environ)


@pytest.mark.parametrize(
    "line",
    [
        "/usr/local/cuda/compat",
        "/usr/local/cuda/compat//",
        "/usr/local/cuda-12.4/compat",
        "\t /usr/local/cuda/compat  # for old drivers",
    ],
)
def test_a_line_of_the_configuration_is_deleted_and_no_other(root: Path, line: str) -> None:
    others = ["# /usr/local/cuda/compat", "/usr/local/cuda/compat-other", "/usr/localxcuda/compat"]
    file = trees.write(root, f"{CONF}/cuda.conf", "\n".join([others[0], line, *others[1:]]) + "\n")
    trees.write(root, f"{CONF}/other.conf", "/usr/local/cuda/lib64\n")
    remedy, _ = at(root, "/usr/local/cuda-12.4/compat")
    pasted(root, remedy, {})

    assert file.read_text().splitlines() == others
    assert (root / "ldconfig-ran").exists()


def test_all_that_tell_of_a_folder_are_mended_together(root: Path) -> None:
    environ = {"LD_LIBRARY_PATH": "/usr/local/cuda/compat:/opt"}
    file = trees.write(root, f"{CONF}/cuda.conf", "/usr/local/cuda/compat\n")
    remedy, _ = at(root, "/usr/local/cuda-12.4/compat", environ)

    assert pasted(root, remedy, environ)["LD_LIBRARY_PATH"] == "/opt"
    assert file.read_text() == ""


@pytest.mark.parametrize("name", [None, "00-compat-123.conf"])
def test_a_folder_that_the_container_runtime_adds_leaves_the_image(
    root: Path, name: str | None
) -> None:
    if name is not None:
        trees.write(root, f"{CONF}/{name}", "/usr/local/cuda/compat\n")
    remedy, library = at(root, "/usr/local/cuda-12.4/compat")
    pasted(root, remedy, {})

    assert not (root / library.path.lstrip("/")).exists()
    assert (root / "usr/local/cuda-12.4/lib64/stubs/libcuda.so.1").exists()
    assert "container runtime" in remedy


def test_a_link_to_a_stub_among_the_systems_libraries_is_removed_alone(root: Path) -> None:
    path = "/usr/lib/x86_64-linux-gnu/libcuda.so.1"
    trees.link(root, path, "/usr/local/cuda/lib64/stubs/libcuda.so.1")
    remedy, library = at(root, "/usr/lib/x86_64-linux-gnu")
    pasted(root, remedy, {})

    assert library.kind == "stub"
    assert not os.path.lexists(root / path.lstrip("/"))
    assert (root / "usr/local/cuda-12.4/lib64/stubs/libcuda.so.1").exists()


@pytest.mark.parametrize(
    ("environ", "value"),
    [
        ({}, "/opt/a b"),
        ({"LD_LIBRARY_PATH": ""}, "/opt/a b"),
        ({"LD_LIBRARY_PATH": "/usr/lib"}, "/opt/a b:/usr/lib"),
    ],
)
def test_a_folder_is_put_in_front_without_an_empty_entry_behind(
    root: Path, environ: dict[str, str], value: str
) -> None:
    assert pasted(root, loaderpath.with_folder("/opt/a b"), environ)["LD_LIBRARY_PATH"] == value
