"""The REST interface as types: every response model, and how the rooms' values become them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from .. import __version__
from ..cuda import CudaReport
from ..errors import Finding, Severity
from ..image import Identity, MetadataReading
from ..kernels import Catalog, Entry, Source, Visibility
from ..logs.shipping import ShipReport
from ..reading import printable

if TYPE_CHECKING:
    from .service import Service

Host = Literal["kernel-gateway", "jupyter-server"]
State = Literal["starting", "ready", "stopping"]

VERSION = 1
"""Of the meaning of these models; raised when a field changes it, never when one is added."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the host can serve kernels now. 503 unless ``ready``."""

    status: State


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """The app's identity, each field with where it comes from, and the document's problems."""

    file: str
    present: bool
    identity: Identity
    findings: tuple[Finding, ...]


class EnvironmentModel(msgspec.Struct, frozen=True, kw_only=True):
    """The conda environment that a kernel runs in."""

    name: str
    prefix: str
    root: str | None
    is_base: bool


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """Why a kernel will not start, and what mends it."""

    reason: str
    remedy: str


class KernelModel(msgspec.Struct, frozen=True, kw_only=True):
    """A kernel that was found, or configured and not found.

    ``reason`` and ``remedy`` say why it is not shown; ``broken`` says why it will not start.
    """

    name: str
    display_name: str
    language: str
    source: Source | Literal["host"] | None
    visibility: Visibility
    reason: str
    remedy: str
    broken: Broken | None
    environment: EnvironmentModel | None
    prefix: str | None
    interpreter: str | None
    resource_dir: str | None
    aliases: tuple[str, ...]


class NotStarted(msgspec.Struct, frozen=True, kw_only=True):
    """A running kernel that only tells why the one that was asked for did not start.

    ``id`` is the running kernel's, as in ``/api/kernels``; ``name`` is what was asked for; ``file`` is
    where it is wrong, and may be empty.
    """

    id: str
    name: str
    reason: str
    remedy: str
    file: str


class Kernels(msgspec.Struct, frozen=True, kw_only=True):
    """Every kernel found or configured, shown ones first and in listing order.

    ``not_started`` are running kernels that only say why they are not what was asked for.
    """

    default: str
    configured_by: str | None
    kernels: tuple[KernelModel, ...]
    not_started: tuple[NotStarted, ...]
    findings: tuple[Finding, ...]


class LogEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event; the fields are empty where the line is not this package's.

    ``timestamp`` is in milliseconds since the epoch; ``traceback`` is the whole text.
    """

    timestamp: int
    level: str
    logger: str
    message: str
    traceback: str
    request_id: str | None
    kernel_id: str | None


class Logs(msgspec.Struct, frozen=True, kw_only=True):
    """Where the host's log is, what became of it, and its last events.

    ``trouble`` says why nothing is written down, ``lost`` how many records of this process are not.
    ``not_shipped`` says why events stay here although shipping is asked for; ``shipping`` is how far
    that is, null for a log that nobody ships.
    """

    group: str | None
    stream: str | None
    file: str | None
    trouble: str
    lost: int
    not_shipped: str
    shipping: ShipReport | None
    events: tuple[LogEvent, ...]


class HealthReport(msgspec.Struct, frozen=True, kw_only=True):
    """Every problem, the worst first; ``worst`` is null where there is none.

    ``checked_at`` is in ISO 8601, UTC.
    """

    worst: Severity | None
    problems: tuple[Finding, ...]
    checked_at: str


class AppImageConfigInUse(msgspec.Struct, frozen=True, kw_only=True):
    """The AppImageConfig that is in use and what it says of the home folder; null is not said."""

    file: str | None
    name: str | None
    mount_path: str | None
    uid: int | None
    gid: int | None


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """Who the server runs as, and what the image was configured with.

    ``user`` and ``group`` are the numbers where no account has them; ``python`` is the version and
    the interpreter of the server.
    """

    user: str
    group: str
    uid: int
    gid: int
    python: str
    home: str
    app_image_config: AppImageConfigInUse


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """Everything this package knows, in one document.

    ``api`` is raised when a field changes its meaning; ``cuda`` is null before it is known.
    """

    api: int = VERSION
    version: str = __version__
    host: Host
    active: bool
    health: Health
    report: HealthReport
    metadata: Metadata
    image: Image
    kernels: Kernels
    cuda: CudaReport | None
    logs: Logs


class Error(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every error.

    ``message`` is for a person, ``reason`` is HTTP's phrase, ``code`` is stable for programs,
    ``hint`` says what to do and may be empty.
    """

    message: str
    reason: str
    code: str
    hint: str


