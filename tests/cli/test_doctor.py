"""`jupyter sm doctor`: everything it sees, at 80 columns and as JSON, and when it fails."""

import json
import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import envs
import pytest

import jupyter_sm
from jupyter_sm.cli.gatewaycheck import HOOK
from jupyter_sm.cli.hostconfig import Host
from jupyter_sm.errors import JupyterSMError

from .machine import Command, Machine

REPOSITORY = Path(__file__).parents[2]

ADVICE = (
    "With--config=FILEthegatewayskipsthefilethatswitchesjupyter_smon;"
    "KG_API=jupyter_sm.server.gatewayinitsenvironmentworksineverycase"
)


@pytest.fixture
def healthy(machine: Machine) -> Machine:
    """Everything that pip installs is where it belongs."""
    etc = machine.prefix / "etc/jupyter"
    shutil.copytree(REPOSITORY / "jupyter-config", etc, dirs_exist_ok=True)
    return machine


def unwrapped(lines: list[str]) -> list[str]:
    """Paragraphs on one line each, blanks taken out, so that long paths do no harm."""
    joined: list[str] = []
    for line in lines:
        if line.startswith(" ") and joined:
            joined[-1] += "".join(line.split())
        else:
            joined.append("".join(line.split()))
    return joined


def test_where_all_is_well_it_says_so(sm: Command, healthy: Machine) -> None:
    outcome = sm("doctor", "--JupyterSM.metadata_file=/none.json")
    assert outcome.status == 0
    assert max(map(len, outcome.lines)) <= 80
    etc = healthy.prefix / "etc/jupyter"
    versions = ",".join(
        f"{name}{version(name)}"
        for name in (
            "jupyter_kernel_gateway",
            "jupyter_server",
            "jupyter_client",
            "traitlets",
            "tornado",
        )
    )
    hook = f"hook:{etc}/{HOOK},notrecordedbypip,ornotreadable"
    config = f"{sys.prefix}/etc/jupyter_sm/app-image-config.json"
    assert unwrapped(outcome.lines) == [
        f"jupyter_sm{jupyter_sm.__version__},Python{platform.python_version()}({sys.executable})"
        + versions,
        "",
        f"jupyterkernelgatewaywillloadjupyter_sm:yes,{etc}/{HOOK}namesit{hook}{ADVICE}",
        f"jupyterserverandlabwillloadjupyter_sm:yes,{etc}/jupyter_server_config.d/jupyter_sm.json",
        "",
        "SETTINGVALUEORIGIN",
        "active-default",
        "app_image_config-default",
        "conda_env_filter-default",
        "cuda_checkTruedefault",
        "enforceFalsedefault",
        "log_root-default",
        "metadata_file/none.jsoncommandline",
        "ship_logsFalsedefault",
        "showconfigureddefault",
        "",
        f"AppImageConfig:none;lookedat/etc/jupyter_sm/app-image-config.json,{config}",
        "Metadata:none;lookedat/none.json",
        "Kernels:1shown",
    ]


def test_the_settings_are_a_table(sm: Command, healthy: Machine) -> None:
    del healthy
    lines = sm("doctor", "--JupyterSM.metadata_file=/m.json", "--JupyterSM.active=True").lines
    start = lines.index("SETTING           VALUE       ORIGIN")
    assert lines[start + 1 : start + 10] == [
        "active            True        command line",
        "app_image_config  -           default",
        "conda_env_filter  -           default",
        "cuda_check        True        default",
        "enforce           False       default",
        "log_root          -           default",
        "metadata_file     /m.json     command line",
        "ship_logs         False       default",
        "show              configured  default",
    ]


