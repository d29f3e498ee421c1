"""What an export is to write: which kernels, under which names, with which files."""

import json
import os
import re
import shlex
import shutil
import string
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import Finding, Severity
from ..kernels import (
    Catalog,
    Entry,
    FoundEntry,
    Kernel,
    is_provisioned,
    spec_of,
    without_ours,
)
from ..kernels.discovery import NATIVE_NAME
from ..reading import printable, problem, read_small
from .kernelfolder import MAX_BYTES, SPEC, KernelFolder, encoded, is_marked, marked

_NAME = re.compile(r"[a-zA-Z0-9._\-]+")
"""What jupyter_client accepts (kernelspec.py, ``_kernel_name_pat``)."""

_NAME_MAX = 255
"""Bytes in the name of a file (limits.h)."""

_PLACEHOLDER = re.compile(r"\{(resource_dir|prefix)\}")


class Plan:
    """What is to be in the folder.

    A former export is found again where the folder is on the Jupyter path, and would hide the kernel
    that it was made from. So the kernels come from a look that leaves the folder out, and from the
    full look only what is at home in the folder.

    Args:
        target: the folder.
        full: every kernel.
        elsewhere: the kernels that are found without the folder.
        activated: for a Jupyter that has this package, which activates environments.

    Attributes:
        kernels: files by name, of kernels from elsewhere.
        mended: files by name, of kernels at home there: a kernel.json with an absolute interpreter.
        findings: what could not be exported, and what a stock Jupyter will make of it.
    """

    def __init__(
        self, target: KernelFolder, full: Catalog, elsewhere: Catalog, *, activated: bool = False
    ) -> None:
        self.findings: list[Finding] = []
        self.kernels: dict[str, dict[str, bytes]] = {}
        self._target = target
        self._activated = activated
        self._configured = {spec.name for spec in elsewhere.choice.configured or ()}
        self.mended = dict(self._mend(full))
        for entry in _startable(elsewhere, activated=activated):
            argv = _absolute(entry.kernel)
            if argv is None:
                self._refuse_command(entry)
            elif self._accepts(entry):
                self.kernels[entry.name] = self._files(entry, argv)
        if not activated:
            self._list_base_once(elsewhere)

    def _list_base_once(self, catalog: Catalog) -> None:
        """Leave out the base environment's kernel where it is there as ``python3`` already.

        Our own gateway hides it then (kernels/choosing.py). So does SageMaker's, which excludes the
        base environment from those that it names (``CONDA_ENV_FILTER=/opt/conda$``).
        """
        files = {**self.mended, **self.kernels}
        if NATIVE_NAME not in files:
            return
        native = _program_of(files[NATIVE_NAME])
        for name in self.kernels.keys() - self._configured - {NATIVE_NAME}:
            environment = catalog.find(name).kernel.environment
            is_base = environment is not None and environment.is_base
            if is_base and _program_of(files[name]) == native:
                del self.kernels[name]

    def _mend(self, catalog: Catalog) -> Iterator[tuple[str, dict[str, bytes]]]:
        home = os.path.realpath(self._target.path)
        for entry in _startable(catalog):
            parent, name = os.path.split(entry.kernel.resource_dir)
            spec = self._target.spec(name)
            if os.path.realpath(parent) != home or spec is None:
                continue
            argv = _absolute(entry.kernel) or spec["argv"]
            if spec["argv"][0] == argv[0]:  # as it is, however it is spelt
                yield name, {SPEC: _read(self._target.file(name, SPEC))}
            else:
                yield name, {SPEC: encoded({**spec, "argv": [argv[0], *spec["argv"][1:]]})}

    def _accepts(self, entry: FoundEntry) -> bool:
        name = entry.name
        if _NAME.fullmatch(name) is None or not name.strip(".") or len(name) > _NAME_MAX:
            self._refuse_name(entry)
            return False
        # Asked now: another export at the same time may have written it.
        if not self._target.holds(name) or self._target.is_ours(name):
            return self._is_first(name)
        if name not in self.mended:
            self._report(
                "export-name-taken",
                "error",
                f"{name} is there already and was not exported by jupyter_sm",
                "rename or remove that folder, and export again",
            )
        return False

    def _refuse_name(self, entry: FoundEntry) -> None:
        long = len(entry.name) > _NAME_MAX
        why = f"is longer than {_NAME_MAX} bytes" if long else "is no name of a kernel for Jupyter"
        folder = shlex.quote(printable(entry.kernel.resource_dir))
        what = "a shorter one" if long else "letters, digits, dots, hyphens and underscores"
        remedy = f"rename its environment or its folder {folder}: {what}"
        if entry.name in self._configured:
            remedy = f"give it another name in the AppImageConfig: {what}"
        self._report(
            "export-name-refused",
            self._severity(entry),
            f"{printable(entry.name)!r} {why}, and is left out",
            remedy,
        )

    def _refuse_command(self, entry: FoundEntry) -> None:
        file = printable(os.path.join(entry.kernel.resource_dir, SPEC))
        self._report(
            "export-command-relative",
            self._severity(entry),
            f"what {printable(entry.name)} starts depends on where it is started: "
            f"{printable(entry.kernel.spec['argv'][0])}; it is left out",
            f"write the absolute path to argv in {file}",
        )

    def _severity(self, entry: FoundEntry) -> Severity:
        return "error" if entry.name in self._configured else "warning"

    def _is_first(self, name: str) -> bool:
        """Stock Jupyter lists every kernel in small letters (kernelspec.py, ``_list_kernels_in``)."""
        same = [other for other in (*self.mended, *self.kernels) if other.lower() == name.lower()]
        if same:
            seen = f"{name} is the same name as {same[0]} for stock Jupyter, and is left out"
            self._report("export-name-twice", "warning", seen, "rename one of the two")
        elif name != name.lower():
            seen = f"stock Jupyter lists {name} as {name.lower()}"
            remedy = "ask for it by that name there, or configure a name in small letters"
            self._report("export-name-capitals", "warning", seen, remedy)
        return not same

    def _files(self, entry: FoundEntry, argv: list[str]) -> dict[str, bytes]:
        files = {}
        for name in entry.kernel.resources:
            path = os.path.join(entry.kernel.resource_dir, name)
            try:
                files[name] = _read(path)
            except OSError as error:
                seen = f"{printable(path)} is left out: {problem(error)}"
                remedy = f"put a file of at most {MAX_BYTES} bytes there that can be read"
                self._report("export-resource-unreadable", "warning", seen, remedy)
        spec = spec_of(entry)
        metadata = spec.get("metadata") or {}
        metadata = marked(metadata if self._activated else without_ours(metadata))
        return {**files, SPEC: encoded({**spec, "argv": argv, "metadata": metadata})}

    def _report(self, kind: str, severity: Severity, seen: str, remedy: str) -> None:
        source = printable(self._target.path)
        finding = Finding(id=kind, severity=severity, source=source, seen=seen, remedy=remedy)
        self.findings.append(finding)


