"""Finding the kernels of conda environments, beside a bare loop over the same files."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from envs import make_many

from jupyter_sm.kernels import Discovery, Places

from .table import Reach, Row, Value, at_most, times_at_most
from .timing import Effort, Work, cpu_seconds, in_turns

ROUNDS = {1: 200, 10: 200, 100: 60, 500: 30, 2000: 11}
"""Environments, and how often a full run looks at them."""

ORDINARY = 1000
"""The user of an image, unless it says otherwise. As root, discovery also asks who owns what."""

JUDGED = 500
FEW, MANY = 100, 2000
FEW_NAME = f"ours at {FEW}"
"""What stands beside one environment among many: one among few."""
SETTLED_SECONDS = 2.1
"""A file younger than that is read again by each look, as its times cannot be trusted yet."""


def works() -> list[Work]:
    return [
        Work(f"discovery-{n}", lambda *how, n=n: measure(n, *how), brief=n <= JUDGED)
        for n in ROUNDS
    ]


def measure(count: int, effort: Effort, folder: Path) -> list[Row]:
    places = lay_out(folder, count)
    rounds = effort.of(ROUNDS[count], max(3, ROUNDS[count] // 10))
    cold = in_turns(rounds, *_cold(places, count))
    judged = count == JUDGED
    limits = (times_at_most(2), at_most(40, "us")) if judged else ()
    rows = [_row(count, "cold discovery", cold, limits)]
    if judged or not effort.quick:
        time.sleep(SETTLED_SECONDS)
        rows.append(_row(count, "warm look", in_turns(rounds, *_warm(places, count)), ()))
    if count == MANY:
        few = lay_out(folder / "few", FEW)
        many, small = in_turns(rounds, _cold(places, count)[0], _cold(few, FEW)[0])
        rows.append(_row(count, "cold discovery", (many, small), (times_at_most(1.25),), FEW_NAME))
    return rows


def lay_out(folder: Path, count: int) -> Places:
    """Environments in an installation of their own, and nowhere else to look."""
    make_many(folder / "conda", count)
    return Places(
        environ={"MAMBA_ROOT_PREFIX": str(folder / "conda"), "PATH": "/usr/bin:/bin"},
        home=str(folder),
        passwd_homes=(),
        euid=ORDINARY,
        server_prefix=str(folder / "server"),
        server_executable=str(folder / "server/bin/python"),
        kernel_dirs=(),
        native_dir=None,
        etc=str(folder / "etc"),
        var_lib=str(folder / "lib"),
        well_known_roots=(),
    )


def _cold(places: Places, count: int) -> tuple[Callable[[], float], Callable[[], float]]:
    """Both sides, each giving microseconds an environment."""
    envs = places.environ["MAMBA_ROOT_PREFIX"] + "/envs"

    def look() -> None:
        found = len(Discovery(places).look().kernels)
        if found != count:
            raise ValueError(f"{found} of {count} kernels were found")

    return _each(look, count), _each(lambda: bare_loop(envs, read=True), count)


def _warm(places: Places, count: int) -> tuple[Callable[[], float], Callable[[], float]]:
    """Both sides once more where nothing has changed: the loop reads nothing."""
    envs = places.environ["MAMBA_ROOT_PREFIX"] + "/envs"
    discovery = Discovery(places)
    discovery.look()
    return (
        _each(discovery.look, count),
        _each(lambda: bare_loop(envs, read=False), count),
    )


def _each(work: Callable[[], object], count: int) -> Callable[[], float]:
    return lambda: cpu_seconds(work) / count * 1e6


def bare_loop(envs: str, *, read: bool) -> None:
    """What no discovery can do without: the same files are looked at and read, and forgotten.

    Args:
        envs: folder of the environments.
        read: whether files and folders are read, and not only looked at.
    """
    for name in os.listdir(envs):
        prefix = f"{envs}/{name}"
        os.stat(f"{prefix}/conda-meta/history")
        kernels = f"{prefix}/share/jupyter/kernels"
        os.stat(kernels)
        for kernel in os.listdir(kernels) if read else ("python3",):
            folder = f"{kernels}/{kernel}"
            file = f"{folder}/kernel.json"
            size = os.stat(file).st_size
            os.access(f"{prefix}/bin/python", os.X_OK)
            os.access(f"{prefix}/bin/python/", os.F_OK)
            if read:
                descriptor = os.open(file, os.O_RDONLY)
                os.read(descriptor, size + 1)
                os.close(descriptor)
                os.listdir(folder)


def _row(
    count: int,
    work: str,
    sides: tuple[list[float], ...],
    reach: tuple[Reach, ...],
    peer_name: str = "bare loop",
) -> Row:
    ours, peer = sides
    return Row(
        name=f"discovery-{count}",
        work=f"{work}, {count} environment{'s'[: count > 1]}",
        unit="us each",
        ours=Value.of(ours),
        peer=Value.of(peer),
        peer_name=peer_name,
        reach=reach,
    )
