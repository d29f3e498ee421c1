"""The command that puts a framework's build for another CUDA into an environment."""

import re
import shlex
from collections.abc import Sequence
from typing import NamedTuple

from ..model import Framework
from ..tables import dropped_by, introduced_in, torch_builds, torch_oldest
from ..versions import at_least, major, parse

_CONDA = {
    "torch": "pytorch=*=*cuda*",
    "tensorflow": "tensorflow=*=*cuda*",
    "jax": "jaxlib=*=*cuda*",
}
"""conda-forge's names, and what its CUDA builds have in theirs."""

_BLACKWELL, _TURING = "10.0", "7.5"
_CUDA_11, _CUDA_12, _CUDA_13 = 11, 12, 13

_TENSORFLOW_SINCE = "2.16"
"""From here on its extra ``and-cuda`` asks only for what can be installed; the CUDA is 12 for all."""

_JAX_SINCE = {_CUDA_13: "0.7.1", _CUDA_12: "0.4.30"}
"""From which version on JAX has the extras ``cuda13`` and ``cuda12``; pip has none for CUDA 11."""

_RELEASE = re.compile(r"\d+\.\d+\.\d+(?:\.post\d+)?", re.ASCII)

_NEW = "~/gpu"
"""A virtual environment beside a Python that belongs to the system."""


class Place(NamedTuple):
    """Where a framework is.

    Attributes:
        prefix: of its environment.
        python: the program of its Python.
        by_conda: conda has installed it.
        is_managed: pip refuses to install here, for the Python is the system's.
    """

    prefix: str
    python: str
    by_conda: bool = False
    is_managed: bool = False


def install(
    framework: Framework, place: Place, *, newest: int | None, capabilities: Sequence[str | None]
) -> str:
    """A shell command; empty where no build is known that would run here.

    Args:
        framework: what is installed now.
        place: where that is.
        newest: major version of the newest CUDA that the driver runs; None if it is not known.
        capabilities: of the GPUs that it is to run on.
    """
    if newest is None or newest < _CUDA_11:
        return ""
    known = [capability for capability in capabilities if capability]
    wanted = min(newest, _CUDA_13)
    if wanted == _CUDA_13 and any(at_least(c, _TURING) is False for c in known):
        wanted = _CUDA_12  # CUDA 13 has dropped them
    if place.by_conda:
        package = _CONDA[framework.name]
        return shlex.join(
            ["conda", "install", "-p", place.prefix, package, f"cuda-version={wanted}"]
        )
    if framework.name == "torch":
        return _torch(framework, place, wanted, known)
    if framework.name == "tensorflow":
        return _tensorflow(framework, place, wanted)
    return _jax(framework, place, wanted)


def _torch(framework: Framework, place: Place, cuda: int, capabilities: list[str]) -> str:
    """The same version where PyTorch publishes one that suits; what was built for it comes along."""
    version = _release(framework.version)
    suited = [
        build
        for build in torch_builds(version)
        if (major(build) or 0) <= cuda and _suits(version, build, capabilities)
    ]
    newest = max((major(build) or 0 for build in suited), default=0)
    # The first of its major version asks the least of a driver.
    build = next((build for build in suited if major(build) == newest), None)
    backend = f"cu{build.replace('.', '')}" if build else _torch_backend(cuda, capabilities)
    beside = [name for name in framework.distributions if name != "torch"]
    words = [f"torch=={version}" if build else "torch", *beside]
    command = _with_python(
        place,
        "{python} -m pip install uv && {python} -m uv pip install --python {python} "
        + shlex.join(
            [
                f"--torch-backend={backend}",
                *(f"--reinstall-package={name}" for name in ("torch", *beside)),
                *words,
            ]
        ),
    )
    if build:
        return command
    return _of_another_version(command, framework)


def _suits(version: str, cuda: str, capabilities: list[str]) -> bool:
    """Whether PyTorch's build for a CUDA has code for all of these GPUs."""
    return not any(
        capability in dropped_by(major(cuda))
        or at_least(cuda, introduced_in(f"{major(capability)}.0")) is False
        or at_least(capability, torch_oldest(version, cuda)) is False
        for capability in capabilities
    )


def _torch_backend(cuda: int, capabilities: list[str]) -> str:
    """As uv names the builds of PyTorch: one that some version has."""
    if cuda == _CUDA_11:
        return "cu118"
    if cuda == _CUDA_13:
        return "cu130"
    return "cu128" if any(at_least(c, _BLACKWELL) for c in capabilities) else "cu126"


def _tensorflow(framework: Framework, place: Place, cuda: int) -> str:
    if cuda < _CUDA_12:
        return ""
    version = _release(framework.version)
    is_kept = bool(at_least(version, _TENSORFLOW_SINCE))
    # All of them have their files in one folder, so that only one can be there.
    others = framework.distributions if framework.distributions != ("tensorflow",) else ()
    return _pip(place, others, "tensorflow[and-cuda]", framework, version if is_kept else "")


def _jax(framework: Framework, place: Place, cuda: int) -> str:
    version = _release(framework.version)
    majors = [number for number in _JAX_SINCE if number <= cuda]
    if not majors:
        return ""
    kept = [number for number in majors if at_least(version, _JAX_SINCE[number])]
    number = (kept or majors)[0]
    # JAX takes the newest plugin that it finds.
    others = [
        name
        for name in framework.distributions
        if name.startswith("jax-") and not name.startswith(f"jax-cuda{number}-")
    ]
    return _pip(place, others, f"jax[cuda{number}]", framework, version if kept else "")


def _pip(
    place: Place, others: Sequence[str], requirement: str, framework: Framework, version: str
) -> str:
    """Without others that are in the way, and of the version that is here if it can be kept."""
    pinned = f"{requirement}=={version}" if version else requirement
    upgrade = "" if version else "--upgrade "
    command = f"{{python}} -m pip install {upgrade}{shlex.quote(pinned)}"
    if others and not place.is_managed:
        command = f"{{python}} -m pip uninstall -y {shlex.join(others)} && {command}"
    command = _with_python(place, command)
    return command if version else _of_another_version(command, framework)


def _of_another_version(command: str, framework: Framework) -> str:
    """The command, with a comment for the shell and for who reads it."""
    return f"{command}  # of another version: no such build of {framework.version or 'it'} is known"


def _with_python(place: Place, command: str) -> str:
    """For the environment's Python, or for a new one beside the system's."""
    python = shlex.quote(place.python)
    if not place.is_managed:
        return command.replace("{python}", python)
    new = f"{_NEW}/bin/python"
    return (
        f"{python} -m venv {_NEW} && {command.replace('{python}', new)} ipykernel && "
        f"{new} -m ipykernel install --user --name gpu"
    )


def _release(version: str) -> str:
    """Of ``2.6.0+cu124`` what comes before the plus; nothing of what is no release."""
    public = version.partition("+")[0]
    return public if parse(public) and _RELEASE.fullmatch(public) else ""
