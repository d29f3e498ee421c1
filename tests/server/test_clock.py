"""A wall clock that jumps, and files with odd times: nothing is missed, and nothing ends early."""

import itertools
import json
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import envs
import pytest
from hosts import Host
from slowdisk import SlowDisk

Launch = Callable[..., Host]

DAY = 86_400.0
JUMPS = {
    "an hour back": -3600.0,
    "a day ahead": DAY,
    "a day back": -DAY,
    "20 years ahead": 20 * 365 * DAY,
    "to 1970": 60.0 - time.time(),
}
ODD_TIMES = {"1901": -2_147_483_000, "2100": 4_102_444_800}
PATIENCE = 30.0
"""Seconds until a change on disk must be in an answer: a machine that is busy is no defect."""


@pytest.fixture
def conda(tmp_path: Path) -> Path:
    root = envs.make_environment(tmp_path / "conda", interpreter="real")
    envs.make_environment(root / "envs/myenv", interpreter="real")
    return root


@pytest.fixture
def host(launch_gateway: Launch, slow_disk: SlowDisk, conda: Path, tmp_path: Path) -> Host:
    write_metadata(tmp_path, "first")
    return launch_gateway(
        env={
            "MAMBA_ROOT_PREFIX": str(conda),
            "JUPYTER_SM_SHOW": "all",
            "JUPYTER_SM_METADATA_FILE": str(tmp_path / "metadata.json"),
            **slow_disk.environ(),
        },
        wait="/api/sm/health",
    )


def write_metadata(folder: Path, name: str) -> Path:
    path = folder / "metadata.json"
    arn = f"arn:aws:sagemaker:us-east-1:177118115371:app/d-fnytsoocmwo1/space/KernelGateway/{name}"
    identity = {"DomainId": "d-fnytsoocmwo1", "SpaceName": "space", "ResourceName": name}
    path.write_text(json.dumps({"AppType": "KernelGateway", "ResourceArn": arn, **identity}))
    return path


def app_of(host: Host) -> str:
    return str(host.get("/api/sm/metadata").json()["identity"]["app_name"]["value"])


def listed(host: Host) -> dict[str, str]:
    specs = host.get("/api/kernelspecs").json()["kernelspecs"]
    return {name: spec["spec"]["display_name"] for name, spec in specs.items()}


def until(host: Host, is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, host.log()
        time.sleep(0.05)


def steps_back(host: Host) -> int:
    """How often a line of the log is dated before the line in front of it."""
    events = host.get("/api/sm/logs?tail=1000").json()["events"]
    stamps = [event["timestamp"] for event in events]
    assert len(stamps) > 5
    return sum(later < earlier for earlier, later in itertools.pairwise(stamps))


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS)
def test_a_gateway_goes_on_when_its_clock_jumps(
    host: Host, slow_disk: SlowDisk, conda: Path, tmp_path: Path, jump: float
) -> None:
    with host.start_kernel("conda-env-myenv-py") as kernel:
        kernel.execute("x = 1")
        etag = host.get("/api/sm/kernels").headers["Etag"]

        slow_disk.jump(jump)
        unchanged = host.get("/api/sm/kernels", headers={"If-None-Match": etag})
        envs.make_environment(conda / "envs/new")
        write_metadata(tmp_path, "second")

        assert unchanged.status == 304
        until(host, lambda: "conda-env-new-py" in listed(host))
        until(host, lambda: app_of(host) == "second")
        assert host.get("/api/sm/kernels", headers={"If-None-Match": etag}).status == 200
        assert host.get("/api/sm/health").status == 200
        assert host.get("/api/sm").status == 200
        assert kernel.execute("x").result == "1"
        (running,) = host.get("/api/kernels").json()
        assert running["last_activity"]
    with host.start_kernel("python3") as kernel:
        assert kernel.execute("6 * 7").result == "42"

    # Where it was wrong by more than two hours the log believes it again (logs/spool.py).
    assert steps_back(host) == (jump < -7200)
    assert host.stop() == 0
    assert host.left_behind() == []


def test_a_clock_that_is_set_right_again_leaves_the_log_in_order(
    host: Host, slow_disk: SlowDisk
) -> None:
    for jump in (3600.0, 0.0, -3600.0, 0.0):
        slow_disk.jump(jump)
        assert host.post("/api/kernels", {"name": "nowhere"}).status == 404

    assert steps_back(host) == 0


@pytest.mark.parametrize("moment", ODD_TIMES.values(), ids=ODD_TIMES)
def test_changes_are_seen_of_files_that_keep_their_size_and_an_odd_time(
    host: Host, conda: Path, tmp_path: Path, moment: int
) -> None:
    prefix = conda / "envs/myenv"

    def is_known(mark: str) -> bool:
        names = listed(host)
        renamed = mark in names["conda-env-myenv-py"]
        return renamed and f"conda-env-{mark}-py" in names and app_of(host) == mark

    def change(mark: str) -> None:
        spec = envs.python_spec(str(prefix / "bin/python"), display_name=mark)
        kernel = envs.write_kernel(prefix / "share/jupyter/kernels/python3", spec)
        envs.make_environment(conda / f"envs/{mark}")
        changed = (kernel / "kernel.json", kernel, write_metadata(tmp_path, mark), conda / "envs")
        for path in changed:
            os.utime(path, (moment, moment))
        assert {path.stat().st_mtime for path in changed} == {moment}

    for mark in ("one", "two"):
        change(mark)
        until(host, partial(is_known, mark))
        time.sleep(2.1)  # from now on the times of the files are believed (reading.py, SETTLED_NS)
        listed(host)
        app_of(host)
