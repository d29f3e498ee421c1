"""The installed configuration file: on by default, off when asked, harmless to any other Python."""

import runpy
import subprocess
import sys
from pathlib import Path

import kernel_gateway
import pytest
from traitlets.config import Config

from jupyter_sm.server.hook import PERSONALITY, configure

FILE = Path(__file__).parents[2] / "jupyter-config/jupyter_kernel_gateway_config.py"


@pytest.fixture
def config() -> Config:
    return Config()


def test_it_names_the_personality(config: Config) -> None:
    configure(config)

    assert config == {"KernelGatewayApp": {"api": PERSONALITY}}


@pytest.mark.parametrize(
    ("variable", "value"), [("JUPYTER_SM_GATEWAY", "0"), ("KG_API", "kernel_gateway.notebook_http")]
)
def test_a_variable_switches_it_off(
    config: Config, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)

    configure(config)

    assert config == {}


def test_an_old_gateway_is_refused(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_gateway, "version_info", (2, 5, 2))

    with pytest.raises(RuntimeError, match=r"too old: 3\.0\.1 or later is needed"):
        configure(config)
    assert config == {}


def test_the_file_turns_a_failure_into_one_warning(
    config: Config, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "jupyter_sm.server.hook", None)

    runpy.run_path(str(FILE), {"get_config": lambda: config})

    assert config == {}
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "jupyter_sm is not active in this gateway" in caplog.text


def test_the_file_is_readable_for_a_python_without_this_package() -> None:
    code = f"get_config = dict; exec(open({str(FILE)!r}).read())"

    # -I and -S: no site-packages, so no jupyter_sm.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stderr == (
        "jupyter_sm is not active in this gateway: No module named 'jupyter_sm'\n"
    )
