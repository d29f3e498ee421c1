"""What conda's records say of a framework where its own files say nothing."""

from pathlib import Path

import pytest

from jupyter_sm.cuda.files import frameworks
from jupyter_sm.cuda.model import Framework

from . import trees

ENV = "/opt/conda/envs/work"


def the_one(root: Path) -> Framework:
    found = frameworks.look(ENV, str(root))
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("package", "record", "name", "version", "build", "cuda"),
    [
        ("pytorch", "2.5.1-cuda126_py311h8d8d7a4_300", "torch", "2.5.1", "cuda", "12.6"),
        ("pytorch", "2.5.1-cpu_mkl_py311_h3d6ca0b_100", "torch", "2.5.1", "cpu", None),
        ("pytorch", "2.4.0-py3.11_cuda12.4_cudnn9.1.0_0", "torch", "2.4.0", "cuda", "12.4"),
        ("pytorch", "2.6.0-gpu_cuda128py311h1_100", "torch", "2.6.0", "cuda", "12.8"),
        ("pytorch", "2.9.0-cuda130_generic_py311_h1_0", "torch", "2.9.0", "cuda", "13.0"),
        ("pytorch", "1.0.0-py37h1_0", "torch", "1.0.0", "unknown", None),
        ("tensorflow-base", "2.17.0-cuda120py311h5_1", "tensorflow", "2.17.0", "cuda", "12.0"),
        ("tensorflow-base", "2.17.0-cpu_py311h5_1", "tensorflow", "2.17.0", "cpu", None),
        ("tensorflow-base", "2.4.1-gpu_py39h29c2da4_0", "tensorflow", "2.4.1", "cuda", None),
        ("jaxlib", "0.4.31-cuda126py311h1_0", "jax", "0.4.31", "cuda", "12.6"),
        ("jaxlib", "0.4.31-cpu_py311h1_0", "jax", "0.4.31", "cpu", None),
    ],
)
def test_condas_build_string_says_what_it_is_built_for(
    tmp_path: Path,
    *,
    package: str,
    record: str,
    name: str,
    version: str,
    build: str,
    cuda: str | None,
) -> None:
    trees.conda(tmp_path, ENV, {package: record, "numpy": "2.0-cuda112_0", "history": "x"})

    found = the_one(tmp_path)

    assert (found.name, found.version, found.build, found.cuda) == (name, version, build, cuda)
    assert found.source == f"{ENV}/conda-meta/{package}-{record}.json"
    assert bool(found.problem) == (build == "unknown")


def test_condas_jaxlib_has_the_gpu_part_inside(tmp_path: Path) -> None:
    trees.install(tmp_path, ENV, "jaxlib-0.10.2")
    trees.conda(tmp_path, ENV, {"jaxlib": "0.10.2-cuda129py311h1_0"})

    found = the_one(tmp_path)

    assert (found.build, found.cuda) == ("cuda", "12.9")


def test_the_frameworks_own_file_comes_before_condas_record(tmp_path: Path) -> None:
    trees.install(tmp_path, ENV, "torch-2.5.1")
    trees.conda(tmp_path, ENV, {"pytorch": "2.4.0-cpu_generic_py311_0"})

    assert (the_one(tmp_path).build, the_one(tmp_path).cuda) == ("cuda", "12.4")


def test_condas_version_stands_in_for_one_that_pip_does_not_know(tmp_path: Path) -> None:
    packages = trees.install(tmp_path, ENV, "tensorflow-2.18.1")
    for file in (packages / "tensorflow-2.18.1.dist-info").iterdir():
        file.unlink()
    (packages / "tensorflow-2.18.1.dist-info").rmdir()
    trees.conda(tmp_path, ENV, {"tensorflow-base": "2.18.0-cuda126py311h1_0"})

    found = the_one(tmp_path)

    assert (found.version, found.cuda) == ("2.18.0", "12.5.1")
