"""The environment that a client sends with a request, and what a kernel inherits beside it."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hosts import Host, start_gateway

from jupyter_sm.server.kernel_env import kernel_environment

Launch = Callable[..., Host]

GATEWAY = {
    "PATH": "/bin",
    "HOME": "/home/sagemaker-user",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "AWS_REGION": "us-west-2",
    "SAGEMAKER_SPACE_NAME": "space",
    "CUDA_VISIBLE_DEVICES": "0",
    "NVIDIA_VISIBLE_DEVICES": "all",
    "LD_LIBRARY_PATH": "/usr/local/cuda/lib64",
    "KG_AUTH_TOKEN": "secret",
    "JUPYTER_TOKEN": "secret",
    "DATABASE_PASSWORD": "secret",
}


def made(
    requested: dict[str, str], *, process: list[str] | None = None, request: tuple[str, ...] = ()
) -> dict[str, str]:
    return kernel_environment(
        requested, environ=GATEWAY, process_whitelist=process, request_whitelist=request
    )


def test_home_language_aws_sagemaker_and_cuda_variables_are_kept() -> None:
    kept = made({})

    assert kept == {k: v for k, v in GATEWAY.items() if v != "secret"}


def test_a_client_sets_kernel_variables_and_those_that_are_allowed() -> None:
    requested = {"KERNEL_USER": "me", "OTHER": "x", "ALLOWED": "y", "HOME": "/evil"}

    environment = made(requested, request=("ALLOWED",))

    assert environment["KERNEL_USER"] == "me"
    assert environment["ALLOWED"] == "y"
    assert environment["HOME"] == GATEWAY["HOME"]
    assert "OTHER" not in environment


def test_a_list_of_the_users_own_is_kept_to_the_letter() -> None:
    assert made({}, process=["DATABASE_PASSWORD", "ABSENT"]) == {
        "PATH": "/bin",
        "DATABASE_PASSWORD": "secret",
    }


READ = "import os, json; print(json.dumps({k: os.environ.get(k) for k in %r}))"


def variables(host: Host, kernel_id: str, *names: str) -> dict[str, str | None]:
    with host.connect(kernel_id) as kernel:
        found: dict[str, str | None] = json.loads(kernel.execute(READ % (names,)).text)
    return found


def test_a_post_with_an_environment_keeps_what_a_kernel_of_an_image_needs(
    launch_gateway: Launch,
) -> None:
    host = launch_gateway(env={k: v for k, v in GATEWAY.items() if k in ("AWS_REGION", "LANG")})

    started = host.post("/api/kernels", {"env": {"KERNEL_USER": "me"}}).json()["id"]

    found = variables(host, started, "KERNEL_USER", "AWS_REGION", "HOME", "KG_AUTH_TOKEN")
    assert found["KERNEL_USER"] == "me"
    assert found["AWS_REGION"] == "us-west-2"
    assert found["HOME"]
    assert found["KG_AUTH_TOKEN"] is None


def test_environments_of_concurrent_requests_never_meet(launch_gateway: Launch) -> None:
    host = launch_gateway(env={"MARKER": "of the gateway"})
    bodies = [{"env": {"KERNEL_TAG": tag}} for tag in "abc"] + [None]

    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(lambda body: host.post("/api/kernels", body).json()["id"], bodies))

    tags = [variables(host, kernel_id, "KERNEL_TAG")["KERNEL_TAG"] for kernel_id in started]
    assert tags == ["a", "b", "c", None]
    after = host.post("/api/kernels").json()["id"]
    assert variables(host, after, "KERNEL_TAG", "MARKER") == {
        "KERNEL_TAG": None,
        "MARKER": "of the gateway",
    }


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """One for all requests that start nothing."""
    with start_gateway(tmp_path_factory.mktemp("gateway")) as host:
        yield host


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"env": []}, "`env` is not an object of strings"),
        ({"env": {"KERNEL_X": 1}}, "`env` is not an object of strings"),
        ([], "The body is not a JSON object"),
        ({"name": 7}, "`name` is not a string"),
        (b"{", "Invalid JSON"),
        (b"\xff", "The body is not UTF-8"),
        ({"env": {"KERNEL_X": "\0"}}, "`env` is not an object of strings"),
        ({"env": {"KERNEL=X": "1"}}, "`env` is not an object of strings"),
        ({"env": {"KERNEL_X": "\ud800"}}, "`env` is not an object of strings"),
        ({"kernel_id": 7}, "`kernel_id` is not a string"),
        ({"kernel_id": "../x"}, "`kernel_id` is not made of letters"),
        ({"path": 7}, "`path` is not a string"),
        ({"env": {"KERNEL_X": "x" * 200_000}}, "cannot be started: argument list too long"),
    ],
)
def test_a_body_that_is_wrong_is_a_400_that_says_so(gateway: Host, body: object, said: str) -> None:
    answer = gateway.post("/api/kernels", body)

    assert answer.status == 400
    assert said in answer.json()["message"]


def test_a_name_that_is_no_text_is_an_unknown_kernel(gateway: Host) -> None:
    answer = gateway.post("/api/kernels", {"name": "\ud800"})

    assert answer.status == 404
    assert "is not a kernel of this image" in answer.json()["message"]


def test_a_list_of_the_users_own_is_kept_over_http(launch_gateway: Launch) -> None:
    host = launch_gateway(env={"KG_ENV_PROCESS_WHITELIST": "MINE", "MINE": "1", "AWS_REGION": "x"})

    started = host.post("/api/kernels", {"env": {}}).json()["id"]

    found = variables(host, started, "MINE", "AWS_REGION")
    assert found == {"MINE": "1", "AWS_REGION": None}


def test_the_limit_on_kernels_is_kept(launch_gateway: Launch) -> None:
    host = launch_gateway("--KernelGatewayApp.max_kernels=1")

    assert host.post("/api/kernels").status == 201
    assert host.post("/api/kernels").status == 403
