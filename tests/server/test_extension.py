"""Jupyter Server and JupyterLab: a guest by default, at home in a SageMaker image."""

import json
from collections.abc import Callable
from pathlib import Path

import envs
import pytest
from hosts import Host, HostError

Launch = Callable[..., Host]
Record = Callable[[str], None]


@pytest.fixture
def conda(tmp_path: Path) -> Path:
    root = envs.make_environment(tmp_path / "conda", interpreter="real")
    envs.make_environment(root / "envs/myenv", interpreter="real")
    return root


def listed(host: Host) -> set[str]:
    return set(host.get("/api/kernelspecs").json()["kernelspecs"])


def test_as_a_guest_it_adds_its_routes_and_changes_nothing_else(
    launch_server: Launch, conda: Path, record_real: Record
) -> None:
    host = launch_server(env={"MAMBA_ROOT_PREFIX": str(conda)})

    overview = host.get("/api/sm").json()
    assert overview["active"] is False
    assert overview["host"] == "jupyter-server"
    assert [k["name"] for k in overview["kernels"]["kernels"]] == list(listed(host))
    assert listed(host) == {"python3"}
    assert host.get("/api/sm/health", token=None).json() == {"status": "ready"}
    record_real("server")


def test_with_a_metadata_document_every_kernel_is_shown(
    launch_server: Launch, tmp_path: Path, conda: Path
) -> None:
    metadata = tmp_path / "resource-metadata.json"
    metadata.write_text(json.dumps({"AppType": "JupyterLab", "DomainId": "d-1"}))
    host = launch_server(
        env={"MAMBA_ROOT_PREFIX": str(conda), "JUPYTER_SM_METADATA_FILE": str(metadata)}
    )

    assert listed(host) == {"python3", "conda-base-py", "conda-env-myenv-py"}
    assert host.get("/api/sm").json()["active"] is True


def test_with_an_app_image_config_its_kernels_are_shown_and_the_first_is_the_default(
    launch_server: Launch, tmp_path: Path, conda: Path
) -> None:
    config = tmp_path / "config.json"
    config.write_text(
        json.dumps({"KernelGatewayImageConfig": {"KernelSpecs": [{"Name": "conda-env-myenv-py"}]}})
    )
    host = launch_server(
        f"--JupyterSM.app_image_config={config}", env={"MAMBA_ROOT_PREFIX": str(conda)}
    )

    assert listed(host) == {"conda-env-myenv-py"}
    assert host.get("/api/kernelspecs").json()["default"] == "conda-env-myenv-py"
    with host.start_kernel() as kernel:
        assert kernel.execute("import sys; sys.prefix").result == repr(str(conda / "envs/myenv"))


def test_active_turns_it_on_and_off(launch_server: Launch, tmp_path: Path, conda: Path) -> None:
    metadata = tmp_path / "resource-metadata.json"
    metadata.write_text("{}")
    env = {"MAMBA_ROOT_PREFIX": str(conda), "JUPYTER_SM_METADATA_FILE": str(metadata)}

    off = launch_server(env={**env, "JUPYTER_SM_ACTIVE": "0"})
    assert listed(off) == {"python3"}
    on = launch_server("--JupyterSM.active=True", env={"MAMBA_ROOT_PREFIX": str(conda)})
    assert listed(on) == {"python3", "conda-base-py", "conda-env-myenv-py"}


def test_a_manager_class_of_the_users_own_is_kept(launch_server: Launch, tmp_path: Path) -> None:
    (tmp_path / "their.py").write_text(
        "from jupyter_client.kernelspec import KernelSpecManager\n"
        "class Theirs(KernelSpecManager):\n"
        "    def find_kernel_specs(self):\n"
        "        return {'theirs': super().find_kernel_specs()['python3']}\n"
        "    def get_kernel_spec(self, name):\n"
        "        return super().get_kernel_spec('python3')\n"
    )
    host = launch_server(
        "--ServerApp.kernel_spec_manager_class=their.Theirs",
        "--JupyterSM.active=True",
        env={"PYTHONPATH": str(tmp_path)},
    )

    assert listed(host) == {"theirs"}
    assert host.get("/api/sm").json()["active"] is False


