"""What is computed before any script runs: PATH, conda's own variables, the history, the prompt."""

import os
from pathlib import Path

import pytest

from jupyter_sm.kernels.activation import activate
from jupyter_sm.kernels.activation.static import Static, compute

from .installation import PATH, Installation

CONDAS = {"CONDA_EXE", "_CONDA_EXE", "_CONDA_ROOT", "CONDA_PYTHON_EXE", "_CE_M", "_CE_CONDA"}


def path_of(static: Static) -> list[str]:
    return static.exports["PATH"].split(":")


@pytest.fixture
def prefix(conda: Installation) -> Path:
    return conda.environment("e")


@pytest.fixture
def old(conda: Installation) -> Path:
    return conda.environment("old")


def test_a_first_activation_sets_what_conda_sets(conda: Installation, prefix: Path) -> None:
    static = compute(str(prefix), conda.plain(), str(conda.root))

    assert static.exports == {
        "PATH": f"{prefix}/bin:{conda.root}/condabin:{PATH}",
        "CONDA_PREFIX": str(prefix),
        "CONDA_DEFAULT_ENV": "e",
        "CONDA_SHLVL": "1",
        "CONDA_PROMPT_MODIFIER": "(e) ",
        "CONDA_EXE": f"{conda.root}/bin/conda",
        "_CONDA_EXE": f"{conda.root}/bin/conda",
        "_CONDA_ROOT": str(conda.root),
        "CONDA_PYTHON_EXE": f"{conda.root}/bin/python",
        "_CE_M": "",
        "_CE_CONDA": "",
    }
    assert static.leaves is None
    assert static.findings == []


def test_an_environment_over_another_remembers_it(
    conda: Installation, prefix: Path, old: Path
) -> None:
    static = compute(str(prefix), conda.active(old, CONDA_SHLVL="5"), str(conda.root))

    assert static.exports["CONDA_PREFIX_5"] == str(old)
    assert static.exports["CONDA_SHLVL"] == "6"
    assert path_of(static) == [f"{prefix}/bin", f"{conda.root}/condabin", *PATH.split(":")]
    assert static.leaves == str(old)


def test_without_a_known_installation_nothing_of_conda_is_added(prefix: Path) -> None:
    static = compute(str(prefix), {"PATH": PATH, "CONDA_EXE": "/elsewhere"}, None)

    assert not CONDAS & set(static.exports)
    assert path_of(static) == [f"{prefix}/bin", *PATH.split(":")]
    assert static.exports["CONDA_DEFAULT_ENV"] == "e"


@pytest.mark.parametrize("made", ["bin/python", "pkgs/urls", "no history"])
def test_an_installation_of_micromamba_alone_has_no_conda_to_point_to(
    tmp_path: Path, made: str
) -> None:
    root = tmp_path / "mamba"
    files = ["envs/e/conda-meta/history", "conda-meta/history", made]
    for path in files[:1] if made == "no history" else files:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()

    static = compute(f"{root}/envs/e", {"PATH": PATH}, str(root))

    assert not CONDAS & set(static.exports)
    assert path_of(static) == [f"{root}/envs/e/bin", *PATH.split(":")]
    assert compute(str(root), {"PATH": PATH}, str(root)).exports["CONDA_DEFAULT_ENV"] == "base"


@pytest.mark.parametrize("program", ["bin/conda", "condabin/conda"])
def test_one_program_called_conda_makes_an_installation_condas(
    conda: Installation, program: str, prefix: Path
) -> None:
    for path in {"bin/conda", "condabin/conda"} - {program}:
        (conda.root / path).unlink()

    static = compute(str(prefix), conda.plain(), str(conda.root))

    assert set(static.exports) >= CONDAS


@pytest.mark.parametrize("spelling", ["{}/", "{}//", "{}/./", "{}/../e"])
def test_other_spellings_of_a_prefix_and_root_mean_the_same(
    conda: Installation, prefix: Path, spelling: str
) -> None:
    found = activate(spelling.format(prefix), conda.plain(), root=f"{conda.root}/")

    assert found == conda.activate(prefix)
    base = activate(spelling[:3].format(conda.root), conda.plain(), root=f"{conda.root}/")
    assert base.environ["CONDA_DEFAULT_ENV"] == "base"


