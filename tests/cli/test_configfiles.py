"""Configuration files that are broken, that print, and that end whoever reads them."""

import json
import os
import shutil
from pathlib import Path

import pytest
from unprivileged import as_ordinary_user

from jupyter_sm.cli.gatewaycheck import HOOK

from .machine import Command, Machine

PACKAGED = Path(__file__).parents[2] / "jupyter-config"

BROKEN = [
    ("1/0", "division by zero"),
    ("c.A b", "invalid syntax"),
    ("import sys; sys.exit(3)", "it ends the process that reads it, with SystemExit(3)"),
    ("exit()", "it ends the process that reads it"),
    ("raise KeyError", "KeyError"),
    ("import nowhere", "No module named 'nowhere'"),
]


@pytest.fixture
def healthy(machine: Machine) -> Machine:
    """Everything that pip installs is where it belongs."""
    shutil.copytree(PACKAGED, machine.prefix / "etc/jupyter", dirs_exist_ok=True)
    return machine


@pytest.mark.parametrize(
    "name",
    [
        "jupyter_config.py",
        "jupyter_kernel_gateway_config.py",
        "jupyter_server_config.py",
    ],
)
@pytest.mark.parametrize(("text", "seen"), BROKEN)
def test_the_doctor_goes_on_and_names_a_broken_file_once(
    sm: Command, healthy: Machine, name: str, text: str, seen: str
) -> None:
    path = healthy.configure(text, name)
    outcome = sm("doctor", "--json")
    document = outcome.json()
    (finding,) = document["findings"]
    assert outcome.status == 1
    assert (finding["id"], finding["severity"]) == ("config-file-broken", "error")
    assert (finding["source"], finding["remedy"]) == (str(path), "correct it")
    assert seen in finding["seen"]
    assert document["gateway"]["loads"] is document["extension"]["enabled"] is True


def test_a_truncated_hook_is_why_the_gateway_will_not_load_us(
    sm: Command, healthy: Machine
) -> None:
    hook = healthy.prefix / "etc/jupyter" / HOOK
    text = hook.read_text()
    hook.write_text(text[: text.index("except")])
    outcome = sm("doctor", "--json")
    broken, not_loading = sorted(outcome.json()["findings"], key=lambda finding: finding["id"])
    assert outcome.status == 1
    assert (broken["id"], broken["source"]) == ("config-file-broken", str(hook))
    assert not_loading["id"] == "gateway-not-loading"
    assert f"{hook} cannot be used: {broken['seen']}" in not_loading["seen"]
    assert "--force-reinstall" in not_loading["remedy"]


@pytest.mark.parametrize("name", ["jupyter_kernel_gateway_config.py", "jupyter_config.json"])
def test_a_file_that_may_not_be_read_is_named(sm: Command, healthy: Machine, name: str) -> None:
    path = healthy.configure("{}", name)
    path.chmod(0)
    outcome = as_ordinary_user(lambda: sm("doctor", "--json"), owning=healthy.config.parent)
    found = {finding["id"]: finding for finding in outcome.json()["findings"]}
    finding = found["config-file-broken"]
    assert outcome.status == 1
    assert (finding["source"], finding["seen"]) == (str(path), "permission denied")
    assert finding["remedy"] == f"let uid {os.geteuid() or 65534} read it"


def test_a_hook_that_may_not_be_read_and_is_skipped_does_no_harm(
    sm: Command, healthy: Machine, tmp_path: Path
) -> None:
    (healthy.prefix / "etc/jupyter" / HOOK).chmod(0)
    other = tmp_path / "other.py"
    other.write_text("")
    outcome = as_ordinary_user(
        lambda: sm("doctor", "--json", f"--config={other}"), owning=healthy.prefix
    )
    assert outcome.json()["gateway"]["reason"] == f"--config={other} is read instead of {HOOK}"
    assert outcome.json()["gateway"]["hook_unchanged"] is None


@pytest.mark.parametrize(("text", "seen"), BROKEN)
@pytest.mark.parametrize("command", ["doctor", "kernels"])
def test_the_file_that_config_names_has_to_be_good(
    *, sm: Command, healthy: Machine, tmp_path: Path, command: str, text: str, seen: str
) -> None:
    del healthy
    path = tmp_path / "other.py"
    path.write_text(text)
    outcome = sm(command, f"--config={path}")
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith(f"jupyter sm: {path}: ")
    assert seen in outcome.err
    assert outcome.err.count("\n") == 1


def test_for_the_doctor_too_config_has_to_name_a_file(sm: Command, healthy: Machine) -> None:
    del healthy
    outcome = sm("doctor", "--config=/nowhere/file.py")
    assert outcome.status == 2
    assert outcome.err == (
        "jupyter sm: --config=/nowhere/file.py: there is no such file; correct the path\n"
    )


@pytest.mark.parametrize("name", ["jupyter_server_config.json", "jupyter_config.json"])
def test_a_file_that_is_nested_too_deeply_is_named(
    sm: Command, healthy: Machine, name: str
) -> None:
    path = healthy.configure('{"A":' * 100_000 + "1" + "}" * 100_000, name)
    outcome = sm("doctor", "--json")
    (finding,) = outcome.json()["findings"]
    assert finding["source"] == str(path)


@pytest.mark.parametrize("command", ["kernels", "metadata", "doctor"])
def test_what_a_file_prints_is_no_part_of_the_answer(
    sm: Command, healthy: Machine, command: str
) -> None:
    for name in ("jupyter_config.py", "jupyter_server_config.py"):
        healthy.configure("print('hello')", name)
    outcome = sm(command, "--json")
    assert isinstance(json.loads(outcome.out), dict)
    assert set(outcome.err.split()) == {"hello"}


@pytest.mark.parametrize(
    "text",
    [
        "c.ServerApp.jpserver_extensions = {'jupyter_sm': False}",
        "c.ServerApp.jpserver_extensions.update({'jupyter_sm': False})",
    ],
)
def test_the_doctor_reads_the_servers_python_file(sm: Command, healthy: Machine, text: str) -> None:
    path = healthy.configure(text, "jupyter_server_config.py")
    outcome = sm("doctor")
    shown = "".join(outcome.out.split())
    assert f"jupyterserverandlabwillloadjupyter_sm:no,{path}" in shown
    assert f"warning:{path}:itdisablestheextension:" in shown
