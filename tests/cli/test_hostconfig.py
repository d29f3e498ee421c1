"""The gateway's configuration is read as the gateway reads it, and mistakes are said in a sentence."""

import os
from pathlib import Path

import pytest
from kernel_gateway.gatewayapp import KernelGatewayApp

from jupyter_sm.cli.hostconfig import GatewayConfiguration, Host
from jupyter_sm.errors import JupyterSMError, SettingError
from jupyter_sm.kernels import Catalog, Live

from .machine import Command, Machine


def test_it_has_the_gateways_name_and_so_its_files() -> None:
    assert GatewayConfiguration.name == KernelGatewayApp.name


def test_files_are_remembered_in_the_order_of_their_priority(machine: Machine) -> None:
    of_user = machine.configure("c.JupyterSM.show = 'all'; c.JupyterSM.enforce = True")
    of_prefix = machine.prefix / "etc/jupyter/jupyter_config.json"
    of_prefix.write_text('{"JupyterSM": {"show": "configured", "metadata_file": "/m.json"}}')
    host = Host.read([])
    assert list(host.files) == [str(of_prefix), str(of_user)]
    assert host.settings.show == "all"
    assert host.setter("JupyterSM", "show") == str(of_user)
    assert host.setter("JupyterSM", "metadata_file") == str(of_prefix)
    assert host.setter("JupyterSM", "active") is None
    assert host.setter("KernelGatewayApp", "api") is None


def test_what_one_file_sets_is_not_ascribed_to_another(machine: Machine) -> None:
    first = machine.configure("c.JupyterSM.show = 'configured'", "jupyter_config.py")
    second = machine.configure("c.JupyterSM.show = 'all'; c.JupyterSM.enforce = True")
    files = Host.read([]).files
    assert {path: dict(config["JupyterSM"]) for path, config in files.items()} == {
        str(first): {"show": "configured"},
        str(second): {"show": "all", "enforce": True},
    }


def test_the_command_line_beats_variables_and_variables_beat_files(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.configure("c.JupyterSM.show = 'all'\nc.JupyterSM.metadata_file = '/file'")
    monkeypatch.setenv("JUPYTER_SM_METADATA_FILE", "/variable")
    assert Host.read([]).settings.metadata_file == "/variable"
    host = Host.read(["--JupyterSM.metadata_file=/line", "--JupyterSM.show=configured"])
    assert (host.settings.metadata_file, host.settings.show) == ("/line", "configured")


def test_config_names_a_file_that_is_read_instead(machine: Machine, tmp_path: Path) -> None:
    machine.configure("c.JupyterSM.show = 'all'")
    machine.configure("c.JupyterSM.enforce = True", "jupyter_config.py")
    other = tmp_path / "other.py"
    other.write_text("c.JupyterSM.metadata_file = '/other'")
    host = Host.read([f"--config={other}"])
    settings = host.settings
    assert (settings.show, settings.enforce, settings.metadata_file) == (
        "configured",
        True,
        "/other",
    )


def test_config_may_leave_out_the_ending_as_with_the_gateway(
    machine: Machine, tmp_path: Path
) -> None:
    del machine
    (tmp_path / "other.json").write_text('{"JupyterSM": {"show": "all"}}')
    assert Host.read([f"--config={tmp_path}/other"]).settings.show == "all"


def test_a_config_beside_the_process_is_found(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del machine
    (tmp_path / "other.py").write_text("c.JupyterSM.show = 'all'")
    monkeypatch.chdir(tmp_path)
    assert Host.read(["--config=other.py"]).settings.show == "all"


def test_a_config_in_the_home_folder_is_found(machine: Machine) -> None:
    (machine.config.parent.parent / "home/other.py").write_text("c.JupyterSM.show = 'all'")
    assert Host.read(["--config=~/other.py"]).settings.show == "all"


def test_another_file_whose_name_ends_alike_is_not_the_one(sm: Command, machine: Machine) -> None:
    machine.configure("", "jupyter_config.py")
    assert sm("kernels", "--config=config").status == 2


def test_a_config_that_is_not_there_is_misuse(sm: Command) -> None:
    outcome = sm("kernels", "--config", "/nowhere/file.py")
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == (
        "jupyter sm: --config=/nowhere/file.py: there is no such file; correct the path\n"
    )


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("jupyter_config.py", "1/0", "division by zero; correct it"),
        ("jupyter_config.py", "raise KeyError", "KeyError; correct it"),
        ("jupyter_config.json", "{", "Expecting property name enclosed in double quotes"),
        ("jupyter_kernel_gateway_config.py", "c.A b", "invalid syntax"),
    ],
)
def test_a_file_that_fails_is_named(
    sm: Command, machine: Machine, name: str, text: str, words: str
) -> None:
    path = machine.configure(text, name)
    outcome = sm("kernels")
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith(f"jupyter sm: {path}: ")
    assert words in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_file_that_a_file_includes_is_named_itself(sm: Command, machine: Machine) -> None:
    machine.configure("load_subconfig('sub.py')")
    path = machine.configure("1/0", "sub.py")
    outcome = sm("kernels")
    assert outcome.err == f"jupyter sm: {path}: division by zero; correct it\n"