def test_a_default_kernel_of_the_users_own_is_kept(launch_server: Launch, conda: Path) -> None:
    host = launch_server(
        "--JupyterSM.active=True",
        "--MappingKernelManager.default_kernel_name=conda-env-myenv-py",
        env={"MAMBA_ROOT_PREFIX": str(conda)},
    )

    assert host.get("/api/kernelspecs").json()["default"] == "conda-env-myenv-py"


def test_lab_loads_it(launch_lab: Launch, record_real: Record) -> None:
    host = launch_lab()

    assert host.get("/api/sm").status == 200
    assert host.get("/lab").status == 200
    record_real("lab")


def test_lab_connects_to_a_gateway_that_has_it(
    launch_gateway: Launch, launch_lab: Launch, conda: Path
) -> None:
    gateway = launch_gateway(
        env={"MAMBA_ROOT_PREFIX": str(conda), "JUPYTER_SM_SHOW": "all", "AWS_REGION": "eu-west-1"}
    )
    host = launch_lab(
        f"--gateway-url={gateway.url}", env={"JUPYTER_GATEWAY_AUTH_TOKEN": gateway.token}
    )

    assert listed(host) == {"python3", "conda-base-py", "conda-env-myenv-py"}
    kernels = host.get("/api/sm/kernels").json()["kernels"]
    assert {k["name"] for k in kernels} == listed(host)
    assert host.get("/api/kernels").json() == []
    with host.start_kernel("conda-env-myenv-py") as kernel:
        assert kernel.execute("import os; os.environ['AWS_REGION']").result == "'eu-west-1'"


def test_no_route_is_served_without_the_token_but_health(launch_server: Launch) -> None:
    host = launch_server("--ServerApp.allow_unauthenticated_access=False")

    for route in ("", "/metadata", "/kernels", "/openapi.json"):
        for token in (None, "wrong"):
            answer = host.get(f"/api/sm{route}", token=token)
            assert answer.status == 403
            assert set(answer.json()) == {"message", "reason", "code", "hint"}
    assert host.get("/api/sm/health", token=None).status == 200


def test_a_bad_setting_is_one_error_and_the_server_goes_on(launch_server: Launch) -> None:
    host = launch_server(env={"JUPYTER_SM_ENFORCE": "perhaps"})

    assert "JUPYTER_SM_ENFORCE='perhaps' is neither true nor false" in host.log()
    assert "Traceback" not in host.log()
    assert host.get("/api/kernelspecs").status == 200
    assert host.get("/api/sm").status == 404
    assert host.stop() == 0


def test_a_route_that_does_not_exist_is_a_404(launch_server: Launch) -> None:
    assert launch_server().get("/api/sm/nothing").status == 404


def test_an_unauthorized_user_is_refused_with_our_resource(
    launch_server: Launch, tmp_path: Path
) -> None:
    (tmp_path / "their.py").write_text(
        "from jupyter_server.auth import Authorizer\n"
        "class Only(Authorizer):\n"
        "    def is_authorized(self, handler, user, action, resource):\n"
        "        self.log.warning('asked %s %s', action, resource)\n"
        "        return resource != 'jupyter_sm'\n"
    )
    host = launch_server(
        "--ServerApp.authorizer_class=their.Only", env={"PYTHONPATH": str(tmp_path)}
    )

    for route in ("", "/metadata", "/kernels", "/openapi.json"):
        assert host.get(f"/api/sm{route}").status == 403
    assert host.log().count("asked read jupyter_sm") == 4


def test_it_stops_with_the_server(launch_server: Launch) -> None:
    host = launch_server("--JupyterSM.active=True")
    with host.start_kernel("python3") as kernel:
        kernel.execute("1")

    assert host.stop() == 0
    assert host.left_behind() == []


def test_a_start_that_fails_says_why(launch_server: Launch) -> None:
    with pytest.raises(HostError, match="ended with"):
        launch_server("--ServerApp.port_retries=0", "--ServerApp.ip=256.0.0.1")


def lab_config(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "jupyter/config"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "jupyter_lab_config.py").write_text(text)


