"""A file system that hangs from the start: the gateway answers, says so, and stops."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import envs
import pytest
from hosts import Host
from slowdisk import SlowDisk

Launch = Callable[..., Host]

METADATA = {
    "AppType": "KernelGateway",
    "DomainId": "d-fnytsoocmwo1",
    "SpaceName": "space",
    "ResourceArn": "arn:aws:sagemaker:us-east-1:177118115371:app/d-fnytsoocmwo1/space/KernelGateway/a",
    "ResourceName": "a",
    "AppImageVersion": "",
}


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """What an image reads, each on a disk of its own."""
    found = {name: tmp_path / name for name in ("conda", "metadata", "config")}
    envs.make_environment(found["conda"], interpreter="real")
    for name in ("metadata", "config"):
        found[name].mkdir()
    (found["metadata"] / "resource-metadata.json").write_text(json.dumps(METADATA))
    config = {"KernelGatewayImageConfig": {"KernelSpecs": [{"Name": "conda-base-py"}]}}
    (found["config"] / "config.json").write_text(json.dumps(config))
    return found


@pytest.fixture
def environ(slow_disk: SlowDisk, folders: dict[str, Path]) -> dict[str, str]:
    return {
        "MAMBA_ROOT_PREFIX": str(folders["conda"]),
        "JUPYTER_SM_METADATA_FILE": str(folders["metadata"] / "resource-metadata.json"),
        "JUPYTER_SM_APP_IMAGE_CONFIG": str(folders["config"] / "config.json"),
        **slow_disk.environ(),
    }


def until(is_so: Callable[[], Any], host: Host) -> None:
    deadline = time.monotonic() + 40
    while not is_so():
        assert time.monotonic() < deadline, host.log()
        time.sleep(0.05)


def problems(host: Host) -> list[str]:
    return [problem["id"] for problem in host.get("/api/sm/health/report").json()["problems"]]


@pytest.mark.parametrize("name", ["conda", "config"])
def test_what_the_kernels_are_made_of_hangs_and_answers_later(
    launch_gateway: Launch,
    slow_disk: SlowDisk,
    folders: dict[str, Path],
    environ: dict[str, str],
    name: str,
) -> None:
    slow_disk.hangs(folders[name])
    host = launch_gateway(env=environ)

    assert host.get("/api/kernels").json() == []
    assert host.get("/api/sm/health").status == 503
    assert host.get("/api/sm").json()["health"] == {"status": "starting"}
    assert host.get("/api/sm/metadata").json()["identity"]["app_name"]["value"] == "a"
    assert host.get("/api/sm/logs").json()["events"]
    assert "kernels-not-known" in problems(host)
    assert slow_disk.waiting

    slow_disk.answers()
    until(lambda: host.get("/api/sm/health").status == 200, host)
    assert list(host.get("/api/kernelspecs").json()["kernelspecs"]) == ["conda-base-py"]


def test_the_metadata_hang_and_answer_later(
    launch_gateway: Launch, slow_disk: SlowDisk, folders: dict[str, Path], environ: dict[str, str]
) -> None:
    slow_disk.hangs(folders["metadata"])
    host = launch_gateway(env=environ, wait="/api/sm/health")

    assert list(host.get("/api/kernelspecs").json()["kernelspecs"]) == ["conda-base-py"]
    assert host.get("/api/sm").json()["metadata"]["identity"]["app_name"]["value"] != "a"
    assert "metadata-not-known" in problems(host)
    assert "The log has the name of an app without metadata" in host.log()
    with host.start_kernel() as kernel:
        assert kernel.execute("6 * 7").result == "42"
    assert slow_disk.waiting

    slow_disk.answers()
    until(lambda: host.get("/api/sm/metadata").json()["identity"]["app_name"]["value"] == "a", host)


@pytest.mark.parametrize("name", ["conda", "metadata", "config"])
def test_a_gateway_stops_that_hung_from_its_start(
    launch_gateway: Launch,
    slow_disk: SlowDisk,
    folders: dict[str, Path],
    environ: dict[str, str],
    name: str,
) -> None:
    slow_disk.hangs(folders[name])
    host = launch_gateway(env=environ)
    slow_disk.wait_until_met()

    assert host.stop() == 0
    assert slow_disk.waiting
    assert host.left_behind() == []


def test_a_disk_of_the_log_that_hangs_from_the_start_leaves_the_log_on_stderr(
    launch_gateway: Launch, slow_disk: SlowDisk, environ: dict[str, str], tmp_path: Path
) -> None:
    slow_disk.hangs(tmp_path / "logs")
    host = launch_gateway(env=environ, wait="/api/sm/health")

    assert slow_disk.waiting
    assert "The log is on stderr only: a file system does not answer" in host.log()
    assert host.get("/api/sm/logs").json()["trouble"] == "a file system does not answer"
    assert "log-not-written" in problems(host)
    with host.start_kernel() as kernel:
        assert kernel.execute("6 * 7").result == "42"
    assert host.stop() == 0
    assert host.left_behind() == []


@pytest.mark.parametrize("name", ["metadata", "config"])
def test_a_server_whose_documents_hang_serves_and_stops(
    launch_server: Launch,
    slow_disk: SlowDisk,
    folders: dict[str, Path],
    environ: dict[str, str],
    name: str,
) -> None:
    slow_disk.hangs(folders[name])
    if name == "config":  # which decides only where there are no metadata
        environ["JUPYTER_SM_METADATA_FILE"] = "/nowhere"
    host = launch_server(env=environ)

    assert host.get("/api/kernels").json() == []
    assert host.get("/api/sm").json()["active"]
    assert "Taken for an image of SageMaker" in host.log()
    assert slow_disk.waiting
    assert host.stop() == 0
    assert host.left_behind() == []


def test_a_server_stays_a_guest_where_only_its_prefix_hangs(
    launch_server: Launch, slow_disk: SlowDisk
) -> None:
    slow_disk.hangs(Path(sys.prefix) / "etc/jupyter_sm")
    host = launch_server(env=slow_disk.environ())

    assert host.get("/api/sm").json()["active"] is False
    assert "Not taken for an image of SageMaker" in host.log()
    assert slow_disk.waiting
    assert host.stop() == 0


def test_documents_that_hang_later_hold_nobody_up(
    launch_gateway: Launch, slow_disk: SlowDisk, folders: dict[str, Path], environ: dict[str, str]
) -> None:
    host = launch_gateway(env=environ, wait="/api/sm/health")
    host.get("/api/sm")
    slow_disk.hangs(folders["metadata"], folders["config"])
    until(lambda: host.get("/api/sm").status == 200 and slow_disk.waiting > 1, host)

    for route in ("", "/health", "/health/report", "/kernels", "/metadata", "/logs"):
        assert host.get(f"/api/sm{route}").status == 200, route
    with host.start_kernel() as kernel:
        assert kernel.execute("6 * 7").result == "42"
    assert slow_disk.waiting
    assert host.stop() == 0
    assert host.left_behind() == []
