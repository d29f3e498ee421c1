"""What scripts find in their shell, and what of it is left afterwards."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_sm.kernels.activation.shell import OUTPUT_LIMIT

from .installation import DEACTIVATE, Installation


def test_scripts_run_in_one_shell_so_that_one_sees_what_another_did_not_export(
    conda: Installation,
) -> None:
    prefix = conda.with_scripts("PRIVATE=1; f() { echo of f; }", 'export SEEN="$PRIVATE $(f)"')

    environ = conda.activate(prefix).environ

    assert environ["SEEN"] == "1 of f"
    assert "PRIVATE" not in environ


def test_an_unset_variable_counts_only_in_the_script_that_asked_for_it(
    conda: Installation,
) -> None:
    prefix = conda.with_scripts("set -eu", 'export LD="$CONDA_PREFIX:$NOT_SET"\nfalse\ntrue')

    found = conda.activate(prefix)

    assert found.environ["LD"] == f"{prefix}:"
    assert found.findings == ()


def test_the_active_environments_scripts_run_backwards_before_anything_is_set(
    conda: Installation,
) -> None:
    says = 'export ORDER="${{ORDER}}{}:$CONDA_DEFAULT_ENV "\n'
    old = conda.environment(
        "old", {f"{DEACTIVATE}/{name}.sh": says.format(name) for name in ("1", "9", "a")}
    )
    prefix = conda.with_scripts(says.format("new"))

    found = conda.activate(prefix, conda.active(old, CONDA_DEFAULT_ENV="old"))

    assert found.environ["ORDER"] == "a:old 9:old 1:old new:e "


def test_what_the_old_environments_scripts_did_not_export_is_there_for_the_new_ones(
    conda: Installation,
) -> None:
    old = conda.environment("old", {f"{DEACTIVATE}/a.sh": "LEFT=behind"})

    found = conda.activate(conda.with_scripts("export SEEN=$LEFT"), conda.active(old))

    assert found.environ["SEEN"] == "behind"


@pytest.mark.parametrize("ends", ["", "exit 1", "exec true", "sleep 100", "set -o posix"])
def test_what_the_old_environments_scripts_do_to_condas_variables_is_overwritten(
    conda: Installation, ends: str
) -> None:
    text = f"export PATH=/evil; unset CONDA_PREFIX; export CONDA_DEFAULT_ENV=x\n{ends}"
    old = conda.environment("old", {f"{DEACTIVATE}/a.sh": text})
    prefix = conda.environment("e", {"conda-meta/state": '{"env_vars": {"Q": "it\'s `id` $Q"}}'})

    environ = conda.activate(prefix, conda.active(old), timeout=0.4).environ

    assert environ["PATH"].startswith(f"{prefix}/bin:{conda.root}/condabin:")
    assert environ["CONDA_PREFIX"] == str(prefix)
    assert environ["CONDA_DEFAULT_ENV"] == "e"
    assert environ["CONDA_PREFIX_1"] == str(old)
    assert environ["Q"] == "it's `id` $Q"


def test_a_shell_that_cannot_set_a_variable_any_more_loses_nothing(conda: Installation) -> None:
    text = "set -o posix\nreadonly CONDA_PREFIX\n"
    old = conda.environment("old", {f"{DEACTIVATE}/a.sh": text})
    prefix = conda.with_scripts("export SEEN=$CONDA_PREFIX")

    found = conda.activate(prefix, conda.active(old))

    assert found.environ["CONDA_PREFIX"] == found.environ["SEEN"] == str(prefix)


@pytest.fixture
def ran() -> Iterator[str]:
    """The path of a file that is not there; short enough to stand thrice in a file's name."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"{folder}/ran"


def test_values_are_never_evaluated(conda: Installation, ran: str) -> None:
    evil = f"'; touch {ran}; x='$(touch {ran})`touch {ran}`\n\\"
    old = conda.environment("old", {f"{DEACTIVATE}/a.sh": "true"})
    prefix = conda.with_scripts("true", name=evil.replace("/", "|"))

    before = conda.active(old, EVIL=evil, CONDA_ENV_PROMPT=f"{evil}{{name}}")
    found = conda.activate(prefix, before)

    assert found.environ["EVIL"] == evil
    assert found.environ["CONDA_PREFIX"] == str(prefix)
    assert found.environ["CONDA_PROMPT_MODIFIER"] == evil + prefix.name
    assert not os.path.exists(ran)


