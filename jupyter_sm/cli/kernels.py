"""`jupyter sm kernels`: which kernels the gateway of this image lists, and what else is there."""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from ..errors import Finding, SettingError
from ..kernels import Catalog
from ..server.api import KernelModel, Kernels, kernels_of
from ..server.look import config_paths
from .hostconfig import Host
from .report import exit_status, finding_lines, print_lines, print_model
from .table import Row, explanation, paragraph, table

_HEADER = ("NAME", "STATE", "ENVIRONMENT", "DISPLAY NAME")


def run(options: argparse.Namespace, arguments: list[str]) -> int:
    """List the kernels, or export them."""
    if options.export is not None:
        from .export import run_export  # noqa: PLC0415 - a listing does not need it

        return run_export(options, arguments)
    if options.activated:
        raise SettingError("--activated is about an export: write --export DIR --activated")
    host = Host.read(arguments)
    catalog = host.catalog()
    model = kernels_of(catalog, host.default_kernel(catalog))
    model = msgspec.structs.replace(model, findings=(*host.findings(), *model.findings))
    if options.json:
        print_model(model)
    else:
        print_lines(_lines(model, host, catalog, everything=options.all))
    return exit_status(model.findings)


def _lines(model: Kernels, host: Host, catalog: Catalog, *, everything: bool) -> Iterator[str]:
    wanted = {spec.name for spec in catalog.choice.configured or ()}
    listed = [k for k in model.kernels if everything or _is_listed(k, wanted)]
    common = _common_reasons(listed)
    yield from paragraph(_heading(model, host))
    yield ""
    yield from table(_HEADER, [_row(kernel, common) for kernel in listed])
    for visibility, reason, remedy in common:
        yield from explanation(f"{visibility}: {reason}", remedy)
    more = len(model.kernels) - len(listed)
    if more:
        yield from paragraph(f"{more} more found, not shown: --all lists them")
    yield from finding_lines(_untold(model.findings, listed))


def _heading(model: Kernels, host: Host) -> str:
    default = f"default kernel {model.default}"
    if model.configured_by is not None:
        return f"Configured by {model.configured_by}; {default}"
    path = host.service.look.document.path()
    if path is not None:
        return f"No kernels are configured by {path}; {default}"
    looked_at = " or ".join(config_paths(host.settings))
    return f"No kernels are configured, there is no {looked_at}; {default}"


def _is_listed(kernel: KernelModel, wanted: AbstractSet[str]) -> bool:
    """What is shown, what will not start, and what was asked for in vain."""
    return kernel.visibility == "shown" or kernel.broken is not None or kernel.name in wanted


def _common_reasons(listed: Sequence[KernelModel]) -> list[tuple[str, str, str]]:
    """Why kernels are not shown, as far as it is the same for many: told once, not for each."""
    reasons = Counter((k.visibility, k.reason, k.remedy) for k in listed if k.reason)
    return [reason for reason, count in reasons.items() if count > 1]


def _row(kernel: KernelModel, common: Sequence[tuple[str, str, str]]) -> Row:
    state = f"{kernel.visibility}, broken" if kernel.broken else kernel.visibility
    prefix = kernel.environment.prefix if kernel.environment else "-"
    notes = _notes(kernel)
    if (kernel.visibility, kernel.reason, kernel.remedy) in common:
        notes = notes[1:]
    return Row((kernel.name, state, prefix, kernel.display_name), notes)


def _notes(kernel: KernelModel) -> tuple[tuple[str, str], ...]:
    """Why it is not shown, and why it will not start."""
    broken = ((kernel.broken.reason, kernel.broken.remedy),) if kernel.broken else ()
    return ((kernel.reason, kernel.remedy), *broken)


def _untold(findings: Sequence[Finding], listed: Sequence[KernelModel]) -> list[Finding]:
    """Findings that do not stand below a row already."""
    told = {note for kernel in listed for note in _notes(kernel)}
    return [finding for finding in findings if (finding.seen, finding.remedy) not in told]
