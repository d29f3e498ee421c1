"""The command that puts a framework's build for another CUDA into an environment."""

import shlex
from collections.abc import Iterable

from ..model import Framework
from ..versions import at_least

_CONDA = {
    "torch": "pytorch=*=*cuda*",
    "tensorflow": "tensorflow=*=*cuda*",
    "jax": "jaxlib=*=*cuda*",
}
"""conda-forge's names, and what its CUDA builds have in theirs."""

_BLACKWELL, _TURING = "10.0", "7.5"
_CUDA_11, _CUDA_12, _CUDA_13 = 11, 12, 13


def install(
    framework: Framework,
    prefix: str,
    *,
    by_conda: bool,
    newest: int | None,
    capabilities: Iterable[str | None],
) -> str:
    """A shell command; empty where no build is known that would run here.

    Args:
        framework: what is installed now.
        prefix: of its environment.
        by_conda: conda has installed it.
        newest: major version of the newest CUDA that the driver runs; None if it is not known.
        capabilities: of the GPUs that it is to run on.
    """
    if newest is None or newest < _CUDA_11:
        return ""
    known = [capability for capability in capabilities if capability]
    wanted = min(newest, _CUDA_13)
    if wanted == _CUDA_13 and any(at_least(c, _TURING) is False for c in known):
        wanted = _CUDA_12  # CUDA 13 has dropped them
    if by_conda:
        package = _CONDA[framework.name]
        return shlex.join(["conda", "install", "-p", prefix, package, f"cuda-version={wanted}"])
    python = shlex.quote(f"{prefix}/bin/python")
    if framework.name == "torch":
        backend = _torch_backend(wanted, known)
        return (
            f"{python} -m pip install uv && {python} -m uv pip install --python {python} "
            f"--torch-backend={backend} --reinstall-package torch torch"
        )
    requirement = _REQUIREMENTS[framework.name].get(wanted)
    if requirement is None:
        return ""
    return f"{python} -m pip install --force-reinstall {shlex.quote(requirement)}"


_REQUIREMENTS = {
    "tensorflow": {
        11: "tensorflow[and-cuda]==2.14.*",
        12: "tensorflow[and-cuda]",
        13: "tensorflow[and-cuda]",
    },
    "jax": {12: "jax[cuda12]", 13: "jax[cuda13]"},
}
"""By CUDA's major version; pip has no build of JAX for CUDA 11 any more."""


def _torch_backend(cuda: int, capabilities: list[str]) -> str:
    """As uv names the builds of PyTorch."""
    if cuda == _CUDA_11:
        return "cu118"
    if cuda == _CUDA_13:
        return "cu130"
    return "cu128" if any(at_least(c, _BLACKWELL) for c in capabilities) else "cu126"
