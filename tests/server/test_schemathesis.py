"""What schemathesis makes of the OpenAPI document, sent to real hosts: answered as described."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hosts import Host
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

Launch = Callable[..., Host]

EXAMPLES = 12
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]

bounded: Any = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def operations(host: Host) -> Iterator[Any]:
    described = schemathesis.openapi.from_dict(host.get("/api/sm/openapi.json").json())
    return (made.ok() for made in described.get_all_operations() if isinstance(made, Ok))


def bombard(host: Host) -> set[str]:
    """Send what is made for each operation, valid and not; the paths that were asked."""
    asked = set()
    with requests.Session() as session:

        def send(case: Any) -> None:
            asked.add(case.path)
            case.call_and_validate(
                base_url=host.url,
                session=session,
                headers={"Authorization": f"token {host.token}"},
                checks=CHECKS,
                timeout=30,
            )

        for operation in operations(host):
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                if mode is GenerationMode.POSITIVE or len(operation.query):
                    made = given(operation.as_strategy(mode))
                    # As hypothesis declares it.
                    seed(1)(bounded(made(send)))()  # type: ignore[no-untyped-call]
    return asked


@pytest.mark.parametrize("kind", ["gateway", "server"])
def test_every_answer_is_as_described_whatever_is_sent(
    launch_gateway: Launch, launch_server: Launch, tmp_path: Path, kind: str
) -> None:
    config = tmp_path / "config.json"
    names = [{"Name": name} for name in ("absent\n", "python3")]
    config.write_text(json.dumps({"KernelGatewayImageConfig": {"KernelSpecs": names}}))
    env = {"JUPYTER_SM_APP_IMAGE_CONFIG": str(config), "JUPYTER_SM_CUDA_CHECK": "0"}
    host = (launch_gateway if kind == "gateway" else launch_server)(env=env)

    assert bombard(host) == set(host.get("/api/sm/openapi.json").json()["paths"])
    assert "Traceback" not in host.log()
