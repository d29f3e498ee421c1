"""Settings with their origins, and what is set in vain."""

import pytest

from jupyter_sm.cli.hostconfig import Host
from jupyter_sm.cli.settingscheck import check_settings, settings_of
from jupyter_sm.server.settings import JupyterSM

from .machine import Machine


def test_every_setting_has_its_value_and_origin(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = machine.configure("c.JupyterSM.metadata_file = '/m.json'")
    monkeypatch.setenv("JUPYTER_SM_SHOW", "all")
    settings = {s.name: s for s in settings_of(Host.read(["--JupyterSM.enforce=True"]))}
    assert list(settings) == sorted(JupyterSM.class_trait_names(config=True))
    assert {s.name: (s.value, s.origin) for s in settings.values() if s.origin != "default"} == {
        "enforce": (True, "command line"),
        "metadata_file": ("/m.json", str(path)),
        "show": ("all", "environment JUPYTER_SM_SHOW"),
    }
    assert settings["active"].value is None


def test_what_is_set_rightly_is_no_finding(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.configure("c.JupyterSM.show = 'all'; c.Other.thing = 1")
    monkeypatch.setenv("JUPYTER_SM_GATEWAY", "1")
    monkeypatch.setenv("JUPYTER_SM_ENFORCE", "1")
    assert list(check_settings(Host.read([]))) == []


def test_a_misspelt_setting_in_a_file_names_the_file(machine: Machine) -> None:
    path = machine.configure("c.JupyterSM.shwo = 'all'; c.JupyterSM.xyz = 1")
    findings = list(check_settings(Host.read([])))
    assert [(f.id, f.severity, f.source, f.seen, f.remedy) for f in findings] == [
        (
            "setting-unknown",
            "warning",
            str(path),
            "JupyterSM.shwo is no setting of jupyter_sm",
            "did you mean JupyterSM.show?",
        ),
        (
            "setting-unknown",
            "warning",
            str(path),
            "JupyterSM.xyz is no setting of jupyter_sm",
            "remove it",
        ),
    ]


def test_a_misspelt_variable_is_named(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    del machine
    monkeypatch.setenv("JUPYTER_SM_METADATAFILE", "/m.json")
    (finding,) = check_settings(Host.read([]))
    assert (finding.source, finding.seen, finding.remedy) == (
        "environment",
        "JUPYTER_SM_METADATAFILE is no setting of jupyter_sm",
        "did you mean JUPYTER_SM_METADATA_FILE?",
    )
