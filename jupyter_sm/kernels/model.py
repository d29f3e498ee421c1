"""What discovery finds: environments, kernels, and one immutable snapshot of both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..errors import Finding

Source = Literal["jupyter", "native", "conda"]
"""A folder on the Jupyter path, ipykernel's own files, or a conda environment."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a kernel cannot be used, and what mends it."""

    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Environment:
    """A conda, mamba or micromamba environment.

    Attributes:
        prefix: absolute path, as it was found (links are kept).
        name: the name that kernel names are made of, unique in a snapshot: ``base``, ``myenv``,
            ``proj-myenv``.
        root: prefix of the installation it belongs to, if one was recognised.
        is_base: it is itself such an installation's root.
        excluded: why none of its kernels may be started, or None.
    """

    prefix: str
    name: str
    root: str | None
    is_base: bool
    excluded: Trouble | None = None


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel that was found, ready to be listed.

    Attributes:
        name: the name SageMaker and Jupyter know it by; unique in a snapshot.
        display_name: what a launcher shows.
        language: as the kernelspec says; may be empty.
        source: where it was found.
        resource_dir: absolute folder of its kernel.json and logos.
        spec: the kernelspec as JSON values: ``argv`` (argv[0] absolute wherever the interpreter of
            the owning prefix is meant), ``env``, ``display_name``, ``language``,
            ``interrupt_mode``, ``metadata``. Shared between readers: never changed in place.
        resources: file names in ``resource_dir`` that a client may fetch: ``kernel.js``,
            ``kernel.css``, ``logo-*``.
        prefix: the prefix that owns the kernelspec, None when none was recognised.
        environment: the conda environment, for source ``conda``.
        aliases: further names that resolve to it and are never listed.
        broken: why it will not start, or None.
        excluded: why it must not be started, or None.
    """

    name: str
    display_name: str
    language: str
    source: Source
    resource_dir: str
    spec: Mapping[str, Any]
    resources: tuple[str, ...] = ()
    prefix: str | None = None
    environment: Environment | None = None
    aliases: tuple[str, ...] = ()
    broken: Trouble | None = None
    excluded: Trouble | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that discovery found at one moment.

    Two calls of ``Discovery.look`` return the same object when nothing changed in between.

    Attributes:
        kernels: in listing order: ``python3`` and the Jupyter path first, then conda by
            environment, base first.
        environments: in the order they were found.
        findings: what could not be read, one each.
    """

    kernels: tuple[Kernel, ...] = ()
    environments: tuple[Environment, ...] = ()
    findings: tuple[Finding, ...] = field(default=())