def test_the_prompt_is_there_and_not_exported(conda: Installation) -> None:
    prefix = conda.with_scripts('export SEEN="[$PS1]"')

    environ = conda.activate(prefix).environ

    assert environ["SEEN"] == "[(e) ]"
    assert "PS1" not in environ


@pytest.mark.parametrize(
    "name", ["BASH_ENV", "ENV", "PS1", "SHELLOPTS", "BASHOPTS", "UID", "PPID", "PWD", "SHLVL", "_"]
)
def test_what_bash_takes_for_itself_is_there_again_afterwards(
    conda: Installation, tmp_path: Path, name: str
) -> None:
    (tmp_path / "rc").write_text(f"touch {tmp_path}/ran; export RAN=1; exit 1")
    value = "errexit:nounset" if name == "SHELLOPTS" else f"{tmp_path}/rc"

    found = conda.activate(conda.with_scripts("export A=$NOT_SET"), conda.plain(**{name: value}))

    assert found.environ[name] == value
    assert found.findings == ()
    assert not (tmp_path / "ran").exists()


def test_a_script_may_set_what_changes_a_bash_from_the_outside(conda: Installation) -> None:
    prefix = conda.with_scripts("export BASH_ENV=/new")

    assert conda.activate(prefix, conda.plain(BASH_ENV="/old")).environ["BASH_ENV"] == "/new"


def test_neither_profile_nor_rc_is_read(conda: Installation) -> None:
    for name in (".bashrc", ".bash_profile", ".profile", ".bash_login"):
        (conda.home / name).write_text("export READ=1\n")

    assert "READ" not in conda.activate(conda.with_scripts("true")).environ


def test_names_that_bash_does_not_know_pass_it_by(conda: Installation) -> None:
    odd = {"with-dash": "1", "a.b": "2", "1x": "3", "\u00fc": "4", "BASH_FUNC_f%%": "() {  :\n}"}

    environ = conda.activate(conda.with_scripts("f"), conda.plain(**odd)).environ

    assert odd.items() <= environ.items()


def test_a_script_can_remove_a_variable_and_a_function(conda: Installation) -> None:
    before = conda.plain(GONE="1", **{"BASH_FUNC_f%%": "() {  :\n}"})

    environ = conda.activate(conda.with_scripts("unset GONE; unset -f f"), before).environ

    assert not {"GONE", "BASH_FUNC_f%%"} & set(environ)


def test_bytes_that_are_no_text_come_through(conda: Installation) -> None:
    prefix = conda.with_scripts(r"export OWN=$'caf\xe9'; export SAME=$GIVEN")

    environ = conda.activate(prefix, conda.plain(GIVEN="\udcff")).environ

    assert (environ["OWN"], environ["SAME"]) == ("caf\udce9", "\udcff")


@pytest.mark.parametrize("program", ["bin/conda", "condabin/conda"])
def test_a_script_that_looks_for_conda_finds_the_installations(
    conda: Installation, program: str
) -> None:
    for path in ("bin/conda", "condabin/conda"):
        (conda.root / path).unlink()
    conda.program(program, '#!/bin/sh\necho "$0 $*"\n')
    prefix = conda.with_scripts('type conda >/dev/null && export HAS="$(conda info --x)"')

    environ = conda.activate(prefix, conda.active(conda.root, PATH="/usr/bin:/bin")).environ

    assert environ["HAS"] == f"{conda.root}/{program} info --x"
    assert not [name for name in environ if name.startswith("BASH_FUNC")]


def test_no_conda_is_found_where_there_is_none(conda: Installation) -> None:
    for path in ("bin/conda", "condabin/conda"):
        (conda.root / path).unlink()
    prefix = conda.with_scripts("type conda >/dev/null 2>&1 || export NONE=1")

    assert conda.activate(prefix).environ["NONE"] == "1"


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("echo out; echo err >&2", "out\nerr"),
        (r"printf 'A=1\0B=2\0\0'", r"A=1\x00B=2\x00\x00"),
        (r"printf '\e[31mred\a\tafter\r\nx'", "\\x1b[31mred\\x07 after\nx"),
        (r"printf 'caf\xe9 é'", r"caf\xe9 é"),
        ("cat", ""),
    ],
)
def test_what_scripts_write_is_kept_for_the_log(
    conda: Installation, text: str, output: str
) -> None:
    found = conda.activate(conda.between(text))

    assert found.output == output
    assert found.environ["LAST"] == "1"


def test_noise_is_cut(conda: Installation) -> None:
    found = conda.activate(conda.between("yes | head -c 3000000"))

    assert found.output == "\n".join(["y"] * (OUTPUT_LIMIT // 2))
    assert found.findings == ()
