"""Turns what a look saw into named kernels, ready to be listed."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ...errors import Finding
from ...reading import printable
from ..installer import install_command
from ..model import Environment, Kernel, Snapshot, Trouble
from ..stanza import activating, unavailable
from .environments import Place
from .kernel_json import KernelJson
from .kernel_names import KernelName, name_kernels
from .kernelspecs import SpecFile
from .names import NamedEnvironment, name_environments
from .native import NATIVE_NAME
from .paths import below, clean
from .places import Places
from .programs import Program, trouble


class KernelOnPath(NamedTuple):
    """A kernelspec on the Jupyter path, or ipykernel's own."""

    name: str
    file: SpecFile
    program: Program
    is_native: bool
    excluded: Trouble | None


class SeenEnvironment(NamedTuple):
    """What a look saw of one environment; ``programs`` belong to ``files``."""

    files: tuple[SpecFile, ...]
    programs: tuple[Program, ...]
    excluded: Trouble | None


class View(NamedTuple):
    """All that a look saw, and all that the snapshot depends on.

    ``environments`` belong to ``places``; ``jupyter`` holds one kernelspec a name.
    """

    roots: tuple[str, ...]
    places: list[Place]
    environments: list[SeenEnvironment]
    jupyter: list[KernelOnPath]
    findings: list[Finding]


class _Candidate(NamedTuple):
    named: NamedEnvironment
    environment: Environment
    file: SpecFile
    program: Program


def assemble(view: View, places: Places) -> Snapshot:
    """Name everything and put it in listing order."""
    base = view.roots[0] if view.roots else None
    pairs = zip(view.places, view.environments, strict=True)
    excluded = {place.prefix for place, seen in pairs if seen.excluded}
    named, findings = name_environments(view.places, base, excluded)
    environments, candidates = [], []
    for env, seen in zip(named, view.environments, strict=True):
        environment = _environment(env, seen.excluded, view.roots)
        environments.append(environment)
        for file, program in zip(seen.files, seen.programs, strict=True):
            if not file.spec.is_export:  # it belongs to whoever it is a copy of
                candidates.append(_Candidate(env, environment, file, program))
    short_dirs = {f"{root}/envs" for root in view.roots}
    short_dirs |= {below(places.home, ".conda/envs")} if places.home else set()
    naming = _Naming([(one.named, one.file) for one in candidates], base, short_dirs)
    on_path = _without_exports(view.jupyter, candidates, naming)
    names, more = naming.given({kernel.name for kernel in on_path})
    kernels = [_kernel_on_path(kernel, places) for kernel in on_path]
    kernels += _conda_kernels(candidates, names, clean(places.server_prefix))
    unique = dict.fromkeys([*view.findings, *findings, *more])
    return Snapshot(tuple(kernels), tuple(environments), tuple(unique))


class _Naming(NamedTuple):
    kernels: Sequence[tuple[NamedEnvironment, SpecFile]]
    base: str | None
    short_dirs: Collection[str]

    def given(self, taken: Collection[str]) -> tuple[list[KernelName], list[Finding]]:
        """The names when those in ``taken`` belong to others."""
        return name_kernels(self.kernels, taken, self.base, self.short_dirs)


def _without_exports(
    jupyter: Sequence[KernelOnPath], candidates: Sequence[_Candidate], naming: _Naming
) -> list[KernelOnPath]:
    """Without the static copies of a live environment's kernels, which would only grow stale."""
    if not any("conda_env_path" in kernel.file.spec.metadata for kernel in jupyter):
        return list(jupyter)
    meant: dict[str, list[str]] = {}
    for candidate, (name, aliases) in zip(candidates, naming.given(())[0], strict=True):
        for alias in (name, *aliases):
            meant.setdefault(alias.lower(), []).append(candidate.environment.prefix)
    return [
        kernel
        for kernel in jupyter
        if kernel.file.spec.metadata.get("conda_env_path") not in meant.get(kernel.name, ())
    ]


