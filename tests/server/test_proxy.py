"""JupyterLab that is connected to a kernel gateway: the gateway's jupyter_sm answers."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import envs
import pytest
from hosts import Host, free_port, start_gateway, start_lab

from jupyter_sm.server.handlers import ROUTES

Launch = Callable[..., Host]

SECRET = "the-gateways-own-secret"
FROM = "X-Jupyter-SM-Gateway"
READ = [o.path for o, _ in ROUTES if o.proxied and o.method == "get"]
OWN = [o.path for o, _ in ROUTES if not o.proxied]


def connect(folder: Path, url: str, *args: str, token: str = SECRET) -> Host:
    env = {"JUPYTER_GATEWAY_AUTH_TOKEN": token}
    # The stock /api/status asks the gateway too.
    return start_lab(folder, f"--gateway-url={url}", *args, env=env, wait="/api/sm/health")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("gateway")
    root = envs.make_environment(folder / "conda", interpreter="real")
    env = {"MAMBA_ROOT_PREFIX": str(root), "JUPYTER_SM_SHOW": "all"}
    with start_gateway(folder, env=env, token=SECRET) as host:
        yield host


@pytest.fixture(scope="module")
def lab(gateway: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("lab")
    no_panel = f"--LabApp.labextensions_path={folder}"
    with connect(folder, gateway.url, "--log-level=DEBUG", no_panel) as host:
        yield host


def error(host: Host, path: str = "/api/sm") -> tuple[int, Any]:
    answer = host.get(path)
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.json()) == {"message", "reason", "code", "hint"}
    assert answer.headers[FROM].startswith("http://127.0.0.1:")
    return answer.status, answer.json()["code"]


def test_the_gateway_answers_and_says_so(
    gateway: Host, lab: Host, record_real: Callable[[str], None]
) -> None:
    for path in READ:
        answer = lab.get(path)
        assert answer.status == 200, path
        assert answer.headers[FROM] == gateway.url
        assert answer.headers["Content-Type"] == "application/json"
        assert set(answer.json()) == set(gateway.get(path).json())
    overview = lab.get("/api/sm").json()
    assert overview["host"] == "kernel-gateway"
    assert overview["active"] is True
    names = [kernel["name"] for kernel in overview["kernels"]["kernels"]]
    assert "conda-base-py" in names
    for path in OWN:
        assert FROM not in lab.get(path).headers
    refreshed = lab.post("/api/sm/cuda/refresh")
    assert (refreshed.status, refreshed.headers[FROM]) == (200, gateway.url)
    again = lab.post("/api/sm/cuda/refresh")
    assert (again.status, again.json()["code"]) == (429, "too-soon")
    assert int(again.headers["Retry-After"]) >= 1
    record_real("gateway")
    record_real("lab")


def test_an_answer_that_has_not_changed_is_not_sent_again(lab: Host) -> None:
    etag = lab.get("/api/sm/kernels").headers["Etag"]

    answer = lab.get("/api/sm/kernels", headers={"If-None-Match": etag})

    assert (answer.status, answer.body) == (304, b"")
    assert answer.headers["Etag"] == etag


def test_a_query_that_the_route_does_not_know_stays_here(gateway: Host, lab: Host) -> None:
    query = f"tail=1&other=something-private&token={lab.token}"
    few = lab.get(f"/api/sm/logs?{query}", token=None).json()

    assert len(few["events"]) == 1
    bad = lab.get("/api/sm/logs?tail=few")
    assert (bad.status, bad.json()["code"]) == (400, "bad-tail")
    assert "something-private" not in gateway.log()


def test_every_route_demands_the_labs_token(gateway: Host, lab: Host) -> None:
    for path in READ:
        for token in (None, "wrong"):
            answer = lab.get(path, token=token)
            assert answer.status == 403
            assert gateway.token not in answer.body.decode()
    assert lab.post("/api/sm/cuda/refresh", token=None).status == 403
    assert lab.post("/api/sm/kernels").status == 405
    assert lab.get("/api/sm/cuda/refresh").status == 405


def test_the_gateways_token_is_in_no_log_and_no_answer(gateway: Host, lab: Host) -> None:
    body = {
        "path": "x.ipynb",
        "type": "notebook",
        "name": "x",
        "kernel": {"name": "python3"},
    }
    session = lab.post("/api/sessions", body)
    assert session.status == 201
    answers = [lab.get(path) for path in READ]
    assert lab.request("DELETE", f"/api/sessions/{session.json()['id']}").status == 204

    assert "GatewayKernelManager started kernel" in lab.log()
    assert gateway.token not in lab.log()
    for answer in answers:
        assert gateway.token not in answer.body.decode() + str(answer.headers)


def test_the_labs_own_problems_are_in_its_log_and_not_in_the_body(lab: Host) -> None:
    report = lab.get("/api/sm/health/report").json()

    assert "panel-not-installed" not in json.dumps(report)
    assert lab.log().count("there is no jupyter-sm in any folder") == 1


def test_each_trouble_with_the_gateway_has_its_code_and_ends_with_it(tmp_path: Path) -> None:
    port = free_port()
    with connect(tmp_path, f"http://127.0.0.1:{port}") as lab:
        assert {error(lab, path) for path in READ} == {(502, "gateway-away")}
        with start_gateway(tmp_path, port=port, env={"JUPYTER_SM_GATEWAY": "0"}):
            assert {error(lab, path) for path in READ} == {(502, "gateway-without-jupyter-sm")}
        with start_gateway(tmp_path, port=port, token="another"):
            assert {error(lab, path) for path in READ} == {(502, "gateway-refuses")}
        assert {error(lab, path) for path in READ} == {(502, "gateway-away")}
        with start_gateway(tmp_path, port=port, token=SECRET):
            assert [lab.get(path).status for path in READ] == [200] * len(READ)
        assert lab.get("/api/sm/health", token=None).status == 200
        assert lab.get("/api/sm/openapi.json").status == 200
        assert "Traceback" not in lab.log()
        assert SECRET not in lab.log()


def test_a_lab_without_a_gateway_answers_by_itself(launch_lab: Launch) -> None:
    answer = launch_lab().get("/api/sm")

    assert (answer.status, answer.json()["host"]) == (200, "jupyter-server")
    assert FROM not in answer.headers
