"""Whether the gateway will load this package: every reason why not, and its remedy."""

import base64
import hashlib
import importlib.metadata
import shutil
import sys
from pathlib import Path, PurePosixPath

import pytest

from jupyter_sm.cli.gatewaycheck import HOOK, GatewayReport, check_gateway
from jupyter_sm.cli.hostconfig import Host
from jupyter_sm.errors import Finding
from jupyter_sm.server.hook import PERSONALITY

from .machine import Machine

PACKAGED = Path(__file__).parents[2] / "jupyter-config" / HOOK


@pytest.fixture
def hook(machine: Machine) -> Path:
    """The file as pip installs it, below the prefix."""
    return Path(shutil.copy(PACKAGED, machine.prefix / "etc/jupyter"))


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KG_API", "JUPYTER_SM_GATEWAY", "JUPYTER_NO_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def check(*arguments: str) -> tuple[GatewayReport, list[Finding]]:
    return check_gateway(Host.read(arguments))


def refusal(*arguments: str) -> Finding:
    """The one finding of a gateway that will not load this package."""
    report, (finding,) = check(*arguments)
    assert not report.loads
    assert finding.id == "gateway-not-loading"
    assert finding.seen == f"it will not load jupyter_sm: {report.reason}"
    assert finding.remedy == report.remedy != ""
    return finding


def test_with_the_installed_file_it_loads(hook: Path) -> None:
    report, findings = check()
    assert (report.loads, report.api, report.hook) == (True, PERSONALITY, str(hook))
    assert report.reason == f"{hook} names it"
    assert report.command is not None
    assert report.variables == {}
    assert findings == []


def test_without_the_file_it_does_not(machine: Machine) -> None:
    del machine
    finding = refusal()
    assert finding.severity == "error"
    assert f"there is no {HOOK} on Jupyter's configuration path" in finding.seen
    assert finding.remedy == (
        f"{sys.executable} -m pip install --force-reinstall --no-deps jupyter_sm, or set "
        f"KG_API={PERSONALITY}"
    )


