"""Things that were seen to break conda, or a kernel list: each costs only itself here."""

import json
import os
import shutil
from pathlib import Path

import pytest
from envs import KernelFile, make_environment, python_spec, write_kernel
from unprivileged import as_ordinary_user

from jupyter_sm.kernels import Snapshot

from .machine import Machine, named, names


@pytest.fixture
def good(machine: Machine) -> Path:
    """An environment that has to be listed whatever lies beside it."""
    return make_environment(machine.root / "envs/good")


def assert_good(snapshot: Snapshot) -> None:
    assert {"conda-base-py", "conda-env-good-py"} <= set(names(snapshot))


BAD_SPECS: dict[str, KernelFile] = {
    "broken JSON": "{not json",
    "empty": "",
    "a list": "[1, 2]",
    "latin-1": '{"argv": ["x"], "display_name": "Pythøn"}'.encode("latin-1"),
    "argv a string": {"argv": "python -m x", "display_name": "P"},
    "no argv": {"display_name": "P"},
}

ODD_SPECS: dict[str, KernelFile] = {
    "no display_name": {"argv": ["python"]},
    "display_name null": {"argv": ["python"], "display_name": None},
    "metadata null": {"argv": ["python"], "display_name": "P", "metadata": None},
    "metadata a list": {"argv": ["python"], "display_name": "P", "metadata": []},
    "odd interrupt_mode": {"argv": ["python"], "display_name": "P", "interrupt_mode": "shout"},
    "no language": {"argv": ["python"], "display_name": "P"},
    "BOM": b"\xef\xbb\xbf" + json.dumps(python_spec("python")).encode(),
    "UTF-16": json.dumps(python_spec("python")).encode("utf-16"),
    "further keys": {"argv": ["python"], "display_name": "P", "codemirror_mode": "p", "x": [1]},
}


@pytest.mark.usefixtures("good")
@pytest.mark.parametrize("spec", BAD_SPECS.values(), ids=BAD_SPECS)
def test_a_bad_kernel_json_stops_nothing_and_is_reported(
    machine: Machine, spec: KernelFile
) -> None:
    prefix = make_environment(machine.root / "envs/bad", kernels={"python3": spec})

    snapshot = machine.look()

    assert_good(snapshot)
    assert "conda-env-bad-py" not in names(snapshot)
    (finding,) = snapshot.findings
    assert finding.source.startswith(f"{prefix}/share/jupyter/kernels/python3/kernel.json")


@pytest.mark.usefixtures("good")
@pytest.mark.parametrize("spec", ODD_SPECS.values(), ids=ODD_SPECS)
def test_an_odd_kernel_json_stops_nothing_and_its_kernel_can_be_started(
    machine: Machine, spec: KernelFile
) -> None:
    prefix = make_environment(machine.root / "envs/odd", kernels={"python3": spec})

    snapshot = machine.look()

    assert_good(snapshot)
    kernel = named(snapshot, "conda-env-odd-py")
    assert kernel.broken is None
    assert kernel.spec["argv"][0] == f"{prefix}/bin/python"
    assert kernel.spec["metadata"]["conda_env_path"] == str(prefix)


@pytest.mark.usefixtures("good")
def test_an_empty_argv_is_listed_as_broken(machine: Machine) -> None:
    spec = {"argv": [], "display_name": "P"}
    make_environment(machine.root / "envs/odd", kernels={"python3": spec})

    snapshot = machine.look()

    assert_good(snapshot)
    trouble = named(snapshot, "conda-env-odd-py").broken
    assert trouble is not None
    assert trouble.reason == "argv is empty"


@pytest.mark.usefixtures("good")
@pytest.mark.parametrize(
    "name", ["with space", "it's", "dollar$x", "semi;colon", "-dash", "[ab]", "*", "größe", "a\nb"]
)
def test_an_environment_may_have_any_name(machine: Machine, name: str) -> None:
    prefix = make_environment(machine.root / "envs" / name, argv0="python")

    snapshot = machine.look()

    assert_good(snapshot)
    (kernel,) = [kernel for kernel in snapshot.kernels if kernel.prefix == str(prefix)]
    assert kernel.spec["argv"][0] == f"{prefix}/bin/python"
    assert kernel.broken is None
    assert snapshot.findings == ()


