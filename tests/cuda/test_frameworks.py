"""Which framework an environment has, and for which CUDA it was built.

The files in ``golden/frameworks`` are those of real wheels; its README says which.
"""

import os
from pathlib import Path

import msgspec
import pytest

from jupyter_sm.cuda.files import frameworks
from jupyter_sm.cuda.model import Framework

from . import trees

ENV = "/opt/conda/envs/work"
PACKAGES = f"{ENV}/lib/python3.11/site-packages"


def look(root: Path, prefix: str = ENV) -> list[Framework]:
    return list(frameworks.look(prefix, str(root)))


def the_one(root: Path) -> Framework:
    found = look(root)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("wheel", "version", "build", "cuda"),
    [
        ("torch-1.13.1", "1.13.1+cu117", "cuda", "11.7"),
        ("torch-2.5.1", "2.5.1+cu124", "cuda", "12.4"),
        ("torch-2.14.1", "2.14.1+cu130", "cuda", "13.0"),
        ("torch-2.13.0+cpu", "2.13.0+cpu", "cpu", None),
        ("torch-2.5.1+rocm6.2", "2.5.1+rocm6.2", "rocm", None),
    ],
)
def test_pytorch_says_what_it_is_built_for(
    tmp_path: Path, wheel: str, version: str, build: str, cuda: str | None
) -> None:
    trees.install(tmp_path, ENV, wheel)

    found = the_one(tmp_path)

    assert (found.name, found.version, found.build, found.cuda) == ("torch", version, build, cuda)
    assert found.compute_capabilities is None
    assert found.source == f"{PACKAGES}/torch/version.py"
    assert found.problem == ""


@pytest.mark.parametrize(
    ("wheel", "version", "build", "cuda", "capabilities"),
    [
        ("tensorflow-2.18.1", "2.18.1", "cuda", "12.5.1", ("6.0", "7.0", "8.0", "8.9", "9.0+PTX")),
        ("tensorflow_cpu-2.21.0", "2.21.0", "cpu", None, None),
        ("tensorflow_rocm-2.14.0.600", "2.14.0.600", "rocm", None, None),
    ],
)
def test_tensorflow_says_what_it_is_built_for(
    tmp_path: Path,
    *,
    wheel: str,
    version: str,
    build: str,
    cuda: str | None,
    capabilities: tuple[str, ...] | None,
) -> None:
    trees.install(tmp_path, ENV, wheel)
    trees.add_distributions(tmp_path, ENV, *trees.RUNTIME_12)

    found = the_one(tmp_path)

    assert (found.name, found.version, found.build) == ("tensorflow", version, build)
    assert (found.cuda, found.compute_capabilities) == (cuda, capabilities)
    assert found.source == f"{PACKAGES}/tensorflow/python/platform/build_info.py"
    assert found.problem == ""


@pytest.mark.parametrize(
    ("wheels", "version", "build", "cuda", "source"),
    [
        (["jaxlib-0.10.2", "jax-0.10.2"], "0.10.2", "cpu", None, "jaxlib-0.10.2"),
        (["jaxlib-0.4.13"], "0.4.13", "cpu", None, "jaxlib-0.4.13"),
        (
            ["jaxlib-0.10.2", "jax_cuda12_plugin-0.10.2", "jax_cuda12_pjrt-0.10.2"],
            "0.10.2",
            "cuda",
            "12",
            "jax_cuda12_pjrt-0.10.2",
        ),
        (
            ["jaxlib-0.10.2", "jax_cuda13_plugin-0.10.2", "jax_cuda13_pjrt-0.10.2"],
            "0.10.2",
            "cuda",
            "13",
            "jax_cuda13_pjrt-0.10.2",
        ),
        (
            ["jaxlib-0.4.13+cuda12.cudnn89"],
            "0.4.13+cuda12.cudnn89",
            "cuda",
            "12",
            "jaxlib-0.4.13+cuda12.cudnn89",
        ),
    ],
)
def test_jax_is_built_for_what_its_plugins_are(
    tmp_path: Path, *, wheels: list[str], version: str, build: str, cuda: str | None, source: str
) -> None:
    trees.install(tmp_path, ENV, *wheels)
    trees.add_distributions(tmp_path, ENV, *trees.RUNTIME_12, *trees.RUNTIME_13)

    found = the_one(tmp_path)

    assert msgspec.structs.replace(found, distributions=()) == Framework(
        name="jax",
        version=version,
        build=build,  # type: ignore[arg-type]  # one of the words, from the table above
        cuda=cuda,
        source=f"{PACKAGES}/{source}.dist-info",
    )


