"""Names and aliases of the kernels in environments, on a real tree."""

from pathlib import Path

import pytest
from envs import make_environment, python_spec, write_kernel

from jupyter_sm.kernels import Snapshot
from jupyter_sm.kernels.discovery.names import path_hash

from .machine import Machine, named, names


def of(snapshot: Snapshot, prefix: Path) -> list[str]:
    return [kernel.name for kernel in snapshot.kernels if kernel.prefix == str(prefix)]


def test_the_kernels_of_an_environment_are_called_as_the_peer_calls_them(machine: Machine) -> None:
    prefix = make_environment(
        machine.root / "envs/multi", kernels=["python3", "ir", "julia-1.9", "MyKernel", "a b"]
    )

    assert of(machine.look(), prefix) == [
        "conda-env-multi-MyKernel",
        "conda-env-multi-a_b",
        "conda-env-multi-r",
        "conda-env-multi-julia-1.9",
        "conda-env-multi-py",
    ]


def test_python2_is_py_alone_and_gives_way_to_python3(machine: Machine) -> None:
    alone = make_environment(machine.root / "envs/alone", kernels=["python2"])
    both = make_environment(machine.root / "envs/both", kernels=["python2", "python3"])
    write_kernel(both / "share/jupyter/kernels/python2", python_spec(display_name="Python 2"))

    snapshot = machine.look()

    assert of(snapshot, alone) == ["conda-env-alone-py"]
    assert of(snapshot, both) == ["conda-env-both-python2", "conda-env-both-py"]
    shown = [kernel.display_name for kernel in snapshot.kernels if kernel.prefix == str(both)]
    assert shown == ["Python 2 [conda env:both]", "Python [conda env:both]"]


def test_kernels_of_one_environment_with_one_name_are_all_listed(machine: Machine) -> None:
    prefix = make_environment(
        machine.root / "envs/x", kernels=["py", "python3", "a b", "a_b", "é", "è"]
    )

    listed = of(machine.look(), prefix)

    mark = path_hash(str(prefix))
    assert len(set(listed)) == 6
    assert {"conda-env-x-py", "conda-env-x-a_b"} < set(listed)
    hashed = [name for name in listed if name.startswith(f"conda-env-x-{mark}-")]
    assert len(hashed) == 4
    assert len([name for name in hashed if name.startswith(f"conda-env-x-{mark}-e-")]) == 2


def test_kernels_of_two_environments_with_one_name_are_told_apart_by_their_hash(
    machine: Machine,
) -> None:
    one = make_environment(machine.root / "envs/a-b", kernels=["c"])
    two = make_environment(machine.root / "envs/a", kernels=["b-c"])

    snapshot = machine.look()

    assert of(snapshot, one) == [f"conda-env-a-b-{path_hash(str(one))}-c"]
    assert of(snapshot, two) == [f"conda-env-a-{path_hash(str(two))}-b-c"]
    (finding,) = snapshot.findings
    assert finding.id == "kernel-name-shared"
    assert finding.source.startswith(str(one))


def test_a_kernel_on_the_jupyter_path_keeps_its_name(machine: Machine) -> None:
    prefix = make_environment(machine.root / "envs/x")
    folder = write_kernel(machine.kernels / "conda-env-x-py", python_spec("/bin/sh"))

    snapshot = machine.look()

    assert named(snapshot, "conda-env-x-py").resource_dir == str(folder)
    assert of(snapshot, prefix) == [f"conda-env-x-{path_hash(str(prefix))}-py"]
    (finding,) = snapshot.findings
    assert finding.id == "kernel-name-shared"
    assert "on the Jupyter path" in finding.seen


def test_a_hashed_name_that_is_taken_gets_a_second_hash(machine: Machine) -> None:
    prefix = make_environment(machine.root / "envs/x")
    pinned = f"conda-env-x-{path_hash(str(prefix))}-py"
    for name in ("conda-env-x-py", pinned):
        write_kernel(machine.kernels / name, python_spec("/bin/sh"))

    (name,) = of(machine.look(), prefix)

    assert name.startswith(f"{pinned}-")


