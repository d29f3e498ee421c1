"""resource-metadata.json to the identity of the app, tolerantly and with provenance.

The end of the app's ARN is its identity, because its log stream has that name: the case-sensitive
ARN when it is there, since SageMaker Unified Studio writes the other one in small letters. A field of
its own (``DomainId``, ``AppType``, …) restores the case, speaks where there is no usable ARN, and is
a finding where it says something else. ``UserProfileName`` and ``SpaceName`` alone can say what the
ARN cannot: which of the two owns the app. ``ResourceName`` may differ from the ARN's app name by
design (it is the image's name in older KernelGateway apps).

Region and account are those of the ARN; without one, the account is the execution role's, and then
the environment's ``AWS_REGION``, ``AWS_DEFAULT_REGION`` and ``AWS_ACCOUNT_ID`` count. An empty text
is the same as none. Source: SageMaker developer guide, "Use notebook metadata" and "Custom image
specifications"; further fields as AWS's own readers know them (aws/aws-toolkit-vscode,
aws/sagemaker-distribution's extensions, sagemaker-studio on PyPI).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import DocumentError, Finding
from . import limits
from .arn import APP_SHAPE, ArnParts, parse_arn
from .document import Document, Place, decode_object, describe
from .identity import ABSENT, Identity, Kind, Sourced
from .statements import (
    agreed,
    app_type_of,
    first_of,
    located,
    owner_of,
    respelled,
    user_and_space,
    variable,
)

_ARNS = ("ResourceArnCaseSensitive", "ResourceArn")
_FIELDS = (
    *_ARNS,
    "AppType",
    "DomainId",
    "UserProfileName",
    "SpaceName",
    "ExecutionRoleArn",
    "ResourceName",
    "AppImageVersion",
    "IpAddressType",
)
_NOTEBOOK_FIELDS = ("NotebookId", "NotebookRunId")
_ADDITIONAL_FIELDS = (
    "AmazonDataZoneScopeName",
    "DataZoneDomainId",
    "DataZoneDomainRegion",
    "DataZoneEndpoint",
    "DataZoneEnvironmentId",
    "DataZoneProjectId",
    "DataZoneProjectRepositoryName",
    "DataZoneScopeName",
    "DataZoneStage",
    "DataZoneUserId",
    "PrivateSubnets",
    "ProjectS3Path",
    "ProjectSharedDirectory",
    "ProjectStorageType",
    "SecurityGroup",
)
_REMEDY = "SageMaker alone should write this document; see whether the image brings one of its own"
_UNUSUAL_REMEDY = "none needed when SageMaker wrote it; the value is used as it is"


@dataclass(frozen=True, slots=True)
class MetadataReading:
    """What came of reading the metadata document.

    Attributes:
        identity: of kind ``local`` when there is no document, or none that can be used.
        present: whether there is a document, usable or not.
        findings: what is wrong with it.
    """

    identity: Identity
    present: bool
    findings: tuple[Finding, ...]


def read_metadata(
    data: bytes | None, *, source: str, environ: Mapping[str, str], user: str
) -> MetadataReading:
    """The app's identity; never raises, whatever the bytes are.

    Args:
        data: the document's bytes, None when there is none.
        source: its name in findings, usually a path.
        environ: environment variables, for region and account.
        user: name that stands for the user profile outside SageMaker.
    """
    if data is None:
        return MetadataReading(_local(environ, user), present=False, findings=())
    try:
        value = decode_object(data, source=source)
    except DocumentError as error:
        return MetadataReading(_local(environ, user), present=True, findings=(error.finding,))
    document = Document(source=source, severity="warning", remedy=_REMEDY)
    identity = _identity(Place(value, document), environ) or _local(environ, user)
    return MetadataReading(identity, present=True, findings=document.all_findings())


def _local(environ: Mapping[str, str], user: str) -> Identity:
    return Identity(
        kind="local",
        app_type=Sourced("KernelGateway", "default"),
        domain_id=Sourced("local", "default"),
        owner=Sourced(user, "default"),
        user_profile_name=Sourced(user, "default"),
        app_name=Sourced("default", "default"),
        region=variable(environ, "AWS_REGION", "AWS_DEFAULT_REGION"),
        account_id=variable(environ, "AWS_ACCOUNT_ID"),
    )


def _identity(root: Place, environ: Mapping[str, str]) -> Identity | None:
    stated = {key: _stated(root, key) for key in _FIELDS}
    additional = _additional(root)
    arn = _arn(root, stated)
    kind = _kind(stated, arn, additional)
    if kind is None:
        seen = "nothing that says which app this is"
        root.report("metadata-without-identity", seen, wanted="ResourceArn, DomainId and AppType")
        return None
    role = parse_arn(stated["ExecutionRoleArn"]) or ArnParts()
    app_type = agreed(root, app_type_of(arn.app_type), app_type_of(stated["AppType"]))
    user, space = stated["UserProfileName"], stated["SpaceName"]
    owner = owner_of(root, arn.owner, space, user)
    user, space = user_and_space(owner, app_type, user, space)
    name = respelled(arn.app_name, stated["ResourceName"])
    region = variable(environ, "AWS_REGION", "AWS_DEFAULT_REGION")
    account = variable(environ, "AWS_ACCOUNT_ID")
    identity = Identity(
        kind=kind,
        app_type=app_type,
        domain_id=agreed(root, arn.domain, stated["DomainId"]),
        owner=owner,
        user_profile_name=user,
        space_name=space,
        app_name=ABSENT if kind == "notebook-instance" else name,
        region=located(root, "region", arn.region, region),
        account_id=located(root, "account", first_of(arn.account, role.account), account),
        partition=first_of(arn.partition, role.partition),
        resource_arn=arn.resource_arn,
        execution_role_arn=stated["ExecutionRoleArn"],
        app_image_version=stated["AppImageVersion"],
        resource_name=stated["ResourceName"],
        ip_address_type=stated["IpAddressType"],
        additional=additional,
    )
    _report_unusual(root, identity)
    return identity


def _stated(place: Place, key: str) -> Sourced:
    member = place.get(key)
    text = member.text() if member else None
    return Sourced(text, key) if text else ABSENT


def _additional(root: Place) -> dict[str, str]:
    given = [_stated(root, key) for key in _NOTEBOOK_FIELDS]
    member = root.get("AdditionalMetadata")
    if member is not None and member.is_object(()):
        given += [_stated(member, key) for key in _ADDITIONAL_FIELDS]
    return {sourced.source: sourced.value for sourced in given if sourced.value}


def _arn(root: Place, stated: Mapping[str, Sourced]) -> ArnParts:
    given = [stated[key] for key in _ARNS if stated[key].value]
    parsed = [parse_arn(arn) for arn in given]
    for arn, parts in zip(given, parsed, strict=True):
        if parts is None or not parts.is_known():
            root.child(arn.source, None).report(
                "metadata-arn-unknown", describe(arn.value), wanted=APP_SHAPE
            )
    usable = [parts for parts in parsed if parts is not None]
    if not usable:
        return ArnParts(resource_arn=first_of(*given))
    return next((parts for parts in usable if parts.is_known()), usable[0])


def _kind(
    stated: Mapping[str, Sourced], arn: ArnParts, additional: Mapping[str, str]
) -> Kind | None:
    if additional:
        return "unified-studio-app"
    if arn.is_notebook_instance:
        return "notebook-instance"
    of_studio = ("DomainId", "AppType", "UserProfileName", "SpaceName")
    if arn.app_name.value or any(stated[key].value for key in of_studio):
        return "studio-app"
    # As the SageMaker Python SDK decides it: only a notebook instance has no DomainId.
    if arn.resource_arn.value or stated["ResourceName"].value:
        return "notebook-instance"
    return None


def _report_unusual(root: Place, identity: Identity) -> None:
    name = limits.APP_OR_OWNER_NAME
    held_to = (
        ("domain id", identity.domain_id, limits.DOMAIN_ID),
        ("user profile", identity.user_profile_name, name),
        ("space", identity.space_name, name),
        ("owner", identity.owner, name),
        ("app type", identity.app_type, limits.APP_TYPE),
        ("app name", identity.app_name, name),
        ("account id", identity.account_id, limits.ACCOUNT_ID),
    )
    told: set[Sourced] = set()
    for what, sourced, limit in held_to:
        if sourced.value is None or sourced.source not in _FIELDS or sourced in told:
            continue
        told.add(sourced)
        wanted = limit.broken_by(sourced.value)
        if wanted:
            root.child(sourced.source, None).report(
                "metadata-field-unusual",
                f"{what} {describe(sourced.value)}",
                wanted=wanted,
                remedy=_UNUSUAL_REMEDY,
                severity="info",
            )
