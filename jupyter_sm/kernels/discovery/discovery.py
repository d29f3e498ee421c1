"""Looks for every kernel of this machine; gives the same snapshot again while nothing changes."""

import re
import time
from collections.abc import Iterator

from ...errors import Finding
from ..model import Snapshot, Trouble
from .environments import Environments
from .kernelspecs import KernelFolders, SpecFile
from .native import NATIVE_NAME, native_kernel
from .paths import clean, is_path
from .places import Places
from .programs import Programs
from .snapshot import KernelOnPath, SeenEnvironment, View, assemble
from .trust import Trust

KERNELS = "/share/jupyter/kernels"

RECOVERY = "sagemaker-recovery-mode"
"""SageMaker Distribution's environment for repairing a broken app; it is not for notebooks."""


class Discovery:
    """Looks for kernels.

    Args:
        places: where to look.
        conda_env_filter: environments whose prefix it matches (``search``) are excluded.
    """

    def __init__(self, places: Places, *, conda_env_filter: re.Pattern[str] | None = None) -> None:
        self._places = places
        self._filter = conda_env_filter
        self._folders = KernelFolders()
        self._programs = Programs(places)
        self._environments = Environments(places, self._programs)
        self._trust = Trust(places)
        self._native: tuple[SpecFile | None, Finding | None] | None = None
        self._view: View | None = None
        self._snapshot = Snapshot()

    def look(self) -> Snapshot:
        """What is there now; the same object as last time while nothing changed.

        Never raises: what cannot be read is a finding. Not to be called by two threads at once.
        """
        view = self._look(time.time_ns())
        if view != self._view:
            self._view = view
            self._snapshot = assemble(view, self._places)
        return self._snapshot

    def _look(self, now: int) -> View:
        self._folders.begin(now)
        self._programs.begin()
        self._trust.begin()
        findings: list[Finding] = []
        jupyter = self._on_jupyter_path(findings)
        found = self._environments.find(now)
        findings += found.findings
        environments = [self._environment(place.prefix, findings) for place in found.places]
        return View(found.roots, found.places, environments, jupyter, findings)

    def _on_jupyter_path(self, findings: list[Finding]) -> list[KernelOnPath]:
        """One kernelspec a name, the first that can be used, ``python3`` before all others."""
        first: dict[str, SpecFile] = {}
        for folder in self._kernel_dirs():
            listing = self._folders.read(folder)
            findings += listing.findings
            for file in listing.files:
                first.setdefault(file.name.lower(), file)
        if NATIVE_NAME not in first:
            if self._native is None:
                self._native = native_kernel(self._places)
            native, finding = self._native
            findings += [finding] if finding else []
            first |= {NATIVE_NAME: native} if native else {}
        names = sorted(first, key=lambda name: name != NATIVE_NAME)
        return [self._on_path(name, first[name]) for name in names]

    def _on_path(self, name: str, file: SpecFile) -> KernelOnPath:
        is_native = self._native is not None and file is self._native[0]
        return KernelOnPath(name, file, self._programs.of_folder(file.spec, file.folder), is_native)

    def _kernel_dirs(self) -> Iterator[str]:
        for folder in self._places.kernel_dirs:
            if is_path(folder) and not self._places.is_internal(clean(folder)):
                yield clean(folder)

    def _environment(self, prefix: str, findings: list[Finding]) -> SeenEnvironment:
        listing = self._folders.read(prefix + KERNELS)
        findings += listing.findings
        find = self._programs.of_environment
        programs = tuple([find(file.spec, file.folder, prefix) for file in listing.files])
        return SeenEnvironment(listing.files, programs, self._excluded(prefix))

    def _excluded(self, prefix: str) -> Trouble | None:
        try:
            distrust = self._trust.trouble(prefix)
        except OSError as error:  # it went away while we looked
            return Trouble(f"the environment cannot be looked at: {error.strerror}", "")
        if distrust:
            return distrust
        if prefix.endswith("/" + RECOVERY):
            return Trouble(
                "the environment is SageMaker's own, for repairing an app that does not start",
                "make an environment of your own: conda create --name NAME ipykernel",
            )
        if self._filter and self._filter.search(prefix):
            return Trouble(
                f"conda_env_filter ({self._filter.pattern}) excludes the environment",
                "change conda_env_filter if it is wanted",
            )
        return None
