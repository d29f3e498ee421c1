"""Whether a CUDA build runs on this driver and these GPUs, and if not, what to install instead."""

import re
import shlex
from dataclasses import dataclass
from typing import Final, NamedTuple

import msgspec

from ...reading import printable
from ..model import (
    Device,
    EnvironmentCuda,
    Framework,
    FrameworkName,
    Reason,
)
from ..tables import dropped_by, introduced_in, minimum_driver, runs_on, torch_oldest
from ..versions import at_least, major, parse
from .installing import Place, install
from .wording import evidence, joined

IN_PART = "capability-of-one-not-in-build"
"""Code of the reason why a build runs on some of the GPUs only."""

UNFIT = frozenset({"framework-too-new", "framework-not-whole", "capability-not-in-build"})
"""Codes of the reasons why a CUDA build does not run here at all."""


_OF_PYTORCH: Final = re.compile(r"\+cu\d+$", re.ASCII)
"""The end of the versions of PyTorch's own builds."""


class Installed(NamedTuple):
    """The frameworks of an environment, as files say them.

    Attributes:
        by_conda: those that conda has installed.
        python: the program of its Python; the usual name if empty.
        is_managed: pip refuses to install here, for the Python is the system's.
    """

    prefix: str
    name: str
    frameworks: tuple[Framework, ...]
    by_conda: frozenset[FrameworkName] = frozenset()
    python: str = ""
    is_managed: bool = False

    @property
    def program(self) -> str:
        """The program of its Python."""
        return self.python or f"{self.prefix}/bin/python"


@dataclass(frozen=True, slots=True)
class Machine:
    """What a build has to run on.

    Attributes:
        driver: version of the driver; None where there is none, or where it is not known.
        libcuda: the newest CUDA that libcuda runs, where the driver's version does not tell: it is
            of a compatibility package, or that version is not known.
        devices: what can be computed on.
        has_gpu: whether it is of interest at all that a build makes no use of a GPU.
    """

    driver: str | None
    libcuda: str | None = None
    devices: tuple[Device, ...] = ()
    has_gpu: bool = True

    @property
    def newest_cuda(self) -> int | None:
        """The newest major version of CUDA that runs here; None if it is not known."""
        numbers = (major(self.libcuda), major(runs_on(self.driver)))
        return max((number for number in numbers if number is not None), default=None)

    @property
    def capabilities(self) -> tuple[str | None, ...]:
        """Compute capabilities of the devices."""
        return tuple(device.compute_capability for device in self.devices)

    def runs(self, cuda: str | None) -> bool | None:
        """Whether the driver runs what was built for this CUDA; None if it is not known."""
        ours, wanted = major(self.libcuda), major(cuda)
        if ours is not None and wanted is not None and (ours >= wanted or not parse(self.driver)):
            return ours >= wanted
        return at_least(self.driver, minimum_driver(cuda))


def judge_environment(installed: Installed, machine: Machine) -> EnvironmentCuda:
    """Whether the CUDA builds of an environment run here."""
    installed = installed._replace(
        prefix=printable(installed.prefix),
        name=printable(installed.name),
        python=printable(installed.python),
    )
    judged = tuple(_judged(framework, installed, machine) for framework in installed.frameworks)
    verdicts = [one.fits for one in judged if one.build not in {"cpu", "rocm"}]
    fits = None
    if False in verdicts:
        fits = False
    elif verdicts and None not in verdicts:
        fits = True
    return EnvironmentCuda(
        prefix=installed.prefix,
        name=installed.name,
        frameworks=judged,
        fits=fits,
        reasons=tuple(dict.fromkeys(reason for one in judged for reason in one.reasons)),
    )


def _judged(framework: Framework, installed: Installed, machine: Machine) -> Framework:
    fits, reasons = _framework(framework, installed, machine)
    return msgspec.structs.replace(framework, fits=fits, reasons=tuple(reasons))


