"""`jupyter sm kernels --export DIR`: the kernels as files, for a Jupyter that cannot load this package."""

import argparse
import errno
import os
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Literal

import msgspec

from ..errors import Finding, SettingError
from ..reading import printable
from .exportplan import Plan, can_start, command_of
from .hostconfig import Host
from .kernelfolder import SPEC, KernelFolder
from .report import exit_status, finding_lines, print_lines, print_model
from .table import Row, paragraph, table

Action = Literal["written", "unchanged", "mended", "removed"]


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
        model = export(host, folder, activated=options.activated)
    except OSError as error:
        remedy = _remedy(error, os.path.join(folder, "kernels"))
        raise SettingError(f"--export {printable(folder)}: {error.strerror}; {remedy}") from None
    if options.json:
        print_model(model)
    else:
        print_lines(_lines(model))
    return exit_status(model.findings)


def export(host: Host, folder: str, *, activated: bool = False) -> Export:
    """Make ``folder``/kernels hold every kernel that can be started, and no former one.

    Args:
        host: whose kernels.
        folder: absolute path.
        activated: for a Jupyter that has this package: environments are activated, and what cannot
            be started tells why. Any other Jupyter hides such a kernel.

    Raises:
        OSError: from the file system; what was complete by then stays.
    """
    target = KernelFolder(os.path.join(folder, "kernels"))
    catalog = host.catalog_for_export()
    plan = Plan(target, catalog, host.catalog_for_export(skipped=target.path), activated=activated)
    target.sweep()
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
            *_exported(plan.kernels, written, "written"),
            *_exported(plan.mended, written, "mended"),
            *(Exported(name=name, action="removed", command="") for name in gone),
        ),
        not_startable=sum(
            not can_start(entry, catalog, activated=activated) for entry in catalog.entries
        ),
        findings=(*catalog.findings, *plan.findings),
    )


def _exported(
    kernels: Mapping[str, Mapping[str, bytes]], written: AbstractSet[str], done: Action
) -> Iterator[Exported]:
    for name, files in kernels.items():
        action = done if name in written else "unchanged"
        yield Exported(name=name, action=action, command=command_of(files))


def _remedy(error: OSError, kernels: str) -> str:
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return f"name a folder that uid {os.geteuid()} can write"
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "make room there, or name a folder on another file system"
    path = kernels
    while not os.path.lexists(path):
        path = os.path.dirname(path)
    if os.path.isdir(path):
        return "name another folder"
    if os.path.islink(path):
        return f"{path} is a link to what is not there: mend it, or name another folder"
    return f"{path} is no folder: move it away, or name another folder"


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
