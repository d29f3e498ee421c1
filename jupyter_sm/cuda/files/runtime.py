"""Whether what a CUDA build of TensorFlow or JAX loads at its start is there: cuDNN and CUDA's runtime.

Without them both start, and compute on the CPU. They come with the extras ``tensorflow[and-cuda]`` and
``jax[cuda12]`` as packages of pip, or lie in a folder of the loader.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from .. import versions
from .packages import SitePackages, conda_packages
from .tree import Tree

CACHE_BYTES_MOST: Final = 8 * 1024 * 1024
CONFIG_BYTES_MOST: Final = 16 * 1024
FOLDERS_MOST: Final = 100

_TRUSTED: Final = tuple(
    f"{usr}/{name}"
    for usr in ("/usr", "")
    for name in ("lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu", "lib64", "lib")
)
"""Where the loader looks without being told, and without its cache."""

_LIBRARY: Final = re.compile(r"(libcudnn|libcudart)\.so\.(\d{1,3})", re.ASCII)
_CACHED: Final = re.compile(rb"/(libcudnn|libcudart)\.so\.(\d{1,3})")
_SHARED: Final = re.compile(
    r"^include-system-site-packages[ \t]*=[ \t]*true", re.MULTILINE | re.IGNORECASE
)

_FIRST_WITHOUT_SUFFIX: Final = 13
"""The CUDA from which on pip's package of the runtime has no ``-cu13`` in its name."""


class Lack(NamedTuple):
    """Why a build does not find what it needs, or why that is not known; both empty if it does."""

    problem: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a build loads.

    Attributes:
        cuda: its CUDA.
        cudnn: the major version of its cuDNN; None if no file says so.
    """

    cuda: str | None
    cudnn: int | None = None


def lack(
    tree: Tree, prefix: str, folder: SitePackages, needs: Needs, environ: Mapping[str, str]
) -> Lack:
    """What a build in ``folder`` lacks.

    Args:
        tree: the files.
        prefix: of its environment.
        folder: where its packages lie.
        needs: what it loads.
        environ: of the process that would load it; LD_LIBRARY_PATH counts.
    """
    major = versions.major(needs.cuda)
    wanted = {"libcudnn": needs.cudnn, "libcudart": major}
    missing = {name for name in wanted if not _of_pip(name, folder, major)}
    missing -= _of_wanted(_of_loader(tree, environ), wanted) if missing else set()
    if not missing:
        return Lack()
    elsewhere = _of_wanted(_elsewhere(tree, prefix), wanted) | _of_conda(tree, prefix)
    if "libcudnn" in missing and "libcudnn" not in elsewhere and not _is_shared(tree, prefix):
        return Lack(problem="cuDNN is not installed, so it does not use the GPU")
    names = " and ".join(
        {"libcudnn": "cuDNN", "libcudart": "CUDA's runtime"}[n] for n in wanted if n in missing
    )
    return Lack(doubt=f"whether it finds {names} is not known")


def _of_pip(library: str, folder: SitePackages, major: int | None) -> bool:
    package = "nvidia-cudnn" if library == "libcudnn" else "nvidia-cuda-runtime"
    if f"{package}-cu{major}" in folder.distributions:
        return True
    plain = folder.distributions.get(package)
    return (
        plain is not None
        and major is not None
        and major >= _FIRST_WITHOUT_SUFFIX
        and (library == "libcudnn" or versions.major(plain.version) == major)
    )


_Found = Iterator[tuple[str, int]]
"""Libraries by name and major version."""


def _of_wanted(found: _Found, wanted: Mapping[str, int | None]) -> set[str]:
    """Those that are of a version that is wanted, or of any where that is not known."""
    return {name for name, major in found if wanted[name] in {None, major}}


def _of_loader(tree: Tree, environ: Mapping[str, str]) -> _Found:
    """LD_LIBRARY_PATH, the loader's cache and its own folders."""
    folders = re.split("[:;]", environ.get("LD_LIBRARY_PATH", ""))
    absolute = [folder for folder in folders if folder.startswith("/")][:FOLDERS_MOST]
    for folder in (*absolute, *_TRUSTED):
        yield from _in_folder(tree, folder)
    for name, major in _CACHED.findall(tree.read("/etc/ld.so.cache", CACHE_BYTES_MOST) or b""):
        yield name.decode(), int(major)


def _elsewhere(tree: Tree, prefix: str) -> _Found:
    """Folders that some start scripts give to the loader, and others do not."""
    for name in tree.names("/usr/local"):
        if name == "cuda" or name.startswith("cuda-"):
            yield from _in_folder(tree, f"/usr/local/{name}/lib64")
    yield from _in_folder(tree, f"{prefix}/lib")


def _in_folder(tree: Tree, folder: str) -> _Found:
    for name in tree.names(folder):
        found = _LIBRARY.match(name) if name.startswith("libcud") else None
        if found is not None and tree.exists(f"{folder}/{name}"):
            yield found[1], int(found[2])


def _of_conda(tree: Tree, prefix: str) -> set[str]:
    """By conda's records; whether pip's packages find these depends on the start of the process."""
    names = {"cudnn": "libcudnn", "cuda-cudart": "libcudart", "cudatoolkit": "libcudart"}
    return {names[name] for name in conda_packages(tree, prefix, frozenset(names))}


def _is_shared(tree: Tree, prefix: str) -> bool:
    """Whether a virtual environment sees the packages of the Python that it was made with."""
    text = tree.text(f"{prefix}/pyvenv.cfg", CONFIG_BYTES_MOST)
    return text is not None and _SHARED.search(text) is not None