def test_a_bad_value_in_a_file_names_the_file(sm: Command, machine: Machine) -> None:
    path = machine.configure("c.JupyterSM.show = 'some'")
    outcome = sm("kernels")
    assert outcome.status == 2
    assert outcome.err == (
        "jupyter sm: The 'show' trait of a JupyterSM instance expected any of ['configured', "
        f"'all'], not the str 'some'; correct it in {path}\n"
    )


def test_a_bad_value_on_the_command_line_says_so(sm: Command) -> None:
    outcome = sm("kernels", "--JupyterSM.conda_env_filter=(")
    assert outcome.status == 2
    assert outcome.err.endswith("Example: ^/opt/conda$; correct it on the command line\n")


def test_a_bad_variable_is_named(sm: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_SM_ENFORCE", "perhaps")
    outcome = sm("kernels")
    assert (outcome.status, outcome.err) == (
        2,
        "jupyter sm: JUPYTER_SM_ENFORCE='perhaps' is neither true nor false: write 1 or 0\n",
    )


def test_a_bad_value_for_jupyters_own_classes_is_said(sm: Command, machine: Machine) -> None:
    path = machine.configure("c.KernelSpecManager.allowed_kernelspecs = 7")
    outcome = sm("kernels")
    assert outcome.status == 2
    assert outcome.err.endswith(f"; correct it in {path}\n")


def test_a_bad_value_for_the_application_is_said(sm: Command) -> None:
    outcome = sm("kernels", "--JupyterApp.answer_yes=perhaps")
    assert outcome.status == 2
    assert outcome.err.startswith("jupyter sm: ")
    assert "answer_yes" in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "remedy"), [("shwo", "did you mean show?"), ("xyz", "it has active, ")]
)
def test_a_setting_that_is_none_is_misuse_on_the_command_line(
    sm: Command, name: str, remedy: str
) -> None:
    outcome = sm("kernels", f"--JupyterSM.{name}=all")
    assert outcome.status == 2
    assert outcome.err.startswith(f"jupyter sm: JupyterSM has no setting {name!r}: {remedy}")


def test_the_kernel_folders_are_jupyters_own(machine: Machine) -> None:
    """They are given, so that IPython need not be imported to find the last one."""
    del machine
    host = Host.read([])
    stock = type(host.kernelspecs)(parent=host.app)
    assert host.kernelspecs.kernel_dirs == stock.kernel_dirs


def test_a_skipped_folder_is_not_looked_into(machine: Machine) -> None:
    folder = machine.kernels / "mine"
    folder.mkdir()
    (folder / "kernel.json").write_text('{"argv": ["/bin/sh"], "display_name": "Mine"}')
    host = Host.read([])
    link = machine.prefix / "link"
    link.symlink_to(machine.kernels)
    names = [
        {entry.name for entry in host.catalog_for_export(skipped=skipped).entries} & {"mine"}
        for skipped in (None, str(link), str(machine.prefix))
    ]
    assert names == [{"mine"}, set(), {"mine"}]


def test_a_file_system_that_does_not_answer_is_said(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    del machine

    def wait(_live: Live[Catalog]) -> None:
        raise TimeoutError

    monkeypatch.setattr(Live, "fresh", wait)
    with pytest.raises(JupyterSMError, match="does not answer") as caught:
        Host.read([]).catalog()
    assert not isinstance(caught.value, SettingError)


def test_an_inactive_package_is_said(sm: Command, machine: Machine) -> None:
    path = machine.configure("c.JupyterSM.active = False")
    (finding,) = sm("kernels", "--json").json()["findings"]
    assert finding["source"] == str(path)
    assert finding["seen"] == "JupyterSM.active is False, jupyter_sm only watches"
    path.unlink()
    (finding,) = sm("kernels", "--json", "--JupyterSM.active=False").json()["findings"]
    assert finding["source"] == "the gateway's configuration"


def test_reading_leaves_the_environment_alone(machine: Machine) -> None:
    del machine
    before = dict(os.environ)
    Host.read(["--JupyterSM.show=all"])
    assert dict(os.environ) == before
