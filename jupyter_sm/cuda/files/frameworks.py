"""PyTorch, TensorFlow and JAX in an environment: which build, for which CUDA. Nothing is imported.

What the files look like: torch/version.py is written by PyTorch's tools/generate_torch_version.py;
tensorflow/python/platform/build_info.py by TensorFlow's tensorflow/tools/build_info; jaxlib alone runs
on the CPU, and its plugins for CUDA are two packages, ``jax-cuda12-plugin`` and ``jax-cuda12-pjrt``, of
jaxlib's own version (jaxlib/plugin_support.py). conda-forge names the CUDA in the build string.
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from ...reading import printable
from .. import versions
from ..model import Build, Framework, FrameworkName
from .packages import CondaPackage, Distribution, SitePackages, conda_packages, site_packages
from .runtime import Needs, lack
from .tree import Tree

FILE_BYTES_MOST: Final = 64 * 1024
"""The files that are read have less than 2 KiB."""

_TEXT_MOST: Final = 100

_TENSORFLOWS: Final = (
    "tensorflow",
    "tensorflow-cpu",
    "tensorflow-gpu",
    "tensorflow-rocm",
    "tf-nightly",
    "tf-nightly-cpu",
    "intel-tensorflow",
    "tensorflow-aarch64",
    "tensorflow-cpu-aws",
)

_BESIDE_TORCH: Final = ("torch", "torchvision", "torchaudio")

_CONDA_NAMES: Final[Mapping[FrameworkName, tuple[str, ...]]] = {
    "torch": ("pytorch", "pytorch-gpu", "pytorch-cpu"),
    "tensorflow": ("tensorflow-base", "tensorflow", "tensorflow-gpu", "tensorflow-cpu"),
    "jax": ("jaxlib",),
}

_CONDA_WANTED: Final = frozenset(name for names in _CONDA_NAMES.values() for name in names)

_ASSIGNMENT: Final = re.compile(
    r"^(__version__|cuda|hip|rocm|xpu)[ \t]*(?::[^=\n]*)?=[ \t]*(?:None\b|(['\"])([^'\"\n]*)\2)",
    re.MULTILINE,
)
_TF_BUILD_INFO: Final = "python/platform/build_info.py"
_IS_BUILD: Final = re.compile(r"is_(cuda|rocm)_build['\"]?\s*[,:=]\s*(True|False)")
_TF_CUDA: Final = re.compile(r"cuda_version(?:_number)?['\"]?\s*[,:=]\s*['\"]([\d.]{1,20})['\"]")
_TF_CUDNN: Final = re.compile(r"cudnn_version(?:_number)?['\"]?\s*[,:=]\s*['\"](\d{1,3})\b")
_TF_CAPABILITIES: Final = re.compile(r"cuda_compute_capabilities['\"]?\s*[,:=]\s*\[([^\]]*)\]")
_ARCHITECTURE: Final = re.compile(r"\b(sm|compute)_(\d{1,2})(\d)[af]?\b", re.ASCII)
_PLUGIN: Final = re.compile(r"jax-(cuda|rocm)(\d{1,3})-(plugin|pjrt)", re.ASCII)
_BUILT_FOR: Final = re.compile(r"(cuda|cu|rocm)_?(\d{1,3}(?:\.\d{1,3}){0,2})", re.ASCII)


def look(
    prefix: str, root: str = "/", environ: Mapping[str, str] | None = None
) -> tuple[Framework, ...]:
    """The frameworks of an environment, each once for every Python that has it; never raises.

    Args:
        prefix: the environment's folder, an absolute path below ``root``.
        root: the tree to read. Links stay inside of it.
        environ: of the processes that would load them; LD_LIBRARY_PATH counts.
    """
    tree = Tree(root)
    conda = conda_packages(tree, prefix, _CONDA_WANTED)
    found: list[Framework] = []
    for folder in site_packages(tree, prefix):
        for read in (_torch, _tensorflow, _jax):
            one = read(tree, folder)
            if one is not None:
                one = _completed(one, conda)
                # Conda's packages ask for all that they need.
                is_of_pip = _package(one.name, conda) is None
                found.append(
                    _with_lack(one, tree, prefix, folder, environ or {}) if is_of_pip else one
                )
    names = {framework.name for framework in found}
    found += [
        _of_conda(name, package)
        for name in _CONDA_NAMES
        if name not in names and (package := _package(name, conda)) is not None
    ]
    return tuple(found)


def _torch(tree: Tree, folder: SitePackages) -> Framework | None:
    if "torch" not in folder.names:
        return None
    path = f"{folder.path}/torch/version.py"
    text, trouble = _read(tree, path)
    installed = folder.distributions.get("torch")
    if text is None:
        return _unread("torch", folder, installed, path, trouble)
    said = {name: value for name, _, value in _ASSIGNMENT.findall(text)}
    version = said.get("__version__") or (installed.version if installed else "")
    build: Build = "unknown"
    if said.get("hip") or said.get("rocm"):
        build = "rocm"
    elif said.get("cuda"):
        build = "cuda"
    elif said.get("xpu"):
        trouble = "is built for Intel's GPUs"
    elif "cuda" in said:
        build = "cpu"
    return Framework(
        name="torch",
        version=_short(version),
        build=build,
        cuda=_number(said.get("cuda")) if build == "cuda" else None,
        distributions=tuple(name for name in _BESIDE_TORCH if name in folder.distributions),
        source=printable(path),
        problem=trouble
        or ("" if build != "unknown" else "the file does not say for what it is built"),
    )


def _tensorflow(tree: Tree, folder: SitePackages) -> Framework | None:
    if "tensorflow" not in folder.names:
        return None
    path = f"{folder.path}/tensorflow/{_TF_BUILD_INFO}"
    text, trouble = _read(tree, path)
    names = tuple(name for name in _TENSORFLOWS if name in folder.distributions)
    installed = folder.distributions[names[0]] if names else None
    if text is None:
        return _unread("tensorflow", folder, installed, path, trouble)
    is_build = {kind: word == "True" for kind, word in _IS_BUILD.findall(text)}
    build: Build = "unknown"
    if is_build.get("rocm"):
        build = "rocm"
    elif "cuda" in is_build:
        build = "cuda" if is_build["cuda"] else "cpu"
    cuda = _TF_CUDA.search(text)
    return Framework(
        name="tensorflow",
        version=_short(installed.version) if installed else "",
        build=build,
        cuda=_number(cuda[1]) if cuda and build == "cuda" else None,
        compute_capabilities=_capabilities(text) if build == "cuda" else None,
        distributions=names,
        source=printable(path),
        problem=trouble
        or ("" if build != "unknown" else "the file does not say for what it is built"),
    )


def _jax(tree: Tree, folder: SitePackages) -> Framework | None:
    """The version and the plugins of jaxlib; jax itself is the same for all."""
    if "jaxlib" not in folder.names:
        return None
    installed = folder.distributions.get("jaxlib")
    if installed is None:
        # What pip has not taken away, or what conda alone knows.
        return None
    plugins = _plugins(folder.distributions)
    build, cuda, name = _jax_build(installed, plugins)
    metadata = folder.distributions[name].metadata if name else installed.metadata
    source = f"{folder.path}/{metadata}"
    if not tree.exists(f"{folder.path}/jaxlib/version.py"):
        build = "unknown"
        trouble = f"{folder.path}/jaxlib/version.py is missing: jaxlib is not whole"
    else:
        trouble = _plugin_trouble(installed, plugins)
    return Framework(
        name="jax",
        version=_short(installed.version),
        build=build,
        cuda=cuda,
        distributions=(
            "jaxlib",
            *sorted(n for parts in plugins.values() for n, _ in parts.values()),
        ),
        source=printable(source),
        problem=printable(trouble),
    )


_Plugins = dict[tuple[str, str], dict[str, tuple[str, Distribution]]]
"""By what they are for, ``("cuda", "12")``: the parts, each with its package's name."""


