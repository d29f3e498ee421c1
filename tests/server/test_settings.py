"""Where a setting's value comes from, and which source wins."""

import pytest
from traitlets import TraitError
from traitlets.config import Application, Config

from jupyter_sm.server.settings import JupyterSM


class Host(Application):
    """An application as the hosts are: files into ``config``, the command line over them."""


def settings(
    *arguments: str, file: Config | None = None, environ: dict[str, str] | None = None
) -> JupyterSM:
    host = Host()
    host.update_config(file or Config())
    host.parse_command_line(list(arguments))
    return JupyterSM(parent=host, environ=environ or {})


def test_the_defaults_are_the_documented_ones() -> None:
    found = settings()

    assert {name: getattr(found, name) for name in found.trait_names(config=True)} == {
        "active": None,
        "app_image_config": "",
        "conda_env_filter": "",
        "cuda_check": True,
        "enforce": False,
        "log_root": "",
        "metadata_file": "/opt/ml/metadata/resource-metadata.json",
        "ship_logs": False,
        "show": "configured",
    }
    assert {found.origin(name) for name in found.trait_names(config=True)} == {"default"}


def test_a_file_beats_the_default() -> None:
    found = settings(file=Config({"JupyterSM": {"show": "all"}}))

    assert found.show == "all"
    assert found.origin("show") == "configuration file"


def test_the_environment_beats_a_file() -> None:
    found = settings(
        file=Config({"JupyterSM": {"metadata_file": "/file"}}),
        environ={"JUPYTER_SM_METADATA_FILE": "/variable"},
    )

    assert found.metadata_file == "/variable"
    assert found.origin("metadata_file") == "environment JUPYTER_SM_METADATA_FILE"


def test_the_command_line_beats_the_environment() -> None:
    found = settings("--JupyterSM.show=configured", environ={"JUPYTER_SM_SHOW": "all"})

    assert found.show == "configured"
    assert found.origin("show") == "command line"


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", True), ("true", True), ("Yes", True), (" on ", True), ("0", False), ("OFF", False)],
)
def test_a_boolean_is_read_from_the_environment(text: str, value: bool) -> None:
    found = settings(environ={"JUPYTER_SM_ENFORCE": text, "JUPYTER_SM_ACTIVE": text})

    assert found.enforce is value
    assert found.active is value


@pytest.mark.parametrize(
    ("variable", "text", "said"),
    [
        ("JUPYTER_SM_ENFORCE", "maybe", "is neither true nor false: write 1 or 0"),
        ("JUPYTER_SM_SHOW", "everything", "'configured'"),
        ("JUPYTER_SM_CONDA_ENV_FILTER", "(", "is not a regular expression"),
    ],
)
def test_a_wrong_value_in_the_environment_names_the_variable_and_what_is_wanted(
    variable: str, text: str, said: str
) -> None:
    with pytest.raises(TraitError) as raised:
        settings(environ={variable: text})

    assert f"{variable}={text!r}" in str(raised.value)
    assert said in str(raised.value)


def test_a_filter_that_is_no_regular_expression_is_refused_with_an_example() -> None:
    with pytest.raises(
        TraitError, match=r"conda_env_filter: '\[' is not a regular .* \^/opt/conda\$"
    ):
        settings("--JupyterSM.conda_env_filter=[")


def test_without_a_host_the_process_environment_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_SM_SHOW", "all")

    found = JupyterSM()

    assert found.show == "all"


def test_a_command_line_further_up_is_found() -> None:
    host = Host()
    host.parse_command_line(["--JupyterSM.show=all"])
    child = JupyterSM(parent=JupyterSM(parent=host, environ={}), environ={"JUPYTER_SM_SHOW": "x"})

    assert child.show == "all"


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("no", False), ("force", "force"), ("True", True)]
)
def test_ship_logs_is_a_truth_value_or_force(text: str, value: object) -> None:
    assert settings(environ={"JUPYTER_SM_SHIP_LOGS": text}).ship_logs == value


@pytest.mark.parametrize(("text", "value"), [("True", True), ("0", False), ("force", "force")])
def test_ship_logs_is_the_same_on_the_command_line(text: str, value: object) -> None:
    assert settings(f"--JupyterSM.ship_logs={text}").ship_logs == value


def test_another_word_for_ship_logs_is_refused_with_the_variable() -> None:
    with pytest.raises(TraitError, match=r"JUPYTER_SM_SHIP_LOGS='maybe'.*force"):
        settings(environ={"JUPYTER_SM_SHIP_LOGS": "maybe"})
