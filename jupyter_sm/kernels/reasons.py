"""Why a kernel is not started, in the words of whoever found out."""

import errno
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from jupyter_client.kernelspec import KernelSpec, NoSuchKernel

from ..errors import Finding
from ..reading import printable, problem
from .manager import CatalogKernelSpecManager, KernelNotStarted
from .stanza import is_foreign, provisioner_of

_PYTHON = re.compile(r"python[\d.]*")

_SCARCE: Mapping[int | None, str] = {
    errno.E2BIG: "shorten the variables of the environment and of the server",
    errno.EAGAIN: "end other processes of this user, or raise their limit (ulimit -u)",
    errno.ENOMEM: "free memory",
    errno.EMFILE: "stop kernels, or raise the limit of open files (ulimit -n)",
    errno.ENFILE: "stop kernels",
}
"""Where neither program nor kernelspec is at fault."""


class Reason(NamedTuple):
    """Why a kernel is not started.

    Attributes:
        reason: what is wrong, as a part of a sentence.
        remedy: a command or a sentence that says what mends it; may be empty.
        file: where it is wrong; may be empty.
    """

    reason: str
    remedy: str = ""
    file: str = ""

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Reason":
        """As a kernelspec tells it."""
        return cls(*(str(told.get(field, "")) for field in cls._fields))


def not_found(error: NoSuchKernel, spec: KernelSpec) -> Reason:
    """Its kernelspec is gone, or must not be started any more."""
    if isinstance(error, KernelNotStarted):
        return Reason(error.error.reason, error.error.remedy, file_of(spec))
    seen = f"the kernelspec {printable(str(error.name))} is not there any more"
    return Reason(seen, "install it again, or choose another kernel", file_of(spec))


def not_read(error: Exception, spec: KernelSpec) -> Reason:
    """Its kernelspec is there, and none that can be used."""
    seen = f"its kernelspec cannot be used: {problem(error)}"
    return Reason(seen, "write the file anew", file_of(spec))


def started_elsewhere(spec: KernelSpec) -> Reason | None:
    """Its kernelspec names a provisioner that a running kernel cannot change to."""
    if not is_foreign(spec.metadata):
        return None
    other = printable(str(provisioner_of(spec.metadata)))
    seen = f"it is now started by the provisioner {other}"
    return Reason(seen, "shut this kernel down and start it again", file_of(spec))


def not_activated(finding: Finding) -> Reason:
    """There is no environment to activate."""
    return Reason(f"{finding.source} {finding.seen}", finding.remedy, finding.source)


def not_launched(
    command: Sequence[str], error: Exception, spec: KernelSpec, install: str
) -> Reason:
    """The system refused to start its program.

    Args:
        command: what was to be started.
        error: what the system said.
        spec: of the kernel.
        install: the command that installs the interpreter of its environment; empty without one.
    """
    file = file_of(spec)
    if not command:
        return Reason("argv is empty", f"write the command of the kernel to argv in {file}", file)
    program = command[0]
    seen = f"{printable(program)} cannot be started: {problem(error)}"
    number = error.errno if isinstance(error, OSError) else None
    if number in _SCARCE:
        return Reason(seen, _SCARCE[number], file)
    if number == errno.ENOENT and os.path.exists(program):
        seen = (
            f"{printable(program)} cannot be started: the program that its first line names is gone"
        )
    elif number == errno.ENOENT and install and _PYTHON.fullmatch(os.path.basename(program)):
        return Reason(seen, install, file)
    return Reason(seen, f"mend that program, or correct argv in {file}", file)


def file_of(spec: KernelSpec) -> str:
    """The kernel.json of a kernelspec; empty for one that was never found."""
    folder = spec.resource_dir
    return printable(os.path.join(folder, "kernel.json")) if folder else ""


def others(manager: Any) -> tuple[str, ...]:
    """Names of the kernels that can be started instead; waits for the disk in foreign hosts.

    Args:
        manager: the ``KernelManager`` of the one that cannot.
    """
    specs = manager.kernel_spec_manager
    if isinstance(specs, CatalogKernelSpecManager):
        names = specs.startable_names()
    else:
        names = [name for name, found in specs.get_all_specs().items() if _may_start(found)]
    return tuple(printable(name) for name in names if name != manager.kernel_name)


def _may_start(found: Mapping[str, Any]) -> bool:
    """Whether the program of a kernelspec is there, as far as a look can tell."""
    program = next(iter(found["spec"].get("argv") or ()), "")
    return not os.path.isabs(program) or os.access(program, os.X_OK)