def _framework(
    framework: Framework, installed: Installed, machine: Machine
) -> tuple[bool | None, list[Reason]]:
    if not machine.has_gpu:
        return None, []
    if framework.build == "unknown" or (framework.build == "cuda" and not framework.cuda):
        return None, [_unknown(framework, installed)]
    if framework.build != "cuda":
        return None, [_without_cuda(framework, installed, machine)]
    if framework.problem:
        return False, [_not_whole(framework, installed, machine)]
    runs = machine.runs(framework.cuda)
    if runs is False:
        return False, [_too_new(framework, installed, machine)]
    doubts = [_doubtful(framework, installed, machine)] if framework.doubt else []
    fits, reasons = _on_devices(None if doubts else runs, framework, installed, machine)
    return fits, [*reasons, *doubts]


def _on_devices(
    runs: bool | None, framework: Framework, installed: Installed, machine: Machine
) -> tuple[bool | None, list[Reason]]:
    """The same, where the driver is good, as to the GPUs' compute capabilities."""
    unfit = {
        device: why
        for device in machine.devices
        if (why := _why_not_on(device.compute_capability, framework)) is not None
    }
    if not unfit:
        return runs, []
    device, why = next(iter(unfit.items()))
    everywhere = len(unfit) == len(machine.devices)
    whom = device.name or "the GPU"
    if not everywhere:
        whom += f" (GPU {device.index})" if device.index is not None else f" ({device.uuid})"
    reason = Reason(
        code="capability-not-in-build" if everywhere else IN_PART,
        text=f"{_title(framework)} does not run on {whom}: {why}",
        evidence=evidence(
            f"{framework.source}: CUDA {framework.cuda}",
            f"compute capability {device.compute_capability}",
        ),
        remedy=_install(framework, installed, machine) or _elsewhere(framework),
    )
    return (False if everywhere else runs), [reason]


def _why_not_on(capability: str | None, framework: Framework) -> str | None:
    """Why a build has no code for a GPU; None if it has, or if that is not known."""
    if not parse(capability):
        return None
    if framework.compute_capabilities:
        if any(_covers(built, capability) for built in framework.compute_capabilities):
            return None
        return f"it was built for {joined(framework.compute_capabilities)}, not for {capability}"
    return _why_not_by_cuda(capability or "", framework)


def _why_not_by_cuda(capability: str, framework: Framework) -> str | None:
    """The same where the build does not say for what it has code, but its CUDA does."""
    if capability in dropped_by(major(framework.cuda)):
        return f"CUDA {major(framework.cuda)} has no code for compute capability {capability}"
    oldest = torch_oldest(framework.version, framework.cuda) if _is_of_pytorch(framework) else None
    if at_least(capability, oldest) is False:
        return f"its build for CUDA {framework.cuda} has no code for what is older than {oldest}"
    # Of a generation: code for 8.0 runs on 8.9.
    first = introduced_in(f"{major(capability)}.0")
    if parse(framework.cuda)[1:] and at_least(framework.cuda, first) is False:
        return f"compute capability {capability} needs CUDA {first} or newer"
    return None


def _is_of_pytorch(framework: Framework) -> bool:
    """Whether PyTorch itself has built it, and not conda-forge or its user."""
    return framework.name == "torch" and _OF_PYTORCH.search(framework.version) is not None


def _covers(built: str, capability: str | None) -> bool:
    """Machine code runs on later GPUs of one major version, PTX on all later ones."""
    if built.endswith("+PTX"):
        return bool(at_least(capability, built))
    return major(built) == major(capability) and bool(at_least(capability, built))


def _too_new(framework: Framework, installed: Installed, machine: Machine) -> Reason:
    cuda = framework.cuda or ""
    return Reason(
        code="framework-too-new",
        text=f"{what_runs(machine, cuda)}, {_title(framework)} is built for CUDA {cuda}",
        evidence=f"{framework.source}; {what_is_needed(machine, cuda)}",
        remedy=_install(framework, installed, machine) or _elsewhere(framework),
    )


