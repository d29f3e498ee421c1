"""Which program a kernelspec starts, and what will not start and why."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from envs import make_environment, python_spec, write_kernel
from jupyter_client.manager import KernelManager
from unprivileged import as_ordinary_user

from jupyter_sm.kernels.discovery.kernel_json import KernelJson
from jupyter_sm.kernels.discovery.programs import MISSING, RUNNABLE, Programs

from .machine import Machine

EXECUTABLE = sys.executable


def argv0(machine: Machine, folder: Path, word: str, **changes: Any) -> str:
    """The first word of argv, for a kernel in ``folder`` whose file says ``word``."""
    write_kernel(folder / "k", python_spec(word))
    first: str = machine.kernel("k", kernel_dirs=(str(folder),), **changes).spec["argv"][0]
    return first


@pytest.mark.parametrize("word", ["python", "python3", "python3.11"])
def test_python_means_the_interpreter_of_the_prefix_that_owns_the_kernelspec(
    machine: Machine, word: str
) -> None:
    prefix = make_environment(machine.root / "envs/rel", argv0=word)
    venv = make_environment(machine.folder / "venv", history=False)
    (venv / "bin/python3.11").symlink_to("python")

    conda = machine.kernel("conda-env-rel-py").spec["argv"][0]

    assert conda == f"{prefix}/bin/{word if word != 'python3.11' else 'python'}"
    assert argv0(machine, venv / "share/jupyter/kernels", word) == f"{venv}/bin/{word}"


def test_a_prefix_with_python3_alone_owns_its_kernels_too(machine: Machine) -> None:
    prefix = make_environment(machine.folder / "usr", interpreter=None, history=False)
    (prefix / "bin/python3").symlink_to("/bin/sh")

    assert argv0(machine, prefix / "share/jupyter/kernels", "python") == f"{prefix}/bin/python3"
    assert machine.kernel("k", kernel_dirs=(f"{prefix}/share/jupyter/kernels",)).prefix == str(
        prefix
    )


@pytest.mark.parametrize("mark", ["pyvenv.cfg", "conda-meta/history"])
def test_a_prefix_that_has_no_interpreter_yet_never_borrows_the_servers(
    machine: Machine, mark: str
) -> None:
    machine.write(f"venv/{mark}", "")
    folder = machine.folder / "venv/share/jupyter/kernels"

    assert argv0(machine, folder, "python") == f"{machine.folder}/venv/bin/python"


@pytest.mark.parametrize("below", ["home/user/.local/share/jupyter/kernels", "data/kernels"])
def test_python_in_a_users_folder_is_the_servers_as_jupyter_client_has_it(
    machine: Machine, below: str
) -> None:
    folder = machine.folder / below

    assert argv0(machine, folder, "python") == EXECUTABLE
    assert argv0(machine, folder, "python3") == EXECUTABLE
    manager = KernelManager(kernel_name="python3")
    assert manager.format_kernel_cmd()[0] == EXECUTABLE


def test_another_python_in_a_users_folder_is_beside_the_servers_or_on_path(
    machine: Machine,
) -> None:
    server = make_environment(machine.server, history=False)
    for path in (server / "bin/python3.1", machine.write("bin/python3.2", "")):
        path.unlink(missing_ok=True)
        path.symlink_to("/bin/sh")
    executable = f"{server}/bin/python"

    def found(word: str) -> str:
        return argv0(machine, machine.kernels, word, server_executable=executable)

    assert found("python3.1") == f"{server}/bin/python3.1"
    assert found("python3.2") == f"{machine.folder}/bin/python3.2"
    assert found("python3.3") == "python3.3"


def test_a_program_of_the_environment_goes_before_one_on_path(machine: Machine) -> None:
    prefix = make_environment(machine.root / "envs/r", kernels={"ir": python_spec("R")})
    for path in (prefix / "bin/R", machine.write("bin/R", "")):
        path.unlink(missing_ok=True)
        path.symlink_to("/bin/sh")

    assert machine.kernel("conda-env-r-r").spec["argv"][0] == f"{prefix}/bin/R"
    (prefix / "bin/R").unlink()
    assert machine.kernel("conda-env-r-r").spec["argv"][0] == f"{machine.folder}/bin/R"
    assert argv0(machine, machine.kernels, "R") == f"{machine.folder}/bin/R"


def test_jupyters_placeholders_are_filled_in_for_the_owning_prefix(machine: Machine) -> None:
    prefix = make_environment(
        machine.root / "envs/x", kernels={"python3": python_spec("{prefix}/bin/python")}
    )
    folder = machine.kernels / "k"

    assert machine.kernel("conda-env-x-py").spec["argv"][0] == f"{prefix}/bin/python"
    assert argv0(machine, machine.kernels, "{resource_dir}/run") == f"{folder}/run"
    assert argv0(machine, machine.kernels, "{prefix}/bin/x") == f"{machine.server}/bin/x"


def broken(machine: Machine, spec: dict[str, Any]) -> tuple[str, str] | None:
    """Reason and remedy for a kernel on the Jupyter path."""
    write_kernel(machine.kernels / "k", spec)
    trouble = machine.kernel("k").broken
    return (trouble.reason, trouble.remedy) if trouble else None


def test_a_kernel_whose_interpreter_is_missing_is_broken_with_reason_and_remedy(
    machine: Machine,
) -> None:
    prefix = make_environment(machine.root / "envs/my env", interpreter=None)

    trouble = machine.kernel("conda-env-my_env-py").broken

    assert trouble is not None
    assert trouble.reason == f"the interpreter {prefix}/bin/python does not exist (yet)"
    assert trouble.remedy == f"micromamba install --prefix '{prefix}' python ipykernel"


def test_other_missing_programs_are_told_with_the_file_that_names_them(machine: Machine) -> None:
    file = f"{machine.kernels}/k/kernel.json"

    assert broken(machine, python_spec("/no/such")) == (
        "the interpreter /no/such does not exist (yet)",
        f"finish installing it, or correct argv in {file}",
    )
    assert broken(machine, python_spec("julia")) == (
        "the program julia is neither beside the kernel nor on PATH",
        f"install it, or write its absolute path to argv in {file}",
    )
    assert broken(machine, python_spec(argv=[])) == (
        "argv is empty",
        f"write the command of the kernel to argv in {file}",
    )


@pytest.mark.parametrize("word", ["/nul\0", "/lone surrogate \ud800"])
def test_a_word_that_no_path_can_be_is_missing(machine: Machine, word: str) -> None:
    spec = KernelJson(argv=[word], display_name="P")

    assert Programs(machine.places()).of_environment(spec, "/k", "/p").state == MISSING


@pytest.mark.parametrize("word", ["/", "/usr/bin"])
def test_a_folder_is_no_program(machine: Machine, word: str) -> None:
    assert broken(machine, python_spec(word)) == (
        f"the interpreter {word} is a folder",
        f"correct argv in {machine.kernels}/k/kernel.json",
    )


def test_an_environment_whose_interpreter_is_a_folder_is_broken(machine: Machine) -> None:
    prefix = make_environment(machine.root / "envs/x", interpreter=None, argv0="python")
    (prefix / "bin/python").mkdir()

    trouble = machine.kernel("conda-env-x-py").broken

    assert trouble is not None
    assert trouble.reason == f"the interpreter {prefix}/bin/python is a folder"


@pytest.mark.parametrize("word", ["python", "python3", "python3.1"])
def test_python_is_the_owners_also_where_the_kernel_has_a_path_of_its_own(
    machine: Machine, word: str
) -> None:
    spec = python_spec(word, env={"PATH": "/x/bin:${PATH}"})
    prefix = make_environment(machine.root / "envs/p", kernels={"python3": spec})
    write_kernel(machine.kernels / "k", spec)

    assert machine.kernel("conda-env-p-py").spec["argv"][0].startswith(f"{prefix}/bin/python")
    found = machine.kernel("k")
    assert found.broken is None
    assert found.spec["argv"][0] == (word if word == "python3.1" else EXECUTABLE)


def test_a_program_that_may_not_be_executed_is_told(machine: Machine) -> None:
    program = machine.write("not a program", "")

    assert broken(machine, python_spec(str(program))) == (
        f"the interpreter {program} cannot be executed by the server's user",
        f"chmod a+rx '{program}'",
    )


def test_a_program_that_only_its_owner_may_execute_is_broken_for_others(machine: Machine) -> None:
    prefix = make_environment(machine.root / "envs/x")
    (prefix / "bin/python").chmod(0o600)

    trouble = as_ordinary_user(
        lambda: machine.kernel("conda-env-x-py").broken, owning=machine.folder
    )

    assert trouble is not None
    assert "cannot be executed" in trouble.reason


@pytest.mark.parametrize(
    "spec", [python_spec("./run"), python_spec("bin/run"), python_spec("x", env={"PATH": "/x"})]
)
def test_what_only_the_kernels_own_folder_or_path_can_tell_is_not_called_broken(
    machine: Machine, spec: dict[str, Any]
) -> None:
    assert broken(machine, spec) is None


def test_each_program_is_looked_at_once_a_look(machine: Machine) -> None:
    programs = Programs(machine.places())
    spec = KernelJson(argv=["/bin/sh"], display_name="P")

    assert programs.of_environment(spec, "/k", "/p").state == RUNNABLE
    assert programs._states == {"/bin/sh": RUNNABLE}
    programs.begin()
    assert programs._states == {}


def test_the_interpreter_of_a_working_environment_runs_in_it_and_finds_ipykernel(
    machine: Machine,
) -> None:
    prefix = make_environment(machine.root / "envs/real one", interpreter="real", argv0="python")
    python = machine.kernel("conda-env-real_one-py").spec["argv"][0]
    code = "import sys, ipykernel_launcher; sys.exit(sys.prefix != sys.argv[1])"

    assert subprocess.run([python, "-c", code, prefix], check=False).returncode == 0
