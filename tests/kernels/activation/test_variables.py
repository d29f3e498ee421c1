"""The variables in etc/conda/env_vars.d and conda-meta/state."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unprivileged import as_ordinary_user

from jupyter_sm.kernels.activation.variables import LIMIT, LONGEST, environment_variables

from .installation import Installation

STATE = "conda-meta/state"
PACKAGES = "etc/conda/env_vars.d"


def state(values: object) -> dict[str, str]:
    return {STATE: json.dumps({"env_vars": values})}


def values_of(prefix: Path) -> dict[str, str]:
    variables, findings = environment_variables(str(prefix))
    assert findings == []
    return {variable.name: variable.value for variable in variables}


def test_an_environment_without_variables_is_usual(conda: Installation) -> None:
    assert values_of(conda.environment()) == {}


def test_packages_come_by_name_and_the_users_own_variables_last(conda: Installation) -> None:
    files = {f"{PACKAGES}/10": '{"A": "10", "B": "10"}', f"{PACKAGES}/9.json": '{"A": "9"}'}
    prefix = conda.environment(files=files | state({"B": "mine"}))

    assert values_of(prefix) == {"A": "9", "B": "mine"}


def test_what_is_marked_as_unset_is_not_set_and_hides_a_packages_value(
    conda: Installation,
) -> None:
    packages = {f"{PACKAGES}/a.json": '{"A": "on", "B": "***unset***", "C": "x ***unset***"}'}
    prefix = conda.environment(files=packages | state({"A": "***unset***"}))

    assert values_of(prefix) == {"C": "x ***unset***"}


def test_values_that_are_no_strings_are_written_as_conda_writes_them(conda: Installation) -> None:
    prefix = conda.environment(files=state({"B": True, "F": 1.5, "L": [1], "N": None, "I": 7}))

    assert values_of(prefix) == {"B": "True", "F": "1.5", "L": "[1]", "N": "", "I": "7"}


def test_names_are_set_in_upper_case_and_the_later_one_wins(conda: Installation) -> None:
    prefix = conda.environment(files=state({"name": "1", "NAME": "2", "Name": "3"}))

    assert values_of(prefix) == {"NAME": "3"}


def test_names_stay_as_they_are_where_conda_is_told_so(conda: Installation) -> None:
    prefix = conda.environment(files=state({"name": "1", "path": "/p", "conda_prefix": "/c"}))

    variables, findings = environment_variables(str(prefix), force_uppercase=False)

    assert [variable.name for variable in variables] == ["name", "path", "conda_prefix"]
    assert findings == []


@pytest.mark.parametrize(
    ("name", "value", "seen"),
    [
        ("PATH", "/evil", "PATH is set by activation itself"),
        ("path", "/evil", "path is set by activation itself"),
        ("CONDA_PREFIX", "/evil", "is set by activation itself"),
        ("conda_shlvl", "7", "is set by activation itself"),
        ("_CE_M", "x", "is set by activation itself"),
        ("CONDA_PROMPT_MODIFIER", "x", "is set by activation itself"),
        ("A-B", "1", "'A-B' is no name of a variable"),
        ("1X", "1", "is no name of a variable"),
        ("", "1", "'' is no name of a variable"),
        ("\u00e4", "1", "is no name of a variable"),
        ("A\n", "1", r"is no name of a variable"),
        ("A=B", "1", "is no name of a variable"),
        ("A[$(id)]", "1", "is no name of a variable"),
        ("A\ud800", "1", "is no name of a variable"),
        ("A", "a\0b", "A holds a null character"),
        ("A", "\ud800", "A holds what is no text"),
        ("A", "x" * LONGEST, "A is longer than any variable can be"),
    ],
)
def test_a_variable_that_cannot_be_set_is_left_out_alone(
    conda: Installation, name: str, value: str, seen: str
) -> None:
    prefix = conda.environment(files=state({name: value, "GOOD": "1"}))

    variables, findings = environment_variables(str(prefix))

    assert [variable.name for variable in variables] == ["GOOD"]
    [finding] = findings
    assert finding.id == "environment-variable-unusable"
    assert finding.source == f"{prefix}/{STATE}"
    assert seen in finding.seen
    assert f"conda env config vars unset -p {prefix} " in finding.remedy
    finding.sentence().encode()


def test_the_finding_names_the_file_of_the_variable(conda: Installation) -> None:
    files = {f"{PACKAGES}/bad.json": '{"A-B": "1"}', f"{PACKAGES}/good.json": '{"C": "1"}'}
    prefix = conda.environment(files=files)

    _variables, findings = environment_variables(str(prefix))

    assert [finding.source for finding in findings] == [f"{prefix}/{PACKAGES}/bad.json"]


def test_the_longest_value_still_reaches_a_program(conda: Installation) -> None:
    value = "x" * (LONGEST - len("A="))
    files = state({"A": value}) | {"etc/conda/activate.d/a.sh": "export LENGTH=${#A}\n"}

    found = conda.activate(conda.environment(files=files))

    assert found.environ["LENGTH"] == str(len(value))
    assert found.findings == ()


NOT_VARIABLES = [
    b"",
    b"{nope",
    b"[1, 2]",
    b'"text"',
    b"null",
    b'{"a": "\xff"}',
    b"[" * 100_000,
    b"1" * 5000,
    b" " * (LIMIT + 1),
]


@pytest.mark.parametrize("content", NOT_VARIABLES, ids=range(len(NOT_VARIABLES)))
@pytest.mark.parametrize("name", [STATE, f"{PACKAGES}/a.json"])
def test_a_file_that_is_not_what_it_should_be_costs_only_itself(
    conda: Installation, name: str, content: bytes
) -> None:
    prefix = conda.environment(files={f"{PACKAGES}/good.json": '{"GOOD": "1"}'})
    (prefix / name).write_bytes(content)

    variables, findings = environment_variables(str(prefix))

    assert [variable.name for variable in variables] == ["GOOD"]
    [finding] = findings
    assert finding.id == "environment-variables-unreadable"
    assert finding.source == f"{prefix}/{name}"
    assert finding.seen


@pytest.mark.parametrize("said", [None, [], "x", 3])
def test_a_state_without_an_object_of_variables_is_reported(
    conda: Installation, said: object
) -> None:
    _variables, findings = environment_variables(str(conda.environment(files=state(said))))

    assert [finding.seen for finding in findings] == ["holds no object of variables"]


def test_a_state_may_say_nothing_of_variables(conda: Installation) -> None:
    assert values_of(conda.environment(files={STATE: '{"version": 1}'})) == {}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_does_no_harm(conda: Installation, encoding: str) -> None:
    prefix = conda.environment()
    (prefix / STATE).write_text('{"env_vars": {"A": "ä"}}', encoding=encoding)

    assert values_of(prefix) == {"A": "ä"}


ODD = {
    "folder": lambda path: path.mkdir(),
    "dangling link": lambda path: path.symlink_to("nowhere"),
    "link to itself": lambda path: path.symlink_to(path.name),
    "pipe": os.mkfifo,
}


@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
@pytest.mark.parametrize("name", [STATE, f"{PACKAGES}/a.json"])
def test_what_is_no_file_is_left_out(
    conda: Installation, name: str, make: Callable[[Path], object]
) -> None:
    prefix = conda.environment(files={f"{PACKAGES}/good.json": '{"GOOD": "1"}'})
    make(prefix / name)

    variables, findings = environment_variables(str(prefix))

    assert [variable.name for variable in variables] == ["GOOD"]
    assert [finding.source for finding in findings] == [f"{prefix}/{name}"]


def test_a_file_in_place_of_the_folder_is_reported(conda: Installation) -> None:
    prefix = conda.environment(files={PACKAGES: "{}"})

    _variables, findings = environment_variables(str(prefix))

    assert [finding.seen for finding in findings] == ["not a directory"]


@pytest.mark.parametrize("name", [STATE, PACKAGES, f"{PACKAGES}/a.json"])
def test_what_may_not_be_read_is_reported(conda: Installation, tmp_path: Path, name: str) -> None:
    prefix = conda.environment(files={f"{PACKAGES}/a.json": "{}"} | state({}))
    (prefix / name).chmod(0)

    _variables, findings = as_ordinary_user(
        lambda: environment_variables(str(prefix)), owning=tmp_path
    )

    (prefix / name).chmod(0o700)
    assert [(f.source, f.seen) for f in findings] == [(f"{prefix}/{name}", "permission denied")]


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.binary() | JSON.map(json.dumps).map(str.encode))
def test_any_content_gives_variables_that_a_program_can_be_started_with(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    prefix = tmp_path_factory.getbasetemp() / "any"
    (prefix / PACKAGES).mkdir(parents=True, exist_ok=True)
    (prefix / PACKAGES / "a.json").write_bytes(content)

    variables, findings = environment_variables(str(prefix))

    for variable in variables:
        assert b"\0" not in os.fsencode(f"{variable.name}={variable.value}")
        assert variable.name.isidentifier()
    assert all(finding.sentence().encode() for finding in findings)
