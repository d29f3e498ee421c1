"""What a kernelspec's metadata says of this package's provisioner.

jupyter_client reads the provisioner of a kernel and its traits there (jupyter_client
provisioning/factory.py, ``_get_provisioner_config``).
"""

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

from .model import Trouble

PROVISIONER = "jupyter-sm-conda"
"""Name of this package's entry point."""

GROUP = "jupyter_client.kernel_provisioners"
"""Of entry points."""

KEY = "kernel_provisioner"


def provisioner_of(metadata: Mapping[str, Any]) -> str | None:
    """Name of the provisioner that a kernelspec asks for, None where it asks for none."""
    stanza = metadata.get(KEY)
    name = stanza.get("provisioner_name") if isinstance(stanza, Mapping) else None
    return None if name is None else str(name)


def is_provisioned(metadata: Mapping[str, Any]) -> bool:
    """Whether this package's provisioner starts the kernel, or tells why it does not."""
    return provisioner_of(metadata) == PROVISIONER


def is_foreign(metadata: Mapping[str, Any]) -> bool:
    """Whether a kernelspec asks for a provisioner of somebody else's."""
    return provisioner_of(metadata) not in {None, PROVISIONER}


def unavailable(metadata: Mapping[str, Any]) -> str | None:
    """The provisioner that a kernelspec asks for and this Python does not have, or None."""
    name = provisioner_of(metadata)
    if name is None or name in {PROVISIONER, "local-provisioner"}:
        return None
    return None if entry_points(group=GROUP, name=name) else name


def config_of(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a kernelspec tells this package's provisioner; empty when it asks for another one."""
    config = metadata[KEY].get("config") if is_provisioned(metadata) else None
    return config if isinstance(config, Mapping) else {}


def activating(metadata: Mapping[str, Any], prefix: str, root: str | None) -> dict[str, Any]:
    """The metadata of a kernel of an environment; a provisioner of its own stays."""
    if is_foreign(metadata):
        return dict(metadata)
    return _with(metadata, {"prefix": prefix, "root": root or ""})


def explaining(metadata: Mapping[str, Any], trouble: Trouble, file: str) -> dict[str, Any]:
    """The metadata of a kernel that cannot start; a provisioner of its own stays, if it is there.

    Args:
        metadata: of the kernelspec.
        trouble: why, and what mends it.
        file: where it is wrong.
    """
    if is_foreign(metadata) and unavailable(metadata) is None:
        return dict(metadata)
    told = {"reason": trouble.reason, "remedy": trouble.remedy, "file": file}
    return _with(metadata, {**config_of(metadata), "trouble": told})


def without_ours(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata for a Jupyter that cannot load this package: it would hide the kernel."""
    return {k: v for k, v in metadata.items() if k != KEY or not is_provisioned(metadata)}


def _with(metadata: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    return {**metadata, KEY: {"provisioner_name": PROVISIONER, "config": dict(config)}}
