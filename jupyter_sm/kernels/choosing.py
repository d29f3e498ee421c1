"""Found and configured: which kernels of this image are shown, hidden, excluded or missing.

With a ``KernelGatewayImageConfig`` its kernels are shown, in its order and with its display names;
without one the platform's rule holds and ``python3`` alone is shown. (AWS, "Custom SageMaker image
specifications", the paragraph on kernels discovery.)
"""

from collections.abc import Iterator, Mapping, Sequence

from ..errors import Finding, Severity
from ..image import KernelSpec
from ..reading import printable
from .catalog import Catalog, Choice, Entry, FoundEntry, MissingEntry, Names, Visibility, unknown
from .discovery import NATIVE_NAME
from .model import Kernel, Snapshot, Trouble


def choose(snapshot: Snapshot, choice: Choice) -> Catalog:
    """Decide the visibility of every kernel found or configured."""
    kernels = snapshot.kernels
    meaning = _meanings(kernels)
    first = [_configured(spec, meaning, snapshot) for spec in _wanted(choice)]
    taken = {id(entry.kernel) for entry in first}
    rest = [_unconfigured(k, meaning, choice) for k in kernels if id(k) not in taken]
    found = [_restricted(entry, choice.allowed) for entry in rest]
    entries = [*(_restricted(entry, choice.allowed) for entry in first), *found]
    entries.sort(key=lambda entry: _ORDER[entry.visibility])
    findings = [finding for entry in first for finding in _findings_of(entry, choice)]
    offered = [entry for entry in found if entry.visibility == "shown"]
    findings += [finding for entry in offered for finding in _broken(entry)]
    return Catalog(
        tuple(entries),
        choice,
        snapshot,
        (*snapshot.findings, *findings),
        names=_names(entries, kernels, meaning),
    )


_ORDER: Mapping[Visibility, int] = {"shown": 0, "hidden": 1, "excluded": 2, "missing": 3}


def _wanted(choice: Choice) -> Iterator[KernelSpec]:
    """What is shown first: the configured kernels, each name once, or the platform's default."""
    if choice.configured is not None:
        first: dict[str, KernelSpec] = {}
        for spec in choice.configured:
            first.setdefault(spec.name, spec)
        yield from first.values()
    elif not choice.everything:
        yield KernelSpec(name=NATIVE_NAME)


def _meanings(kernels: Sequence[Kernel]) -> Names[Kernel]:
    """What each name means: first the kernels' own names, then their aliases."""
    names: Names[Kernel] = Names()
    for kernel in kernels:
        names.add(kernel.name, kernel)
    for kernel in kernels:
        for alias in kernel.aliases:
            names.add(alias, kernel)
    # nb_conda_kernels and Studio serve the base environment as plain python3.
    bases = [kernel for kernel in kernels if _is_base_python(kernel)]
    for base in sorted(bases, key=lambda k: not k.resource_dir.endswith(f"/{NATIVE_NAME}"))[:1]:
        names.add(NATIVE_NAME, base)
    return names


def _is_base_python(kernel: Kernel) -> bool:
    return (
        kernel.environment is not None
        and kernel.environment.is_base
        and kernel.excluded is None
        and kernel.language == "python"
    )


def _configured(spec: KernelSpec, meaning: Names[Kernel], snapshot: Snapshot) -> Entry:
    kernel = meaning.get(spec.name)
    if kernel is None:
        shown_as = spec.display_name or spec.name
        trouble = unknown(spec.name, snapshot)
        return MissingEntry(spec.name, shown_as, "missing", None, trouble)
    display_name = spec.display_name or kernel.display_name
    visibility: Visibility = "excluded" if kernel.excluded else "shown"
    return FoundEntry(spec.name, display_name, visibility, kernel, kernel.excluded)


def _unconfigured(kernel: Kernel, meaning: Names[Kernel], choice: Choice) -> Entry:
    if kernel.excluded is not None:
        return FoundEntry(kernel.name, kernel.display_name, "excluded", kernel, kernel.excluded)
    if _is_base_python(kernel) and _is_same(kernel, meaning.get(NATIVE_NAME)):
        trouble = Trouble(f"it is the same kernel as `{NATIVE_NAME}`", "")
    elif choice.everything:
        return FoundEntry(kernel.name, kernel.display_name, "shown", kernel, None)
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
    return FoundEntry(kernel.name, kernel.display_name, "hidden", kernel, trouble)


def _is_same(kernel: Kernel, other: Kernel | None) -> bool:
    """Whether both start the same; a link may spell their folders differently."""
    if other is None or other is kernel:
        return False
    return kernel.resource_dir == other.resource_dir or kernel.spec["argv"] == other.spec["argv"]


def _restricted(entry: Entry, allowed: frozenset[str]) -> Entry:
    if not allowed or not isinstance(entry, FoundEntry):
        return entry
    if entry.visibility != "shown" or entry.name in allowed:
        return entry
    trouble = Trouble(
        "KernelSpecManager.allowed_kernelspecs does not list it",
        "list it there, or empty that setting",
    )
    return FoundEntry(entry.name, entry.display_name, "hidden", entry.kernel, trouble)


def _names(
    entries: Sequence[Entry], kernels: Sequence[Kernel], meaning: Names[Kernel]
) -> Names[Entry]:
    """Every name and alias to its entry; an entry's own name always wins."""
    names: Names[Entry] = Names()
    of_kernel: dict[int, Entry] = {}
    for entry in entries:
        names.add(entry.name, entry)
        of_kernel.setdefault(id(entry.kernel), entry)
    every = [NATIVE_NAME, *(k.name for k in kernels), *(a for k in kernels for a in k.aliases)]
    for name in every:
        kernel = meaning.get(name)
        if kernel is not None:
            names.add(name, of_kernel[id(kernel)])
    return names


def _findings_of(entry: Entry, choice: Choice) -> Iterator[Finding]:
    kernel, trouble = entry.kernel, entry.trouble
    source = "no AppImageConfig" if choice.configured is None else choice.source
    if trouble is not None:
        kind = "configured-kernel-missing" if kernel is None else "configured-kernel-excluded"
        yield _finding(kind, "error", source, trouble)
    else:
        yield from _broken(entry)
    if kernel is not None and entry.name not in (kernel.name, *kernel.aliases, NATIVE_NAME):
        same = Trouble(
            f"`{printable(entry.name)}` is the kernel `{kernel.name}` with other capitals",
            f"Write `{kernel.name}`: the name is case-sensitive in AppImageConfig",
        )
        yield _finding("configured-kernel-case", "warning", source, same)


def _broken(entry: Entry) -> Iterator[Finding]:
    kernel = entry.kernel
    if kernel is not None and kernel.broken is not None:
        yield _finding("shown-kernel-broken", "error", kernel.resource_dir, kernel.broken)


def _finding(kind: str, severity: Severity, source: str, trouble: Trouble) -> Finding:
    return Finding(
        id=kind, severity=severity, source=source, seen=trouble.reason, remedy=trouble.remedy
    )
