"""A disk that hangs takes one thread of the host for what is asked again and again, and not more."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import envs
import pytest
from hosts import Host
from slowdisk import SlowDisk

Launch = Callable[..., Host]

CLIENTS = 10


def threads(host: Host) -> int:
    status = Path(f"/proc/{host.process.pid}/status").read_text()
    return int(status.partition("\nThreads:")[2].split()[0])


def give_up(host: Host, path: str) -> None:
    """Many ask while the disk hangs, and nobody waits for the answer."""

    def ask(_: int) -> None:
        with pytest.raises(TimeoutError):
            host.get(path, timeout=2)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(ask, range(CLIENTS)))


def until_nobody_waits(host: Host, disk: SlowDisk, before: int) -> None:
    disk.answers()
    deadline = time.monotonic() + 40
    while threads(host) > before:
        assert time.monotonic() < deadline, "threads are left"
        time.sleep(0.05)


def test_a_file_beside_a_kernel_json(
    launch_gateway: Launch, slow_disk: SlowDisk, tmp_path: Path
) -> None:
    root = envs.make_environment(tmp_path / "conda")
    folder = envs.make_environment(root / "envs/myenv") / "share/jupyter/kernels/python3"
    picture = folder / "logo-64x64.png"
    picture.write_bytes(b"a picture")
    host = launch_gateway(env={"MAMBA_ROOT_PREFIX": str(root), **slow_disk.environ()})
    path = "/kernelspecs/conda-env-myenv-py/logo-64x64.png"
    assert host.get(path).body == b"a picture"
    before = threads(host)
    slow_disk.hangs(picture)

    give_up(host, path)

    assert slow_disk.waiting == 1
    assert threads(host) <= before + 2  # Jupyter's own pool may have one more
    until_nobody_waits(host, slow_disk, before + 1)
    assert host.get(path).body == b"a picture"


def test_the_last_events_of_the_log(launch_gateway: Launch, slow_disk: SlowDisk) -> None:
    host = launch_gateway(env=slow_disk.environ())
    closed = Path(host.get("/api/sm/logs").json()["file"] + ".00000001")
    closed.write_text('{"timestamp":1,"message":"an old one"}\n')
    path = "/api/sm/logs?tail=1000"
    assert "an old one" in host.get(path).body.decode()
    before = threads(host)
    slow_disk.hangs(closed)

    give_up(host, path)

    assert slow_disk.waiting == 1
    assert threads(host) <= before + 2
    until_nobody_waits(host, slow_disk, before + 1)
    assert "an old one" in host.get(path).body.decode()


def test_the_kernels_of_a_host_that_lists_them_itself(
    launch_server: Launch, slow_disk: SlowDisk, tmp_path: Path
) -> None:
    kernels = tmp_path / "jupyter/data/kernels"
    envs.write_kernel(kernels / "foreign", envs.python_spec())
    host = launch_server(env=slow_disk.environ())
    assert not host.get("/api/sm").json()["active"]
    before = threads(host)
    slow_disk.hangs(kernels)

    give_up(host, "/api/sm/kernels")

    assert slow_disk.waiting == 1
    assert threads(host) <= before + 2
    until_nobody_waits(host, slow_disk, before + 1)
    assert "foreign" in {kernel["name"] for kernel in host.get("/api/sm/kernels").json()["kernels"]}
