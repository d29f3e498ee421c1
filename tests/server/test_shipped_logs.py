"""A gateway as the README starts it, with a client, killed and started again: every event arrives."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fake_cloudwatch import FAKE_CREDENTIALS, GROUP, FakeCloudWatch, start_fake_cloudwatch
from hosts import Host
from moto_server import MotoServer, start_moto_server

Launch = Callable[..., Host]
Event = tuple[int, str]

PATIENCE = 30.0


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoServer]:
    with start_moto_server(tmp_path_factory.mktemp("moto") / "moto.log") as running:
        yield running


@pytest.fixture
def fake() -> Iterator[FakeCloudWatch]:
    with start_fake_cloudwatch() as running:
        yield running


def shipping_to(endpoint_url: str) -> dict[str, str]:
    # Named by AWS's own variable, as a user would name another endpoint.
    return {
        **FAKE_CREDENTIALS,
        "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": endpoint_url,
        "JUPYTER_SM_SHIP_LOGS": "1",
    }


def written(folder: Path) -> list[Event]:
    (active,) = (folder / "logs").rglob("*.log")
    lines = [json.loads(line) for line in active.read_bytes().splitlines()]
    return [(line["timestamp"], line["message"]) for line in lines]


def stream(folder: Path) -> str:
    (active,) = (folder / "logs").rglob("*.log")
    return str(active.relative_to(folder / f"logs{GROUP}")).removesuffix(".log")


def firsts(events: list[Event]) -> list[Event]:
    return list(dict.fromkeys(events))


def wait_for(condition: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.05)


def use(gateway: Host, mark: str, requests: int = 30) -> None:
    """What a client does: list, start, run a cell, ask."""
    with gateway.start_kernel("python3") as kernel:
        assert kernel.execute("1 + 1").result == "2"
    for number in range(requests):
        gateway.get(f"/api/kernelspecs?mark={mark}-{number}")


def test_a_gateway_that_is_killed_and_started_again_has_every_event_once_and_ships_each(
    launch_gateway: Launch, moto: MotoServer, tmp_path: Path
) -> None:
    env = shipping_to(moto.endpoint_url)
    gateway = launch_gateway(env=env)
    use(gateway, "first")
    gateway.stop(signal.SIGKILL)
    before = written(tmp_path)
    with launch_gateway(env=env) as again:
        use(again, "second")
        again.stop()
    on_disk = written(tmp_path)

    assert on_disk[: len(before)] == before
    for mark in ("first", "second"):
        # The last line follows its answer, which the kill does not wait for.
        for number in range(29):
            assert sum(f"mark={mark}-{number} " in message for _, message in on_disk) == 1
    with launch_gateway(env=env) as third:  # ships what the end of the second had no time for
        name = stream(tmp_path)
        wait_for(lambda: third.get("/api/sm/logs").json()["shipping"]["state"] == "idle")
        wait_for(lambda: set(on_disk) <= set(moto.events(GROUP, name)))

    arrived = [event for event in firsts(moto.events(GROUP, name)) if event in set(on_disk)]
    assert arrived == on_disk


def test_what_the_service_refuses_meanwhile_arrives_later(
    launch_gateway: Launch, fake: FakeCloudWatch, tmp_path: Path
) -> None:
    fake.refuse()
    with launch_gateway(env=shipping_to(fake.endpoint_url)) as gateway:
        use(gateway, "refused", 5)
        wait_for(lambda: gateway.get("/api/sm/logs").json()["shipping"]["state"] == "waiting")
        told = gateway.get("/api/sm/logs").json()["shipping"]
        assert told["behind_events"] > 0
        assert told["reason"]
        fake.recover()
        on_disk = written(tmp_path)
        wait_for(lambda: set(on_disk) <= set(fake.arrived(stream(tmp_path))))

    arrived = firsts(fake.arrived(stream(tmp_path)))
    assert arrived[: len(on_disk)] == on_disk


def test_a_stop_ships_the_rest_within_its_deadline(
    launch_gateway: Launch, fake: FakeCloudWatch, tmp_path: Path
) -> None:
    with launch_gateway(env=shipping_to(fake.endpoint_url)) as gateway:
        use(gateway, "rest", 5)
        assert gateway.stop() == 0
        assert gateway.left_behind() == []

    arrived = fake.arrived(stream(tmp_path))
    assert arrived == written(tmp_path)[: len(arrived)]
    assert any("received signal" in message for _, message in arrived)


def test_a_stop_does_not_wait_for_a_service_that_hangs(
    launch_gateway: Launch, fake: FakeCloudWatch, tmp_path: Path
) -> None:
    fake.hang()
    with launch_gateway(env=shipping_to(fake.endpoint_url)) as gateway:
        use(gateway, "hangs", 5)
        assert gateway.stop(timeout=10) == 0
        assert gateway.left_behind() == []

    assert len(written(tmp_path)) > 5