def _plugins(distributions: Mapping[str, Distribution]) -> _Plugins:
    found: _Plugins = {}
    for name, distribution in distributions.items():
        parts = _PLUGIN.fullmatch(name)
        if parts is not None:
            found.setdefault((parts[1], parts[2]), {})[parts[3]] = (name, distribution)
    return found


def _jax_build(jaxlib: Distribution, plugins: _Plugins) -> tuple[Build, str | None, str]:
    """The build, its CUDA, and the package that says so if it is not jaxlib."""
    if plugins:
        kind, major = _newest(plugins)
        name = next(iter(sorted(plugins[kind, major].values())))[0]
        return ("cuda", major, name) if kind == "cuda" else ("rocm", None, name)
    build, cuda = _built_for(jaxlib.version.partition("+")[2])
    return (build, cuda, "") if build != "unknown" else ("cpu", None, "")


def _plugin_trouble(jaxlib: Distribution, plugins: _Plugins) -> str:
    """Why JAX would run on the CPU although there is a plugin."""
    for kind, major in [_newest(plugins)] if plugins else []:
        parts = plugins[kind, major]
        for part in ("plugin", "pjrt"):
            if part not in parts:
                return f"jax-{kind}{major}-{part} is not installed, so JAX does not use the GPU"
        name, plugin = parts["plugin"]
        is_same = versions.parse(plugin.version) == versions.parse(jaxlib.version)
        if kind == "cuda" and not is_same:
            return (
                f"{name} {plugin.version} is not of jaxlib's version {jaxlib.version}, "
                "so JAX does not use the GPU"
            )
    return ""


