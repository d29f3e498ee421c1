"""Names and aliases of the kernels in conda environments."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import count
from typing import NamedTuple

from ...errors import Finding
from ...reading import printable
from .kernelspecs import SpecFile
from .names import NamedEnvironment, clean_name, grouped, own_name, path_hash

_PARTS = {"python3": "py", "python2": "py", "ir": "r"}


class Unnamed(NamedTuple):
    """A kernel on its way to a name; ``part`` is what its name ends with."""

    env: NamedEnvironment
    file: SpecFile
    part: str

    @property
    def pinned(self) -> str:
        """The name that holds a hash of the environment's path."""
        return f"{self.env.plain_start}{path_hash(self.env.place.prefix)}-{self.part}"

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Who keeps a name that two kernels want: the lower one, if there is only one."""
        if self.file.name in _PARTS:
            return *self.env.order, 0
        return *self.env.order, 1 if self.part == self.file.name else 2


class KernelName(NamedTuple):
    """The unique name of a kernel, and further ones that mean it and no other."""

    name: str
    aliases: tuple[str, ...]


def name_kernels(
    kernels: Sequence[tuple[NamedEnvironment, SpecFile]],
    taken: Collection[str],
    base: str | None,
    short_dirs: Collection[str],
) -> tuple[list[KernelName], list[Finding]]:
    """Name the kernels of all environments.

    Args:
        kernels: in listing order.
        taken: names on the Jupyter path, which keep them.
        base: prefix of the first installation.
        short_dirs: folders of environments whose bare names resolve as well.
    """
    both = {env.place.prefix for env, file in kernels if file.name == "python3"}
    unnamed = [Unnamed(env, file, _part(env, file.name, both)) for env, file in kernels]
    names, findings = _unique(unnamed, taken)
    reserved = {*names, *taken, *(f"{one.env.plain_start}{one.part}" for one in unnamed)}
    claims: dict[str, list[int]] = {}
    for index, kernel in enumerate(unnamed):
        for alias in _aliases(kernel, base, short_dirs):
            claims.setdefault(alias, []).append(index)
    aliases: list[list[str]] = [[] for _ in unnamed]
    for alias, claimants in claims.items():
        owner = claimants[0] if len(claimants) == 1 else _only(claimants, unnamed)
        if owner is not None and alias not in reserved:
            aliases[owner].append(alias)
    return [KernelName(n, tuple(a)) for n, a in zip(names, aliases, strict=True)], findings


def _part(env: NamedEnvironment, folder_name: str, both: Collection[str]) -> str:
    """python2 gives way where both Pythons are in one environment."""
    if folder_name == "python2" and env.place.prefix in both:
        return folder_name
    return _PARTS.get(folder_name) or clean_name(folder_name)


def _unique(kernels: Sequence[Unnamed], taken: Collection[str]) -> tuple[list[str], list[Finding]]:
    names = [f"{kernel.env.start}{kernel.part}" for kernel in kernels]
    groups = grouped((name, index) for index, name in enumerate(names))
    if len(groups) == len(names) and groups.keys().isdisjoint(taken):
        return names, []
    losers: set[int] = set()
    findings = []
    for name, rivals in groups.items():
        if name in taken or len(rivals) > 1:
            winner = None if name in taken else _first(rivals, kernels)
            losers.update(index for index in rivals if index != winner)
            findings.append(_clash(name, [kernels[i].file for i in rivals], name in taken))
    _rename(names, losers, kernels, taken)
    return names, findings


def _rename(
    names: list[str], losers: set[int], kernels: Sequence[Unnamed], taken: Collection[str]
) -> None:
    used = {*taken, *(name for index, name in enumerate(names) if index not in losers)}
    pins = Counter(kernels[index].pinned for index in losers)
    for index in sorted(losers):
        pinned, folder = kernels[index].pinned, kernels[index].file.folder
        spare = (f"{pinned}-{path_hash(folder * n)}" for n in count(1))
        free = pins[pinned] == 1 and pinned not in used
        names[index] = pinned if free else next(name for name in spare if name not in used)
        used.add(names[index])


def _first(rivals: Sequence[int], kernels: Sequence[Unnamed]) -> int | None:
    best = min(kernels[index].rank for index in rivals)
    first = [index for index in rivals if kernels[index].rank == best]
    return first[0] if len(first) == 1 else None


def _only(claimants: Sequence[int], kernels: Sequence[Unnamed]) -> int | None:
    """The only kernel that an alias can mean; one that may be started counts before others."""
    usable = {index for index in claimants if not kernels[index].env.is_excluded}
    unique = usable or set(claimants)
    return unique.pop() if len(unique) == 1 else None


def _aliases(kernel: Unnamed, base: str | None, short_dirs: Collection[str]) -> Iterator[str]:
    """Other names under which notebooks and AppImageConfigs may know a kernel.

    ``conda-root-py`` is nb_conda_kernels' up to 2.3, ``conda_NAME`` that of SageMaker's notebook
    instances (environment_kernels).
    """
    env, part = kernel.env, kernel.part
    yield kernel.pinned
    folder, _, bare = env.place.prefix.rpartition("/")
    if env.is_called_base:
        bare = env.name
        yield f"conda-root-{part}"
    elif folder in short_dirs and bare != env.name:
        yield f"conda-env-{clean_name(bare)}-{part}"
    for spelling in env.place.spellings:
        yield f"conda-env-{clean_name(own_name(spelling, base))}-{part}"
    if part == "py":
        yield f"conda_{clean_name(bare)}"


def _clash(name: str, files: Sequence[SpecFile], is_taken: bool) -> Finding:
    folders = ", ".join(printable(file.folder) for file in files)
    who = "a kernel on the Jupyter path has" if is_taken else "several kernels would have"
    return Finding(
        id="kernel-name-shared",
        severity="info",
        source=printable(files[-1].folder),
        seen=f"{who} the name {name} ({folders})",
        remedy="listed with a hash of its path instead; rename one of them to have a plain name",
    )