def test_a_static_export_of_a_live_environment_gives_way_to_it(machine: Machine) -> None:
    prefix = make_environment(machine.root / "envs/Live")
    spec = python_spec(f"{prefix}/bin/python", metadata={"conda_env_path": str(prefix)})
    for name in ("conda-env-live-py", "conda_live"):
        write_kernel(machine.kernels / name, spec)

    snapshot = machine.look()

    assert "conda-env-Live-py" in names(snapshot)
    assert "conda-env-live-py" not in names(snapshot)
    assert "conda_live" not in names(snapshot)
    assert "conda_Live" in named(snapshot, "conda-env-Live-py").aliases
    assert snapshot.findings == ()


@pytest.mark.parametrize("path", ["/gone", ["a list"], None])
def test_an_export_of_another_environment_stays(machine: Machine, path: object) -> None:
    make_environment(machine.root / "envs/x")
    spec = python_spec("/bin/sh", metadata={"conda_env_path": path})
    write_kernel(machine.kernels / "conda-env-x-py", spec)

    assert named(machine.look(), "conda-env-x-py").source == "jupyter"


def test_every_kernel_resolves_by_its_hashed_name_and_by_those_of_other_tools(
    machine: Machine,
) -> None:
    base, mine = machine.root, machine.root / "envs/my env"
    make_environment(mine, kernels=["python3", "ir"])

    snapshot = machine.look()

    assert set(named(snapshot, "conda-base-py").aliases) == {
        f"conda-base-{path_hash(str(base))}-py",
        "conda-root-py",
        "conda_base",
    }
    mark = path_hash(str(mine))
    python, r = named(snapshot, "conda-env-my_env-py"), named(snapshot, "conda-env-my_env-r")
    assert set(python.aliases) == {f"conda-env-my_env-{mark}-py", "conda_my_env"}
    assert set(r.aliases) == {f"conda-env-my_env-{mark}-r"}


def test_a_name_without_the_prefix_of_its_folder_resolves_in_the_usual_places(
    machine: Machine,
) -> None:
    make_environment(machine.home / ".conda/envs/mine")
    make_environment(machine.home / "miniconda3")
    make_environment(machine.home / "miniconda3/envs/theirs")
    make_environment(machine.elsewhere / "project/envs/p1")
    machine.environ["CONDA_ENVS_DIRS"] = f"{machine.elsewhere}/project/envs"

    snapshot = machine.look()

    assert "conda-env-mine-py" in named(snapshot, "conda-env-.conda-mine-py").aliases
    assert "conda-env-theirs-py" in named(snapshot, "conda-env-miniconda3-theirs-py").aliases
    assert "conda-env-p1-py" not in named(snapshot, "conda-env-project-p1-py").aliases


def test_an_alias_never_hides_a_listed_name_and_is_dropped_when_it_is_ambiguous(
    machine: Machine,
) -> None:
    make_environment(machine.home / ".conda/envs/x")
    make_environment(machine.root / "envs/x")
    for root in ("miniconda3", "miniforge3"):
        make_environment(machine.home / root)
        make_environment(machine.home / root / "envs/y")

    snapshot = machine.look()

    aliases = [alias for kernel in snapshot.kernels for alias in kernel.aliases]
    assert len(aliases) == len(set(aliases))
    assert not set(aliases) & set(names(snapshot))
    assert "conda-env-y-py" not in aliases
    assert "conda_x" not in aliases


def test_a_name_that_nobody_keeps_is_no_alias_of_a_third(machine: Machine) -> None:
    for path in ("a/x", "b/x"):
        make_environment(machine.elsewhere / path)
    make_environment(machine.home / ".conda/envs/x")
    machine.environ["CONDA_ENVS_DIRS"] = f"{machine.elsewhere}/a:{machine.elsewhere}/b"

    snapshot = machine.look()

    aliases = [alias for kernel in snapshot.kernels for alias in kernel.aliases]
    assert "conda-env-x-py" not in [*aliases, *names(snapshot)]
    (finding,) = snapshot.findings
    assert finding.id == "conda-name-shared"
    assert "none of them keeps it" in finding.seen


def test_an_excluded_kernel_takes_no_alias_from_another(machine: Machine) -> None:
    make_environment(machine.home / ".conda/envs/x")
    make_environment(machine.home / "miniconda3")
    make_environment(machine.home / "miniconda3/envs/x")

    snapshot = machine.look(conda_env_filter="miniconda3/envs")

    assert "conda-env-x-py" in named(snapshot, "conda-env-.conda-x-py").aliases
    assert "conda-env-x-py" not in named(snapshot, "conda-env-miniconda3-x-py").aliases
