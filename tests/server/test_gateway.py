"""The kernel gateway with this package installed: real processes, real kernels, over HTTP."""

import json
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import envs
import pytest
from hosts import Host, HostError

Launch = Callable[..., Host]
Record = Callable[[str], None]

METADATA = {
    "AppType": "KernelGateway",
    "DomainId": "d-fnytsoocmwo1",
    "SpaceName": "space",
    "ResourceArn": "arn:aws:sagemaker:us-east-1:177118115371:app/d-fnytsoocmwo1/space/KernelGateway/my-app",
    "ResourceName": "my-app",
    "AppImageVersion": "",
}


def listed(host: Host) -> list[str]:
    return list(host.get("/api/kernelspecs").json()["kernelspecs"])


def config_file(tmp_path: Path, *kernels: dict[str, str], describe: bool = False) -> str:
    document: dict[str, Any] = {
        "AppImageConfigName": "my-config",
        "KernelGatewayImageConfig": {
            "KernelSpecs": list(kernels),
            "FileSystemConfig": {
                "MountPath": "/home/sagemaker-user",
                "DefaultUid": 1000,
                "DefaultGid": 100,
            },
        },
    }
    if describe:
        document |= {
            "AppImageConfigArn": "arn:aws:sagemaker:us-west-2:111122223333:app-image-config/my-config",
            "CreationTime": 1707403360.291,
            "LastModifiedTime": 1707405437.631,
        }
    path = tmp_path / "app-image-config.json"
    path.write_text(json.dumps(document))
    return str(path)


@pytest.fixture
def conda(tmp_path: Path) -> Path:
    """A conda installation with two environments; one runs."""
    root = envs.make_environment(tmp_path / "conda", interpreter="real")
    envs.make_environment(root / "envs/myenv", interpreter="real")
    envs.make_environment(
        root / "envs/r4", kernels={"ir": {"argv": ["R"], "display_name": "R", "language": "R"}}
    )
    return root


def test_with_nothing_configured_python3_is_served_and_runs(
    launch_gateway: Launch, record_real: Record
) -> None:
    host = launch_gateway()

    assert listed(host) == ["python3"]
    assert host.get("/api/sm/health", token=None).json() == {"status": "ready"}
    with host.start_kernel() as kernel:
        assert kernel.execute("6 * 7").result == "42"
    record_real("gateway")
    record_real("kernel")


def test_every_route_answers_with_an_object(launch_gateway: Launch) -> None:
    host = launch_gateway()

    for route in ("", "/health", "/metadata", "/kernels", "/openapi.json"):
        answer = host.get(f"/api/sm{route}")
        assert answer.status == 200, route
        assert isinstance(answer.json(), dict)


@pytest.mark.parametrize("describe", [False, True], ids=["create form", "describe form"])
def test_exactly_the_configured_kernels_are_listed_in_their_order(
    launch_gateway: Launch, tmp_path: Path, conda: Path, describe: bool
) -> None:
    path = config_file(
        tmp_path,
        {"Name": "conda-env-myenv-py", "DisplayName": "My environment"},
        {"Name": "conda-env-r4-r"},
        {"Name": "conda-base-py"},
        {"Name": "python3", "DisplayName": "Plain Python"},
        describe=describe,
    )
    host = launch_gateway(
        env={"JUPYTER_SM_APP_IMAGE_CONFIG": path, "MAMBA_ROOT_PREFIX": str(conda)}
    )

    model = host.get("/api/kernelspecs").json()
    assert list(model["kernelspecs"]) == [
        "conda-env-myenv-py",
        "conda-env-r4-r",
        "conda-base-py",
        "python3",
    ]
    assert model["default"] == "conda-env-myenv-py"
    shown = {name: spec["spec"]["display_name"] for name, spec in model["kernelspecs"].items()}
    assert shown["conda-env-myenv-py"] == "My environment"
    assert shown["python3"] == "Plain Python"
    one = host.get("/api/kernelspecs/conda-env-myenv-py").json()
    assert one["spec"]["display_name"] == "My environment"


