"""The toolkits that an image carries, whoever put them there."""

import json
import os
from pathlib import Path

import pytest

from jupyter_sm.cuda.files import host, toolkit
from jupyter_sm.cuda.model import Toolkit

from . import trees


def look(root: Path, *prefixes: str) -> list[Toolkit]:
    found, problems = toolkit.look(str(root), prefixes)
    assert problems == ()
    return list(found)


def add_json(root: Path, folder: str, version: str) -> None:
    content = {"cuda": {"name": "CUDA SDK", "version": version}, "cuda_cudart": {"version": "x"}}
    trees.write(root, f"{folder}/version.json", json.dumps(content))


def test_an_image_without_a_toolkit_has_none(tmp_path: Path) -> None:
    (tmp_path / "usr/local/bin").mkdir(parents=True)

    assert look(tmp_path, "/opt/conda") == []


def test_the_systems_toolkit_says_its_version_and_is_listed_once(tmp_path: Path) -> None:
    add_json(tmp_path, "/usr/local/cuda-12.4", "12.4.1")
    trees.link(tmp_path, "/usr/local/cuda", "/etc/alternatives/cuda")
    trees.link(tmp_path, "/etc/alternatives/cuda", "/usr/local/cuda-12.4")
    trees.link(tmp_path, "/usr/local/cuda-12", "cuda-12.4")

    assert look(tmp_path) == [
        Toolkit(version="12.4.1", source="/usr/local/cuda/version.json", path="/usr/local/cuda")
    ]


def test_two_toolkits_side_by_side_are_both_there(tmp_path: Path) -> None:
    add_json(tmp_path, "/usr/local/cuda-11.8", "11.8.0")
    add_json(tmp_path, "/usr/local/cuda-13.0", "13.0.1")

    assert [found.version for found in look(tmp_path)] == ["11.8.0", "13.0.1"]


@pytest.mark.parametrize(
    ("path", "content", "version"),
    [
        ("version.txt", "CUDA Version 10.2.89\n", "10.2.89"),
        ("include/cuda.h", "/* x */\n#define CUDA_VERSION 13000\n", "13.0"),
        ("include/cuda.h", "\n" * 30_000 + "#define CUDA_VERSION 11080\n" + "x" * 900_000, "11.8"),
        ("lib64/libcudart.so.12.4.127", "", "12.4"),
        ("lib/libcudart.so.11.0.221", "", "11.0"),
        ("lib64/libcudart.so.12", "", "12.9"),
    ],
)
def test_a_toolkit_without_version_json_is_known_by_what_else_it_has(
    tmp_path: Path, path: str, content: str, version: str
) -> None:
    trees.write(tmp_path, f"/usr/local/cuda-12.9/{path}", content)

    found = look(tmp_path)

    assert [one.version for one in found] == [version]
    assert found[0].path == "/usr/local/cuda-12.9"


def test_a_folder_with_only_the_compatibility_package_is_no_toolkit(tmp_path: Path) -> None:
    trees.write(tmp_path, "/usr/local/cuda-12.4/compat/libcuda.so.550.54.14", b"\x7fELF")

    assert look(tmp_path) == []


def test_pips_runtimes_are_toolkits_of_their_environment(tmp_path: Path) -> None:
    wheels = ("nvidia_cuda_runtime_cu12-12.4.127", "nvidia_cuda_runtime-13.0.96")
    packages = trees.install(tmp_path, "/opt/conda/envs/a", *wheels)
    metadata = str(packages).removeprefix(str(tmp_path))

    found = look(tmp_path, "/opt/conda", "/opt/conda/envs/a")

    assert sorted(found, key=lambda one: one.version) == [
        Toolkit(
            version="12.4",
            source="pip nvidia-cuda-runtime-cu12 in /opt/conda/envs/a",
            path=f"{metadata}/nvidia_cuda_runtime_cu12-12.4.127.dist-info",
            prefix="/opt/conda/envs/a",
        ),
        Toolkit(
            version="13.0",
            source="pip nvidia-cuda-runtime in /opt/conda/envs/a",
            path=f"{metadata}/nvidia_cuda_runtime-13.0.96.dist-info",
            prefix="/opt/conda/envs/a",
        ),
    ]


