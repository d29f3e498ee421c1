"""The health report of running hosts."""

import asyncio
import json
import logging
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import envs
import pytest
from hosts import Host
from jupyter_server.auth.identity import PasswordIdentityProvider
from jupyter_server.serverapp import ServerApp

from jupyter_sm.image import read_metadata
from jupyter_sm.server import hostproblems
from jupyter_sm.server.extension import view_of
from jupyter_sm.server.hostproblems import HostProblems, HostView
from jupyter_sm.server.problemtable import PROBLEMS
from jupyter_sm.server.who import Who, nameless

Launch = Callable[..., Host]

REPORT = "/api/sm/health/report"


def problems(host: Host) -> dict[str, Any]:
    """By id; each is one that the table knows."""
    report = host.get(REPORT).json()
    found = {problem["id"]: problem for problem in report["problems"]}
    assert len(found) == len(report["problems"])
    for kind, problem in found.items():
        assert problem["severity"] in PROBLEMS[kind].severities
        assert problem["seen"]
    return found


def metadata(tmp_path: Path, text: str = '{"AppType": "KernelGateway", "DomainId": "d-1"}') -> str:
    path = tmp_path / "resource-metadata.json"
    path.write_text(text)
    return str(path)


def app_image_config(tmp_path: Path, *names: str, **file_system: object) -> str:
    path = tmp_path / "app-image-config.json"
    section: dict[str, object] = {"KernelSpecs": [{"Name": name} for name in names]}
    if file_system:
        section["FileSystemConfig"] = file_system
    path.write_text(json.dumps({"AppImageConfigName": "ours", "KernelGatewayImageConfig": section}))
    return str(path)


@pytest.mark.without_gpu
def test_a_gateway_with_nothing_wrong_says_so(launch_gateway: Launch) -> None:
    gateway = launch_gateway("--ip=0.0.0.0")
    report = gateway.get(REPORT).json()

    assert gateway.get(REPORT, token=None).status in (401, 403)
    assert (report["worst"], report["problems"]) == (None, [])
    assert report["checked_at"].endswith("+00:00")


def test_every_source_is_told_the_worst_first_and_nothing_twice(
    launch_gateway: Launch, tmp_path: Path
) -> None:
    root = envs.make_environment(tmp_path / "conda")
    envs.make_environment(root / "envs/broken", interpreter=None)
    config = app_image_config(tmp_path, "conda-env-broken-py", "absent", "python3")
    env = {
        "MAMBA_ROOT_PREFIX": str(root),
        "JUPYTER_SM_APP_IMAGE_CONFIG": config,
        "JUPYTER_SM_METADATA_FILE": metadata(tmp_path, '{"AppType": 3}'),
        "JUPYTER_SM_SHIP_LOGS": "1",
        "JUPYTER_SM_CUDA_CHECK": "0",
    }
    host = launch_gateway("--ip=0.0.0.0", token="", env=env)
    with host.start_kernel("absent"):
        overview = host.get("/api/sm").json()
        found = problems(host)

    order = ["error", "warning", "info"]
    ranks = [order.index(problem["severity"]) for problem in found.values()]
    assert ranks == sorted(ranks)
    assert host.get(REPORT).json()["worst"] == "error"
    assert {
        "configured-kernel-missing",
        "shown-kernel-broken",
        "document-member-type",
        "metadata-without-identity",
        "file-system-ids-unstated",
        "log-shipping-refused",
    } <= set(found)
    assert "kernel-not-started" not in found
    assert found["host-without-token"]["severity"] == "info"
    assert [p["id"] for p in overview["report"]["problems"]] == list(found)


def test_a_kernel_that_ended_by_itself_is_an_error(launch_gateway: Launch, tmp_path: Path) -> None:
    root = envs.make_environment(tmp_path / "conda")
    kernel = {"argv": [sys.executable, "-c", "import nothing_of_the_kind"], "display_name": "X"}
    envs.make_environment(root / "envs/x", kernels={"python3": kernel}, interpreter="real")
    env = {"MAMBA_ROOT_PREFIX": str(root), "JUPYTER_SM_SHOW": "all"}
    host = launch_gateway(env=env)

    with host.start_kernel("conda-env-x-py") as running:
        running.execute("1")
        (problem,) = [p for k, p in problems(host).items() if k == "kernel-not-started"]

    assert problem["severity"] == "error"
    assert "conda-env-x-py did not start" in problem["seen"]


def test_an_open_gateway_is_an_error(launch_gateway: Launch) -> None:
    assert (
        problems(launch_gateway("--ip=0.0.0.0", token=""))["host-without-token"]["severity"]
        == "error"
    )


def test_an_open_server_is_an_error(launch_server: Launch) -> None:
    host = launch_server("--ip=0.0.0.0", token="")

    assert problems(host)["host-without-token"]["severity"] == "error"


@pytest.mark.parametrize(
    ("given", "asks"),
    [({}, False), ({"token": "x"}, True), ({"hashed_password": "argon2:x"}, True)],
    ids=["nothing", "token", "password"],
)
def test_a_server_asks_for_a_token_or_a_password(given: dict[str, str], asks: bool) -> None:
    provider = PasswordIdentityProvider(**{"token": "", **given})
    app = Mock(spec=ServerApp, identity_provider=provider, sock="", ip="0.0.0.0", runtime_dir="/r")

    view = view_of(app)

    assert (view.has_auth(), view.address()) == (asks, "0.0.0.0")
    app.sock = "/run/jupyter.sock"
    assert view.address() is None


