"""Bodies that Jupyter's handlers of kernels and sessions would fail on, in both hosts."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hosts import Host

Launch = Callable[..., Host]

SESSION = {"path": "a", "type": "notebook", "name": "n", "kernel": {"name": "absent"}}
KERNEL = {"name": "absent", "path": "a"}
NO_OBJECT = "The body is not a JSON object"
NO_SURROGATE = "holds half a surrogate pair"

ANYWHERE: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xfe", "The body is not UTF-8"),
    (b"[]", NO_OBJECT),
    (b"7", NO_OBJECT),
    (b'"text"', NO_OBJECT),
    (b"NaN", NO_OBJECT),
    (b'{"a":' * 50_000, "Invalid JSON in body of request"),
    (b"9" * 5000 + b"}", "Invalid JSON in body of request"),
)

NO_ID = "is not made of letters, digits, - and _"
NO_IDS = ("b" * 300, "\ud800", "a/../../x", "a\0")

OF_A_SESSION: tuple[tuple[dict[str, Any], str], ...] = (
    ({"path": 7}, "`path` is not a string"),
    ({"path": None}, "`path` is not a string"),
    ({"path": "\ud800"}, f"`path` {NO_SURROGATE}"),
    ({"path": "a\0"}, "`path` holds a NUL"),
    ({"name": []}, "`name` is not a string"),
    ({"type": float("nan")}, "`type` is not a string"),
    ({"kernel": None}, "`kernel` is not an object"),
    ({"kernel": []}, "`kernel` is not an object"),
    ({"kernel": "absent"}, "`kernel` is not an object"),
    ({"kernel": {"name": 7}}, "`kernel.name` is not a string"),
    ({"kernel": {"id": {}}}, "`kernel.id` is not a string"),
    *(({"kernel": {"id": text}}, f"`kernel.id` {NO_ID}") for text in NO_IDS),
    ({"notebook": "a"}, "`notebook` is not an object"),
    ({"notebook": {"path": 7}}, "`notebook.path` is not a string"),
)

OF_A_KERNEL: tuple[tuple[dict[str, Any], str], ...] = (
    ({"name": {}}, "`name` is not a string"),
    ({"path": 7}, "`path` is not a string"),
    ({"kernel_id": []}, "`kernel_id` is not a string"),
    *(({"kernel_id": text}, f"`kernel_id` {NO_ID}") for text in NO_IDS),
)


@pytest.fixture(params=["gateway", "server"])
def host(
    request: pytest.FixtureRequest,
    launch_gateway: Launch,
    launch_server: Launch,
    tmp_path: Path,
) -> Host:
    """Each host, serving an image that shows ``python3``."""
    if request.param == "gateway":
        return launch_gateway()
    config = tmp_path / "config.json"
    config.write_text(
        json.dumps({"KernelGatewayImageConfig": {"KernelSpecs": [{"Name": "python3"}]}})
    )
    return launch_server(f"--JupyterSM.app_image_config={config}")


def refused(host: Host, method: str, path: str, body: bytes | dict[str, Any], message: str) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = host.request(method, path, data)
    said = answer.json()
    assert (answer.status, said["message"]) == (400, message), (method, path, data[:80])
    assert said["reason"] == "Bad Request"
    assert said["hint"] or message.startswith("Invalid JSON")


def test_a_body_that_cannot_be_meant_is_refused_by_the_name_of_its_field(host: Host) -> None:
    started = host.post("/api/sessions", {**SESSION, "kernel": {"name": "python3"}}).json()
    one = f"/api/sessions/{started['id']}"

    for method, path in (("POST", "/api/kernels"), ("POST", "/api/sessions"), ("PATCH", one)):
        for data, message in ANYWHERE:
            refused(host, method, path, data, message)
    for fields, message in OF_A_SESSION:
        refused(host, "POST", "/api/sessions", {**SESSION, **fields}, message)
        refused(host, "PATCH", one, fields, message)
    for fields, message in OF_A_KERNEL:
        refused(host, "POST", "/api/kernels", {**KERNEL, **fields}, message)

    assert host.get(one).json()["kernel"]["id"] == started["kernel"]["id"]
    assert "Uncaught exception" not in host.log()


def test_what_jupyter_takes_is_taken(host: Host) -> None:
    kernel: dict[str, Any] = {"id": None, "name": "python3", "more": []}
    odd = {"path": "b", "name": None, "type": "file", "kernel": kernel, "kernel_id": 7}
    former = {"notebook": {"path": "c", "name": "c"}, "type": "notebook"}

    for body in (odd, former):
        answer = host.post("/api/sessions", body)
        assert answer.status == 201, answer.body
        changed = host.request("PATCH", f"/api/sessions/{answer.json()['id']}", {"path": "d"})
        assert changed.status == 200, changed.body
