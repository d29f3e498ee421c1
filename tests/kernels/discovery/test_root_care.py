"""What root leaves alone: every way in which another user could change what it runs."""

import os
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from envs import make_environment, python_spec, write_kernel

from jupyter_sm.kernels import Trouble

from .machine import Machine, named, names

USER = os.geteuid() + 1
"""Another user."""

Give = Callable[[Path], None]


def trouble(machine: Machine, name: str = "conda-env-x-py") -> Trouble | None:
    return machine.kernel(name, euid=0).excluded


def reason(machine: Machine, name: str = "conda-env-x-py") -> str:
    found = trouble(machine, name)
    return found.reason if found else ""


@pytest.fixture
def give(monkeypatch: pytest.MonkeyPatch) -> Give:
    """Gives a path to another user; only root can, for others it merely looks so."""
    if os.geteuid() == 0:
        return lambda path: os.lchown(path, USER, USER)
    given: set[str] = set()
    lstat = os.lstat

    def as_given(path: str) -> os.stat_result:
        found = lstat(path)
        if path not in given:
            return found
        return os.stat_result((*found[:4], USER, USER, *found[6:10]))

    def give(path: Path) -> None:
        given.add(str(path))
        monkeypatch.setattr(os, "lstat", as_given)

    return give


@pytest.fixture
def prefix(machine: Machine) -> Path:
    return make_environment(machine.root / "envs/x")


@pytest.mark.parametrize(
    "part",
    [
        "share",
        "share/jupyter",
        "share/jupyter/kernels",
        "share/jupyter/kernels/python3",
        "share/jupyter/kernels/python3/kernel.json",
        "bin/python",
    ],
)
def test_no_part_of_an_environment_that_counts_may_be_open_to_all(
    machine: Machine, prefix: Path, part: str
) -> None:
    assert trouble(machine) is None
    (prefix / part).chmod(0o777)

    assert reason(machine) == (
        f"the server runs as root, and {prefix}/{part} is a place where every user can write"
    )
    assert machine.kernel("conda-env-x-py").excluded is None


def test_a_folder_above_that_anybody_can_write_could_swap_the_environment(
    machine: Machine,
) -> None:
    pool = machine.elsewhere / "it's open"
    make_environment(pool / "x")
    pool.chmod(0o777)
    machine.environ["CONDA_ENVS_DIRS"] = str(pool)

    found = trouble(machine)

    assert found is not None
    assert found.reason.endswith(f"{pool} is a place where every user can write")
    assert f"not in {pool}" in found.remedy
    pool.chmod(0o1777)
    assert trouble(machine) is None


def test_a_link_to_an_environment_leads_through_what_it_means(machine: Machine) -> None:
    pool = machine.elsewhere / "open"
    target = make_environment(pool / "x")
    (machine.root / "envs").mkdir()
    (machine.root / "envs/x").symlink_to(os.path.relpath(target, machine.root / "envs"))
    pool.chmod(0o777)

    assert f"{pool} is a place" in reason(machine)


def test_an_interpreter_elsewhere_is_judged_where_it_lies(machine: Machine) -> None:
    prefix = make_environment(machine.root / "envs/x", interpreter=None)
    program = machine.write("elsewhere/python", "#!/bin/sh\n")
    program.chmod(0o755)
    (prefix / "bin/python").symlink_to(program)
    assert trouble(machine) is None

    program.chmod(0o777)
    assert f"{program} is a place" in reason(machine)


def test_the_folders_above_the_server_are_trusted_as_its_own_code_lies_there(
    machine: Machine, prefix: Path
) -> None:
    machine.folder.chmod(0o777)

    assert trouble(machine) is None
    assert prefix.exists()


def test_links_in_a_circle_end(machine: Machine, prefix: Path) -> None:
    (prefix / "bin/python").unlink()
    (prefix / "bin/python").symlink_to("python3")
    (prefix / "bin/python3").unlink()
    (prefix / "bin/python3").symlink_to("python")

    kernel = machine.kernel("conda-env-x-py", euid=0)

    assert kernel.excluded is None
    assert kernel.broken is not None


def test_what_cannot_be_looked_at_is_left_alone(machine: Machine) -> None:
    make_environment(machine.root / "envs/x", kernels={"python3": python_spec("/" + "x" * 300)})

    assert "cannot be looked at: File name too long" in reason(machine)


def test_a_program_below_a_file_that_is_no_folder_is_no_way_in(machine: Machine) -> None:
    make_environment(machine.root / "envs/x", kernels={"python3": python_spec("/etc/passwd/x")})

    assert trouble(machine) is None


