"""Why a kernel is not started, in the words of whoever found out."""

import os
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from jupyter_client.kernelspec import KernelSpec, NoSuchKernel

from ..errors import Finding
from ..reading import printable, problem
from .manager import CatalogKernelSpecManager, KernelNotStarted
from .stanza import PROVISIONER, provisioner_of


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


def started_elsewhere(spec: KernelSpec) -> Reason | None:
    """Its kernelspec names a provisioner that a running kernel cannot change to."""
    other = provisioner_of(spec.metadata)
    if other in {None, PROVISIONER}:
        return None
    seen = f"it is now started by the provisioner {printable(str(other))}"
    return Reason(seen, "shut this kernel down and start it again", file_of(spec))


def not_activated(finding: Finding) -> Reason:
    """There is no environment to activate."""
    return Reason(f"{finding.source} {finding.seen}", finding.remedy, finding.source)


def not_launched(command: Sequence[str], error: Exception, spec: KernelSpec, prefix: str) -> Reason:
    """The system refused to start its program."""
    file = file_of(spec)
    if not command:
        return Reason("argv is empty", f"write the command of the kernel to argv in {file}", file)
    seen = f"{printable(command[0])} cannot be started: {problem(error)}"
    if prefix:
        path = shlex.quote(printable(prefix))
        return Reason(seen, f"conda install --prefix {path} python ipykernel", file)
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
        names = list(specs.find_kernel_specs())
    return tuple(printable(name) for name in names if name != manager.kernel_name)
