"""Environments in folders and registers: each source and each environment fails alone."""

import os

import pytest
from envs import add_history, make_environment
from unprivileged import as_ordinary_user

from jupyter_sm.kernels.discovery.environments import TXT_LINES, Environments
from jupyter_sm.kernels.discovery.programs import Programs

from .machine import Machine, envs_dirs, found, only_finding, prefixes


def test_registered_environments_are_found_and_the_file_is_left_as_it_is(machine: Machine) -> None:
    for name in ("a", "with space"):
        make_environment(machine.elsewhere / name)
    text = (
        f"# a comment\n\n{machine.elsewhere}/dead\n  {machine.elsewhere}/with space  \r\n"
        f"{machine.elsewhere}/a/\nrelative\n~/x\n{machine.elsewhere}/a\n"
    )
    file = machine.write("home/user/.conda/environments.txt", text)
    before = file.stat()

    assert found(machine) == [f"{machine.elsewhere}/with space", f"{machine.elsewhere}/a"]
    assert machine.look().findings == ()
    assert file.read_bytes() == text.encode()
    assert file.stat().st_mtime_ns == before.st_mtime_ns


def test_as_root_the_registers_of_all_homes_count(machine: Machine) -> None:
    for name in ("a", "b"):
        path = make_environment(machine.elsewhere / name)
        machine.write(f"home/{name}/.conda/environments.txt", f"{path}\n")
    homes = (f"{machine.folder}/home/a", f"{machine.folder}/home/b")

    assert len(found(machine, passwd_homes=homes, euid=0)) == 2
    assert len(found(machine)) == 0


def test_a_register_with_a_line_that_is_not_utf8_keeps_its_other_lines(machine: Machine) -> None:
    path = make_environment(machine.elsewhere / "a")
    odd = make_environment(machine.elsewhere / os.fsdecode(b"\xff"))
    lines = b"\xfe\xfe\n" + os.fsencode(odd) + b"\n\0\n" + os.fsencode(path) + b"\n"
    machine.write("home/user/.conda/environments.txt", lines)

    snapshot = machine.look()

    assert prefixes(snapshot)[1:] == [str(path)]
    assert only_finding(snapshot).seen == "the path is not UTF-8"


def test_a_register_that_cannot_be_read_is_reported(machine: Machine) -> None:
    (machine.home / ".conda/environments.txt").mkdir(parents=True)

    finding = only_finding(machine.look())

    assert finding.id == "conda-environments-txt-unreadable"
    assert finding.source == f"{machine.home}/.conda/environments.txt"


def test_environments_of_pixi_and_conda_build_are_not_for_users(machine: Machine) -> None:
    detached = make_environment(machine.elsewhere / "detached", files={"conda-meta/pixi": "{}"})
    paths = [
        make_environment(machine.elsewhere / "p/.pixi/envs/default"),
        make_environment(machine.root / "conda-bld/debug_1/_test_env"),
        detached,
    ]
    machine.write("home/user/.conda/environments.txt", "".join(f"{path}\n" for path in paths))
    machine.environ["CONDA_ENVS_DIRS"] = f"{machine.elsewhere}/p/.pixi/envs"
    machine.environ["CONDA_PREFIX"] = str(detached)

    assert found(machine) == []


def test_only_a_folder_with_a_history_is_an_environment(machine: Machine) -> None:
    envs = machine.root / "envs"
    make_environment(envs / "without", history=False)
    (envs / "metaonly/conda-meta").mkdir(parents=True)
    (envs / "dir/conda-meta/history").mkdir(parents=True)
    (envs / ".conda_envs_dir_test").write_text("")
    (envs / "empty").mkdir()

    assert found(machine) == []
    assert machine.look().findings == ()


def test_environments_come_by_folder_and_there_by_name(machine: Machine) -> None:
    for path in ("opt/conda/envs/b", "opt/conda/envs/a", "home/user/.conda/envs/0"):
        make_environment(machine.folder / path)

    assert [os.path.basename(path) for path in found(machine)] == ["a", "b", "0"]


def test_a_link_beside_what_it_leads_to_does_not_take_its_name(machine: Machine) -> None:
    make_environment(machine.root / "envs/real")
    (machine.root / "envs/alias").symlink_to("real")

    snapshot = machine.look()

    assert prefixes(snapshot)[1:] == [f"{machine.root}/envs/real"]
    assert "conda-env-alias-py" in snapshot.kernels[-1].aliases


def test_other_spellings_of_one_path_make_no_further_environment(machine: Machine) -> None:
    path = make_environment(machine.root / "envs/myenv")
    spellings = (f"{path}/", f"{machine.root}//envs/./myenv", f"{path}/../myenv", f"{path}/lib/..")
    (path / "lib").mkdir()
    machine.write("home/user/.conda/environments.txt", "".join(f"{s}\n" for s in spellings))
    machine.environ["CONDA_ENVS_PATH"] = f"{machine.root}/envs/:{machine.root}/envs"

    assert found(machine) == [str(path)]