def health_of(service: "Service") -> Health:
    """The service's state as a response."""
    return Health(status=service.state)


def metadata_of(service: "Service", reading: MetadataReading) -> Metadata:
    """What the metadata document says, as a response."""
    return Metadata(
        file=printable(service.settings.metadata_file),
        present=reading.present,
        identity=reading.identity,
        findings=reading.findings,
    )


def kernels_of(catalog: Catalog, default: str, not_started: tuple[NotStarted, ...] = ()) -> Kernels:
    """The catalog as a response."""
    configured = catalog.choice.configured is not None
    return Kernels(
        default=default,
        configured_by=catalog.choice.source if configured else None,
        kernels=tuple(_kernel(entry) for entry in catalog.entries),
        not_started=not_started,
        findings=catalog.findings,
    )


def kernels_not_known(default: str, not_started: tuple[NotStarted, ...]) -> Kernels:
    """The response before there is a catalog; why there is none stands in the health report."""
    return Kernels(
        default=default, configured_by=None, kernels=(), not_started=not_started, findings=()
    )


def kernels_of_host(
    specs: Mapping[str, Any], default: str, not_started: tuple[NotStarted, ...]
) -> Kernels:
    """What a host lists by itself, as a response; for hosts where this package is a guest.

    Args:
        specs: what the host's ``get_all_specs`` gives: Jupyter's form or ready-made models.
        default: the host's default kernel name.
        not_started: running kernels that only say why.
    """
    return Kernels(
        default=default,
        configured_by=None,
        kernels=tuple(_host_kernel(name, found) for name, found in specs.items()),
        not_started=not_started,
        findings=(),
    )


def _host_kernel(name: str, found: Mapping[str, Any]) -> KernelModel:
    spec = found.get("spec") or {}
    return KernelModel(
        name=name,
        display_name=str(spec.get("display_name") or name),
        language=str(spec.get("language") or ""),
        source="host",
        visibility="shown",
        reason="",
        remedy="",
        broken=None,
        environment=None,
        prefix=None,
        interpreter=next(iter(spec.get("argv") or ()), None),
        resource_dir=found.get("resource_dir"),
        aliases=(),
    )


def _kernel(entry: Entry) -> KernelModel:
    kernel, trouble = entry.kernel, entry.trouble
    environment = kernel.environment if kernel else None
    return KernelModel(
        name=entry.name,
        display_name=entry.display_name,
        language=kernel.language if kernel else "",
        source=kernel.source if kernel else None,
        visibility=entry.visibility,
        reason=trouble.reason if trouble else "",
        remedy=trouble.remedy if trouble else "",
        broken=Broken(reason=kernel.broken.reason, remedy=kernel.broken.remedy)
        if kernel and kernel.broken
        else None,
        environment=EnvironmentModel(
            name=environment.name,
            prefix=environment.prefix,
            root=environment.root,
            is_base=environment.is_base,
        )
        if environment
        else None,
        prefix=kernel.prefix if kernel else None,
        interpreter=next(iter(kernel.spec["argv"]), None) if kernel else None,
        resource_dir=kernel.resource_dir if kernel else None,
        aliases=kernel.aliases if kernel else (),
    )
