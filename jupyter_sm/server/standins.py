"""Which running kernels only tell why the one that was asked for did not start."""

from typing import Any

from ..kernels.provisioner import CondaProvisioner
from ..reading import printable
from .api import NotStarted


def not_started(kernel_manager: Any) -> tuple[NotStarted, ...]:
    """One for each such kernel of a host's ``MappingKernelManager``, oldest first."""
    found = []
    for kernel in kernel_manager.list_kernel_ids():
        provisioner = getattr(kernel_manager.get_kernel(kernel), "provisioner", None)
        told = provisioner.explanation if isinstance(provisioner, CondaProvisioner) else None
        if told is not None:
            found.append(
                NotStarted(
                    id=kernel,
                    name=told.kernel,
                    reason=printable(told.reason),
                    remedy=printable(told.remedy),
                    file=printable(told.file),
                )
            )
    return tuple(found)