def test_without_the_file_the_variable_is_enough(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    del machine
    monkeypatch.setenv("KG_API", PERSONALITY)
    report, findings = check()
    assert (report.loads, report.reason, findings) == (True, "KG_API names it", [])
    assert report.variables == {"KG_API": PERSONALITY}


def test_a_file_of_that_name_that_is_not_ours_is_named(machine: Machine) -> None:
    other = machine.configure("c.KernelGatewayApp.port = 9999")
    finding = refusal()
    assert finding.severity == "error"
    assert f"{other} is not the file that jupyter_sm installs" in finding.seen


def test_a_users_own_file_beside_ours_does_no_harm(machine: Machine, hook: Path) -> None:
    machine.configure("c.KernelGatewayApp.port = 9999")
    report, findings = check()
    assert (report.loads, report.hook, findings) == (True, str(hook), [])


def test_in_an_environment_our_file_beats_the_users_and_that_is_said(
    machine: Machine, hook: Path
) -> None:
    path = machine.configure("c.KernelGatewayApp.api = 'notebook-http'")
    report, (finding,) = check()
    assert (report.loads, report.reason) == (True, f"{hook} names it")
    assert (finding.id, finding.severity, finding.source) == (
        "gateway-api-beaten",
        "warning",
        str(path),
    )
    assert finding.seen == f"it names notebook-http as the gateway's api, and {hook} beats it"
    assert finding.remedy == "remove that, or set KG_API=notebook-http to have it"


def test_outside_an_environment_the_users_file_counts_and_is_named(
    machine: Machine, hook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    path = machine.configure("c.KernelGatewayApp.api = 'notebook-http'")
    assert hook.exists()
    finding = refusal()
    assert finding.severity == "warning"
    assert finding.seen.endswith(f"{path} names notebook-http as the gateway's api")
    assert finding.remedy == (
        "remove that, or start `jupyter sm gateway` instead of `jupyter kernelgateway`"
    )


def test_a_json_file_beats_ours_and_is_named(machine: Machine, hook: Path) -> None:
    path = hook.with_suffix(".json")
    path.write_text('{"KernelGatewayApp": {"api": "notebook-http"}}')
    del machine
    assert f"{path} names notebook-http" in refusal().seen


def test_another_api_on_the_command_line_is_named(hook: Path) -> None:
    assert hook.exists()
    finding = refusal("--KernelGatewayApp.api=notebook-http")
    assert "the command line names notebook-http" in finding.seen


def test_another_api_in_the_variable_is_named(hook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hook.exists()
    monkeypatch.setenv("KG_API", "notebook-http")
    assert "KG_API names notebook-http" in refusal().seen


def test_turned_off_by_its_variable(hook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hook.exists()
    monkeypatch.setenv("JUPYTER_SM_GATEWAY", "0")
    finding = refusal()
    assert finding.severity == "warning"
    assert finding.seen.endswith("JUPYTER_SM_GATEWAY=0 turns it off")
    assert finding.remedy == "unset it"


def test_config_on_the_command_line_skips_the_file(hook: Path, tmp_path: Path) -> None:
    assert hook.exists()
    other = tmp_path / "other.py"
    other.write_text("")
    finding = refusal(f"--config={other}")
    assert finding.severity == "warning"
    assert finding.seen.endswith(f"--config={other} is read instead of {HOOK}")
    assert finding.remedy == f"set KG_API={PERSONALITY}"


def test_no_config_skips_every_file(hook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hook.exists()
    monkeypatch.setenv("JUPYTER_NO_CONFIG", "1")
    finding = refusal()
    assert "JUPYTER_NO_CONFIG keeps Jupyter from reading" in finding.seen
    assert finding.remedy == f"unset it, or set KG_API={PERSONALITY}"


@pytest.mark.filterwarnings("default")
def test_a_gateway_that_is_too_old_is_the_reason(
    hook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hook.exists()
    monkeypatch.setattr("kernel_gateway.version_info", (2, 5, 2))
    finding = refusal()
    assert finding.severity == "error"
    assert "is too old: 3.0.1 or later is needed" in finding.seen


def test_a_file_that_calls_the_hook_in_vain_is_named(hook: Path) -> None:
    hook.write_text("# jupyter_sm.server.hook is not called\n")
    assert refusal().seen.endswith(f"{hook} does not name it")


def test_a_personality_that_cannot_be_imported_is_an_error(
    hook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook.unlink()
    monkeypatch.setenv("KG_API", PERSONALITY)
    monkeypatch.setitem(sys.modules, PERSONALITY, None)
    finding = refusal()
    assert finding.severity == "error"
    assert f"{PERSONALITY} cannot be imported: ModuleNotFoundError" in finding.seen


def installed(hook: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have pip's record say that ``hook`` was installed with that content."""

    class Recorded(importlib.metadata.PackagePath):
        def locate(self) -> Path:
            return hook

    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    files = [Recorded("jupyter_sm/__init__.py"), Recorded(str(PurePosixPath("../etc", HOOK)))]
    files[1].hash = importlib.metadata.FileHash(f"sha256={digest}")
    files[0].hash = None
    monkeypatch.setattr(importlib.metadata, "files", {"jupyter_sm": files}.get)


def test_an_untouched_file_is_known_by_its_recorded_hash(
    hook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(hook, hook.read_bytes(), monkeypatch)
    report, findings = check()
    assert (report.hook_unchanged, findings) == (True, [])


def test_a_touched_file_is_a_warning_and_still_works(
    hook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(hook, hook.read_bytes(), monkeypatch)
    with hook.open("a") as file:
        file.write("c.KernelGatewayApp.port = 9999\n")
    report, (finding,) = check()
    assert (report.loads, report.hook_unchanged) == (True, False)
    assert (finding.id, finding.severity, finding.source) == (
        "gateway-hook-changed",
        "warning",
        str(hook),
    )


def test_an_unrecorded_file_may_be_anything(hook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(hook.with_name("other.py"), b"", monkeypatch)
    assert check()[0].hook_unchanged is None


def test_run_from_its_source_tree_nothing_is_recorded(
    hook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_installed(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    assert hook.exists()
    monkeypatch.setattr(importlib.metadata, "files", not_installed)
    assert check()[0].hook_unchanged is None


def test_the_remedies_are_quoted(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    del machine
    monkeypatch.setattr(sys, "executable", "/a folder/bin/python")
    assert check()[0].remedy.startswith("'/a folder/bin/python' -m pip install ")
