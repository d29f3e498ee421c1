"""Which folders hold environments: settings files and variables of conda and mamba."""

import os
from pathlib import Path

import pytest
import yaml  # noqa: F401  # a child that is not root could not import it any more
from envs import make_environment
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unprivileged import as_ordinary_user

from jupyter_sm.kernels.discovery.condarc import EnvsDirs, merge, read_envs_dirs
from jupyter_sm.kernels.discovery.paths import expand

from .machine import Machine, envs_dirs, found, installation, only_finding, prefixes


@pytest.mark.parametrize(
    "path",
    [
        "etc/conda/.condarc",
        "etc/conda/condarc",
        "etc/conda/condarc.d/a.yml",
        "etc/conda/.mambarc",
        "lib/conda/condarc.d/a.yaml",
        "opt/conda/.condarc",
        "opt/conda/.mambarc",
        "opt/conda/condarc.d/a.yml",
        "home/user/.config/conda/condarc",
        "home/user/.config/mamba/mambarc",
        "home/user/.config/mamba/mambarc.d/a.yml",
        "home/user/.conda/.condarc",
        "home/user/.condarc",
        "home/user/.mamba/.mambarc",
        "home/user/.mambarc",
        "xdg/conda/.condarc",
        "xdg/mamba/.mambarc",
        "active/.condarc",
        "special.yml",
        "mamba.yaml",
    ],
)
def test_every_settings_file_of_conda_and_mamba_counts(machine: Machine, path: str) -> None:
    machine.environ.update(
        XDG_CONFIG_HOME=f"{machine.folder}/xdg",
        CONDA_PREFIX=f"{machine.folder}/active",
        CONDARC=f"{machine.folder}/special.yml",
        MAMBARC=f"{machine.folder}/mamba.yaml",
    )
    machine.write(path, f"envs_dirs:\n  - {machine.elsewhere}/pool\n")
    team = make_environment(machine.elsewhere / "pool/team")

    assert found(machine) == [str(team)]
    assert envs_dirs(machine)[0] == f"{machine.elsewhere}/pool"


@pytest.mark.parametrize(
    "path", ["home/user/condarc", "home/user/.conda/condarc.d/a.txt", "special.txt"]
)
def test_other_files_are_not_settings(machine: Machine, path: str) -> None:
    machine.environ["CONDARC"] = f"{machine.folder}/special.txt"
    machine.write(path, f"envs_dirs:\n  - {machine.elsewhere}/pool\n")

    assert f"{machine.elsewhere}/pool" not in envs_dirs(machine)


@pytest.mark.parametrize(
    "text",
    [
        "envs_dirs: [unclosed\n",
        "envs_dirs: /one/envs\n",
        "envs_dirs: {a: b}\n",
        "envs_dirs: [3, /one]\n",
        "envs_dirs: 3\n",
        "envs_dirs: !!str {a: b}\n",
        "envs_dirs: [!!str {a: b}]\n",
        "envs_dirs: !!str [a]\n",
        "- envs_dirs\n",
        "envs_dirs\n",
        "envs_dirs: *unknown\n",
        "envs_dirs: [a]\n---\nb: c\n",
        "envs_dirs: \x00\n",
        "envs_dirs: " + "[" * 2000 + "\n",
        "envs_dirs: [\xff".encode("latin-1"),
    ],
    ids=lambda text: repr(text)[:30],
)
def test_a_wrong_settings_file_costs_nothing_but_itself_and_is_reported(
    machine: Machine, text: str | bytes
) -> None:
    file = machine.write("home/user/.condarc", text)
    make_environment(machine.root / "envs/myenv")
    team = make_environment(machine.elsewhere / "pool/team")
    machine.environ["CONDA_ENVS_DIRS"] = f"{machine.elsewhere}/pool"

    snapshot = machine.look()

    assert set(prefixes(snapshot)) == {str(machine.root), f"{machine.root}/envs/myenv", str(team)}
    finding = only_finding(snapshot)
    assert finding.id == "conda-settings-unusable"
    assert finding.source.startswith(str(file))


def test_a_mistake_in_yaml_is_reported_with_line_and_column(machine: Machine) -> None:
    file = machine.write("home/user/.condarc", "channels: []\nenvs_dirs:\n  - : [\n")

    assert only_finding(machine.look()).source == f"{file}:3:5"


@pytest.mark.parametrize(
    "text",
    ["", "# envs_dirs\n", "envs_dirs:\n", "envs_dirs: []\n", "[envs_]: 3\n", "? [a]\n: envs_\n"],
)
def test_a_settings_file_that_names_no_folder_is_no_problem(machine: Machine, text: str) -> None:
    machine.write("home/user/.condarc", text)

    assert machine.look().findings == ()


