"""`jupyter sm doctor`: what is loaded where and why not, and every setting with its origin."""

import argparse
import collections
import importlib.metadata
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from .. import __version__
from ..errors import Finding, JupyterSMError
from ..server.look import config_paths
from .configfiles import ServerConfiguration, read_config_files
from .extensioncheck import ExtensionReport, check_extension
from .gatewaycheck import GatewayReport, check_gateway
from .hostconfig import Host
from .report import exit_status, finding_lines, print_lines, print_model
from .settingscheck import Setting, check_settings, settings_of
from .table import Row, paragraph, table

_PACKAGES = (
    "jupyter_kernel_gateway",
    "jupyter_server",
    "jupyter_client",
    "traitlets",
    "tornado",
)
_HOOK_STATES = {
    True: "as it was installed",
    False: "changed since it was installed",
    None: "not recorded by pip, or not readable",
}
_CONFIG_FLAG = (
    "With --config=FILE the gateway skips the file that switches jupyter_sm on; "
    "KG_API=jupyter_sm.server.gateway in its environment works in every case"
)


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """A document: the file that is read, None where there is none, and all that were tried."""

    file: str | None
    looked_at: tuple[str, ...]


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the doctor sees.

    Attributes:
        packages: versions by distribution, None for one that is not installed.
        kernels: how many kernels there are by visibility.
    """

    version: str
    python: str
    interpreter: str
    packages: dict[str, str | None]
    gateway: GatewayReport
    extension: ExtensionReport
    settings: tuple[Setting, ...]
    app_image_config: Location
    metadata: Location
    kernels: dict[str, int]
    findings: tuple[Finding, ...]


def run(options: argparse.Namespace, arguments: list[str]) -> int:
    """Examine this Python's Jupyter."""
    model = _examine(Host.read(arguments, tolerant=True))
    if options.json:
        print_model(model)
    else:
        print_lines(_lines(model))
    return exit_status(model.findings)


def _examine(host: Host) -> Diagnosis:
    gateway, of_gateway = check_gateway(host)
    server = read_config_files(ServerConfiguration, [], tolerant=True)
    extension, of_extension = check_extension(server.app.config_file_paths, server.files)
    kernels, of_kernels = _kernels(host)
    metadata = host.service.metadata()
    metadata_file = host.settings.metadata_file
    return Diagnosis(
        version=__version__,
        python=platform.python_version(),
        interpreter=sys.executable,
        packages={name: _version(name) for name in _PACKAGES},
        gateway=gateway,
        extension=extension,
        settings=tuple(settings_of(host)),
        app_image_config=Location(
            file=host.service.look.document.path(), looked_at=config_paths(host.settings)
        ),
        metadata=Location(
            file=metadata_file if metadata.present else None, looked_at=(metadata_file,)
        ),
        kernels=kernels,
        findings=(
            *of_gateway,
            *host.problems.values(),
            *of_extension,
            *_of_server(server.problems, of_extension, host),
            *host.findings(),
            *check_settings(host),
            *of_kernels,
            *metadata.findings,
        ),
    )


def _of_server(
    problems: Mapping[str, Finding], told: Sequence[Finding], host: Host
) -> Iterator[Finding]:
    """The server's broken files, as far as they are not told of already."""
    known = {*host.problems, *(finding.source for finding in told)}
    return (finding for path, finding in problems.items() if path not in known)


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _kernels(host: Host) -> tuple[dict[str, int], tuple[Finding, ...]]:
    try:
        catalog = host.catalog()
    except JupyterSMError as error:
        finding = Finding(id="kernels-unknown", severity="error", source="kernels", seen=str(error))
        return {}, (finding,)
    return dict(collections.Counter(e.visibility for e in catalog.entries)), catalog.findings


def _lines(model: Diagnosis) -> Iterator[str]:
    yield from paragraph(f"jupyter_sm {model.version}, Python {model.python} ({model.interpreter})")
    versions = ", ".join(f"{name} {version or '-'}" for name, version in model.packages.items())
    yield from paragraph(versions, first=4)
    yield ""
    yield from _hosts(model)
    yield ""
    rows = [Row((s.name, _shown(s.value), s.origin)) for s in model.settings]
    yield from table(("SETTING", "VALUE", "ORIGIN"), rows)
    yield ""
    yield from paragraph(f"AppImageConfig: {_found(model.app_image_config)}")
    yield from paragraph(f"Metadata: {_found(model.metadata)}")
    counts = ", ".join(f"{count} {state}" for state, count in model.kernels.items())
    yield from paragraph(f"Kernels: {counts or 'not known'}")
    yield from finding_lines(model.findings)


def _hosts(model: Diagnosis) -> Iterator[str]:
    gateway, extension = model.gateway, model.extension
    answer = "yes" if gateway.loads else "no"
    yield from paragraph(f"jupyter kernelgateway will load jupyter_sm: {answer}, {gateway.reason}")
    if gateway.hook:
        yield from paragraph(
            f"hook: {gateway.hook}, {_HOOK_STATES[gateway.hook_unchanged]}", first=4
        )
    if gateway.variables:
        pairs = ", ".join(f"{name}={value}" for name, value in gateway.variables.items())
        yield from paragraph(f"set in the environment: {pairs}", first=4)
    yield from paragraph(_CONFIG_FLAG, first=4)
    answer = "yes" if extension.enabled else "no"
    by = extension.file or "no file mentions it"
    yield from paragraph(f"jupyter server and lab will load jupyter_sm: {answer}, {by}")


def _shown(value: str | bool | None) -> str:
    return "-" if value in {None, ""} else str(value)


def _found(location: Location) -> str:
    return location.file or f"none; looked at {', '.join(location.looked_at)}"