def test_the_default_kernel_is_the_first_configured_one_and_runs_in_its_environment(
    launch_gateway: Launch, tmp_path: Path, conda: Path
) -> None:
    path = config_file(tmp_path, {"Name": "conda-env-myenv-py"}, {"Name": "python3"})
    host = launch_gateway(
        env={"JUPYTER_SM_APP_IMAGE_CONFIG": path, "MAMBA_ROOT_PREFIX": str(conda)}
    )
    assert listed(host)[0] == "conda-env-myenv-py"

    with host.start_kernel() as kernel:
        prefix = kernel.execute("import sys; sys.prefix").result

    assert prefix == repr(str(conda / "envs/myenv"))


def test_a_kernel_that_is_not_shown_is_started_by_name_alias_and_studios_spelling(
    launch_gateway: Launch, conda: Path
) -> None:
    host = launch_gateway(env={"MAMBA_ROOT_PREFIX": str(conda)})
    assert listed(host) == ["python3"]

    for name in (
        "conda-env-myenv-py",
        "conda_myenv",
        "conda-env-myenv-py__SAGEMAKER_INTERNAL__arn:aws:sagemaker:us-west-2:1:image/x",
    ):
        with host.start_kernel(name) as kernel:
            assert kernel.execute("import sys; sys.prefix").result == repr(
                str(conda / "envs/myenv")
            )


def test_an_unknown_kernel_is_a_404_that_says_which_one_was_meant(
    launch_gateway: Launch, conda: Path
) -> None:
    host = launch_gateway(env={"MAMBA_ROOT_PREFIX": str(conda)})

    answer = host.post("/api/kernels", {"name": "myenv"})

    assert answer.status == 404
    assert answer.json()["message"] == (
        "`myenv` is not a kernel of this image. Did you mean `conda-env-myenv-py`?"
    )


def test_enforce_refuses_what_is_not_shown(launch_gateway: Launch, conda: Path) -> None:
    host = launch_gateway("--JupyterSM.enforce=True", env={"MAMBA_ROOT_PREFIX": str(conda)})

    assert host.post("/api/kernels", {"name": "conda-env-myenv-py"}).status == 403
    assert host.post("/api/kernels", {"name": "python3"}).status == 201


def test_show_all_lists_everything_that_is_not_excluded(
    launch_gateway: Launch, conda: Path
) -> None:
    host = launch_gateway(
        env={
            "MAMBA_ROOT_PREFIX": str(conda),
            "JUPYTER_SM_SHOW": "all",
            "JUPYTER_SM_CONDA_ENV_FILTER": "/r4$",
        }
    )

    assert set(listed(host)) == {"python3", "conda-base-py", "conda-env-myenv-py"}
    assert host.post("/api/kernels", {"name": "conda-env-r4-r"}).status == 403


def test_a_missing_kernel_is_not_listed_and_is_said_in_the_log_and_the_report(
    launch_gateway: Launch, tmp_path: Path, conda: Path
) -> None:
    path = config_file(tmp_path, {"Name": "myenv"}, {"Name": "python3"})
    host = launch_gateway(
        env={"JUPYTER_SM_APP_IMAGE_CONFIG": path, "MAMBA_ROOT_PREFIX": str(conda)}
    )

    assert listed(host) == ["python3"]
    entries = {entry["name"]: entry for entry in host.get("/api/sm/kernels").json()["kernels"]}
    assert entries["myenv"]["visibility"] == "missing"
    assert entries["myenv"]["remedy"] == "Did you mean `conda-env-myenv-py`?"
    assert "`myenv` is not a kernel of this image" in host.log()


def test_a_new_environment_is_listed_and_a_removed_one_gone_a_quarter_second_later(
    launch_gateway: Launch, conda: Path
) -> None:
    host = launch_gateway(env={"MAMBA_ROOT_PREFIX": str(conda), "JUPYTER_SM_SHOW": "all"})
    assert "conda-env-new-py" not in listed(host)

    prefix = envs.make_environment(conda / "envs/new")
    time.sleep(0.25)
    assert "conda-env-new-py" in listed(host)
    assert host.get("/api/kernelspecs/conda-env-new-py").status == 200

    prefix.rename(conda / "gone")
    time.sleep(0.25)
    assert "conda-env-new-py" not in listed(host)
    assert host.get("/api/kernelspecs/conda-env-new-py").status == 404