def _not_whole(framework: Framework, installed: Installed, machine: Machine) -> Reason:
    return Reason(
        code="framework-not-whole",
        text=f"{_title(framework)} is not whole: {framework.problem}",
        evidence=framework.source,
        remedy=_mend(framework, installed, machine),
    )


def _doubtful(framework: Framework, installed: Installed, machine: Machine) -> Reason:
    return Reason(
        code="libraries-unknown",
        text=f"{_title(framework)} may not be whole: {framework.doubt}",
        evidence=f"{framework.source}; neither pip's packages nor the loader's folders have them",
        remedy=_mend(framework, installed, machine),
    )


def _without_cuda(framework: Framework, installed: Installed, machine: Machine) -> Reason:
    kind = "a CPU build" if framework.build == "cpu" else "a build for AMD's GPUs (ROCm)"
    return Reason(
        code=f"{framework.build}-build",
        text=f"{_title(framework)} is {kind}, which makes no use of this GPU",
        evidence=framework.source,
        remedy=_install(framework, installed, machine) or _elsewhere(framework),
    )


def _unknown(framework: Framework, installed: Installed) -> Reason:
    module = {"torch": "print(torch.version.cuda)", "jax": "print(jax.devices())"}.get(
        framework.name, "print(tensorflow.config.list_physical_devices('GPU'))"
    )
    python = shlex.quote(installed.program)
    why = f": {framework.problem}" if framework.problem else ""
    return Reason(
        code="build-unknown",
        text=f"which CUDA {_title(framework)} is built for is not known{why}",
        evidence=framework.source,
        remedy=f'{python} -c "import {framework.name}; {module}"',
    )


def _install(
    framework: Framework, installed: Installed, machine: Machine, most: int | None = None
) -> str:
    """The command; ``most`` is the newest major version of CUDA that may come of it."""
    newest = machine.newest_cuda
    return install(
        framework,
        Place(
            installed.prefix,
            installed.program,
            framework.name in installed.by_conda,
            installed.is_managed,
        ),
        newest=min(newest, most) if newest and most else newest or most,
        capabilities=machine.capabilities,
    )


def _mend(framework: Framework, installed: Installed, machine: Machine) -> str:
    """The same for the CUDA that the build is for."""
    command = _install(framework, installed, machine, major(framework.cuda))
    return command or _elsewhere(framework)


def _elsewhere(framework: Framework) -> str:
    """Where no build is known that runs here."""
    cuda = framework.cuda or "12"
    return f"start on a host with driver {minimum_driver(cuda)} or newer"


def what_is_needed(machine: Machine, cuda: str) -> str:
    """The evidence that a driver is too old."""
    needs = f"CUDA {major(cuda)} needs driver {minimum_driver(cuda)}, here"
    if machine.driver:
        return f"{needs} is {machine.driver}"
    return f"{needs} is one that runs CUDA {machine.libcuda}"


def what_runs(machine: Machine, cuda: str) -> str:
    """The newest CUDA of a driver that is too old."""
    if not machine.driver:
        return f"the driver runs CUDA {machine.libcuda} and older"
    newest = newest_beside(machine, cuda)
    if newest is None:
        return f"driver {machine.driver} is too old for any CUDA that is in use"
    return f"driver {machine.driver} runs CUDA {newest} and older"


def newest_beside(machine: Machine, cuda: str) -> str | None:
    """``12.x``; or ``11.0`` where the driver is too old for the later releases of its major version."""
    release = runs_on(machine.driver) if machine.driver else machine.libcuda
    newest = major(release)
    if newest is None or newest == major(cuda):
        return release
    return f"{newest}.x"


def _title(framework: Framework) -> str:
    names = {"torch": "PyTorch", "tensorflow": "TensorFlow", "jax": "JAX"}
    return f"{names[framework.name]} {framework.version}"