def test_json_has_all_of_it(sm: Command, healthy: Machine, tmp_path: Path) -> None:
    envs.make_environment(healthy.conda)
    metadata = tmp_path / "m.json"
    metadata.write_text(json.dumps({"AppType": "KernelGateway", "DomainId": "d-fnytsoocmwo1"}))
    config = healthy.list_kernels({"Name": "conda-base-py"})
    outcome = sm("doctor", "--json", f"--JupyterSM.metadata_file={metadata}", config)
    document = outcome.json()
    assert outcome.status == 0
    assert set(document) == {
        "app_image_config",
        "extension",
        "findings",
        "gateway",
        "interpreter",
        "kernels",
        "metadata",
        "packages",
        "python",
        "settings",
        "version",
    }
    path = config.partition("=")[2]
    assert document["app_image_config"] == {"file": path, "looked_at": [path]}
    assert document["metadata"] == {"file": str(metadata), "looked_at": [str(metadata)]}
    assert document["kernels"] == {"shown": 1, "hidden": 1}
    assert document["gateway"]["loads"] is True
    assert document["extension"]["enabled"] is True


def test_an_image_without_the_installed_files_is_ill(sm: Command, machine: Machine) -> None:
    del machine
    outcome = sm("doctor")
    assert outcome.status == 1
    text = "".join(outcome.out.split())
    assert "jupyterkernelgatewaywillloadjupyter_sm:no,thereisno" in text
    assert "jupyterserverandlabwillloadjupyter_sm:no,nofilementionsit" in text
    assert "error:jupyterkernelgateway:itwillnotloadjupyter_sm:" in text
    assert "warning:jupyterserver:noconfigurationfileenablesit:" in text


@pytest.mark.parametrize(
    ("unchanged", "words"),
    [
        (True, "as it was installed"),
        (False, "changed since it was installed"),
        (None, "not recorded by pip, or not readable"),
    ],
)
def test_the_state_of_the_installed_file_is_shown(
    sm: Command,
    healthy: Machine,
    monkeypatch: pytest.MonkeyPatch,
    unchanged: bool | None,
    words: str,
) -> None:
    hook = healthy.prefix / "etc/jupyter" / HOOK
    monkeypatch.setattr("jupyter_sm.cli.gatewaycheck._is_unchanged", lambda _hook: unchanged)
    text = "".join(sm("doctor").out.split())
    assert f"hook:{hook},{words}".replace(" ", "") in text


def test_variables_that_decide_are_shown(
    sm: Command, healthy: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    del healthy
    monkeypatch.setenv("JUPYTER_SM_GATEWAY", "0")
    outcome = sm("doctor")
    assert outcome.status == 0
    assert "    set in the environment: JUPYTER_SM_GATEWAY=0" in outcome.lines


def test_findings_of_every_part_are_there(
    sm: Command, healthy: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_SM_GATEWAY", "0")
    healthy.configure("c.JupyterSM.active = False; c.JupyterSM.shwo = 1")
    (healthy.config / "jupyter_server_config.json").write_text("{")
    (tmp_path / "m.json").write_text("{")
    outcome = sm(
        "doctor",
        "--json",
        f"--JupyterSM.metadata_file={tmp_path}/m.json",
        healthy.list_kernels({"Name": "nothing"}),
    )
    assert outcome.status == 1
    assert {finding["id"] for finding in outcome.json()["findings"]} == {
        "gateway-not-loading",
        "server-config-unreadable",
        "gateway-kernels-elsewhere",
        "setting-unknown",
        "configured-kernel-missing",
        "document-not-json",
    }


def test_kernels_that_cannot_be_looked_up_are_a_finding(
    sm: Command, healthy: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_host: Host) -> None:
        raise JupyterSMError("the disk does not answer")

    del healthy
    monkeypatch.setattr(Host, "catalog", fail)
    outcome = sm("doctor")
    assert outcome.status == 1
    assert "Kernels: not known" in outcome.lines
    assert outcome.lines[-1] == "error: kernels: the disk does not answer"


def test_a_package_that_is_not_installed_has_no_version(
    sm: Command, healthy: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(name: str) -> str:
        if name == "tornado":
            raise PackageNotFoundError(name)
        return "1.0"

    del healthy
    monkeypatch.setattr("importlib.metadata.version", find)
    assert sm("doctor", "--json").json()["packages"]["tornado"] is None
    assert "tornado -" in sm("doctor").out
