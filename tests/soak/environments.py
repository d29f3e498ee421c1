"""Environments that come and go on disk, and which of them an answer must and must not list."""

import os
import random
import shutil
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from envs import make_environment

from .tally import Stale

STEADY = 2
"""Environments whose kernels start; they stay."""
IDLE = 20
"""Environments that are only listed, and stay."""
MOST = 12
"""Environments that come and go, at once."""
COMES, RETURNS = "come", "back"
"""How the names begin of those that never come back, and of those that may."""
REMEMBERED = 50
"""So many that are gone are still looked for in answers."""


@dataclass(frozen=True)
class Standing:
    """Whether an environment is there, and since when on the monotonic clock."""

    there: bool
    since: float


class Environments:
    """A conda root below ``folder`` where environments come and go.

    They come and go in all ways: made in place and moved in, deleted in place and moved away, under
    new names and under names that were there before.

    Args:
        folder: where it is made.
        settle: seconds after a change from which on an answer must know it.
        choose: what decides.
    """

    def __init__(self, folder: Path, *, settle: float, choose: random.Random) -> None:
        self.root = folder / "conda"
        self.steady = [kernel(f"steady{i}") for i in range(STEADY)]
        self.changes = 0
        self._aside = folder / "aside"
        self._aside.mkdir(parents=True)
        self._settle = settle
        self._choose = choose
        self._lock = threading.Lock()
        self._standings: dict[str, Standing] = {}
        for i in range(STEADY):
            make_environment(self._prefix(f"steady{i}"), interpreter="real")
        for i in range(IDLE):
            make_environment(self._prefix(f"idle{i}"))

    def _prefix(self, name: str) -> Path:
        return self.root / "envs" / name

    def settled(self) -> dict[str, Standing]:
        """What an answer to a question that is asked now must know; by the kernel's name."""
        until = time.monotonic() - self._settle
        with self._lock:
            known = self._standings.items()
            return {kernel(name): standing for name, standing in known if standing.since <= until}

    def stale(
        self, path: str, before: Mapping[str, Standing], listed: Collection[str]
    ) -> list[Stale]:
        """Where an answer is wrong that was asked for when ``settled`` gave ``before``.

        What has changed since then is left out: either answer is right.
        """
        with self._lock:
            now = {kernel(name): standing for name, standing in self._standings.items()}
        answered = time.monotonic()
        return [
            Stale(path, name, not standing.there, answered - standing.since)
            for name, standing in before.items()
            if now.get(name) is standing and (name in listed) is not standing.there
        ]

    def gone(self) -> str | None:
        """A kernel whose environment is gone for good, and that no answer may know any more."""
        ours = kernel(COMES).removesuffix("-py")
        for name, standing in self.settled().items():
            if name.startswith(ours) and not standing.there:
                return name
        return None

    def change(self) -> None:
        """One environment comes or goes."""
        with self._lock:
            there = [name for name, standing in self._standings.items() if standing.there]
            away = [name for name, standing in self._standings.items() if not standing.there]
        if len(away) > REMEMBERED:
            self._set(away.pop(0), None)
        returning = [name for name in away if name.startswith(RETURNS)]
        if len(there) >= MOST or (there and self._choose.random() < 0.5):
            self._go(self._choose.choice(there))
        elif returning and self._choose.random() < 0.3:
            self._come(self._choose.choice(returning))
        else:
            self._come(f"{self._choose.choice((COMES, RETURNS))}{self.changes:05}")
        self.changes += 1

    def _come(self, name: str) -> None:
        self._set(name, None)
        place = self._prefix(name)
        if self._choose.random() < 0.5:
            make_environment(place)
        else:
            made = make_environment(self._aside / name, argv0=f"{place}/bin/python")
            os.rename(made, place)
        self._set(name, there=True)

    def _go(self, name: str) -> None:
        self._set(name, None)
        place = self._prefix(name)
        if self._choose.random() < 0.5:
            shutil.rmtree(place)
        else:
            os.rename(place, self._aside / name)
            shutil.rmtree(self._aside / name)
        self._set(name, there=False)

    def _set(self, name: str, there: bool | None) -> None:
        """Note what is so from now on; None: it is just changing, or of no interest any more."""
        with self._lock:
            self._standings.pop(name, None)
            if there is not None:
                self._standings[name] = Standing(there, time.monotonic())


def kernel(environment: str) -> str:
    """The name of its kernel (nb_conda_kernels and SageMaker give this one)."""
    return f"conda-env-{environment}-py"
