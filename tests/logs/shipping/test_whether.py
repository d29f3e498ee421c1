import pytest

from jupyter_sm.logs.shipping import Decision, ShipLogs, shipping_region, whether_to_ship


@pytest.mark.parametrize(
    ("ship_logs", "on_platform", "ship"),
    [
        (False, False, False),
        (False, True, False),
        (True, False, True),
        ("force", False, True),
        ("force", True, True),
    ],
)
def test_logs_are_shipped_where_that_is_asked_for(
    ship_logs: ShipLogs, on_platform: bool, ship: bool
) -> None:
    assert whether_to_ship(ship_logs, on_platform=on_platform) == Decision(ship=ship)


def test_on_the_platform_it_takes_force_and_the_reason_is_given() -> None:
    decision = whether_to_ship(True, on_platform=True)

    assert not decision.ship
    assert "twice" in decision.reason
    assert "force" in decision.reason


@pytest.mark.parametrize(
    ("own", "environ", "region"),
    [
        ("eu-west-1", {}, "eu-west-1"),
        ("eu-west-1", {"AWS_REGION": "us-east-1"}, None),
        ("eu-west-1", {"AWS_DEFAULT_REGION": "us-east-1"}, None),
        (None, {}, None),
    ],
)
def test_the_environment_names_the_region_before_the_app_does(
    own: str | None, environ: dict[str, str], region: str | None
) -> None:
    assert shipping_region(own, environ) == region