@pytest.mark.parametrize(
    ("packages", "name", "version"),
    [
        (
            {"cuda-version": "12.6-h7480c83_3", "cuda-cudart": "12.6.77-h5888daf_0"},
            "cuda-cudart",
            "12.6",
        ),
        ({"cudatoolkit": "11.8.0-h4ba93d1_13"}, "cudatoolkit", "11.8"),
    ],
)
def test_condas_toolkit_is_the_runtime_that_it_installed(
    tmp_path: Path, packages: dict[str, str], name: str, version: str
) -> None:
    trees.conda(tmp_path, "/opt/conda", packages)

    assert look(tmp_path, "/opt/conda", "/opt/conda") == [
        Toolkit(
            version=version,
            source=f"conda {name} in /opt/conda",
            path=f"/opt/conda/conda-meta/{name}-{packages[name]}.json",
            prefix="/opt/conda",
        )
    ]


def test_what_conda_may_install_is_no_toolkit(tmp_path: Path) -> None:
    trees.conda(tmp_path, "/opt/conda", {"cuda-version": "13.0-he4fc6b0_3", "cuda-nvcc": "12.0-0"})

    assert look(tmp_path, "/opt/conda") == []


def test_a_runtime_in_the_systems_folders_is_a_toolkit_unless_it_belongs_to_one(
    tmp_path: Path,
) -> None:
    trees.write(tmp_path, f"{trees.LIBRARIES}/libcudart.so.11.8.89", b"\x7fELF")
    trees.link(tmp_path, f"{trees.LIBRARIES}/libcudart.so.11.0", "libcudart.so.11.8.89")
    trees.write(tmp_path, "/opt/conda/lib/libcudart.so.12.4.127", b"\x7fELF")
    trees.write(tmp_path, "/usr/local/cuda-12.9/lib64/libcudart.so.12.9.37", b"\x7fELF")
    trees.write(tmp_path, "/usr/lib/libcudart.so.12.1.55", b"")
    evidence = host.look(str(tmp_path), {}, ["/opt/conda"])

    found, _ = toolkit.look(str(tmp_path), ["/opt/conda"], evidence.libraries)

    assert [(one.version, one.source) for one in found] == [
        ("12.9", "/usr/local/cuda-12.9/lib64/libcudart.so.12.9.37"),
        ("11.8", f"{trees.LIBRARIES}/libcudart.so.11.8.89"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"cuda": null}',
        b'{"cuda": {"version": 12}}',
        b"[" * 100_000,
        b"{" + b" " * 300_000,
        b"\xff\xfe\x00",
    ],
)
def test_a_version_json_that_cannot_be_read_is_a_problem_and_other_files_are_asked(
    tmp_path: Path, content: bytes
) -> None:
    trees.write(tmp_path, "/usr/local/cuda-12.4/version.json", content)
    trees.write(tmp_path, "/usr/local/cuda-12.4/lib64/libcudart.so.12.4.127")

    found, problems = toolkit.look(str(tmp_path))

    assert [one.version for one in found] == ["12.4"]
    assert problems
    assert all(line.startswith("/usr/local/cuda-12.4/version.json: ") for line in problems)


def test_only_the_numbers_of_a_version_are_taken(tmp_path: Path) -> None:
    add_json(tmp_path, "/usr/local/cuda", "12.4.1\x1b[31m")
    add_json(tmp_path, "/usr/local/cuda-1.0", "none")

    assert [found.version for found in look(tmp_path)] == ["12.4.1"]


def test_a_link_out_of_the_tree_is_not_followed(tmp_path: Path) -> None:
    add_json(tmp_path, "/outside", "12.4.1")
    root = tmp_path / "root"
    trees.link(root, "/usr/local/cuda", f"{tmp_path}/outside")
    trees.link(root, "/usr/local/cuda-12.4", "../../../outside")

    assert look(root) == []


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "usr/local/cuda-12.4/lib64"
    folder.mkdir(parents=True)
    os.mkfifo(folder.parent / "version.json")

    found, problems = toolkit.look(str(tmp_path))

    assert [one.version for one in found] == ["12.4"]
    assert problems == ("/usr/local/cuda-12.4/version.json: is not a regular file",)