def test_what_was_built_for_the_same_cuda_is_named_beside_it(tmp_path: Path) -> None:
    wheels = ("torch-2.5.1", "jaxlib-0.10.2", "jax_cuda12_plugin-0.10.2", "jax_cuda12_pjrt-0.10.2")
    trees.install(tmp_path, ENV, *wheels, "tensorflow_cpu-2.21.0")
    trees.add_distributions(tmp_path, ENV, "torchvision-0.20.1+cu124", "torchmetrics-1.6.0")

    assert {found.name: found.distributions for found in look(tmp_path)} == {
        "torch": ("torch", "torchvision"),
        "tensorflow": ("tensorflow-cpu",),
        "jax": ("jaxlib", "jax-cuda12-pjrt", "jax-cuda12-plugin"),
    }


@pytest.mark.parametrize(
    ("wheel", "problem"),
    [
        (
            "jax_cuda12_plugin-0.10.2",
            "jax-cuda12-pjrt is not installed, so JAX does not use the GPU",
        ),
        (
            "jax_cuda12_pjrt-0.10.2",
            "jax-cuda12-plugin is not installed, so JAX does not use the GPU",
        ),
    ],
)
def test_half_a_plugin_of_jax_is_a_problem(tmp_path: Path, wheel: str, problem: str) -> None:
    trees.install(tmp_path, ENV, "jaxlib-0.10.2", wheel)

    found = the_one(tmp_path)

    assert (found.build, found.cuda, found.problem) == ("cuda", "12", problem)


def test_a_plugin_of_another_version_than_jaxlib_is_a_problem(tmp_path: Path) -> None:
    plugins = ("jax_cuda12_plugin-0.10.2", "jax_cuda12_pjrt-0.10.2")
    trees.install(tmp_path, ENV, "jaxlib-0.4.13", *plugins)

    assert the_one(tmp_path).problem == (
        "jax-cuda12-plugin 0.10.2 is not of jaxlib's version 0.4.13, so JAX does not use the GPU"
    )


def test_a_jaxlib_that_is_not_whole_is_a_problem(tmp_path: Path) -> None:
    packages = trees.install(tmp_path, ENV, "jaxlib-0.10.2")
    (packages / "jaxlib/version.py").unlink()
    (packages / "jaxlib/xla_client.py").touch()

    found = the_one(tmp_path)

    assert found.build == "unknown"
    assert found.problem.startswith(f"{PACKAGES}/jaxlib/version.py is missing")


def test_a_plugin_for_rocm_is_one(tmp_path: Path) -> None:
    packages = trees.install(tmp_path, ENV, "jaxlib-0.10.2")
    for part in ("plugin", "pjrt"):
        (packages / f"jax_rocm7_{part}-0.10.0.dist-info").mkdir()

    found = the_one(tmp_path)

    assert (found.build, found.cuda, found.problem) == ("rocm", None, "")


def test_several_frameworks_of_one_environment_are_all_found(tmp_path: Path) -> None:
    trees.install(tmp_path, ENV, "torch-2.5.1", "tensorflow_cpu-2.21.0", "jaxlib-0.10.2")

    assert [found.name for found in look(tmp_path)] == ["torch", "tensorflow", "jax"]


def test_pips_version_stands_in_for_a_file_that_is_missing(tmp_path: Path) -> None:
    packages = tmp_path / PACKAGES[1:]
    (packages / "torch").mkdir(parents=True)
    (packages / "torch-2.5.1+cu124.dist-info").mkdir()

    found = the_one(tmp_path)

    assert (found.version, found.build, found.cuda) == ("2.5.1+cu124", "cuda", "12.4")
    assert found.problem == f"{PACKAGES}/torch/version.py: is missing"


def test_what_pip_left_behind_is_no_framework(tmp_path: Path) -> None:
    for name in ("torch", "tensorflow", "jaxlib"):
        trees.write(tmp_path, f"{PACKAGES}/{name}/__pycache__/x.pyc")

    assert look(tmp_path) == []


