"""Looks for every kernel of this machine; gives the same snapshot again while nothing changes."""

import re
import time
from collections.abc import Iterator, Sequence

from ...errors import Finding
from ...image import RECOVERY_ENVIRONMENT
from ...reading import printable, unreadable
from ..model import Snapshot, Trouble
from .environments import Environments
from .kernelspecs import KernelFolders, SpecFile
from .native import NATIVE_NAME, native_kernel
from .paths import absolute, clean, is_path
from .places import Places
from .programs import Program, Programs
from .snapshot import KernelOnPath, SeenEnvironment, View, assemble
from .trust import Trust

KERNELS = "/share/jupyter/kernels"


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

        What cannot be read, or makes reading it fail in any way, is a finding and costs only
        itself. Not to be called by two threads at once.
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
        first: dict[str, KernelOnPath] = {}
        for folder in self._kernel_dirs():
            for kernel in self._in_folder(folder, findings):
                _prefer(first, kernel, findings)
        if NATIVE_NAME not in first or first[NATIVE_NAME].excluded:
            if self._native is None:
                self._native = native_kernel(self._places)
            file, finding = self._native
            findings += [finding] if finding else []
            if file:
                program = self._programs.of_folder(file.spec, file.folder)
                native = KernelOnPath(NATIVE_NAME, file, program, is_native=True, excluded=None)
                _prefer(first, native, findings)
        return sorted(first.values(), key=lambda kernel: kernel.name != NATIVE_NAME)

    def _kernel_dirs(self) -> Iterator[str]:
        for folder in map(absolute, self._places.kernel_dirs):
            if is_path(folder) and not self._places.is_internal(clean(folder)):
                yield clean(folder)

    def _in_folder(self, folder: str, findings: list[Finding]) -> list[KernelOnPath]:
        try:
            listing = self._folders.read(folder)
            kernels = [self._on_path(file) for file in listing.files]
        except Exception as error:  # noqa: BLE001  # whatever it is, it costs only this folder
            remedy = "its kernels are left out; report this as a bug of jupyter_sm"
            findings.append(unreadable("kernelspecs-folder-unreadable", folder, error, remedy))
            return []
        findings += listing.findings
        return kernels

    def _on_path(self, file: SpecFile) -> KernelOnPath:
        program = self._programs.of_folder(file.spec, file.folder)
        excluded = self._distrust(program.owner or file.folder, [file], [program])
        return KernelOnPath(file.name.lower(), file, program, is_native=False, excluded=excluded)

    def _environment(self, prefix: str, findings: list[Finding]) -> SeenEnvironment:
        try:
            listing = self._folders.read(prefix + KERNELS)
            find = self._programs.of_environment
            programs = tuple([find(file.spec, file.folder, prefix) for file in listing.files])
            excluded = self._excluded(prefix, listing.files, programs)
        except Exception as error:  # noqa: BLE001  # whatever it is, it costs only this one
            remedy = "its kernels are left out; report this as a bug of jupyter_sm"
            findings.append(unreadable("conda-environment-unreadable", prefix, error, remedy))
            return SeenEnvironment((), (), None)
        findings += listing.findings
        return SeenEnvironment(listing.files, programs, excluded)

    def _distrust(
        self, prefix: str, files: Sequence[SpecFile], programs: Sequence[Program]
    ) -> Trouble | None:
        if self._places.euid != 0:
            return None
        parts = [f"{prefix}/bin", *(f"{file.folder}/kernel.json" for file in files)]
        started = {program.argv0 for program in programs} - {self._places.server_executable}
        parts += [path for path in sorted(started) if is_path(path)]
        try:
            return self._trust.trouble(prefix, parts)
        except OSError as error:  # it went away while we looked
            return Trouble(f"{printable(prefix)} cannot be looked at: {error.strerror}", "")

    def _excluded(
        self, prefix: str, files: Sequence[SpecFile], programs: Sequence[Program]
    ) -> Trouble | None:
        distrust = self._distrust(prefix, files, programs)
        if distrust:
            return distrust
        if prefix.endswith("/" + RECOVERY_ENVIRONMENT):
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


def _prefer(first: dict[str, KernelOnPath], kernel: KernelOnPath, findings: list[Finding]) -> None:
    """Take a kernel whose name is free, or held by one that must not be started."""
    held = first.setdefault(kernel.name, kernel)
    if held.excluded and not kernel.excluded:
        first[kernel.name] = kernel
        findings.append(
            Finding(
                id="kernelspec-not-trusted",
                severity="warning",
                source=printable(held.file.folder),
                seen=held.excluded.reason,
                remedy=f"the kernel in {printable(kernel.file.folder)} takes its place; "
                f"{held.excluded.remedy}",
            )
        )
