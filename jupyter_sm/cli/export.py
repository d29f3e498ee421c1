"""`jupyter sm kernels --export DIR`: the kernels as files, for a Jupyter that cannot load this package."""

import argparse
import os
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from ..errors import Finding, SettingError, Severity
from ..kernels import Catalog, Entry, Kernel, spec_of
from .hostconfig import Host
from .kernelfolder import SPEC, KernelFolder, encoded, is_marked, marked
from .report import exit_status, finding_lines, print_lines, print_model
from .table import Row, paragraph, table

Action = Literal["written", "unchanged", "mended", "removed"]

_NAME = re.compile(r"[a-zA-Z0-9._\-]+")
"""What jupyter_client accepts (kernelspec.py, ``_kernel_name_pat``)."""

_PLACEHOLDER = re.compile(r"\{(resource_dir|prefix)\}")


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """One kernel in the folder.

    Attributes:
        command: first word of its command line, empty for a removed one.
        action: ``mended``: it was there, and its interpreter was made absolute.
    """

    name: str
    action: Action
    command: str


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """What an export did to a folder, and what is wrong with the kernels."""

    folder: str
    kernels: tuple[Exported, ...]
    not_startable: int
    findings: tuple[Finding, ...]


def run_export(options: argparse.Namespace, arguments: list[str]) -> int:
    """Write the kernels and say what was written.

    Raises:
        SettingError: the folder cannot be written.
    """
    if not options.export:
        raise SettingError("--export names no folder: write --export DIR")
    folder = os.path.abspath(options.export)
    host = Host.read(arguments)
    try:
        model = export(host, folder)
    except OSError as error:
        raise SettingError(
            f"--export {folder}: {error.strerror}; name a folder that uid {os.geteuid()} can write"
        ) from None
    if options.json:
        print_model(model)
    else:
        print_lines(_lines(model))
    return exit_status(model.findings)


def export(host: Host, folder: str) -> Export:
    """Make ``folder``/kernels hold every kernel that can be started, and no former one.

    Raises:
        OSError: from the file system; what was complete by then stays.
    """
    target = KernelFolder(os.path.join(folder, "kernels"))
    catalog = host.catalog()
    plan = _Plan(target, catalog, host.catalog(skipped=target.path))
    written = target.write({**plan.kernels, **plan.mended})
    gone = sorted(target.marked_names() - set(plan.kernels))
    for name in gone:
        # Without its kernel.json it is no kernel any more, so that goes first.
        target.drop(name, [SPEC, *target.resources(name)])
    for name, files in plan.kernels.items():
        target.drop(name, [file for file in target.resources(name) if file not in files])
    return Export(
        folder=target.path,
        kernels=(
            *(
                _exported(target, n, "written" if n in written else "unchanged")
                for n in plan.kernels
            ),
            *(_exported(target, n, "mended" if n in written else "unchanged") for n in plan.mended),
            *(Exported(name=name, action="removed", command="") for name in gone),
        ),
        not_startable=sum(not _can_start(entry, catalog) for entry in catalog.entries),
        findings=(*catalog.findings, *plan.findings),
    )