def test_environments_copied_with_hard_links_are_two(machine: Machine) -> None:
    first = make_environment(machine.root / "envs/first")
    second = make_environment(machine.root / "envs/second", history=False)
    (second / "conda-meta").mkdir()
    os.link(first / "conda-meta/history", second / "conda-meta/history")

    assert found(machine) == [str(first), str(second)]


def test_links_that_lead_nowhere_or_in_circles_are_reported_one_by_one(machine: Machine) -> None:
    make_environment(machine.root / "envs/good")
    (machine.root / "envs/dangling").symlink_to("nowhere")
    (machine.root / "envs/loop").symlink_to("loop")
    (machine.root / "envs/file").symlink_to("/etc/passwd")

    snapshot = machine.look()

    assert prefixes(snapshot)[1:] == [f"{machine.root}/envs/good"]
    assert [(os.path.basename(finding.source), finding.id) for finding in snapshot.findings] == [
        ("dangling", "conda-environment-unreadable"),
        ("loop", "conda-environment-unreadable"),
    ]


def test_a_folder_of_environments_that_is_a_loop_of_links_is_reported(machine: Machine) -> None:
    (machine.elsewhere / "envs").symlink_to("envs")
    machine.environ["CONDA_ENVS_DIRS"] = f"{machine.elsewhere}/envs"

    finding = only_finding(machine.look())

    assert (finding.id, finding.source) == (
        "conda-envs-dir-unreadable",
        f"{machine.elsewhere}/envs",
    )


def test_what_may_not_be_read_is_reported_one_by_one_and_costs_nothing_else(
    machine: Machine,
) -> None:
    envs = machine.root / "envs"
    make_environment(envs / "good")
    make_environment(envs / "locked").chmod(0)
    (machine.elsewhere / "closed").mkdir(mode=0)
    machine.environ["CONDA_ENVS_DIRS"] = f"{machine.elsewhere}/closed:{machine.elsewhere}/none"

    snapshot = as_ordinary_user(machine.look, owning=machine.folder)

    assert prefixes(snapshot)[1:] == [f"{envs}/good"]
    assert [(finding.id, finding.source, finding.seen) for finding in snapshot.findings] == [
        ("conda-envs-dir-unreadable", f"{machine.elsewhere}/closed", "permission denied"),
        ("conda-environment-unreadable", f"{envs}/locked", "permission denied"),
    ]
    (envs / "locked").chmod(0o755)


def test_only_so_many_lines_of_a_register_are_read_and_that_is_told(machine: Machine) -> None:
    last, late = (make_environment(machine.elsewhere / name) for name in ("last", "late"))
    dead = "".join(f"/dead/{number}\n" for number in range(TXT_LINES - 1))
    file = machine.write("home/user/.conda/environments.txt", f"{dead}{last}\n")
    discovery = machine.discovery()
    assert discovery.look().findings == ()

    file.write_text(f"{dead}{last}\n{late}\n")
    for _ in range(2):
        snapshot = discovery.look()
        finding = only_finding(snapshot)
        assert prefixes(snapshot) == [str(machine.root), str(last)]
        assert (finding.id, finding.source) == ("conda-environments-txt-too-long", str(file))
        assert finding.seen == "has 5001 lines; those after line 5000 are not read"


@pytest.mark.parametrize("home", ["/", "/home//"])
def test_no_path_below_the_home_folder_has_a_doubled_slash(machine: Machine, home: str) -> None:
    places = machine.places(home=home, well_known_roots=())
    environments = Environments(places, Programs(places))
    folders = environments.envs_dirs(environments.find(0).roots)

    assert f"{home.rstrip('/')}/.conda/envs" in folders
    assert not any("//" in folder for folder in folders)


def test_an_environment_whose_path_is_not_utf8_is_reported_and_left_out(machine: Machine) -> None:
    make_environment(machine.root / "envs" / os.fsdecode(b"n\xff"))

    snapshot = machine.look()

    assert prefixes(snapshot) == [str(machine.root)]
    assert only_finding(snapshot).source.endswith("n\\udcff")


def test_the_users_folder_comes_first_when_the_installation_cannot_be_written(
    machine: Machine,
) -> None:
    own = [f"{machine.root}/envs", f"{machine.home}/.conda/envs"]
    assert as_ordinary_user(lambda: envs_dirs(machine), owning=machine.folder) == own

    (machine.root / "conda-meta/history").chmod(0o444)
    assert as_ordinary_user(lambda: envs_dirs(machine), owning=machine.folder) == own[::-1]


def test_a_history_that_comes_last_makes_the_environment_at_once(machine: Machine) -> None:
    discovery = machine.discovery()
    prefix = make_environment(machine.root / "envs/new", history=False)
    assert prefixes(discovery.look()) == [str(machine.root)]

    add_history(prefix)
    assert prefixes(discovery.look()) == [str(machine.root), str(prefix)]
