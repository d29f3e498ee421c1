"""The OpenAPI document is valid, and every answer is what it says, with nothing besides."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import envs
import jsonschema
import msgspec
import pytest
from hosts import Host
from openapi_spec_validator import validate

from jupyter_sm.logs.shipping import ShipReport
from jupyter_sm.server.api import Logs
from jupyter_sm.server.handlers import ROUTES
from jupyter_sm.server.openapi import document

Launch = Callable[..., Host]


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    """The same document with unknown fields refused and known ones demanded."""
    closed = copy.deepcopy(schema)
    for model in closed["components"]["schemas"].values():
        if model.get("type") == "object":
            model["additionalProperties"] = False
            model["required"] = list(model["properties"])
    return closed


def check(answer: Any, route: str, status: int, described: dict[str, Any]) -> None:
    ((_, operation),) = described["paths"][route].items()
    responses = operation["responses"]
    schema = responses[str(status)]["content"]["application/json"]["schema"]
    jsonschema.validate(answer, {**strict(described), **schema})


def test_the_document_is_valid_openapi() -> None:
    validate(document((operation for operation, _ in ROUTES), "/"))


def test_every_route_is_described_once() -> None:
    paths = document((operation for operation, _ in ROUTES), "/")["paths"]

    assert sorted(paths) == [
        "/api/sm",
        "/api/sm/cuda",
        "/api/sm/cuda/refresh",
        "/api/sm/health",
        "/api/sm/health/report",
        "/api/sm/kernels",
        "/api/sm/logs",
        "/api/sm/metadata",
        "/api/sm/openapi.json",
    ]
    assert len(ROUTES) == len(paths)


def test_no_object_is_without_a_type() -> None:
    schemas = document((operation for operation, _ in ROUTES), "/")["components"]["schemas"]

    for name, model in schemas.items():
        assert model["properties"], name
        for field, schema in model["properties"].items():
            assert schema, (name, field)
            if schema.get("type") == "object":
                kind = "integer" if field == "nvml_device_codes" else "string"
                assert schema["additionalProperties"] == {"type": kind}, (name, field)


def test_only_health_is_open() -> None:
    paths = document((operation for operation, _ in ROUTES), "/")["paths"]

    operations = {path: item.popitem()[1] for path, item in paths.items()}
    assert [path for path, item in operations.items() if item.get("security") == []] == [
        "/api/sm/health"
    ]


def test_the_answer_of_a_log_that_is_shipped_is_as_described() -> None:
    described = document((operation for operation, _ in ROUTES), "/")
    shipped = Logs(
        group="/aws/sagemaker/studio",
        stream="d-1/ann/KernelGateway/app",
        file="/somewhere.log",
        trouble="",
        lost=0,
        not_shipped="",
        shipping=ShipReport(state="waiting", reason="throttled", pid=7, oldest=1),
        events=(),
    )

    check(json.loads(msgspec.json.encode(shipped)), "/api/sm/logs", 200, described)


@pytest.mark.parametrize("active", [True, False], ids=["active", "guest"])
def test_every_answer_is_as_described(
    launch_gateway: Launch, launch_server: Launch, tmp_path: Path, active: bool
) -> None:
    root = envs.make_environment(tmp_path / "conda")
    envs.make_environment(root / "envs/broken", interpreter=None)
    (root / "envs/odd/conda-meta").mkdir(parents=True)
    envs.make_environment(root / "envs/odd", kernels={"python3": "not json"})
    config = tmp_path / "config.json"
    names = [{"Name": name} for name in ("conda-env-broken-py", "absent", "python3")]
    config.write_text(json.dumps({"KernelGatewayImageConfig": {"KernelSpecs": names}}))
    metadata = tmp_path / "metadata.json"
    metadata.write_text(
        json.dumps(
            {
                "AppType": 3,
                "ResourceArn": "arn:aws:sagemaker:us-east-2:1:app/d-x/u/KernelGateway/a",
                "AdditionalMetadata": {"DataZoneScopeName": "s"},
            }
        )
    )
    env = {"MAMBA_ROOT_PREFIX": str(root), "JUPYTER_SM_METADATA_FILE": str(metadata)}
    if active:
        host = launch_gateway(env={**env, "JUPYTER_SM_APP_IMAGE_CONFIG": str(config)})
    else:
        host = launch_server("--JupyterSM.active=False", env=env)
    described = host.get("/api/sm/openapi.json").json()
    validate(described)

    for route in (
        "/api/sm",
        "/api/sm/health",
        "/api/sm/health/report",
        "/api/sm/metadata",
        "/api/sm/kernels",
    ):
        check(host.get(route).json(), route, 200, described)
    check(host.get("/api/sm/logs?tail=3").json(), "/api/sm/logs", 200, described)
    check(host.get("/api/sm/cuda").json(), "/api/sm/cuda", 200, described)
    for status in (200, 429):
        answer = host.post("/api/sm/cuda/refresh")
        assert answer.status == status
        check(answer.json(), "/api/sm/cuda/refresh", status, described)
    check(host.get("/api/sm/logs?tail=few").json(), "/api/sm/logs", 400, described)
    refused = host.get("/api/sm/kernels", token=None)
    check(refused.json(), "/api/sm/kernels", 403, described)
    if active:
        kernels = {k["name"]: k for k in host.get("/api/sm/kernels").json()["kernels"]}
        assert kernels["conda-env-broken-py"]["broken"]["reason"]
        assert kernels["absent"]["visibility"] == "missing"
