"""What the benchmarks of gateways stand on."""

from collections.abc import Iterator

import hosts
import pytest
from host import HostError

from .gateways import SIDES, STOCK_API, Kernels, confirm, start, wait_until_ready
from .keepalive import KeepAlive
from .memory import resident


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[hosts.Host]:
    folder = tmp_path_factory.mktemp("stock")
    with hosts.start_gateway(folder, env={"KG_API": STOCK_API}) as host:
        yield host


def test_both_gateways_list_the_same_kernels(tmp_path_factory: pytest.TempPathFactory) -> None:
    listed = []
    for kind in SIDES:
        folder = tmp_path_factory.mktemp(kind)
        with start(kind, folder, Kernels(folder, 2)) as host:
            wait_until_ready(host)
            confirm(kind, host)
            found = host.get("/api/kernelspecs").json()["kernelspecs"]
            listed.append({name: set(model["resources"]) for name, model in found.items()})

    ours, theirs = listed
    names = {"conda-env-env0000-py", "conda-env-env0001-py"}
    assert {name: ours[name] for name in names} == {name: theirs[name] for name in names}
    assert ours["conda-env-env0000-py"] == {"logo-32x32", "logo-64x64"}


def test_a_gateway_without_the_package_is_not_taken_for_ours(stock: hosts.Host) -> None:
    confirm("stock", stock)
    with pytest.raises(HostError, match="not ours: /api/sm/health answered 404"):
        confirm("ours", stock)


def test_a_gateway_that_ended_never_gets_ready(launch_gateway: hosts.LaunchHost) -> None:
    host = launch_gateway(env={"KG_API": STOCK_API})
    host.stop()

    with pytest.raises(HostError, match="not ready"):
        wait_until_ready(host)


def test_the_client_gets_what_any_client_gets_again_and_again(stock: hosts.Host) -> None:
    expected = stock.get("/api").body

    with KeepAlive(stock.url, stock.token) as client:
        assert [client.get("/api"), client.get("/api")] == [expected, expected]
        assert client.latency("/api/kernelspecs") > 0
        assert client.get("/api") == expected


def test_any_answer_but_200_is_an_error(stock: hosts.Host) -> None:
    with (
        KeepAlive(stock.url, "another token") as client,
        pytest.raises(ConnectionError, match=r"/api: .* 401"),
    ):
        client.get("/api")


def test_resident_memory_is_in_megabytes(stock: hosts.Host) -> None:
    assert 20 < resident(stock.process.pid) < 500