def _program_of(files: Mapping[str, bytes]) -> list[str]:
    """What a kernel starts, its folder spelt in one way.

    The interpreter may be a link itself: two environments of one Python start different kernels.
    """
    program, *rest = json.loads(files[SPEC])["argv"]
    folder, file = os.path.split(program)
    return [os.path.realpath(folder), file, *rest]


def command_of(files: Mapping[str, bytes]) -> str:
    """The first word of an exported kernel's command line."""
    spec: Any = json.loads(files[SPEC])
    return str(spec["argv"][0])


def can_start(entry: Entry, catalog: Catalog, *, activated: bool = False) -> bool:
    """Whether it can be started from a file; an ``activated`` one that is broken tells why."""
    if not isinstance(entry, FoundEntry) or entry.visibility == "excluded":
        return False
    spec = entry.kernel.spec
    tells = activated and spec["argv"] and is_provisioned(spec["metadata"])
    if entry.kernel.broken and not tells:
        return False
    return entry.visibility == "shown" or not catalog.choice.enforce


def _startable(catalog: Catalog, *, activated: bool = False) -> Iterator[FoundEntry]:
    """A former export is no kernel of its own."""
    for entry in catalog.entries:
        if (
            isinstance(entry, FoundEntry)
            and can_start(entry, catalog, activated=activated)
            and not is_marked(entry.kernel.spec)
        ):
            yield entry


def _absolute(kernel: Kernel) -> list[str] | None:
    """A command line without what depends on the folder and the Python that start it, if it can be had.

    jupyter_client fills the placeholders in (manager.py, ``format_kernel_cmd``). A program that the
    kernel's own PATH is to find is looked up there, as far as that names folders of this machine.
    """
    values = {"resource_dir": kernel.resource_dir, "prefix": kernel.prefix or sys.prefix}
    words: list[str] = kernel.spec["argv"]
    program, *rest = [_PLACEHOLDER.sub(lambda match: values[match[1]], word) for word in words]
    if not os.path.isabs(program):
        folders = string.Template(kernel.spec.get("env", {}).get("PATH", ""))
        found = shutil.which(program, path=folders.safe_substitute(os.environ))
        if "/" in program or found is None or not os.path.isabs(found):
            return None
        program = found
    return [program, *rest]


def _read(path: str) -> bytes:
    return read_small(path, os.stat(path), MAX_BYTES)