def test_the_image_says_who_runs_and_what_was_configured(
    launch_gateway: Launch, tmp_path: Path
) -> None:
    mount = tmp_path / "mount"
    mount.mkdir()
    config = app_image_config(
        tmp_path, "python3", MountPath=str(mount), DefaultUid=1000, DefaultGid=100
    )
    env = {
        "JUPYTER_SM_APP_IMAGE_CONFIG": config,
        "JUPYTER_SM_METADATA_FILE": metadata(tmp_path),
    }
    overview = launch_gateway(env=env).get("/api/sm").json()

    image = overview["image"]
    assert overview["api"] == 1
    assert image["app_image_config"] == {
        "file": config,
        "name": "ours",
        "mount_path": str(mount),
        "uid": 1000,
        "gid": 100,
    }
    assert image["home"] == str(tmp_path / "home")
    assert sys.executable in image["python"]
    told = {problem["id"] for problem in overview["report"]["problems"]}
    assert ("process-ids-differ" in told) == ((image["uid"], image["gid"]) != (1000, 100))


def test_a_runtime_folder_in_the_way_is_an_error(launch_gateway: Launch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    gateway = launch_gateway(env={"HOME": str(tmp_path / "file/home")})

    found = problems(gateway)["home-not-writable"]

    assert found["severity"] == "error"
    assert f"{tmp_path}/file is no folder" in found["seen"]


def test_a_lab_without_the_panel_says_how_to_get_it(launch_lab: Launch, tmp_path: Path) -> None:
    host = launch_lab(f"--LabApp.labextensions_path={tmp_path}")

    problem = problems(host)["panel-not-installed"]

    assert problem["severity"] == "warning"
    assert problem["remedy"].endswith("-m pip install --force-reinstall --no-deps .")
    assert host.log().count("there is no jupyter-sm in any folder") == 1


def test_a_lab_with_the_panel_and_a_server_without_a_lab_do_not(
    launch_lab: Launch, launch_server: Launch, tmp_path: Path
) -> None:
    (tmp_path / "jupyter-sm").mkdir()
    (tmp_path / "jupyter-sm/package.json").write_text('{"name": "jupyter-sm"}')
    lab = launch_lab(f"--LabApp.extra_labextensions_path={tmp_path}")
    assert "panel-not-installed" not in problems(lab)

    off = {"jupyterlab": False, "notebook_shim": False, "notebook": False}
    server = launch_server(f"--ServerApp.jpserver_extensions={off}")
    assert "panel-not-installed" not in problems(server)


class Slow:
    """A disk that does not answer until it is let."""

    def __init__(self) -> None:
        self.answer = threading.Event()

    def __call__(self) -> str | None:
        self.answer.wait(60)
        return None


def test_a_disk_that_does_not_answer_is_a_problem_and_holds_nobody_up(tmp_path: Path) -> None:
    disk = Slow()
    view = HostView(address=lambda: "0.0.0.0", has_auth=lambda: False, runtime_folder=str(tmp_path))
    found = HostProblems(
        view,
        host="kernel-gateway",
        metadata=lambda: read_metadata(None, source="x", environ={}, user="u"),
        config=lambda: None,
        log_folder=disk,
        log=logging.getLogger("test"),
    )

    async def ask() -> tuple[list[str], Who]:
        return [problem.id for problem in await found.findings()], await found.who()

    try:
        told, who = asyncio.run(ask())
        assert not disk.answer.is_set()
    finally:
        disk.answer.set()

    assert told == ["host-without-token", "folders-not-answering"]
    assert who.user == str(who.uid)


def test_a_catalog_that_is_slow_is_not_taken_for_the_list_of_accounts(tmp_path: Path) -> None:
    catalog = threading.Event()

    def config() -> None:
        catalog.wait(60)

    found = HostProblems(
        HostView(address=lambda: None, has_auth=lambda: True, runtime_folder=str(tmp_path)),
        host="kernel-gateway",
        metadata=lambda: read_metadata(None, source="x", environ={}, user="u"),
        config=config,
        log_folder=lambda: None,
        log=logging.getLogger("test"),
    )
    try:
        told = asyncio.run(found.findings())
        assert not catalog.is_set()
    finally:
        catalog.set()

    assert told == ()


def test_a_list_of_accounts_that_does_not_answer_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = threading.Event()

    def look_up() -> Who:
        accounts.wait(60)
        return nameless()

    monkeypatch.setattr(hostproblems, "of_this_process", look_up)
    found = HostProblems(
        HostView(address=lambda: None, has_auth=lambda: True, runtime_folder=str(tmp_path)),
        host="kernel-gateway",
        metadata=lambda: read_metadata(None, source="x", environ={}, user="u"),
        config=lambda: None,
        log_folder=lambda: None,
        log=logging.getLogger("test"),
    )
    try:
        (problem,) = asyncio.run(found.findings())
    finally:
        accounts.set()

    assert (problem.id, problem.source) == ("folders-not-answering", "the list of accounts")
