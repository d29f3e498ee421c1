"""docs/examples/static.Dockerfile: an image without jupyter_sm, under a gateway that is not ours."""

import json

import containers
import pytest

pytestmark = [pytest.mark.engine, pytest.mark.newest_only, pytest.mark.timeout(600)]

GATEWAY = "/opt/.sagemakerinternal/conda/bin/jupyter"
JUPYTER_PATH = "--env=JUPYTER_PATH=/opt/conda/share/jupyter"
"""As SageMaker's launcher sets it."""

PREFIXES = {
    "python3": "/opt/conda",
    "conda-env-science-py": "/opt/conda/envs/science",
    "conda-env-training-py": "/opt/conda/envs/training",
}


def test_nothing_of_jupyter_sm_is_in_the_image(engine: containers.Engine, stock_image: str) -> None:
    find = "find / -xdev -iname '*jupyter?sm*' -not -path '/proc/*'"

    assert (
        engine.call("run", "--rm", *containers.LIMITS, "--user=0:0", stock_image, "sh", "-c", find)
        == ""
    )


def test_a_stock_gateway_starts_the_interpreters_of_the_image(
    stock_image: str, launch: containers.LaunchContainer
) -> None:
    command = (GATEWAY, "kernelgateway", "--ip=0.0.0.0", "--port=8888")
    with launch(stock_image, JUPYTER_PATH, command=command, wait="/api") as container:
        listed = container.get("/api/kernelspecs").json()["kernelspecs"]
        assert set(listed) == set(PREFIXES)
        assert "jupyter-sm-conda" not in json.dumps(listed)
        for name, prefix in PREFIXES.items():
            with container.start_kernel(name) as kernel:
                assert kernel.execute("import sys; sys.prefix").result == repr(prefix)
