"""The catalog: every kernel found or configured, and what a requested name means."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from ..errors import Finding, KernelRefusedError, UnknownKernelError
from ..image import KernelSpec
from ..reading import printable
from .discovery import NATIVE_NAME
from .installer import install_command
from .model import Environment, Kernel, Snapshot, Trouble

T = TypeVar("T")

SUGGESTED = 10
"""How many kernel names an error lists at most."""

INTERNAL_SUFFIX = "__SAGEMAKER_INTERNAL__"
"""Studio stores ``NAME__SAGEMAKER_INTERNAL__IMAGE-ARN`` in notebooks. (AWS, "Use notebook metadata".)"""

Visibility = Literal["shown", "hidden", "excluded", "missing"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What decides which kernels are shown.

    Attributes:
        configured: the AppImageConfig's kernels, or None when no AppImageConfig names any.
        source: where ``configured`` comes from, for findings.
        everything: show every kernel that was found, the configured ones first.
        enforce: refuse to start what is not shown.
        allowed: when not empty, only these names are shown (Jupyter's ``allowed_kernelspecs``).
    """

    configured: tuple[KernelSpec, ...] | None = None
    source: str = "AppImageConfig"
    everything: bool = False
    enforce: bool = False
    allowed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in the catalog.

    Attributes:
        name: the name it is listed and asked for under.
        display_name: the AppImageConfig's, else the kernel's own.
        visibility: see ``Visibility``; only ``shown`` is listed.
        kernel: None exactly when it is missing.
        trouble: why it is not shown, or why it is missing.
    """

    name: str
    display_name: str
    visibility: Visibility
    kernel: Kernel | None
    trouble: Trouble | None


@dataclass(frozen=True, slots=True)
class FoundEntry(Entry):
    """A name with its kernel."""

    kernel: Kernel


@dataclass(frozen=True, slots=True)
class MissingEntry(Entry):
    """A configured name without a kernel; ``trouble`` says what was meant."""

    trouble: Trouble


class Names(Generic[T]):
    """What names mean: the exact one first, then whatever its case. The first meaning stays."""

    def __init__(self) -> None:
        self._exact: dict[str, T] = {}
        self._folded: dict[str, T] = {}

    def add(self, name: str, meaning: T) -> None:
        """Let ``name`` mean something, unless it does already."""
        self._exact.setdefault(name, meaning)
        self._folded.setdefault(name.casefold(), meaning)

    def get(self, name: str) -> T | None:
        """What ``name`` means."""
        exact = self._exact.get(name)
        return self._folded.get(name.casefold()) if exact is None else exact


@dataclass(frozen=True, eq=False)
class Catalog:
    """Every kernel found or configured, shown ones first and in listing order.

    Attributes:
        entries: one a name; names are unique.
        choice: what it was made with.
        snapshot: what it was made from.
        findings: discovery's, then the catalog's own.
        generation: counts the catalogs of one process.
        names: every name and alias that resolves.
    """

    entries: tuple[Entry, ...]
    choice: Choice
    snapshot: Snapshot
    findings: tuple[Finding, ...]
    generation: int = 0
    names: Names[Entry] = field(repr=False, default_factory=Names)

    @property
    def shown(self) -> Iterator[FoundEntry]:
        """The entries that are listed, in order."""
        for entry in self.entries:
            if isinstance(entry, FoundEntry) and entry.visibility == "shown":
                yield entry

    @property
    def default(self) -> str:
        """Name of the first shown kernel; ``python3`` when nothing is shown."""
        return next((entry.name for entry in self.shown), NATIVE_NAME)

    def find(self, name: str) -> FoundEntry:
        """Resolve a requested name: exact, then alias, then whatever its case.

        Args:
            name: as a client sent it, with or without Studio's internal suffix.

        Raises:
            UnknownKernelError: no kernel found or configured answers to that name.
        """
        plain = name.partition(INTERNAL_SUFFIX)[0]
        entry = self.names.get(plain)
        if isinstance(entry, FoundEntry):
            return entry
        trouble = unknown(plain, self.snapshot)
        raise UnknownKernelError(name, trouble.reason, trouble.remedy)

    def startable(self, name: str) -> FoundEntry | MissingEntry:
        """The entry to start for a requested name; a missing one is started to say so.

        Raises:
            UnknownKernelError: no kernel found or configured answers to that name.
            KernelRefusedError: the kernel is excluded, or not shown while ``enforce`` is on.
        """
        entry = self.names.get(name.partition(INTERNAL_SUFFIX)[0])
        return entry if isinstance(entry, MissingEntry) else self.resolve(name)

    def resolve(self, name: str) -> FoundEntry:
        """The kernel that a requested name means, if it may be started.

        Raises:
            UnknownKernelError: no kernel that was found answers to that name.
            KernelRefusedError: the kernel is excluded, or not shown while ``enforce`` is on.
        """
        entry = self.find(name)
        excluded = entry.kernel.excluded
        if excluded is not None:
            raise KernelRefusedError(
                name, f"`{entry.name}` must not be started: {excluded.reason}", excluded.remedy
            )
        if self.choice.enforce and entry.visibility != "shown":
            raise KernelRefusedError(
                name,
                f"`{entry.name}` is not one of the kernels that this image is configured to show",
                f"add it to {self.choice.source}, or set JupyterSM.enforce = False",
            )
        return entry


def unknown(name: str, snapshot: Snapshot) -> Trouble:
    """Say what a user most likely meant; the platform's own error only says what is not there."""
    reason = f"`{printable(name)}` is not a kernel of this image"
    bare = _without_kernel(name, snapshot)
    if bare is not None:
        return Trouble(
            f"{reason}: the environment {printable(bare.prefix)} has none",
            install_command(bare.prefix, bare.root, "ipykernel"),
        )
    near = _nearest(name, snapshot)
    if near is not None:
        return Trouble(reason, f"Did you mean `{near}`?")
    usable = _usable(snapshot)
    if not usable:
        return Trouble(reason, "This image has no kernel at all: install ipykernel in it")
    shown = ", ".join(f"`{k.name}`" for k in usable[:SUGGESTED])
    more = f" and {len(usable) - SUGGESTED} more" if len(usable) > SUGGESTED else ""
    return Trouble(reason, f"Correct the name, or install that kernel: there are {shown}{more}")


