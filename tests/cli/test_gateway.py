"""`jupyter sm gateway`: real processes, whatever the configuration files say."""

import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import hosts
import pytest

from .machine import SOURCE

Launch = Callable[..., hosts.Host]


@pytest.fixture
def launch(sm_words: list[str], tmp_path: Path) -> Iterator[Launch]:
    """`jupyter sm gateway` as a process of its own; it ends with the test."""
    with ExitStack() as running:

        def start(*arguments: str, wait: str = "/api", **env: str) -> hosts.Host:
            port = hosts.free_port()
            mark = {hosts.MARK: uuid.uuid4().hex}
            logs = {hosts.LOG_ROOT: str(tmp_path / "logs")}
            log_path = tmp_path / f"gateway-{port}.log"
            environ = hosts.isolated_environ(
                tmp_path,
                {"PYTHONPATH": SOURCE, "KG_AUTH_TOKEN": hosts.TOKEN, **logs, **mark, **env},
            )
            with log_path.open("wb") as log:
                process = subprocess.Popen(
                    [*sm_words, "gateway", f"--port={port}", *arguments],
                    cwd=tmp_path,
                    env=environ,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            host = hosts.Host(
                process,
                url=f"http://127.0.0.1:{port}",
                token=hosts.TOKEN,
                log_path=log_path,
                mark="=".join(*mark.items()),
            )
            running.callback(host.close)
            host.wait_for(wait, timeout=60)
            return host

        yield start


def test_it_serves_starts_a_kernel_and_stops(launch: Launch) -> None:
    with launch() as host:
        assert host.get("/api/sm").json()["host"] == "kernel-gateway"
        assert list(host.get("/api/kernelspecs").json()["kernelspecs"]) == ["python3"]
        with host.start_kernel("python3") as kernel:
            assert kernel.execute("6 * 7").result == "42"
        assert "jupyter_sm" in host.log()
        assert host.stop() == 0
        assert host.left_behind() == []


def test_nothing_but_the_command_line_can_name_another_api(launch: Launch, tmp_path: Path) -> None:
    """Neither the switch of the installed file, nor a variable, nor a file that is not there."""
    configured = tmp_path / "other.py"
    configured.write_text("c.KernelGatewayApp.api = 'notebook-http'")
    host = launch(
        f"--config={configured}",
        JUPYTER_SM_GATEWAY="0",
        KG_API="notebook-http",
        wait="/api/sm/health",
    )
    assert host.get("/api/sm/kernels").status == 200


@pytest.mark.parametrize("option", ["--api", "--KernelGatewayApp.api"])
def test_the_command_line_can(launch: Launch, option: str) -> None:
    host = launch(f"{option}=kernel_gateway.jupyter_websocket")
    assert host.get("/api/sm").status == 404


def test_its_configuration_files_are_the_gateways(launch: Launch, tmp_path: Path) -> None:
    folder = tmp_path / "jupyter/config"
    folder.mkdir(parents=True)
    (folder / "jupyter_kernel_gateway_config.py").write_text(
        "c.KernelGatewayApp.base_url = '/below'; c.JupyterSM.show = 'all'"
    )
    host = launch(wait="/below/api")
    assert host.get("/below/api/sm").status == 200


def test_it_runs_without_the_import_that_takes_long(launch: Launch, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    config = tmp_path / "at_end.py"
    config.write_text(
        "import atexit, sys\n"
        "def tell():\n"
        f"    with open({str(seen)!r}, 'w') as file:\n"
        "        print('rfc3987_syntax' in sys.modules, 'lark' in sys.modules, file=file)\n"
        "atexit.register(tell)\n"
    )
    with launch(f"--config={config}") as host:
        with host.start_kernel("python3") as kernel:
            assert kernel.execute("1 + 1").result == "2"
        assert host.stop() == 0
    assert seen.read_text() == "False False\n"


@pytest.mark.parametrize("option", ["--help", "--help-all", "-h"])
def test_help_is_the_gateways_with_our_settings(
    sm_words: list[str], sm_environ: dict[str, str], tmp_path: Path, option: str
) -> None:
    ended = subprocess.run(
        [*sm_words, "gateway", option],
        env=sm_environ,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "serving this SageMaker image" in ended.stdout
    assert "--port=<Int>" in ended.stdout
    if option == "--help-all":
        assert "--JupyterSM.show=" in ended.stdout
        assert ended.stdout.count("\n--KernelGatewayApp.max_kernels=") == 1


def test_a_bad_setting_ends_it_with_the_words_of_the_gateway(
    sm_words: list[str], sm_environ: dict[str, str], tmp_path: Path
) -> None:
    ended = subprocess.run(
        [*sm_words, "gateway", "--JupyterSM.show=some"],
        env={**sm_environ, "KG_PORT": str(hosts.free_port())},
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert "The 'show' trait of a JupyterSM instance expected any of" in ended.stderr
    assert "Traceback" not in ended.stderr