def test_labs_own_configuration_file_counts(
    launch_lab: Launch, tmp_path: Path, conda: Path
) -> None:
    lab_config(
        tmp_path,
        "c.JupyterSM.active = True\nc.JupyterSM.conda_env_filter = 'myenv$'\n"
        "c.MappingKernelManager.default_kernel_name = 'conda-base-py'\n",
    )
    host = launch_lab(env={"MAMBA_ROOT_PREFIX": str(conda)})

    assert listed(host) == {"python3", "conda-base-py"}
    assert host.get("/api/kernelspecs").json()["default"] == "conda-base-py"


def test_a_manager_class_in_labs_own_configuration_file_is_kept(
    launch_lab: Launch, tmp_path: Path, conda: Path
) -> None:
    lab_config(
        tmp_path,
        "from jupyter_client.kernelspec import KernelSpecManager\n"
        "class Theirs(KernelSpecManager):\n    pass\n"
        "c.ServerApp.kernel_spec_manager_class = Theirs\n",
    )
    host = launch_lab("--JupyterSM.active=True", env={"MAMBA_ROOT_PREFIX": str(conda)})

    assert host.get("/api/sm").json()["active"] is False
    assert listed(host) == {"python3"}


def test_the_stock_manager_class_named_explicitly_is_kept(
    launch_server: Launch, launch_gateway: Launch, conda: Path
) -> None:
    stock = "kernel_spec_manager_class=jupyter_client.kernelspec.KernelSpecManager"
    env = {"MAMBA_ROOT_PREFIX": str(conda), "JUPYTER_SM_SHOW": "all"}

    server = launch_server("--JupyterSM.active=True", f"--ServerApp.{stock}", env=env)
    gateway = launch_gateway(f"--KernelGatewayApp.{stock}", env=env)

    for host in (server, gateway):
        assert host.get("/api/sm").json()["active"] is False
        assert listed(host) == {"python3"}


def test_a_gateway_in_labs_own_configuration_file_is_used(
    launch_gateway: Launch, launch_lab: Launch, tmp_path: Path, conda: Path
) -> None:
    gateway = launch_gateway(env={"MAMBA_ROOT_PREFIX": str(conda), "JUPYTER_SM_SHOW": "all"})
    lab_config(
        tmp_path,
        f"c.GatewayClient.url = {gateway.url!r}\nc.GatewayClient.auth_token = {gateway.token!r}\n",
    )
    host = launch_lab()

    assert "conda-env-myenv-py" in listed(host)


def test_jupyters_own_settings_stay_in_force(launch_server: Launch, conda: Path) -> None:
    env = {"MAMBA_ROOT_PREFIX": str(conda)}
    allowed = launch_server(
        "--JupyterSM.active=True",
        "--KernelSpecManager.allowed_kernelspecs=['conda-env-myenv-py']",
        env=env,
    )
    assert listed(allowed) == {"conda-env-myenv-py"}


def test_health_is_asked_with_head_too(launch_server: Launch) -> None:
    answer = launch_server().request("HEAD", "/api/sm/health", token=None)

    assert (answer.status, answer.body) == (200, b"")


def test_a_metadata_document_that_is_a_folder_is_said(
    launch_server: Launch, tmp_path: Path
) -> None:
    (tmp_path / "metadata.json").mkdir()
    host = launch_server(env={"JUPYTER_SM_METADATA_FILE": str(tmp_path / "metadata.json")})

    found = host.get("/api/sm/metadata").json()

    assert found["present"] is True
    assert [finding["id"] for finding in found["findings"]] == ["document-unreadable"]


def test_variables_that_are_not_utf8_do_no_harm(launch_server: Launch, tmp_path: Path) -> None:
    host = launch_server(
        "--JupyterSM.active=True",
        env={
            "JUPYTER_SM_METADATA_FILE": str(tmp_path) + "/\udcff",
            "JUPYTER_SM_APP_IMAGE_CONFIG": str(tmp_path) + "/\udcfe",
            "USER": "\udcff",
            "AWS_REGION": "\udcff",
        },
    )

    for route in ("", "/metadata", "/kernels"):
        assert host.get(f"/api/sm{route}").status == 200
