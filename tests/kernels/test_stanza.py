"""What metadata says of the provisioner, read with care and written without changing it."""

from typing import Any

import pytest

from jupyter_sm.kernels import Trouble, is_provisioned, without_ours
from jupyter_sm.kernels.stanza import activating, config_of, explaining, provisioner_of, unavailable

TROUBLE = Trouble("it is gone", "bring it back")
TOLD = {"reason": "it is gone", "remedy": "bring it back", "file": "/k/kernel.json"}
LOCAL = {"kernel_provisioner": {"provisioner_name": "local-provisioner"}}

THEIRS = {"a": 1, "kernel_provisioner": {"provisioner_name": "slurm", "config": {"q": 1}}}

ODD: list[Any] = [None, 5, "jupyter-sm-conda", [], {}, {"provisioner_name": None}]


@pytest.mark.parametrize("stanza", ODD)
def test_odd_metadata_asks_for_no_provisioner(stanza: Any) -> None:
    metadata = {"kernel_provisioner": stanza}

    assert provisioner_of(metadata) is None
    assert not is_provisioned(metadata)
    assert config_of(metadata) == {}
    assert is_provisioned(activating(metadata, "/p", None))


@pytest.mark.parametrize("config", [None, 5, [], "x"])
def test_an_odd_config_is_an_empty_one(config: Any) -> None:
    stanza = {"provisioner_name": "jupyter-sm-conda", "config": config}

    assert config_of({"kernel_provisioner": stanza}) == {}


def test_metadata_without_a_stanza_asks_for_none() -> None:
    assert provisioner_of({}) is None
    assert config_of({}) == {}


def test_a_kernel_of_an_environment_asks_for_activation_and_keeps_its_metadata() -> None:
    metadata = {"debugger": True}

    made = activating(metadata, "/opt/e", "/opt")

    assert made["debugger"] is True
    assert provisioner_of(made) == "jupyter-sm-conda"
    assert config_of(made) == {"prefix": "/opt/e", "root": "/opt"}
    assert metadata == {"debugger": True}


def test_no_installation_is_an_empty_root() -> None:
    assert config_of(activating({}, "/opt/e", None)) == {"prefix": "/opt/e", "root": ""}


def test_what_a_kernel_json_itself_says_of_our_provisioner_is_replaced() -> None:
    stale = explaining(activating({}, "/old", "/old"), TROUBLE, "")

    assert config_of(activating(stale, "/new", "/root")) == {"prefix": "/new", "root": "/root"}


def test_a_broken_kernel_tells_its_trouble_beside_its_environment() -> None:
    metadata = activating({}, "/opt/e", "/opt")

    made = explaining(metadata, TROUBLE, "/k/kernel.json")

    assert config_of(made) == {"prefix": "/opt/e", "root": "/opt", "trouble": TOLD}
    assert "trouble" not in config_of(metadata)


def test_a_broken_kernel_of_no_environment_tells_its_trouble_alone() -> None:
    assert config_of(explaining({}, TROUBLE, "/k/kernel.json")) == {"trouble": TOLD}


def test_a_provisioner_of_somebody_else_stays() -> None:
    assert activating(THEIRS, "/p", "/r") == THEIRS
    assert explaining(LOCAL, TROUBLE, "") == LOCAL
    assert without_ours(THEIRS) == THEIRS
    assert config_of(THEIRS) == {}
    assert not is_provisioned(THEIRS)


def test_a_provisioner_that_is_not_installed_cannot_explain_anything() -> None:
    assert unavailable(THEIRS) == "slurm"
    assert unavailable(LOCAL) is None
    assert is_provisioned(explaining(THEIRS, TROUBLE, "/f"))


def test_for_another_jupyter_only_our_stanza_is_left_out() -> None:
    assert without_ours(activating({"debugger": True}, "/p", "/r")) == {"debugger": True}
    assert without_ours({"a": 1}) == {"a": 1}