def _environment(
    env: NamedEnvironment, excluded: Trouble | None, roots: Sequence[str]
) -> Environment:
    prefix = env.place.prefix
    above = [root for root in roots if prefix == root or prefix.startswith(f"{root}/envs/")]
    root = max(above, key=len) if above else next(iter(roots), None)
    return Environment(prefix, env.name, root, prefix in roots, excluded)


def _kernel_on_path(kernel: KernelOnPath, places: Places) -> Kernel:
    spec, program = kernel.file.spec, kernel.program
    return Kernel(
        name=kernel.name,
        display_name=spec.display_name,
        language=spec.language,
        source="native" if kernel.is_native else "jupyter",
        resource_dir=kernel.file.folder,
        spec=_document(spec, program, spec.display_name, spec.metadata),
        resources=kernel.file.resources,
        prefix=places.server_prefix if kernel.is_native else program.owner,
        broken=trouble(program, kernel.file.folder) or _unstartable(spec, kernel.file),
        excluded=kernel.excluded,
    )


def _conda_kernels(
    candidates: Sequence[_Candidate], names: Sequence[KernelName], server_prefix: str
) -> Iterator[Kernel]:
    short = Counter((one.environment.prefix, _language(one.file.spec)) for one in candidates)
    for candidate, (name, aliases) in zip(candidates, names, strict=True):
        env, file, spec = candidate.environment, candidate.file, candidate.file.spec
        is_current = server_prefix in (env.prefix, *candidate.named.place.spellings)
        language = _language(spec)
        alone = short[env.prefix, language] == 1 or file.name == NATIVE_NAME
        shown = language if alone else spec.display_name
        display_name = f"{shown} [conda env:{env.name}]{' *' if is_current else ''}"
        metadata = {
            **spec.metadata,
            "conda_env_name": env.name,
            "conda_env_path": env.prefix,
            "conda_env_root": env.root,
            "conda_language": language,
            "conda_raw_kernel_name": file.name,
            "conda_is_base_environment": candidate.named.is_called_base,
            "conda_is_currently_running": is_current,
        }
        metadata = activating(metadata, env.prefix, env.root)
        yield Kernel(
            name=name,
            display_name=display_name,
            language=spec.language,
            source="conda",
            resource_dir=file.folder,
            spec=_document(spec, candidate.program, display_name, metadata),
            resources=file.resources,
            prefix=env.prefix,
            environment=env,
            aliases=aliases,
            broken=_trouble(candidate),
            excluded=env.excluded,
        )


def _language(spec: KernelJson) -> str:
    """What nb_conda_kernels shows of the display name, unless several kernels would look alike."""
    return "Python" if spec.display_name.startswith("Python") else spec.display_name


def _document(
    spec: KernelJson, program: Program, display_name: str, metadata: Mapping[str, Any]
) -> dict[str, Any]:
    document = {
        "argv": [program.argv0, *spec.argv[1:]] if spec.argv else [],
        "env": spec.env,
        "display_name": display_name,
        "language": spec.language,
        "interrupt_mode": spec.interrupt_mode,
        "metadata": metadata,
    }
    if spec.kernel_protocol_version:
        document["kernel_protocol_version"] = spec.kernel_protocol_version
    return document


def _trouble(candidate: _Candidate) -> Trouble | None:
    found = trouble(candidate.program, candidate.file.folder)
    if found is None:
        return _unstartable(candidate.file.spec, candidate.file)
    environment = candidate.environment
    if candidate.program.argv0.startswith(f"{environment.prefix}/bin/python"):
        return Trouble(found.reason, install_command(environment.prefix, environment.root))
    return found


def _unstartable(spec: KernelJson, file: SpecFile) -> Trouble | None:
    """A kernelspec may ask for a provisioner that the server does not have."""
    name = unavailable(spec.metadata)
    if name is None:
        return None
    return Trouble(
        f"the server's Python does not have its provisioner, {printable(name)}",
        "install the package that brings it, or take kernel_provisioner out of metadata in "
        f"{printable(file.folder)}/kernel.json",
    )