def test_an_environment_outside_any_folder_envs_is_called_by_its_path(
    conda: Installation, tmp_path: Path
) -> None:
    static = compute(f"{tmp_path}/loose", conda.plain(), str(conda.root))

    assert static.exports["CONDA_DEFAULT_ENV"] == f"{tmp_path}/loose"
    assert static.exports["CONDA_PROMPT_MODIFIER"] == f"({tmp_path}/loose) "


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/usr//bin/", ["/usr/bin"]),
        ("./tools", ["tools"]),
        ("/a::/b", ["/a", ".", "/b"]),
        ("/a:", ["/a", "."]),
        ("/a/../b", ["/b"]),
        ("", []),
    ],
)
def test_entries_of_path_are_normalised(
    conda: Installation, prefix: Path, before: str, after: list[str]
) -> None:
    static = compute(str(prefix), conda.plain(PATH=before), None)

    assert path_of(static) == [f"{prefix}/bin", *after]


def test_without_a_path_the_systems_programs_are_still_found(prefix: Path) -> None:
    static = compute(str(prefix), {}, None)

    assert path_of(static) == [f"{prefix}/bin", *os.defpath.split(":")]


def test_the_old_environment_is_found_on_path_under_another_spelling(
    conda: Installation, prefix: Path, old: Path
) -> None:
    path = f"/first:{old}//bin/:/usr/bin:{old}/bin"

    static = compute(str(prefix), conda.active(old, PATH=path), str(conda.root))

    assert path_of(static) == ["/first", f"{prefix}/bin", "/usr/bin", f"{old}/bin"]


def test_an_old_environment_that_is_not_on_path_leaves_the_front_to_the_new_one(
    conda: Installation, prefix: Path, old: Path
) -> None:
    static = compute(str(prefix), conda.active(old, PATH="/usr/bin"), str(conda.root))

    assert path_of(static) == [f"{prefix}/bin", "/usr/bin"]


@pytest.mark.parametrize(
    ("level", "before", "after"),
    [
        (None, "/usr/bin:{}/condabin", ["{}/condabin", "/usr/bin"]),
        (None, "/other/condabin", ["{}/condabin", "/other/condabin"]),
        ("0", "/usr/bin:{}/condabin", ["/usr/bin", "{}/condabin"]),
        ("0", "/other/condabin", ["/other/condabin"]),
        ("0", "/usr/bin", ["{}/condabin", "/usr/bin"]),
    ],
)
def test_condabin_is_on_path_once(
    conda: Installation, prefix: Path, level: str | None, before: str, after: list[str]
) -> None:
    environ = conda.plain(PATH=before.format(conda.root))
    environ |= {} if level is None else {"CONDA_SHLVL": level}

    static = compute(str(prefix), environ, str(conda.root))

    assert path_of(static)[1:] == [entry.format(conda.root) for entry in after]


@pytest.mark.parametrize("spelling", ["{}", "{}/"])
def test_activating_the_active_environment_keeps_level_name_and_variables(
    conda: Installation, spelling: str
) -> None:
    prefix = conda.environment("e", {"conda-meta/state": '{"env_vars": {"A": "1"}}'})
    active = conda.active(prefix, CONDA_PREFIX=spelling.format(prefix), CONDA_DEFAULT_ENV="mine")

    static = compute(str(prefix), active, str(conda.root))

    assert static.exports["CONDA_SHLVL"] == "1"
    assert static.exports["CONDA_PROMPT_MODIFIER"] == "(mine) "
    assert static.exports["PATH"] == active["PATH"]
    assert not {"A", "CONDA_PREFIX", "CONDA_PREFIX_1", "CONDA_DEFAULT_ENV"} & set(static.exports)
    assert static.leaves == active["CONDA_PREFIX"]


@pytest.mark.parametrize("level", [" 1 ", "1", "0001"])
def test_a_level_may_stand_between_spaces(
    conda: Installation, prefix: Path, old: Path, level: str
) -> None:
    static = compute(str(prefix), conda.active(old, CONDA_SHLVL=level), str(conda.root))

    assert static.exports["CONDA_SHLVL"] == "2"
    assert static.findings == []


