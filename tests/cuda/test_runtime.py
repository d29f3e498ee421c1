"""Whether a CUDA build of TensorFlow or JAX finds cuDNN and CUDA's runtime."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from jupyter_sm.cuda.files import frameworks
from jupyter_sm.cuda.model import Framework

from . import trees

ENV = "/opt/conda/envs/work"
ELF = b"\x7fELF\x02"
JAX = ("jaxlib-0.10.2", "jax_cuda12_plugin-0.10.2", "jax_cuda12_pjrt-0.10.2")
JAX_13 = ("jaxlib-0.10.2", "jax_cuda13_plugin-0.10.2", "jax_cuda13_pjrt-0.10.2")
LACK = "cuDNN is not installed, so it does not use the GPU"


def the_one(root: Path, environ: Mapping[str, str] | None = None) -> Framework:
    (found,) = frameworks.look(ENV, str(root), environ)
    return found


def libraries(root: Path, folder: str, *names: str) -> None:
    for name in names or ("libcudnn.so.9", "libcudart.so.12"):
        trees.write(root, f"{folder}/{name}", ELF)


@pytest.mark.parametrize("wheels", [("tensorflow-2.18.1",), JAX, JAX_13])
def test_without_cudnn_it_is_not_whole(tmp_path: Path, wheels: tuple[str, ...]) -> None:
    trees.install(tmp_path, ENV, *wheels)

    found = the_one(tmp_path)

    assert (found.build, found.problem, found.doubt) == ("cuda", LACK, "")


@pytest.mark.parametrize(
    ("wheels", "packages"),
    [
        (("tensorflow-2.18.1",), trees.RUNTIME_12),
        (JAX, trees.RUNTIME_12),
        (JAX_13, trees.RUNTIME_13),
    ],
)
def test_with_pips_packages_for_its_cuda_it_is_whole(
    tmp_path: Path, wheels: tuple[str, ...], packages: tuple[str, ...]
) -> None:
    trees.install(tmp_path, ENV, *wheels)
    trees.add_distributions(tmp_path, ENV, *packages)

    found = the_one(tmp_path)

    assert (found.problem, found.doubt) == ("", "")


@pytest.mark.parametrize(
    ("wheels", "packages"),
    [(("tensorflow-2.18.1",), trees.RUNTIME_13), (JAX_13, trees.RUNTIME_12)],
)
def test_pips_packages_for_another_cuda_do_not_count(
    tmp_path: Path, wheels: tuple[str, ...], packages: tuple[str, ...]
) -> None:
    trees.install(tmp_path, ENV, *wheels)
    trees.add_distributions(tmp_path, ENV, *packages)

    assert the_one(tmp_path).problem == LACK


def test_cudnn_without_the_runtime_leaves_it_open(tmp_path: Path) -> None:
    trees.install(tmp_path, ENV, *JAX)
    trees.add_distributions(tmp_path, ENV, trees.RUNTIME_12[0])

    found = the_one(tmp_path)

    assert (found.problem, found.doubt) == ("", "whether it finds CUDA's runtime is not known")


def test_libraries_where_the_loader_looks_are_found(tmp_path: Path) -> None:
    trees.install(tmp_path, ENV, "tensorflow-2.18.1")
    libraries(tmp_path, trees.LIBRARIES)

    assert (the_one(tmp_path).problem, the_one(tmp_path).doubt) == ("", "")


def test_libraries_of_the_loaders_cache_are_found(tmp_path: Path) -> None:
    trees.install(tmp_path, ENV, "tensorflow-2.18.1")
    names = ("libcudnn.so.9", "libcudart.so.12")
    entries = [(name, f"/usr/local/cuda/lib64/{name}", 0x303) for name in names]
    trees.write(tmp_path, "/etc/ld.so.cache", trees.loader_cache(entries))

    assert (the_one(tmp_path).problem, the_one(tmp_path).doubt) == ("", "")


def test_libraries_on_the_library_path_are_found_and_elsewhere_they_are_in_doubt(
    tmp_path: Path,
) -> None:
    trees.install(tmp_path, ENV, "tensorflow-2.18.1")
    libraries(tmp_path, "/usr/local/cuda-12.5/lib64")

    without = the_one(tmp_path)
    with_path = the_one(tmp_path, {"LD_LIBRARY_PATH": "x::/usr/local/cuda-12.5/lib64"})

    assert without.doubt == "whether it finds cuDNN and CUDA's runtime is not known"
    assert (without.problem, with_path.problem, with_path.doubt) == ("", "", "")


@pytest.mark.parametrize("name", ["libcudnn.so.8", "libcudnn.so", "libcudnn_ops.so.9"])
def test_another_cudnn_than_tensorflow_was_built_for_is_none(tmp_path: Path, name: str) -> None:
    trees.install(tmp_path, ENV, "tensorflow-2.18.1")
    libraries(tmp_path, trees.LIBRARIES, name, "libcudart.so.12")

    assert the_one(tmp_path).problem == LACK


def test_a_link_to_nothing_is_no_library(tmp_path: Path) -> None:
    trees.install(tmp_path, ENV, *JAX)
    trees.link(tmp_path, f"{trees.LIBRARIES}/libcudnn.so.9", "libcudnn.so.9.5.1")

    assert the_one(tmp_path).problem == LACK


def test_condas_cudnn_beside_pips_framework_leaves_it_open(tmp_path: Path) -> None:
    trees.install(tmp_path, ENV, "tensorflow-2.18.1")
    trees.conda(tmp_path, ENV, {"cudnn": "9.3.0.75-h1_0", "cuda-cudart": "12.6.77-h5888daf_0"})

    found = the_one(tmp_path)

    assert (found.problem, bool(found.doubt)) == ("", True)


def test_condas_own_tensorflow_has_asked_for_all_of_it(tmp_path: Path) -> None:
    trees.install(tmp_path, ENV, "tensorflow-2.18.1")
    trees.conda(tmp_path, ENV, {"tensorflow-base": "2.18.0-cuda126py311h1_0"})

    assert (the_one(tmp_path).problem, the_one(tmp_path).doubt) == ("", "")


def test_a_virtual_environment_that_sees_another_pythons_packages_leaves_it_open(
    tmp_path: Path,
) -> None:
    trees.install(tmp_path, ENV, *JAX)
    trees.write(tmp_path, f"{ENV}/pyvenv.cfg", "home = /usr\ninclude-system-site-packages = true\n")

    found = the_one(tmp_path)

    assert (found.problem, bool(found.doubt)) == ("", True)
