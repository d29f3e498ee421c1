"""Names of conda environments: those of nb_conda_kernels, but unique and lasting.

Adding an environment never makes a name mean another one, but for this: ``conda-env-NAME-py`` is
ROOT/envs/NAME wherever that exists. When several environments would have one name:

1. The base environment, then ROOT/envs/NAME, keep the plain name; nobody can take it from them.
2. Else the one that conda registered first keeps it, when all of them stand in one environments.txt,
   to which conda only appends.
3. Else nobody has it: each is listed under its hashed name, ``conda-env-NAME-1a2b3c4d-py``.

The hashed name is made of the path alone and resolves for every kernel, so it can be relied on
before anything collides.

Removing an environment takes no plain name from one that stays, but may give it one: when the one
that was registered first goes, its plain name passes to the next. Only the hashed name means the
same environment for ever.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from itertools import count
from typing import NamedTuple, TypeVar

from ...errors import Finding
from ...reading import printable
from .environments import Place

BASE = "base"

T = TypeVar("T")

_is_clean = re.compile(r"[a-zA-Z0-9._-]*").fullmatch
_DIRTY = re.compile(r"[^a-zA-Z0-9._-]")


class NamedEnvironment(NamedTuple):
    """An environment with its unique name.

    ``start`` is what the names of its kernels begin with, ``plain_start`` what they would begin
    with if no other environment had the name; ``plain`` and ``name`` are the same for environments.
    """

    place: Place
    name: str
    plain: str
    start: str
    plain_start: str
    rank: int
    is_excluded: bool

    @property
    def is_called_base(self) -> bool:
        """Whether it is the base environment of the first installation, the only one named so."""
        return self.rank == 0

    @property
    def order(self) -> tuple[bool, int]:
        """Who keeps a name that several want; what must not be started takes none from another."""
        return self.is_excluded, self.rank


def clean_name(name: str) -> str:
    """As nb_conda_kernels does it: accents go, what Jupyter does not allow becomes ``_``."""
    if _is_clean(name):
        return name
    parts = unicodedata.normalize("NFKD", name)
    return _DIRTY.sub("_", "".join(c for c in parts if not unicodedata.combining(c)))


def path_hash(path: str) -> str:
    """Eight characters that depend on the path alone."""
    return hashlib.blake2b(path.encode(), digest_size=4).hexdigest()


def name_environments(
    places: Sequence[Place], base: str | None, excluded: Collection[str]
) -> tuple[list[NamedEnvironment], list[Finding]]:
    """Name environments.

    Args:
        places: all environments, in the order they were found.
        base: prefix of the first installation, whose environments need no prefix to their names.
        excluded: prefixes of those that must not be started.
    """
    named = [_named(place, base, place.prefix in excluded) for place in places]
    groups = grouped((clean_name(env.plain), env) for env in named)
    if len(groups) == len(named):
        return named, []
    losers: set[str] = set()
    findings = []
    for rivals in groups.values():
        if len(rivals) > 1:
            winner = _winner(rivals)
            losers.update(env.place.prefix for env in rivals if env is not winner)
            findings.append(_shared(rivals, winner))
    return [_hashed(env, groups) if env.place.prefix in losers else env for env in named], findings


def own_name(prefix: str, base: str | None) -> str:
    """What nb_conda_kernels calls an environment: ``NAME``, in most folders ``envs`` ``ABOVE-NAME``.

    ``base`` is the prefix of the installation whose ``envs`` is the exception.
    """
    folder, _, name = prefix.rpartition("/")
    if folder.endswith("/envs"):
        above = folder[:-5]
        if above != base or name == BASE:
            return f"{above.rpartition('/')[2]}-{name}"
    return name


def grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    """The values of each key, in their order."""
    groups: dict[str, list[T]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


def _named(place: Place, base: str | None, excluded: bool) -> NamedEnvironment:
    prefix = place.prefix
    if prefix == base:
        name, start, rank = BASE, f"conda-{BASE}-", 0
    else:
        name = own_name(prefix, base)
        slug = clean_name(name)
        start = f"conda-env-{slug}-"
        rank = 3
        if base and prefix.rpartition("/")[0] == f"{base}/envs":
            rank = 1 if slug == name else 2
    return NamedEnvironment(place, name, name, start, start, rank, excluded)


def _winner(rivals: Sequence[NamedEnvironment]) -> NamedEnvironment | None:
    best = min(env.order for env in rivals)
    first = [env for env in rivals if env.order == best]
    if len(first) == 1:
        return first[0]
    lines = {env.place.registered: env for env in first if env.place.registered}
    if len(lines) == len(first) and len({file for file, _line in lines}) == 1:
        return lines[min(lines)]
    return None


def _hashed(env: NamedEnvironment, taken: Collection[str]) -> NamedEnvironment:
    marks = (path_hash(env.place.prefix * n) for n in count(1))
    mark = next(mark for mark in marks if f"{clean_name(env.plain)}-{mark}" not in taken)
    return env._replace(name=f"{env.plain}-{mark}", start=f"{env.plain_start}{mark}-")


def _shared(rivals: Sequence[NamedEnvironment], winner: NamedEnvironment | None) -> Finding:
    paths = [printable(env.place.prefix) for env in rivals]
    kept = f"{printable(winner.place.prefix)} keeps it" if winner else "none of them keeps it"
    return Finding(
        id="conda-name-shared",
        severity="info",
        source=paths[-1],
        seen=f"the name {rivals[0].plain_start}… would mean {', '.join(paths)}; {kept}",
        remedy="the others are listed with a hash of their path; rename one to have a plain name",
    )
