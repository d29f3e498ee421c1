"""The whole examination: files, then the driver if there is anything to ask, then the verdict."""

import datetime as dt
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

import msgspec

from .files import frameworks, host, toolkit
from .files.packages import conda_packages, interpreter, is_managed
from .files.tree import Tree
from .model import CudaReport, Device, FrameworkName, HostEvidence, Probe
from .verdict.fits import Installed
from .verdict.report import judge

Environment = tuple[str, str]
"""Prefix and name."""


_CONDA_NAMES: Final[Mapping[str, FrameworkName]] = {
    "pytorch": "torch",
    "tensorflow-base": "tensorflow",
    "jaxlib": "jax",
}


class Prober(Protocol):
    """Asks the driver: `driver.Prober`."""

    def probe(self) -> Probe:
        """What the driver says."""


def examine(
    prober: Prober | None,
    environments: Iterable[Environment],
    *,
    root: str = "/",
    environ: Mapping[str, str] | None = None,
    previous: Sequence[Device] = (),
) -> CudaReport:
    """Look at files, ask the driver, judge. Never raises; as slow as the prober's deadline.

    Args:
        prober: None leaves the driver alone.
        environments: whose frameworks are looked at; a prefix that comes twice counts once.
        root: the tree whose files are read.
        environ: the variables that count, this process's own if None; the prober has its own.
        previous: devices of the last report.
    """
    environ = os.environ if environ is None else environ
    named: dict[str, str] = {}
    for prefix, name in environments:
        named.setdefault(prefix, name)
    evidence = host.look(root, environ, tuple(named))
    toolkits, problems = toolkit.look(root, tuple(named), evidence.libraries)
    evidence = msgspec.structs.replace(
        evidence, problems=tuple(dict.fromkeys((*evidence.problems, *problems)))
    )
    probe = prober.probe() if prober is not None and is_worth_asking(evidence) else None
    return judge(
        evidence,
        probe,
        toolkits,
        [_installed(prefix, name, root, environ) for prefix, name in named.items()],
        previous=previous,
        checked_at=now(),
    )


def _installed(prefix: str, name: str, root: str, environ: Mapping[str, str]) -> Installed:
    """The frameworks of an environment, who installed them, and the Python that has them."""
    tree = Tree(root)
    of_conda = conda_packages(tree, prefix, frozenset(_CONDA_NAMES))
    return Installed(
        prefix,
        name,
        frameworks.look(prefix, root, environ),
        frozenset(_CONDA_NAMES[package] for package in of_conda),
        interpreter(tree, prefix),
        is_managed(tree, prefix),
    )


def is_worth_asking(evidence: HostEvidence) -> bool:
    """Whether there is a GPU or a libcuda that may know of one: as under WSL, without any other sign."""
    loadable = any(
        library.name.startswith("libcuda.so") and library.kind in {"mounted", "baked", "unknown"}
        for library in evidence.libraries
    )
    return host.has_gpu(evidence) or loadable


def now() -> str:
    """ISO 8601, UTC, in seconds."""
    moment = dt.datetime.now(dt.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