class _Plan:
    """What is to be in the folder.

    A former export is found again where the folder is on the Jupyter path, and would hide the kernel
    that it was made from. So the kernels come from a look that leaves the folder out, and from the
    full look only what is at home in the folder.

    Attributes:
        kernels: files by name, of kernels from elsewhere.
        mended: files by name, of kernels at home there: a kernel.json with an absolute interpreter.
        findings: what could not be exported, and what a stock Jupyter will make of it.
    """

    def __init__(self, target: KernelFolder, full: Catalog, elsewhere: Catalog) -> None:
        self.findings: list[Finding] = []
        self.kernels: dict[str, dict[str, bytes]] = {}
        self._target = target
        self._ours = target.marked_names()
        self.mended = dict(self._mend(full))
        for entry, kernel in _startable(elsewhere):
            if self._accepts(entry.name):
                self.kernels[entry.name] = self._files(entry, kernel)

    def _mend(self, catalog: Catalog) -> Iterator[tuple[str, dict[str, bytes]]]:
        home = os.path.realpath(self._target.path)
        for _, kernel in _startable(catalog):
            parent, name = os.path.split(kernel.resource_dir)
            spec = self._target.spec(name)
            if os.path.realpath(parent) != home or spec is None:
                continue
            (program,) = _filled(kernel, kernel.spec["argv"][:1])
            data = encoded({**spec, "argv": [program, *spec["argv"][1:]]})
            if spec["argv"][0] == program:  # as it is, however it is spelt
                data = _read(self._target.file(name, SPEC))
            yield name, {SPEC: data}

    def _accepts(self, name: str) -> bool:
        if _NAME.fullmatch(name) is None or not name.strip("."):
            self._report(
                "export-name-refused",
                "error",
                f"Jupyter accepts no kernel of the name {name!r}",
                "give it another name in the AppImageConfig: letters, digits, dots, hyphens and "
                "underscores",
            )
            return False
        if name in self._ours or not self._target.holds(name):
            return self._is_first(name)
        if name not in self.mended:
            self._report(
                "export-name-taken",
                "error",
                f"{name} is there already and was not exported by jupyter_sm",
                "rename or remove that folder, and export again",
            )
        return False

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

    def _files(self, entry: Entry, kernel: Kernel) -> dict[str, bytes]:
        files = {}
        for name in kernel.resources:
            path = os.path.join(kernel.resource_dir, name)
            try:
                files[name] = _read(path)
            except OSError as error:
                seen = f"{path} could not be copied: {error.strerror}"
                self._report("export-resource-unreadable", "warning", seen, "make it readable")
        spec = spec_of(entry)
        spec["argv"] = _filled(kernel, spec["argv"])
        spec["metadata"] = marked(spec.get("metadata") or {})
        return {**files, SPEC: encoded(spec)}

    def _report(self, kind: str, severity: Severity, seen: str, remedy: str) -> None:
        finding = Finding(
            id=kind, severity=severity, source=self._target.path, seen=seen, remedy=remedy
        )
        self.findings.append(finding)


def _startable(catalog: Catalog) -> Iterator[tuple[Entry, Kernel]]:
    """What a client of the gateway could start; a former export is no kernel of its own."""
    for entry in catalog.entries:
        kernel = entry.kernel
        if kernel is not None and _can_start(entry, catalog) and not is_marked(kernel.spec):
            yield entry, kernel


def _can_start(entry: Entry, catalog: Catalog) -> bool:
    if entry.kernel is None or entry.kernel.broken or entry.visibility == "excluded":
        return False
    return entry.visibility == "shown" or not catalog.choice.enforce


def _filled(kernel: Kernel, words: list[str]) -> list[str]:
    """Words of a command line without what depends on the folder and the Python that start it.

    jupyter_client fills these in (manager.py, ``format_kernel_cmd``). The first word is absolute
    already: discovery has seen to that, or the kernel is broken.
    """
    values = {"resource_dir": kernel.resource_dir, "prefix": kernel.prefix or sys.prefix}
    return [_PLACEHOLDER.sub(lambda match: values[match[1]], word) for word in words]


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _exported(target: KernelFolder, name: str, action: Action) -> Exported:
    spec: Mapping[str, Any] = target.spec(name)
    return Exported(name=name, action=action, command=spec["argv"][0])


def _lines(model: Export) -> Iterator[str]:
    path = os.path.dirname(model.folder)
    yield from paragraph(f"{model.folder} is read by a Jupyter that has {path} on its JUPYTER_PATH")
    yield ""
    rows = [Row((k.name, k.action, k.command or "-")) for k in model.kernels]
    yield from table(("NAME", "DONE", "COMMAND"), rows)
    if model.not_startable:
        yield from paragraph(
            f"{model.not_startable} not exported, they cannot be started: jupyter sm kernels --all "
            "says why"
        )
    yield from finding_lines(model.findings)