def test_a_settings_file_that_is_no_file_or_too_large_is_reported_and_not_read(
    machine: Machine,
) -> None:
    os.mkfifo(machine.home / ".condarc")
    large = machine.write("home/user/.mambarc", "envs_dirs: [/x]\n")
    os.truncate(large, 10**6)

    assert [(finding.id, finding.seen) for finding in machine.look().findings] == [
        ("conda-settings-unreadable", "is not a regular file"),
        ("conda-settings-unreadable", "is larger than 262144 bytes"),
    ]


def test_settings_that_may_not_be_read_are_reported_once_and_cost_nothing_else(
    machine: Machine,
) -> None:
    machine.write("home/user/.condarc", "envs_dirs: [/x]\n").chmod(0)
    machine.write("home/user/.conda/condarc.d/a.yml", "envs_dirs: [/y]\n").parent.chmod(0)
    installation(machine.home / "miniconda3")  # for which the same files are read

    snapshot = as_ordinary_user(machine.look, owning=machine.folder)

    assert len(prefixes(snapshot)) == 3
    assert [finding.source for finding in snapshot.findings] == [
        f"{machine.home}/.conda/condarc.d",
        f"{machine.home}/.condarc",
    ]
    (machine.home / ".conda/condarc.d").chmod(0o755)


def test_a_relative_folder_is_reported_and_left_out(machine: Machine) -> None:
    machine.environ["CONDA_ENVS_DIRS"] = "here"

    finding = only_finding(machine.look())

    assert finding.seen == "'here' is no absolute path"
    assert "here" not in envs_dirs(machine)


def test_variables_in_settings_are_replaced_and_unknown_ones_stay() -> None:
    environ = {"A": "/a", "B_1": "/b"}

    assert expand("$A/x${B_1}", environ, "/h") == "/a/x/b"
    assert expand("$NO/${NO}/$", environ, "/h") == "$NO/${NO}/$"
    assert expand("~", environ, "/h") == "/h"
    assert expand("~/x", environ, "/h") == "/h/x"
    assert expand("~other/x", environ, "/h") == "~other/x"
    assert expand("~/x", environ, "/") == "/x"
    assert expand("~", environ, "/") == "/"
    assert expand("~/x", environ, None) == "~/x"


def test_many_marked_folders_are_merged_quickly() -> None:
    dirs = tuple(f"/{number}" for number in range(20_000))

    assert merge([EnvsDirs(dirs, bottom=dirs)]) == list(dirs)


def test_marked_folders_move_to_the_top_and_to_the_bottom() -> None:
    files = [
        EnvsDirs(("a", "b"), top=("b",)),
        EnvsDirs(("c", "d", "e"), bottom=("c", "e")),
        EnvsDirs(("f", "a"), bottom=("f",)),
    ]

    assert merge(files) == ["b", "a", "d", "f", "c", "e"]


def test_a_final_file_is_the_last_that_counts() -> None:
    files = [EnvsDirs(("a",)), EnvsDirs(("b",), is_final=True), EnvsDirs(("c",), top=("c",))]

    assert merge(files) == ["b", "a"]


def test_the_marks_are_read_from_the_comments(tmp_path: Path) -> None:
    file = tmp_path / ".condarc"
    file.write_text(
        "envs_dirs: #!final\n"
        "  - /a  #!top\n"
        "  - '/b' # here #! bottom\n"
        "  - /c#!top\n"
        "envs_path: [/d]\n"
        "channels:\n"
        "  - /e  #!top\n"
    )

    said = read_envs_dirs(str(file), file.stat())

    assert said == EnvsDirs(("/a", "/b", "/c#!top", "/d"), ("/a",), ("/b",), is_final=True)


def test_yaml_is_only_imported_for_a_file_that_needs_it(machine: Machine) -> None:
    machine.write("home/user/.condarc", "channels: [conda-forge]\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(__import__("sys").modules, "yaml", None)

        assert machine.look().findings == ()


def test_a_yaml_that_does_not_load_is_told_and_costs_only_the_file(machine: Machine) -> None:
    file = machine.write("home/user/.condarc", "envs_dirs: [/x]\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(__import__("sys").modules, "yaml", None)
        snapshot = machine.look()

    finding = only_finding(snapshot)
    assert prefixes(snapshot) == [str(machine.root)]
    assert (finding.id, finding.source) == ("conda-settings-unreadable", str(file))
    assert "PyYAML" in finding.seen
    assert "pip install PyYAML" in finding.remedy


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary() | st.text().map(str.encode), st.sampled_from([b"", b"envs_dirs: ", b"- envs_"]))
def test_any_bytes_in_settings_and_registers_give_a_snapshot(
    machine: Machine, data: bytes, start: bytes
) -> None:
    machine.write("home/user/.condarc", start + data)
    machine.write("home/user/.conda/environments.txt", start + data)

    assert str(machine.root) in prefixes(machine.look())