def test_packages_of_similar_names_are_no_frameworks(tmp_path: Path) -> None:
    trees.install(tmp_path, ENV, "nvidia_cuda_runtime_cu12-12.4.127", "jax-0.10.2")
    for name in (
        "torchvision-0.2-py3.11.egg-info",
        "tensorflow_io-1.0.dist-info",
        "-info",
        "~orch",
    ):
        (tmp_path / PACKAGES[1:] / name).mkdir()

    assert look(tmp_path) == []


def test_an_environment_without_python_has_none(tmp_path: Path) -> None:
    assert look(tmp_path) == []
    assert look(tmp_path, "relative") == []
    assert look(tmp_path, "/a\0b") == []


def test_each_python_of_an_environment_is_looked_into(tmp_path: Path) -> None:
    trees.install(tmp_path, ENV, "torch-2.5.1", python="3.11")
    trees.install(tmp_path, ENV, "torch-2.13.0+cpu", python="3.13t")

    assert {found.build for found in look(tmp_path)} == {"cuda", "cpu"}


def test_the_packages_of_a_python_that_was_replaced_do_not_count(tmp_path: Path) -> None:
    trees.install(tmp_path, ENV, "torch-2.5.1", python="3.11")
    trees.install(tmp_path, ENV, "torch-2.13.0+cpu", python="3.12")
    trees.write(tmp_path, f"{ENV}/bin/python3.12")

    assert the_one(tmp_path).build == "cpu"


def test_a_second_name_of_the_same_folder_counts_once(tmp_path: Path) -> None:
    trees.install(tmp_path, ENV, "torch-2.5.1")
    trees.link(tmp_path, f"{ENV}/lib64", "lib")
    trees.link(tmp_path, f"{ENV}/lib/python3.1", "python3.11")

    assert the_one(tmp_path).build == "cuda"


def test_the_systems_python_has_its_packages_in_usr_local(tmp_path: Path) -> None:
    packages = trees.install(tmp_path, "/usr/local", "torch-2.5.1")
    packages.rename(packages.parent / "dist-packages")
    trees.write(tmp_path, "/usr/bin/python3.11")

    assert [found.cuda for found in look(tmp_path, "/usr")] == ["12.4"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"import os; os._exit(3)",
        b"cuda = open('/etc/passwd').read()",
        b"\xff\xfe" + b"\0" * 1_000,
        b"(" * 60_000,
        b"__version__ = '1'\n" + b"x = 1\n" * 200_000,
    ],
)
def test_a_version_file_that_says_nothing_is_a_problem_and_is_never_run(
    tmp_path: Path, content: bytes
) -> None:
    trees.write(tmp_path, f"{PACKAGES}/torch/version.py", content)
    trees.write(tmp_path, f"{PACKAGES}/tensorflow/python/platform/build_info.py", content)

    found = look(tmp_path)

    assert [(one.name, one.build) for one in found] == [
        ("torch", "unknown"),
        ("tensorflow", "unknown"),
    ]
    assert all(one.problem for one in found)


def test_what_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / PACKAGES[1:] / "torch").mkdir(parents=True)
    os.mkfifo(tmp_path / PACKAGES[1:] / "torch/version.py")

    found = the_one(tmp_path)

    assert found.build == "unknown"
    assert found.problem == f"{PACKAGES}/torch/version.py: is not a regular file"


def test_a_build_for_intels_gpus_is_neither(tmp_path: Path) -> None:
    content = (
        "__version__ = '2.6.0+xpu'\ncuda: Optional[str] = None\nhip = None\nxpu = '20250000'\n"
    )
    trees.write(tmp_path, f"{PACKAGES}/torch/version.py", content)

    found = the_one(tmp_path)

    assert (found.build, found.problem) == ("unknown", "is built for Intel's GPUs")


def test_tensorflow_before_2_3_says_it_in_other_words(tmp_path: Path) -> None:
    content = "is_rocm_build = False\nis_cuda_build = True\ncuda_version_number = '10.1'\n"
    trees.write(tmp_path, f"{PACKAGES}/tensorflow/python/platform/build_info.py", content)

    found = the_one(tmp_path)

    assert (found.build, found.cuda, found.compute_capabilities) == ("cuda", "10.1", None)
