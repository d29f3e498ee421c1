"""Which installations of conda, mamba and micromamba there are."""

import pytest
from envs import make_environment

from .machine import Machine, found, installation, prefixes


@pytest.mark.parametrize(
    ("variable", "below"),
    [
        ("CONDA_ROOT_PREFIX", ""),
        ("CONDA_ROOT_DIR", ""),
        ("CONDA_EXE", "/bin/conda"),
        ("_CONDA_ROOT", ""),
        ("_CONDA_EXE", "/bin/conda"),
        ("MAMBA_ROOT_PREFIX", ""),
        ("MAMBA_EXE", "/bin/micromamba"),
        ("CONDA_DIR", ""),
        ("CONDA_PREFIX", ""),
        ("CONDA_PREFIX", "/envs/inside"),
        ("CONDA_DIR", "/"),
        ("CONDA_DIR", "/../other/./"),
    ],
)
def test_a_variable_names_an_installation_which_then_is_base(
    machine: Machine, variable: str, below: str
) -> None:
    root = machine.elsewhere / "other"
    inside = installation(root)
    machine.environ[variable] = f"{root}{below}"

    snapshot = machine.look()

    base = snapshot.environments[0]
    assert (base.prefix, base.name, base.is_base, base.root) == (str(root), "base", True, str(root))
    assert inside in prefixes(snapshot)
    assert prefixes(snapshot)[1] == str(machine.root)
    assert snapshot.environments[1].is_base


def test_a_variable_may_start_with_a_tilde(machine: Machine) -> None:
    inside = installation(machine.home / "my")
    machine.environ["MAMBA_ROOT_PREFIX"] = "~/my"

    assert inside in found(machine)


@pytest.mark.parametrize("value", ["", "relative/path", "/", "/nowhere", "/etc\0/x", "\ud800"])
def test_a_variable_that_names_no_installation_is_ignored(machine: Machine, value: str) -> None:
    machine.environ.update(CONDA_DIR=value, CONDA_EXE=value, CONDA_PREFIX=value)

    assert prefixes(machine.look()) == [str(machine.root)]


def test_the_installations_of_several_variables_are_all_searched_in_a_fixed_order(
    machine: Machine,
) -> None:
    for name in ("a", "b", "c"):
        installation(machine.elsewhere / name)
    machine.environ.update(
        CONDA_DIR=f"{machine.elsewhere}/a",
        CONDA_ROOT_PREFIX=f"{machine.elsewhere}/c",
        MAMBA_ROOT_PREFIX=f"{machine.elsewhere}/b",
    )

    snapshot = machine.look()

    assert [path[-1] for path in prefixes(snapshot)[:3]] == ["c", "b", "a"]
    assert sum(environment.name == "base" for environment in snapshot.environments) == 1
    assert len(prefixes(snapshot)) == 7


def test_the_prefix_of_the_server_is_an_installation_when_it_looks_like_one(
    machine: Machine,
) -> None:
    inside = installation(machine.elsewhere / "mine")

    snapshot = machine.look(server_prefix=f"{machine.elsewhere}/mine")

    assert snapshot.environments[0].prefix == f"{machine.elsewhere}/mine"
    assert inside in prefixes(snapshot)


def test_an_environment_that_only_runs_the_server_is_one_beside_the_installations(
    machine: Machine,
) -> None:
    mine = make_environment(machine.elsewhere / "mine")

    snapshot = machine.look(server_prefix=str(mine))

    assert [(env.name, env.is_base) for env in snapshot.environments] == [
        ("base", True),
        ("mine", False),
    ]
    assert snapshot.kernels[-1].display_name == "Python [conda env:mine] *"


def test_an_environment_that_runs_the_server_is_base_when_there_is_nothing_else(
    machine: Machine,
) -> None:
    mine = make_environment(machine.elsewhere / "mine")

    snapshot = machine.look(server_prefix=str(mine), well_known_roots=())

    assert [(env.name, env.is_base) for env in snapshot.environments] == [("base", True)]