@pytest.mark.usefixtures("good")
def test_an_environment_and_kernels_that_may_not_be_read_cost_only_themselves(
    machine: Machine,
) -> None:
    locked = make_environment(machine.root / "envs/locked")
    locked.chmod(0)
    meta = make_environment(machine.root / "envs/meta") / "conda-meta"
    meta.chmod(0)
    kernel = make_environment(machine.root / "envs/kernel") / (
        "share/jupyter/kernels/python3/kernel.json"
    )
    kernel.chmod(0)

    snapshot = as_ordinary_user(machine.look, owning=machine.folder)

    assert_good(snapshot)
    assert [finding.source for finding in snapshot.findings] == [
        str(locked),
        str(meta.parent),
        str(kernel),
    ]
    locked.chmod(0o755)
    meta.chmod(0o755)


@pytest.mark.usefixtures("good")
def test_a_home_folder_that_cannot_be_written_or_read_stops_nothing(machine: Machine) -> None:
    machine.home.chmod(0o555)
    assert_good(as_ordinary_user(machine.look, owning=machine.folder))
    machine.home.chmod(0)
    assert_good(as_ordinary_user(machine.look, owning=machine.folder))
    machine.home.chmod(0o755)


@pytest.mark.usefixtures("good")
def test_conda_is_never_run_so_that_it_may_be_broken_slow_or_absent(machine: Machine) -> None:
    conda = machine.root / "bin/conda"
    conda.write_text(f"#!/bin/sh\ntouch {machine.folder}/was-run\nsleep 60\nexit 1\n")
    conda.chmod(0o755)
    machine.environ.update(CONDA_EXE=str(conda), PATH=f"{machine.root}/bin")

    assert_good(machine.look())
    assert not (machine.folder / "was-run").exists()
    conda.unlink()
    assert_good(machine.look())


@pytest.mark.usefixtures("good")
def test_a_look_writes_nothing(machine: Machine) -> None:
    machine.write("home/user/.conda/environments.txt", "# comment\n/dead\n")
    machine.write("home/user/.condarc", "envs_dirs: [/x]\n")

    def disk() -> list[tuple[str, int, int]]:
        return sorted(
            (str(path), path.lstat().st_mtime_ns, path.lstat().st_ctime_ns)
            for path in machine.folder.rglob("*")
        )

    before = disk()
    machine.look()

    assert disk() == before


@pytest.mark.usefixtures("good")
def test_a_kernels_folder_that_is_a_file_stops_nothing(machine: Machine) -> None:
    prefix = make_environment(machine.root / "envs/two", kernels=())
    (prefix / "share/jupyter").mkdir(parents=True)
    (prefix / "share/jupyter/kernels").write_text("x")

    snapshot = machine.look()

    assert_good(snapshot)
    assert snapshot.findings == ()


@pytest.mark.usefixtures("good")
def test_hidden_kernels_are_kernels(machine: Machine) -> None:
    make_environment(machine.root / "envs/x", kernels=[".hidden"])

    assert "conda-env-x-.hidden" in names(machine.look())


@pytest.mark.usefixtures("good")
def test_the_listing_survives_a_folder_that_goes_while_it_is_read(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = machine.root / "envs/victim"
    make_environment(victim)
    listdir = os.listdir

    def remove_then_list(path: str) -> list[str]:
        if path.startswith(str(victim)):
            shutil.rmtree(victim, ignore_errors=True)
        return listdir(path)

    monkeypatch.setattr(os, "listdir", remove_then_list)

    snapshot = machine.look()

    assert_good(snapshot)
    assert "conda-env-victim-py" not in names(snapshot)


def test_nested_environments_are_told_apart(machine: Machine) -> None:
    outer = make_environment(machine.root / "envs/outer")
    inner = make_environment(outer / "envs/inner")
    machine.write("home/user/.conda/environments.txt", f"{inner}\n")

    assert names(machine.look()) == [
        "conda-base-py",
        "conda-env-outer-py",
        "conda-env-outer-inner-py",
    ]


def test_two_hundred_environments_are_all_listed_once(machine: Machine) -> None:
    for number in range(200):
        make_environment(machine.root / f"envs/e{number:03}", interpreter=None)

    listed = names(machine.look())

    assert listed == ["conda-base-py", *(f"conda-env-e{number:03}-py" for number in range(200))]


def test_a_kernel_on_the_path_that_is_a_link_to_a_conda_kernel_stays_on_the_path(
    machine: Machine,
) -> None:
    prefix = make_environment(machine.root / "envs/x")
    (machine.kernels / "linked").symlink_to(prefix / "share/jupyter/kernels/python3")

    snapshot = machine.look()

    assert names(snapshot) == ["linked", "conda-base-py", "conda-env-x-py"]
    assert write_kernel(machine.kernels / "other", python_spec()).is_dir()
