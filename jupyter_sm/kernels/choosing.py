"""Found and configured: which kernels of this image are shown, hidden, excluded or missing.

With a ``KernelGatewayImageConfig`` its kernels are shown, in its order and with its display names;
without one the platform's rule holds and ``python3`` alone is shown. (AWS, "Custom SageMaker image
specifications", the paragraph on kernels discovery.)
"""

from collections.abc import Iterator, Mapping, Sequence

from ..errors import Finding, Severity
from ..image import KernelSpec
from .catalog import NATIVE_NAME, Catalog, Choice, Entry, Visibility, folded, unknown
from .model import Kernel, Snapshot, Trouble


def choose(snapshot: Snapshot, choice: Choice) -> Catalog:
    """Decide the visibility of every kernel found or configured."""
    index = _index(snapshot.kernels)
    entries: dict[str, Entry] = {}
    findings = list(snapshot.findings)
    wanted = choice.configured
    if wanted is None and not choice.everything:
        wanted = (KernelSpec(name=NATIVE_NAME),)
        source = "no AppImageConfig"
    else:
        source = choice.source
    for spec in wanted or ():
        if spec.name in entries:
            continue
        entry = _configured(spec, index, snapshot.kernels)
        entries[spec.name] = entry
        findings.extend(_findings_of(entry, source, implied=choice.configured is None))
    taken = {id(entry.kernel) for entry in entries.values()}
    rest = [
        _unconfigured(kernel, index, choice)
        for kernel in snapshot.kernels
        if id(kernel) not in taken
    ]
    for entry in rest:
        entries.setdefault(entry.name, entry)
    if choice.allowed:
        entries = {name: _restricted(entry, choice.allowed) for name, entry in entries.items()}
    ordered = tuple(sorted(entries.values(), key=lambda entry: _ORDER[entry.visibility]))
    return Catalog(ordered, choice, snapshot, tuple(findings), _by_name=_names(ordered, index))


_ORDER: Mapping[Visibility, int] = {"shown": 0, "hidden": 1, "excluded": 2, "missing": 3}


def _index(kernels: Sequence[Kernel]) -> dict[str, Kernel]:
    """Every name that resolves: exact ones first, then aliases, then both without case."""
    index: dict[str, Kernel] = {}
    for kernel in kernels:
        index.setdefault(kernel.name, kernel)
    for kernel in kernels:
        for alias in kernel.aliases:
            index.setdefault(alias, kernel)
    base = next((k for k in kernels if _is_base_python(k)), None)
    if base is not None:
        # The peer and Studio serve the base environment as plain python3.
        index.setdefault(NATIVE_NAME, base)
    for name, kernel in list(index.items()):
        index.setdefault(folded(name), kernel)
    return index


def _is_base_python(kernel: Kernel) -> bool:
    return (
        kernel.environment is not None
        and kernel.environment.is_base
        and kernel.excluded is None
        and kernel.language == "python"
    )


def _configured(spec: KernelSpec, index: Mapping[str, Kernel], kernels: Sequence[Kernel]) -> Entry:
    kernel = index.get(spec.name) or index.get(folded(spec.name))
    if kernel is None:
        return Entry(
            spec.name, spec.display_name or spec.name, "missing", None, unknown(spec.name, kernels)
        )
    display_name = spec.display_name or kernel.display_name
    if kernel.excluded is not None:
        return Entry(spec.name, display_name, "excluded", kernel, kernel.excluded)
    return Entry(spec.name, display_name, "shown", kernel)


def _unconfigured(kernel: Kernel, index: Mapping[str, Kernel], choice: Choice) -> Entry:
    if kernel.excluded is not None:
        return Entry(kernel.name, kernel.display_name, "excluded", kernel, kernel.excluded)
    if _is_base_python(kernel) and _is_same(kernel, index.get(NATIVE_NAME)):
        trouble = Trouble(f"it is the same kernel as `{NATIVE_NAME}`", "")
    elif choice.everything:
        return Entry(kernel.name, kernel.display_name, "shown", kernel)
    elif choice.configured is None:
        trouble = Trouble(
            "no AppImageConfig lists it",
            "list it in one, or set JupyterSM.show = 'all' to show every kernel",
        )
    else:
        trouble = Trouble(
            f"{choice.source} does not list it",
            "list it there, or set JupyterSM.show = 'all' to show every kernel",
        )
    return Entry(kernel.name, kernel.display_name, "hidden", kernel, trouble)


def _is_same(kernel: Kernel, other: Kernel | None) -> bool:
    """Whether both start the same; a link may spell their folders differently."""
    if other is None or other is kernel:
        return False
    return kernel.resource_dir == other.resource_dir or kernel.spec["argv"] == other.spec["argv"]


def _restricted(entry: Entry, allowed: frozenset[str]) -> Entry:
    if entry.visibility != "shown" or entry.name in allowed:
        return entry
    trouble = Trouble(
        "KernelSpecManager.allowed_kernelspecs does not list it",
        "list it there, or empty that setting",
    )
    return Entry(entry.name, entry.display_name, "hidden", entry.kernel, trouble)


def _names(entries: Sequence[Entry], index: Mapping[str, Kernel]) -> dict[str, Entry]:
    """Every name, alias and folded name to its entry; an entry's own name always wins."""
    of_kernel: dict[int, Entry] = {}
    for entry in entries:
        if entry.kernel is not None:
            of_kernel.setdefault(id(entry.kernel), entry)
    names = {entry.name: entry for entry in entries}
    for name, kernel in index.items():
        names.setdefault(name, of_kernel[id(kernel)])
    for entry in entries:
        names.setdefault(folded(entry.name), entry)
    return names


def _findings_of(entry: Entry, source: str, *, implied: bool) -> Iterator[Finding]:
    kernel, trouble = entry.kernel, entry.trouble
    if trouble is not None:
        kind = "configured-kernel-missing" if kernel is None else "configured-kernel-excluded"
        yield _finding(kind, "error", source, trouble)
    elif kernel is not None and kernel.broken is not None:
        yield _finding("shown-kernel-broken", "error", kernel.resource_dir, kernel.broken)
    if implied or kernel is None or entry.name in (kernel.name, *kernel.aliases, NATIVE_NAME):
        return
    yield _finding(
        "configured-kernel-case",
        "warning",
        source,
        Trouble(
            f"`{entry.name}` is the kernel `{kernel.name}` with other capitals",
            f"Write `{kernel.name}`: the name is case-sensitive in AppImageConfig",
        ),
    )


def _finding(kind: str, severity: Severity, source: str, trouble: Trouble) -> Finding:
    return Finding(
        id=kind, severity=severity, source=source, seen=trouble.reason, remedy=trouble.remedy
    )
