"""The ARN of an app or of a notebook instance, taken apart."""

from dataclasses import dataclass

from .identity import ABSENT, Sourced

APP_SHAPE = "arn:PARTITION:sagemaker:REGION:ACCOUNT:app/DOMAIN/USER-OR-SPACE/APP-TYPE/APP-NAME"
"""API, AppArn; the tail as in the developer guide's samples of resource-metadata.json."""

_ARN_PARTS = 5  # after "arn"
_APP_PARTS = 4  # after "app"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArnParts:
    """What an ARN says, each part as written and ABSENT where it is empty or not there.

    Attributes:
        resource_arn: the whole.
        owner: the user profile or the space; an ARN does not say which of the two.
        is_notebook_instance: it names a notebook instance, so that it has no app's parts.
    """

    resource_arn: Sourced = ABSENT
    partition: Sourced = ABSENT
    region: Sourced = ABSENT
    account: Sourced = ABSENT
    domain: Sourced = ABSENT
    owner: Sourced = ABSENT
    app_type: Sourced = ABSENT
    app_name: Sourced = ABSENT
    is_notebook_instance: bool = False

    def is_known(self) -> bool:
        """Whether it is the ARN of an app, with all its parts, or of a notebook instance."""
        return self.is_notebook_instance or self.app_name.value is not None


def parse_arn(arn: Sourced) -> ArnParts | None:
    """The parts of an ARN; None when it is none.

    Lenient, because the guide's samples have ``account-id`` for the account.
    """
    prefix, *rest = (arn.value or "").split(":", 5)
    if prefix != "arn" or len(rest) != _ARN_PARTS:
        return None
    partition, _service, region, account, resource = rest
    kind, *tail = resource.split("/")
    app = tail if kind == "app" and len(tail) == _APP_PARTS and all(tail) else [""] * _APP_PARTS
    domain, owner, app_type, app_name = (_part(text, arn) for text in app)
    return ArnParts(
        resource_arn=arn,
        partition=_part(partition, arn),
        region=_part(region, arn),
        account=_part(account, arn),
        domain=domain,
        owner=owner,
        app_type=app_type,
        app_name=app_name,
        is_notebook_instance=kind == "notebook-instance",
    )


def _part(text: str, arn: Sourced) -> Sourced:
    return Sourced(text, arn.source) if text else ABSENT
