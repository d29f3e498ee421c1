"""Nothing that changes on disk is missed by the next look, and nothing else makes a new snapshot."""

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from envs import add_history, make_environment, make_many, python_spec, write_kernel
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_sm import reading
from jupyter_sm.kernels import Snapshot

from .machine import Machine, named, names

EXECUTABLE = sys.executable


class Looking:
    """One discovery that looks again and again."""

    def __init__(self, machine: Machine, pause: float) -> None:
        self.machine = machine
        self.discovery = machine.discovery()
        self.pause = pause

    def look(self) -> Snapshot:
        snapshot = self.discovery.look()
        time.sleep(self.pause)
        return snapshot

    def names(self) -> list[str]:
        return names(self.look())


@pytest.fixture(params=["settled", "just written"])
def looking(
    request: pytest.FixtureRequest, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> Looking:
    """Whether the times of files can be trusted, as later, or not yet, as in a quick test."""
    if request.param == "just written":
        return Looking(machine, 0.0)
    monkeypatch.setattr(reading, "SETTLED_NS", -(10**9))
    return Looking(machine, 0.02)  # longer than a tick of the clock that files are stamped with


def test_while_nothing_changes_the_snapshot_is_the_same_object(looking: Looking) -> None:
    make_many(looking.machine.root, 3)
    (looking.machine.root / "envs/dangling").symlink_to("nowhere")
    write_kernel(looking.machine.kernels / "odd", "{")
    first = looking.look()

    assert looking.look() is first
    assert looking.look() is first
    assert len(first.findings) == 2


def test_it_is_the_same_object_when_files_settle(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_kernel(machine.kernels / "odd", {"argv": ["x"]})
    machine.write("home/user/.condarc", "envs_dirs: [/x]\n")
    discovery = machine.discovery()
    first = discovery.look()
    monkeypatch.setattr(reading, "SETTLED_NS", -(10**9))

    assert discovery.look() is first
    assert discovery.look() is first


def test_an_environment_is_there_at_the_next_look_and_gone_at_the_one_after_its_end(
    looking: Looking,
) -> None:
    assert looking.names() == ["conda-base-py"]

    prefix = make_environment(looking.machine.root / "envs/new")
    assert looking.names() == ["conda-base-py", "conda-env-new-py"]

    shutil.rmtree(prefix)
    assert looking.names() == ["conda-base-py"]


def test_an_environment_made_in_condas_order_is_there_when_its_history_is(
    looking: Looking,
) -> None:
    prefix = looking.machine.root / "envs/new"
    prefix.mkdir(parents=True)
    assert looking.names() == ["conda-base-py"]
    make_environment(prefix, kernels=(), history=False)
    assert looking.names() == ["conda-base-py"]
    make_environment(prefix, interpreter=None, history=False)
    assert looking.names() == ["conda-base-py"]
    add_history(prefix)
    assert looking.names() == ["conda-base-py", "conda-env-new-py"]


def test_an_environment_made_in_rattlers_order_is_broken_until_its_interpreter_is_there(
    looking: Looking,
) -> None:
    prefix = make_environment(looking.machine.root / "envs/new", kernels=(), interpreter=None)
    assert looking.names() == ["conda-base-py"]
    make_environment(prefix, interpreter=None)
    assert named(looking.look(), "conda-env-new-py").broken is not None
    make_environment(prefix)
    assert named(looking.look(), "conda-env-new-py").broken is None
    (prefix / "bin/python").unlink()
    assert named(looking.look(), "conda-env-new-py").broken is not None


def change_kernel(machine: Machine) -> None:
    write_kernel(machine.root / "share/jupyter/kernels/python3", python_spec(language="new"))


def add_kernel(machine: Machine) -> None:
    write_kernel(machine.root / "share/jupyter/kernels/ir", python_spec())


def add_kernel_on_path(machine: Machine) -> None:
    write_kernel(machine.kernels / "new", python_spec())


def remove_history(machine: Machine) -> None:
    (machine.root / "conda-meta/history").unlink()


def change_settings(machine: Machine) -> None:
    machine.write("home/user/.condarc", f"envs_dirs: [{machine.elsewhere}]\n")


def add_settings_file(machine: Machine) -> None:
    machine.write("etc/conda/condarc.d/a.yml", f"envs_dirs: [{machine.elsewhere}]\n")


def register(machine: Machine) -> None:
    machine.write("home/user/.conda/environments.txt", f"{machine.elsewhere}/hidden\n")


def install_conda(machine: Machine) -> None:
    make_environment(machine.home / "miniconda3")


def add_interpreter(machine: Machine) -> None:
    (machine.root / "bin/python").chmod(0o755)


@pytest.mark.parametrize(
    "change",
    [
        change_kernel,
        add_kernel,
        add_kernel_on_path,
        remove_history,
        change_settings,
        add_settings_file,
        register,
        install_conda,
        add_interpreter,
    ],
)
def test_any_change_is_in_the_next_look_and_only_then_is_the_snapshot_another(
    looking: Looking, change: Callable[[Machine], None]
) -> None:
    make_environment(looking.machine.elsewhere / "hidden")
    (looking.machine.root / "bin/python").chmod(0o644)
    before = looking.look()

    change(looking.machine)

    after = looking.look()
    assert after != before
    assert looking.look() is after
    assert after == looking.machine.look()


STEPS = st.sampled_from(
    ["env", "kernel", "edit", "history", "interpreter", "remove", "link", "register", "path", "rc"]
)


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(STEPS, st.sampled_from(["a", "b", "a b"])), max_size=8))
def test_a_look_after_many_sees_what_a_first_look_sees(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]]
) -> None:
    machine = Machine(tmp_path_factory.mktemp("machine"))
    discovery = machine.discovery()
    for step, name in steps:
        take(machine, step, machine.root / "envs" / name)

        assert discovery.look() == machine.look()


def take(machine: Machine, step: str, prefix: Path) -> None:
    """One change to an environment that may or may not be there."""
    if step == "env":
        make_environment(prefix)
    elif step in {"kernel", "edit"}:
        spec = python_spec(display_name=step)
        write_kernel(prefix / "share/jupyter/kernels" / step[0], spec)
        write_kernel(prefix / "share/jupyter/kernels/both", spec)
    elif step == "history":
        (prefix / "conda-meta/history").unlink(missing_ok=True)
    elif step == "interpreter":
        (prefix / "bin/python").unlink(missing_ok=True)
    elif step == "remove":
        shutil.rmtree(prefix, ignore_errors=True)
    elif step == "link":
        target = machine.elsewhere / prefix.name
        if not target.is_symlink():
            target.symlink_to(prefix)
        machine.environ["CONDA_ENVS_DIRS"] = str(machine.elsewhere)
    elif step == "register":
        machine.write("home/user/.conda/environments.txt", f"{prefix}\n")
    elif step == "path":
        write_kernel(machine.kernels / f"conda-env-{prefix.name}-py", python_spec())
    else:
        machine.write("home/user/.condarc", f"envs_dirs: [{machine.elsewhere}]\n")