def _newest(plugins: _Plugins) -> tuple[str, str]:
    """CUDA before ROCm, the newer before the older."""
    return max(plugins, key=lambda key: (key[0] == "cuda", int(key[1])))


def _completed(framework: Framework, conda: Mapping[str, CondaPackage]) -> Framework:
    """With what conda knows where the package's own files say nothing.

    A plain jaxlib is for the CPU by its files, but conda-forge's has the GPU part inside.
    """
    package = _package(framework.name, conda)
    if package is None:
        return framework
    of_conda = _of_conda(framework.name, package)
    is_plain_jax = framework.name == "jax" and framework.build == "cpu" and not framework.problem
    if (framework.build == "unknown" or is_plain_jax) and of_conda.build != "unknown":
        return of_conda
    if framework.version:
        return framework
    return msgspec.structs.replace(framework, version=of_conda.version)


def _with_lack(
    framework: Framework, tree: Tree, prefix: str, folder: SitePackages, environ: Mapping[str, str]
) -> Framework:
    """With what its GPU part lacks; PyTorch's wheels ask for all of it themselves."""
    if framework.build != "cuda" or framework.problem or framework.name == "torch":
        return framework
    needs = Needs(framework.cuda, _cudnn(tree, folder) if framework.name == "tensorflow" else None)
    problem, doubt = lack(tree, prefix, folder, needs, environ)
    return msgspec.structs.replace(framework, problem=problem, doubt=doubt)


def _cudnn(tree: Tree, folder: SitePackages) -> int | None:
    text = tree.text(f"{folder.path}/tensorflow/{_TF_BUILD_INFO}", FILE_BYTES_MOST)
    found = _TF_CUDNN.search(text or "")
    return int(found[1]) if found else None


def _package(name: FrameworkName, conda: Mapping[str, CondaPackage]) -> CondaPackage | None:
    return next((conda[package] for package in _CONDA_NAMES[name] if package in conda), None)


def _of_conda(name: FrameworkName, package: CondaPackage) -> Framework:
    build, cuda = _built_for(package.build)
    return Framework(
        name=name,
        version=_short(package.version),
        build=build,
        cuda=cuda,
        source=printable(package.path),
        problem="" if build != "unknown" else "the build string does not say for what it is built",
    )


def _unread(
    name: FrameworkName,
    folder: SitePackages,
    installed: Distribution | None,
    path: str,
    trouble: str,
) -> Framework | None:
    """From pip's name of the version, ``2.5.1+cu124``; nothing if there are only remains of it."""
    if installed is None:
        if not trouble:
            return None
        return Framework(
            name=name, version="", build="unknown", source=printable(path), problem=trouble
        )
    build, cuda = _built_for(installed.version.partition("+")[2])
    return Framework(
        name=name,
        version=_short(installed.version),
        build=build,
        cuda=cuda,
        source=printable(f"{folder.path}/{installed.metadata}"),
        problem=trouble or f"{printable(path)}: is missing",
    )


def _built_for(words: str) -> tuple[Build, str | None]:
    """From a local version, ``cu124``, ``cuda12.cudnn89``, or a build string, ``cuda126py311h1_0``."""
    found = _BUILT_FOR.search(words)
    if found is not None:
        return ("rocm", None) if found[1] == "rocm" else ("cuda", versions.from_digits(found[2]))
    if "cpu" in words:
        return "cpu", None
    return ("cuda", None) if words.startswith("gpu") else ("unknown", None)


def _capabilities(text: str) -> tuple[str, ...] | None:
    """``sm_89`` is code for 8.9; ``compute_90`` can be compiled for what is newer as well."""
    found = _TF_CAPABILITIES.search(text)
    if found is None:
        return None
    return tuple(
        f"{generation}.{minor}" + ("+PTX" if kind == "compute" else "")
        for kind, generation, minor in _ARCHITECTURE.findall(found[1])
    )


def _read(tree: Tree, path: str) -> tuple[str | None, str]:
    """The text, and what is wrong with it if it is there and cannot be read whole."""
    before = len(tree.problems)
    text = tree.text(path, FILE_BYTES_MOST)
    return text, next(iter(tree.problems[before:]), "")


def _number(text: str | None) -> str | None:
    return ".".join(map(str, versions.parse(text))) or None


def _short(text: str) -> str:
    return printable(text[:_TEXT_MOST])
