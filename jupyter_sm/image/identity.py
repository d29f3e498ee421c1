"""The identity of an app, each field with where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["studio-app", "notebook-instance", "unified-studio-app", "local"]
"""``local`` is also an app whose metadata document could not be used."""


@dataclass(frozen=True, slots=True)
class Sourced:
    """A value and where it came from.

    Attributes:
        value: never empty; None when nothing gives it.
        source: a member of the metadata document (``ResourceArn``, ``DomainId``),
            ``environment NAME``, ``default`` outside SageMaker, or ``absent``; an assumption says so
            after a comma.
    """

    value: str | None
    source: str


ABSENT = Sourced(None, "absent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which app this is.

    Attributes:
        kind: what sort of thing runs this image.
        app_type: in the API's spelling where the API knows it: ``KernelGateway``, ``JupyterLab``.
        domain_id: the Studio domain.
        owner: the user profile or the space that the app belongs to: what the ARN, and with it the
            log stream ``domain/owner/app type/app name``, has in its second place.
        user_profile_name: absent in the apps of a space.
        space_name: absent in the apps of a user profile.
        app_name: ``default`` for JupyterLab and Code Editor.
        region: of the app. Clients of AWS use ``AWS_REGION``; a finding says when the two differ.
        account_id: of the app.
        partition: ``aws``, ``aws-cn``, …
        resource_arn: as the document gives it, the case-sensitive one where there is one.
        execution_role_arn: the role that the app runs with.
        app_image_version: usually absent.
        resource_name: the app's name, or in older KernelGateway apps the image's.
        ip_address_type: ``ipv4`` or such.
        additional: SageMaker Unified Studio's further fields that are there, by the document's names.
    """

    kind: Kind
    app_type: Sourced = ABSENT
    domain_id: Sourced = ABSENT
    owner: Sourced = ABSENT
    user_profile_name: Sourced = ABSENT
    space_name: Sourced = ABSENT
    app_name: Sourced = ABSENT
    region: Sourced = ABSENT
    account_id: Sourced = ABSENT
    partition: Sourced = ABSENT
    resource_arn: Sourced = ABSENT
    execution_role_arn: Sourced = ABSENT
    app_image_version: Sourced = ABSENT
    resource_name: Sourced = ABSENT
    ip_address_type: Sourced = ABSENT
    additional: Mapping[str, str] = field(default_factory=dict)