def test_an_app_image_config_that_changes_is_obeyed_without_a_restart(
    launch_gateway: Launch, tmp_path: Path, conda: Path
) -> None:
    path = config_file(tmp_path, {"Name": "python3"})
    host = launch_gateway(
        env={"JUPYTER_SM_APP_IMAGE_CONFIG": path, "MAMBA_ROOT_PREFIX": str(conda)}
    )
    assert listed(host) == ["python3"]

    config_file(tmp_path, {"Name": "conda-env-myenv-py"})
    time.sleep(0.25)

    assert host.get("/api/kernelspecs").json()["default"] == "conda-env-myenv-py"


def test_a_malformed_app_image_config_is_reported_and_python3_is_served(
    launch_gateway: Launch, tmp_path: Path
) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"KernelGatewayImageConfig":\n  {"KernelSpecs": [}')
    host = launch_gateway(env={"JUPYTER_SM_APP_IMAGE_CONFIG": str(path)})

    assert listed(host) == ["python3"]
    finding = host.get("/api/sm/kernels").json()["findings"][0]
    assert finding["source"].startswith(f"{path}:2:")
    assert f"{path}:2:" in host.log()


def test_a_configured_path_without_a_file_is_reported(
    launch_gateway: Launch, tmp_path: Path
) -> None:
    host = launch_gateway(f"--JupyterSM.app_image_config={tmp_path}/nowhere.json")

    assert listed(host) == ["python3"]
    finding = host.get("/api/sm/kernels").json()["findings"][0]
    assert finding["id"] == "app-image-config-absent"
    assert finding["source"] == "JupyterSM.app_image_config (command line)"


def test_the_metadata_document_gives_the_identity_and_a_change_is_seen(
    launch_gateway: Launch, tmp_path: Path
) -> None:
    path = tmp_path / "resource-metadata.json"
    host = launch_gateway(env={"JUPYTER_SM_METADATA_FILE": str(path), "USER": "somebody"})

    def field(name: str) -> tuple[str | None, str]:
        found = host.get("/api/sm/metadata").json()["identity"][name]
        return found["value"], found["source"]

    assert field("domain_id") == ("local", "default")
    path.write_text(json.dumps(METADATA))
    time.sleep(0.25)
    assert field("domain_id") == ("d-fnytsoocmwo1", "ResourceArn")
    assert field("app_name") == ("my-app", "ResourceArn")
    path.write_text("{")
    time.sleep(0.25)
    broken = host.get("/api/sm/metadata").json()
    assert broken["findings"][0]["source"].startswith(f"{path}:1:")


def test_an_etag_saves_the_body_until_something_changes(
    launch_gateway: Launch, conda: Path
) -> None:
    host = launch_gateway(env={"MAMBA_ROOT_PREFIX": str(conda), "JUPYTER_SM_SHOW": "all"})
    for route in ("/api/sm/kernels", "/api/kernelspecs"):
        etag = host.get(route).headers["Etag"]
        again = host.get(route, headers={"If-None-Match": etag})
        assert (again.status, again.body) == (304, b"")

        envs.make_environment(conda / "envs" / route.replace("/", ""))
        time.sleep(0.25)
        changed = host.get(route, headers={"If-None-Match": etag})
        assert changed.status == 200
        assert changed.headers["Etag"] != etag


def test_a_logo_is_served_from_the_kernels_folder_and_nothing_beside_it(
    launch_gateway: Launch, conda: Path
) -> None:
    folder = conda / "envs/myenv/share/jupyter/kernels/python3"
    (folder / "logo-64x64.png").write_bytes(b"a logo")
    (folder.parent / "secret.txt").write_bytes(b"a secret")
    host = launch_gateway(env={"MAMBA_ROOT_PREFIX": str(conda), "JUPYTER_SM_SHOW": "all"})

    model = host.get("/api/kernelspecs").json()["kernelspecs"]["conda-env-myenv-py"]

    assert host.get(model["resources"]["logo-64x64"]).body == b"a logo"
    for path in ("../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt"):
        assert host.get(f"/kernelspecs/conda-env-myenv-py/{path}").status in (400, 403, 404)


def test_a_base_url_is_in_front_of_every_route(launch_gateway: Launch) -> None:
    host = launch_gateway(
        "--KernelGatewayApp.base_url=/jupyterlab/default", wait="/jupyterlab/default/api"
    )

    for route in ("/api/sm", "/api/sm/health", "/api/status", "/api/kernelspecs"):
        assert host.get(f"/jupyterlab/default{route}").status == 200
    assert host.get("/api/sm").status == 404
    servers = host.get("/jupyterlab/default/api/sm/openapi.json").json()["servers"]
    assert servers == [{"url": "/jupyterlab/default"}]


def test_a_busy_port_is_an_error_and_not_another_port(launch_gateway: Launch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(HostError, match="ended with 1"):
            launch_gateway(port=port)


def test_a_configured_number_of_port_retries_is_kept(launch_gateway: Launch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        host = launch_gateway("--KernelGatewayApp.port_retries=20", port=port, wait=None)
        deadline = time.monotonic() + 30
        while "is available at" not in host.log():
            assert time.monotonic() < deadline, host.log()
            time.sleep(0.05)

    assert "trying another port" in host.log()


def test_status_answers_as_jupyter_server_does(
    launch_gateway: Launch, launch_server: Launch
) -> None:
    gateway, server = launch_gateway(), launch_server()

    ours, theirs = (host.get("/api/status").json() for host in (gateway, server))

    assert {k: type(v) for k, v in ours.items()} == {k: type(v) for k, v in theirs.items()}
    assert ours["started"].endswith("Z")
    with gateway.start_kernel() as kernel:
        kernel.execute("1")
        after = gateway.get("/api/status").json()
    assert (after["kernels"], after["connections"]) == (1, 1)
    assert after["last_activity"] > ours["last_activity"]


def test_running_kernels_are_listed_unless_the_user_says_otherwise(
    launch_gateway: Launch,
) -> None:
    assert launch_gateway().get("/api/kernels").status == 200
    assert launch_gateway(env={"KG_LIST_KERNELS": "False"}).get("/api/kernels").status == 403
    off = launch_gateway("--JupyterWebsocketPersonality.list_kernels=False")
    assert off.get("/api/kernels").status == 403


def test_a_manager_class_of_the_users_own_is_kept(launch_gateway: Launch, tmp_path: Path) -> None:
    (tmp_path / "their.py").write_text(
        "from jupyter_client.kernelspec import KernelSpecManager\n"
        "class Theirs(KernelSpecManager):\n"
        "    def find_kernel_specs(self):\n"
        "        return {'theirs': super().find_kernel_specs()['python3']}\n"
        "    def get_kernel_spec(self, name):\n"
        "        return super().get_kernel_spec('python3')\n"
    )
    host = launch_gateway(
        "--KernelGatewayApp.kernel_spec_manager_class=their.Theirs",
        env={"PYTHONPATH": str(tmp_path)},
    )

    assert listed(host) == ["theirs"]
    kernels = host.get("/api/sm/kernels").json()["kernels"]
    assert [(k["name"], k["source"]) for k in kernels] == [("theirs", "host")]
    assert host.get("/api/sm/health").status == 200


def test_jupyters_own_settings_stay_in_force(launch_gateway: Launch, conda: Path) -> None:
    host = launch_gateway(
        "--KernelSpecManager.allowed_kernelspecs=['conda-env-myenv-py']",
        "--MappingKernelManager.default_kernel_name=conda-env-myenv-py",
        env={"MAMBA_ROOT_PREFIX": str(conda), "JUPYTER_SM_SHOW": "all"},
    )

    model = host.get("/api/kernelspecs").json()

    assert list(model["kernelspecs"]) == ["conda-env-myenv-py"]
    assert model["default"] == "conda-env-myenv-py"


@pytest.mark.parametrize(
    "off", [{"JUPYTER_SM_GATEWAY": "off"}, {"KG_API": "kernel_gateway.jupyter_websocket"}]
)
def test_it_can_be_turned_off(launch_gateway: Launch, off: dict[str, str]) -> None:
    host = launch_gateway(env=off)

    assert host.get("/api/sm/health").status == 404
    assert "jupyter_sm" not in host.log()


def test_it_says_that_it_is_active_and_how_to_turn_it_off(launch_gateway: Launch) -> None:
    assert "is active in this gateway (JUPYTER_SM_GATEWAY=0 turns it off)" in launch_gateway().log()


def test_a_config_file_of_the_users_own_needs_only_kg_api(
    launch_gateway: Launch, tmp_path: Path
) -> None:
    own = tmp_path / "own.py"
    own.write_text("c.JupyterSM.show = 'all'\n")

    skipped = launch_gateway(f"--config={own}")
    assert skipped.get("/api/sm/health").status == 404
    active = launch_gateway(f"--config={own}", env={"KG_API": "jupyter_sm.server.gateway"})
    assert active.get("/api/sm/health").status == 200


@pytest.mark.parametrize(
    ("args", "token", "warned"),
    [
        (("--ip=0.0.0.0",), "", True),
        (("--ip=",), "", True),
        (("--ip=0.0.0.0",), "secret", False),
        (("--ip=localhost",), "", False),
        ((), "", False),
    ],
)
def test_listening_beyond_loopback_without_a_token_is_warned_of(
    launch_gateway: Launch, args: tuple[str, ...], token: str, warned: bool
) -> None:
    host = launch_gateway(*args, token=token)

    assert ("CAN RUN CODE ON IT" in host.log()) is warned


@pytest.mark.parametrize(
    ("args", "env", "said"),
    [
        ((), {"JUPYTER_SM_ENFORCE": "perhaps"}, "JUPYTER_SM_ENFORCE='perhaps' is neither"),
        (("--JupyterSM.show=some",), {}, "'show' trait"),
    ],
)
def test_a_bad_setting_ends_the_start_with_one_line(
    launch_gateway: Launch, args: tuple[str, ...], env: dict[str, str], said: str
) -> None:
    with pytest.raises(HostError) as raised:
        launch_gateway(*args, env=env)

    assert "ended with 1" in str(raised.value)
    assert said in str(raised.value)
    assert "Traceback" not in str(raised.value)


def test_no_route_is_served_without_the_token_but_health(launch_gateway: Launch) -> None:
    host = launch_gateway()
    routes = (
        "/api",
        "/api/status",
        "/api/kernels",
        "/api/sessions",
        "/api/kernelspecs",
        "/api/kernelspecs/python3",
        "/kernelspecs/python3/logo-64x64.png",
        "/api/swagger.json",
        "/api/swagger.yaml",
        "/api/sm",
        "/api/sm/metadata",
        "/api/sm/kernels",
        "/api/sm/openapi.json",
    )
    for route in routes:
        assert host.get(route).status in (200, 404), route
        for token in (None, "wrong"):
            assert host.get(route, token=token).status in (401, 403), (route, token)
    assert host.post("/api/kernels", {}, token=None).status in (401, 403)
    assert host.get("/api/sm/health", token=None).status == 200


def test_a_request_from_a_foreign_page_is_refused(launch_gateway: Launch) -> None:
    host = launch_gateway()

    answer = host.get("/api/sm/kernels", headers={"Origin": "https://evil.example"})

    assert answer.status == 404


def test_an_error_of_ours_has_message_reason_code_and_hint(launch_gateway: Launch) -> None:
    answer = launch_gateway().get("/api/sm", token=None)

    assert answer.status == 403
    assert set(answer.json()) == {"message", "reason", "code", "hint"}
    assert answer.json()["code"] == "forbidden"


def test_a_forced_kernel_name_is_started_whatever_is_asked_for(launch_gateway: Launch) -> None:
    host = launch_gateway("--KernelGatewayApp.force_kernel_name=python3")

    assert host.post("/api/kernels", {"name": "whatever"}).status == 201


def test_switched_off_by_its_own_setting_it_only_reports(
    launch_gateway: Launch, conda: Path
) -> None:
    host = launch_gateway(
        "--JupyterSM.active=False",
        env={"MAMBA_ROOT_PREFIX": str(conda), "JUPYTER_SM_SHOW": "all"},
    )

    assert listed(host) == ["python3"]
    overview = host.get("/api/sm").json()
    assert overview["active"] is False
    assert [k["source"] for k in overview["kernels"]["kernels"]] == ["host"]
    assert host.post("/api/kernels", {"name": "python3"}).status == 201


def test_while_the_app_image_config_is_being_written_what_it_said_before_holds(
    launch_gateway: Launch, tmp_path: Path, conda: Path
) -> None:
    path = config_file(tmp_path, {"Name": "conda-env-myenv-py"})
    host = launch_gateway(
        env={"JUPYTER_SM_APP_IMAGE_CONFIG": path, "MAMBA_ROOT_PREFIX": str(conda)}
    )
    assert listed(host) == ["conda-env-myenv-py"]

    Path(path).write_text('{"KernelGatewayImageConfig"')
    time.sleep(0.25)

    assert listed(host) == ["conda-env-myenv-py"]
    assert host.get("/api/sm/kernels").json()["findings"][0]["severity"] == "error"
    Path(path).unlink()
    time.sleep(0.25)
    assert listed(host) == ["python3"]


@pytest.mark.parametrize(
    "name", ["a/b", "../x", "%41%s", "t\u20acst", "a b", "x\ny\x1b[31m", "\u202e", "k" * 1024]
)
def test_a_hostile_configured_name_does_no_harm_on_any_route(
    launch_gateway: Launch, tmp_path: Path, name: str
) -> None:
    path = config_file(tmp_path, {"Name": name}, {"Name": "python3"})
    host = launch_gateway(env={"JUPYTER_SM_APP_IMAGE_CONFIG": path})
    quoted = quote(name, safe="")

    assert listed(host) == ["python3"]
    assert host.get("/api/sm/kernels").status == 200
    assert host.get(f"/api/kernelspecs/{quoted}").status == 404
    with host.start_kernel(name) as kernel:  # it is configured, so its notebook is told
        told = "\n".join(kernel.execute("1").reply["traceback"])
    assert "is not a kernel of this image" in told
    assert "\x1b" not in told
    assert "\x1b[31m" not in host.log()
    assert host.get(f"/kernelspecs/{quoted}/kernel.json").status in (400, 404)


def test_a_default_name_that_no_header_can_hold_does_no_harm(launch_gateway: Launch) -> None:
    host = launch_gateway("--MappingKernelManager.default_kernel_name=k\u20ac")

    assert host.get("/api/sm/kernels").json()["default"] == "k\u20ac"
    assert host.get("/api/kernelspecs").status == 200


def test_kernels_can_be_listed_while_others_start(launch_gateway: Launch) -> None:
    gateway = launch_gateway()
    statuses = set()
    with ThreadPoolExecutor() as pool:
        starts = [pool.submit(gateway.post, "/api/kernels", {}) for _ in range(4)]
        while not all(start.done() for start in starts):
            statuses.add(gateway.get("/api/kernels").status)

    assert statuses == {200}
    assert {start.result().status for start in starts} == {201}
    assert len(gateway.get("/api/kernels").json()) == 4


def test_a_session_is_opened_again_read_and_renamed(launch_gateway: Launch) -> None:
    gateway = launch_gateway()
    wanted = {"path": "a.ipynb", "type": "notebook", "name": "", "kernel": {"name": "python3"}}

    first = gateway.post("/api/sessions", wanted)
    again = gateway.post("/api/sessions", wanted)
    assert (first.status, again.status) == (201, 201)
    assert again.json()["id"] == first.json()["id"]
    route = f"/api/sessions/{first.json()['id']}"
    assert gateway.get(route).json()["notebook"]["path"] == "a.ipynb"
    renamed = gateway.request("PATCH", route, {"path": "b.ipynb"})
    assert renamed.status == 200
    assert renamed.json()["notebook"]["path"] == "b.ipynb"
    assert gateway.delete(route).status == 204
    assert gateway.get(route).status == 404