@pytest.mark.parametrize("level", ["one", "-1", "1.0", "0x1", "\u0663", "9" * 5000])
def test_a_level_that_is_no_number_means_that_nothing_is_active(
    conda: Installation, prefix: Path, old: Path, level: str
) -> None:
    static = compute(str(prefix), conda.active(old, CONDA_SHLVL=level), str(conda.root))

    assert static.exports["CONDA_SHLVL"] == "1"
    assert static.leaves is None
    assert "CONDA_PREFIX_1" not in static.exports
    [finding] = static.findings
    assert (finding.id, finding.source) == ("conda-level-unclear", "CONDA_SHLVL")
    assert "is no number" in finding.seen


@pytest.mark.parametrize("environ", [{}, {"CONDA_PREFIX": ""}])
def test_a_level_without_an_active_environment_counts_for_nothing(
    prefix: Path, environ: dict[str, str]
) -> None:
    static = compute(str(prefix), {"CONDA_SHLVL": "2", **environ}, None)

    assert static.exports["CONDA_SHLVL"] == "1"
    [finding] = static.findings
    assert finding.seen == "2, but CONDA_PREFIX names no active environment"


def test_what_an_environment_overwrites_is_saved_under_its_level(
    conda: Installation, old: Path
) -> None:
    state = '{"env_vars": {"low": "new", "SAME": "x"}}'
    prefix = conda.environment("e", {"conda-meta/state": state})
    active = conda.active(old, low="mine", LOW="other", SAME="x")

    static = compute(str(prefix), active, str(conda.root))

    assert static.exports["LOW"] == "new"
    assert static.exports["__CONDA_SHLVL_1_LOW"] == "mine"
    assert static.exports["__CONDA_SHLVL_1_SAME"] == "x"


PROMPTS = [
    ("{default_env}|{name}|{prefix}", "e|e|{}"),
    ("fixed", "fixed"),
    ("", ""),
]


@pytest.mark.parametrize(("template", "text"), PROMPTS)
def test_the_prompt_is_what_env_prompt_makes_of_it(
    conda: Installation, prefix: Path, template: str, text: str
) -> None:
    static = compute(str(prefix), conda.plain(CONDA_ENV_PROMPT=template), str(conda.root))

    assert static.exports["CONDA_PROMPT_MODIFIER"] == text.format(prefix)


def test_the_prompt_may_show_every_environment_of_a_stack(
    conda: Installation, prefix: Path, old: Path
) -> None:
    stacked = conda.active(
        old,
        CONDA_SHLVL="3",
        CONDA_PREFIX_1=f"{conda.root}/envs/gone",
        CONDA_PREFIX_2=str(conda.root),
        CONDA_STACKED_3="true",
        CONDA_ENV_PROMPT="{stacked_env}",
    )

    over = compute(str(prefix), stacked, str(conda.root))
    again = compute(str(old), stacked, str(conda.root))

    assert over.exports["CONDA_PROMPT_MODIFIER"] == "e,base"
    assert again.exports["CONDA_PROMPT_MODIFIER"] == "old,base"


@pytest.mark.parametrize("template", ["{nobody}", "{", "{0}", "{prefix.nothing}", "{prefix!z}"])
def test_a_prompt_that_cannot_be_filled_is_the_usual_one(
    conda: Installation, prefix: Path, template: str
) -> None:
    static = compute(str(prefix), conda.plain(CONDA_ENV_PROMPT=template), str(conda.root))

    assert static.exports["CONDA_PROMPT_MODIFIER"] == "(e) "
    [finding] = static.findings
    assert (finding.id, finding.source) == ("conda-settings-unusable", "env_prompt")
    assert template in finding.seen


@pytest.mark.parametrize("missing", ["", "relative/e", "no\0name", "\ud800", "/nowhere/at/all"])
def test_what_is_no_environment_is_an_error_and_changes_nothing(
    conda: Installation, missing: str
) -> None:
    before = conda.plain(MINE="1")

    found = activate(missing, before, root=str(conda.root))

    assert found.environ == before
    [finding] = found.findings
    assert (finding.id, finding.severity) == ("environment-missing", "error")
    assert "conda create -p " in finding.remedy
    finding.sentence().encode()


def test_a_folder_without_conda_meta_is_no_environment(conda: Installation, prefix: Path) -> None:
    (prefix / "conda-meta/history").unlink()
    assert conda.activate(prefix).findings == ()

    (prefix / "conda-meta").rmdir()

    assert conda.activate(prefix).findings[0].id == "environment-missing"