def missing(name: str, snapshot: Snapshot, source: str) -> Trouble:
    """The same for somebody who has a notebook of that kernel open.

    Args:
        name: as it is configured.
        snapshot: what was found.
        source: the document that names it.
    """
    trouble = unknown(name, snapshot)
    if _without_kernel(name, snapshot) is not None:
        return trouble
    near = _nearest(name, snapshot)
    if near is not None:
        remedy = f"choose the kernel `{near}` in its place, and correct the name in {source}"
    else:
        remedy = f"choose another kernel, or install this one: {source} lists it"
    return Trouble(trouble.reason, remedy)


def _nearest(name: str, snapshot: Snapshot) -> str | None:
    """The kernel that a wrong name most likely means."""
    usable = _usable(snapshot)
    for kernel in usable:
        if kernel.environment is not None and kernel.environment.name == name:
            return kernel.name
    return next(iter(difflib.get_close_matches(name, [k.name for k in usable], 1, 0.7)), None)


def _usable(snapshot: Snapshot) -> list[Kernel]:
    return [kernel for kernel in snapshot.kernels if kernel.excluded is None]


def _without_kernel(name: str, snapshot: Snapshot) -> Environment | None:
    """The environment that a name means, when no kernel is installed in it."""
    peopled = {kernel.environment.prefix for kernel in snapshot.kernels if kernel.environment}
    for environment in snapshot.environments:
        named = environment.name
        meant = {named, f"conda-env-{named}-py", f"conda-{named}-py", f"conda_{named}"}
        if name in meant and environment.excluded is None and environment.prefix not in peopled:
            return environment
    return None