def test_an_environment_of_a_project_does_not_make_an_installation_of_the_project(
    machine: Machine,
) -> None:
    make_environment(machine.elsewhere / "project/envs/p1")
    machine.environ["CONDA_PREFIX"] = f"{machine.elsewhere}/project/envs/p1"

    snapshot = machine.look()

    assert [(env.name, env.is_base) for env in snapshot.environments] == [
        ("base", True),
        ("project-p1", False),
    ]


@pytest.mark.parametrize("tool", ["conda", "mamba", "micromamba"])
@pytest.mark.parametrize("linked", [False, True])
def test_an_installation_is_found_by_its_program_on_path(
    machine: Machine, tool: str, linked: bool
) -> None:
    root = machine.elsewhere / "on path"
    inside = installation(root)
    program = root / "bin" / tool
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    if linked:
        (machine.folder / "bin").mkdir()
        (machine.folder / "bin" / tool).symlink_to(program)
    else:
        machine.environ["PATH"] += f":relative::{root}/bin"

    assert inside in found(machine)


def test_the_platforms_own_program_on_path_does_not_hide_the_images(machine: Machine) -> None:
    internal, image = machine.folder / "opt/.sagemakerinternal/conda", machine.elsewhere / "conda"
    inside = installation(image)
    for root in (internal, image):
        (root / "bin").mkdir(parents=True, exist_ok=True)
        (root / "bin/conda").symlink_to("/bin/sh")
    machine.environ["PATH"] = f"{internal}/bin:{image}/bin"

    assert inside in found(machine)


@pytest.mark.parametrize(
    "name", ["miniconda3", "anaconda3", "miniforge3", "micromamba", ".local/share/mamba"]
)
def test_installations_in_the_home_folder_are_found(machine: Machine, name: str) -> None:
    inside = installation(machine.home / name)

    assert inside in found(machine)


def test_micromamba_2_follows_xdg_data_home(machine: Machine) -> None:
    inside = installation(machine.elsewhere / "data/mamba")
    machine.environ["XDG_DATA_HOME"] = f"{machine.elsewhere}/data"

    assert inside in found(machine)


def test_a_root_of_micromamba_without_an_environment_of_its_own_counts(machine: Machine) -> None:
    inside = make_environment(machine.home / "micromamba/envs/inside")

    assert found(machine) == [str(inside)]
    assert machine.look(well_known_roots=()).environments[0].name == "inside"


def test_one_installation_under_two_spellings_counts_once(machine: Machine) -> None:
    (machine.folder / "link").symlink_to(machine.root)
    machine.environ["CONDA_DIR"] = f"{machine.folder}/link"
    machine.environ["CONDA_EXE"] = f"{machine.root}//bin/conda"

    assert prefixes(machine.look()) == [str(machine.root)]


def test_what_belongs_to_the_platform_is_never_looked_at(machine: Machine) -> None:
    internal = machine.folder / "opt/.sagemakerinternal"
    inside = installation(internal / "conda")
    machine.environ["CONDA_DIR"] = f"{internal}/conda"
    machine.environ["CONDA_ENVS_DIRS"] = f"{internal}/conda/envs"
    machine.write("home/user/.conda/environments.txt", f"{inside}\n{internal}/conda\n")

    assert found(machine, server_prefix=f"{internal}/conda") == []


def test_without_any_installation_the_folders_of_the_user_still_count(machine: Machine) -> None:
    mine = make_environment(machine.home / ".conda/envs/mine")

    snapshot = machine.look(well_known_roots=())

    assert prefixes(snapshot) == [str(mine)]
    assert snapshot.environments[0].root is None
    assert snapshot.kernels[0].name == "conda-env-.conda-mine-py"


def test_without_a_home_folder_the_installation_still_counts(machine: Machine) -> None:
    make_environment(machine.root / "envs/myenv")

    assert found(machine, home=None) == [f"{machine.root}/envs/myenv"]