@pytest.mark.parametrize(
    "part", ["share/jupyter/kernels/python3/kernel.json", "share/jupyter/kernels", "bin/python"]
)
def test_what_another_user_owns_is_left_alone_and_the_remedy_mends_it(
    machine: Machine, prefix: Path, part: str, give: Give
) -> None:
    give(prefix / part)

    found = trouble(machine)

    assert found is not None
    assert f"{prefix}/{part} belongs to user {USER}" in found.reason
    command = f"chown -R root: {shlex.quote(str(prefix))}"
    assert command in found.remedy
    if os.geteuid() == 0:
        subprocess.run(["/bin/sh", "-c", command], check=True)
        assert trouble(machine) is None


def test_an_environment_below_another_users_folder_is_left_alone(
    machine: Machine, give: Give
) -> None:
    theirs = machine.elsewhere / "theirs"
    make_environment(theirs / "x")
    give(theirs)
    machine.environ["CONDA_ENVS_DIRS"] = str(theirs)

    assert f"{theirs} belongs to user {USER}" in reason(machine)


def test_a_link_that_another_user_can_turn_is_left_alone(machine: Machine, give: Give) -> None:
    theirs = machine.elsewhere / "theirs"
    theirs.mkdir()
    theirs.chmod(0o1777)
    (theirs / "x").symlink_to(make_environment(machine.elsewhere / "good"))
    machine.environ["CONDA_ENVS_DIRS"] = str(theirs)
    assert trouble(machine) is None

    give(theirs / "x")
    assert f"{theirs}/x belongs to user {USER}" in reason(machine)


def test_the_servers_owner_is_trusted_everywhere(machine: Machine, prefix: Path) -> None:
    if os.geteuid() == 0:  # all is an ordinary user's who runs this
        for path in (machine.server, prefix, prefix / "bin/python", machine.root):
            os.lchown(path, USER, USER)

    assert trouble(machine) is None


def test_a_kernel_on_the_jupyter_path_is_judged_with_its_folder_and_its_program(
    machine: Machine,
) -> None:
    folder = write_kernel(machine.kernels / "k", python_spec("/bin/sh"))
    assert trouble(machine, "k") is None

    (folder / "kernel.json").chmod(0o666)
    assert f"{folder}/kernel.json is a place" in reason(machine, "k")
    assert machine.kernel("k").excluded is None
    (folder / "kernel.json").chmod(0o644)
    machine.kernels.chmod(0o777)
    assert f"{machine.kernels} is a place" in reason(machine, "k")


def test_a_kernel_on_the_jupyter_path_is_judged_with_the_prefix_that_owns_it(
    machine: Machine,
) -> None:
    prefix = make_environment(machine.folder / "venv", history=False)
    (prefix / "bin").chmod(0o777)

    kernel = machine.kernel("python3", euid=0, kernel_dirs=(f"{prefix}/share/jupyter/kernels",))

    assert kernel.excluded is not None
    assert f"{prefix}/bin is a place" in kernel.excluded.reason


def test_a_python3_that_root_does_not_trust_leaves_the_name_to_the_next_one(
    machine: Machine,
) -> None:
    bad = write_kernel(machine.kernels / "python3", python_spec("/bin/sh", display_name="bad"))
    other = machine.folder / "other"
    good = write_kernel(other / "python3", python_spec("/bin/sh", display_name="good"))
    bad.chmod(0o777)
    dirs = (str(machine.kernels), str(other))

    snapshot = machine.look(euid=0, kernel_dirs=dirs)

    assert named(snapshot, "python3").display_name == "good"
    (finding,) = snapshot.findings
    assert (finding.id, finding.source) == ("kernelspec-not-trusted", str(bad))
    assert f"the kernel in {good} takes its place" in finding.remedy
    assert machine.kernel("python3", kernel_dirs=dirs).display_name == "bad"


def test_a_python3_that_root_does_not_trust_leaves_the_name_to_the_servers_own(
    machine: Machine,
) -> None:
    bad = write_kernel(machine.kernels / "python3", python_spec("/bin/sh"))
    bad.chmod(0o777)
    native = machine.folder / "native"
    native.mkdir()

    kernel = machine.kernel("python3", euid=0, native_dir=str(native))
    assert (kernel.source, kernel.excluded) == ("native", None)

    alone = machine.look(euid=0)
    assert names(alone)[0] == "python3"
    assert alone.kernels[0].excluded is not None
    assert alone.findings == ()
