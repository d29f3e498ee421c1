"""Whether this process ships its own log: on the platform somebody else does already."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

ShipLogs = bool | Literal["force"]

FORCE: Final = "force"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to ship.

    Attributes:
        ship: It is to be done.
        reason: Why it is not although it was asked for; else empty.
    """

    ship: bool
    reason: str = ""


def whether_to_ship(ship_logs: ShipLogs, *, on_platform: bool) -> Decision:
    """What the setting ``ship_logs`` means here.

    Args:
        ship_logs: The setting.
        on_platform: Whether there is a metadata document: SageMaker then sends what the container
            writes to stdout and stderr to the same stream.
    """
    if ship_logs is True and on_platform:
        return Decision(
            ship=False,
            reason="this is SageMaker, which sends the same lines to the same stream itself: "
            f'they would all be there twice. Set ship_logs to "{FORCE}" if it does not',
        )
    return Decision(ship=bool(ship_logs))


def shipping_region(own: str | None, environ: Mapping[str, str]) -> str | None:
    """The region to ship to, None where the environment names one: clients of AWS go by that.

    Args:
        own: The app's, None where it is not known.
        environ: The process's.
    """
    named = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    return None if named else own
