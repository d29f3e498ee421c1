"""One look: which kernels there are, in which order, and what must not be started."""

import dataclasses
import shutil
import sys

import pytest
from envs import make_environment, python_spec, write_kernel

from jupyter_sm.kernels.discovery.kernelspecs import KernelFolders, Listing

from .machine import Machine, named, names

EXECUTABLE = sys.executable


def test_a_conda_kernel_has_all_that_the_peer_gives_and_its_installation(machine: Machine) -> None:
    prefix = make_environment(
        machine.root / "envs/myenv",
        kernels={"python3": python_spec("python", env={"A": "1"}, kernel_protocol_version="5.5")},
    )
    folder = prefix / "share/jupyter/kernels/python3"
    (folder / "logo-svg.svg").write_text("")

    kernel = machine.kernel("conda-env-myenv-py")

    assert dataclasses.asdict(kernel) | {"aliases": ()} == {
        "name": "conda-env-myenv-py",
        "display_name": "Python [conda env:myenv]",
        "language": "python",
        "source": "conda",
        "resource_dir": str(folder),
        "spec": {
            "argv": [f"{prefix}/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "env": {"A": "1"},
            "display_name": "Python [conda env:myenv]",
            "language": "python",
            "interrupt_mode": "signal",
            "metadata": {
                "debugger": True,
                "conda_env_name": "myenv",
                "conda_env_path": str(prefix),
                "conda_env_root": str(machine.root),
                "conda_language": "Python",
                "conda_raw_kernel_name": "python3",
                "conda_is_base_environment": False,
                "conda_is_currently_running": False,
                "kernel_provisioner": {
                    "provisioner_name": "jupyter-sm-conda",
                    "config": {"prefix": str(prefix), "root": str(machine.root)},
                },
            },
            "kernel_protocol_version": "5.5",
        },
        "resources": ("logo-svg.svg",),
        "prefix": str(prefix),
        "environment": {
            "prefix": str(prefix),
            "name": "myenv",
            "root": str(machine.root),
            "is_base": False,
            "excluded": None,
        },
        "aliases": (),
        "broken": None,
        "excluded": None,
    }


def test_an_environment_without_an_installation_is_activated_without_one(machine: Machine) -> None:
    shutil.rmtree(machine.root)
    prefix = make_environment(machine.elsewhere / "loose")
    (machine.home / ".conda").mkdir()
    (machine.home / ".conda/environments.txt").write_text(f"{prefix}\n")

    stanza = machine.kernel("conda-env-loose-py").spec["metadata"]["kernel_provisioner"]

    assert stanza["config"] == {"prefix": str(prefix), "root": ""}


def test_a_kernel_of_an_environment_keeps_a_provisioner_of_its_own(machine: Machine) -> None:
    theirs = {"kernel_provisioner": {"provisioner_name": "slurm-provisioner", "config": {"q": 1}}}
    make_environment(
        machine.root / "envs/myenv", kernels={"python3": python_spec("python", metadata=theirs)}
    )

    metadata = machine.kernel("conda-env-myenv-py").spec["metadata"]

    assert metadata["kernel_provisioner"] == theirs["kernel_provisioner"]


def test_a_kernel_on_the_jupyter_path_is_given_as_it_stands(machine: Machine) -> None:
    folder = write_kernel(machine.kernels / "Mine", python_spec("/bin/sh"))

    kernel = machine.kernel("mine")

    assert kernel.source == "jupyter"
    assert kernel.display_name == "Python 3 (ipykernel)"
    assert kernel.resource_dir == str(folder)
    assert kernel.spec == {**python_spec("/bin/sh"), "env": {}, "interrupt_mode": "signal"}
    assert (kernel.prefix, kernel.environment, kernel.aliases) == (None, None, ())


def test_the_server_marks_the_environment_it_runs_in(machine: Machine) -> None:
    (machine.folder / "link").symlink_to(machine.root)
    machine.environ["CONDA_DIR"] = f"{machine.folder}/link"

    for prefix in (f"{machine.root}", f"{machine.root}/"):
        kernel = machine.kernel("conda-base-py", server_prefix=prefix)
        assert kernel.display_name == "Python [conda env:base] *"
        assert kernel.spec["metadata"]["conda_is_currently_running"] is True


def test_python3_comes_first_then_the_jupyter_path_then_conda_with_base_first(
    machine: Machine,
) -> None:
    make_environment(machine.root / "envs/a", kernels=["python3", "ir"])
    other = machine.folder / "other"
    for folder, name in ((machine.kernels, "zz"), (other, "aa"), (other, "python3")):
        write_kernel(folder / name, python_spec("/bin/sh"))

    snapshot = machine.look(kernel_dirs=(str(machine.kernels), str(other)))

    assert names(snapshot) == [
        "python3",
        "zz",
        "aa",
        "conda-base-py",
        "conda-env-a-r",
        "conda-env-a-py",
    ]


def test_the_first_folder_on_the_jupyter_path_wins_a_name(machine: Machine) -> None:
    other = machine.folder / "other"
    write_kernel(machine.kernels / "K", python_spec(display_name="first"))
    write_kernel(other / "k", python_spec(display_name="second"))

    snapshot = machine.look(kernel_dirs=(f"{machine.kernels}//", str(other)))

    assert named(snapshot, "k").display_name == "first"


def test_a_kernel_that_cannot_be_used_does_not_hide_a_good_one_further_on(
    machine: Machine,
) -> None:
    other = machine.folder / "other"
    write_kernel(machine.kernels / "python3", "{broken")
    write_kernel(other / "python3", python_spec(display_name="second"))

    snapshot = machine.look(kernel_dirs=(str(machine.kernels), str(other)))

    assert named(snapshot, "python3").display_name == "second"
    assert [finding.id for finding in snapshot.findings] == ["kernelspec-unusable"]


def test_a_relative_folder_on_the_jupyter_path_starts_in_the_working_directory(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_kernel(machine.elsewhere / "here/kernels/k", python_spec("/bin/sh"))
    monkeypatch.chdir(machine.elsewhere)

    for written in ("here/kernels", "./here//kernels/", "here/x/../kernels"):
        (machine.elsewhere / "here/x").mkdir(exist_ok=True)
        kernel = machine.kernel("k", kernel_dirs=(written,))
        assert kernel.resource_dir == str(folder)


def test_a_working_directory_that_is_gone_has_no_folders(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = machine.elsewhere / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    assert names(machine.look(kernel_dirs=("kernels",))) == ["conda-base-py"]


def test_whatever_goes_wrong_in_one_place_costs_only_that(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_environment(machine.root / "envs/bad")
    make_environment(machine.root / "envs/good")
    read = KernelFolders.read

    def fail(reader: KernelFolders, folder: str) -> Listing:
        if folder.startswith((str(machine.kernels), f"{machine.root}/envs/bad")):
            raise RuntimeError("a bug")
        return read(reader, folder)

    monkeypatch.setattr(KernelFolders, "read", fail)
    snapshot = machine.look()

    assert names(snapshot) == ["conda-base-py", "conda-env-good-py"]
    assert [(finding.id, finding.source, finding.seen) for finding in snapshot.findings] == [
        ("kernelspecs-folder-unreadable", str(machine.kernels), "a bug"),
        ("conda-environment-unreadable", f"{machine.root}/envs/bad", "a bug"),
    ]


def test_internal_folders_are_no_part_of_the_jupyter_path(machine: Machine) -> None:
    internal = machine.folder / "opt/.sagemakerinternal/conda/share/jupyter/kernels"
    write_kernel(internal / "internal", python_spec())

    snapshot = machine.look(kernel_dirs=("\0", str(internal)))

    assert names(snapshot) == ["conda-base-py"]


def test_the_base_kernel_is_there_under_both_names(machine: Machine) -> None:
    folder = f"{machine.root}/share/jupyter/kernels"

    snapshot = machine.look(kernel_dirs=(folder,))

    assert names(snapshot) == ["python3", "conda-base-py"]
    assert {kernel.resource_dir for kernel in snapshot.kernels} == {f"{folder}/python3"}
    assert {kernel.prefix for kernel in snapshot.kernels} == {str(machine.root)}


def test_one_problem_seen_on_two_ways_is_reported_once(machine: Machine) -> None:
    write_kernel(machine.root / "share/jupyter/kernels/odd", "[]")

    snapshot = machine.look(kernel_dirs=(f"{machine.root}/share/jupyter/kernels",))

    assert len(snapshot.findings) == 1


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("opt/conda/envs/a", "opt/conda"),
        ("opt/conda/envs/a/envs/b", "opt/conda"),
        ("home/user/miniconda3/envs/c", "home/user/miniconda3"),
        ("home/user/.conda/envs/d", "opt/conda"),
    ],
)
def test_an_environment_belongs_to_the_installation_it_lies_in_or_else_to_the_first(
    machine: Machine, path: str, root: str
) -> None:
    make_environment(machine.home / "miniconda3")
    prefix = make_environment(machine.folder / path)
    machine.environ["CONDA_ENVS_DIRS"] = str(prefix.parent)

    roots = {env.prefix: env.root for env in machine.look().environments}

    assert roots[str(prefix)] == f"{machine.folder}/{root}"


def test_the_recovery_environment_is_known_and_excluded(machine: Machine) -> None:
    make_environment(machine.root / "envs/sagemaker-recovery-mode")

    kernel = machine.kernel("conda-env-sagemaker-recovery-mode-py")

    assert kernel.excluded is not None
    assert "repairing" in kernel.excluded.reason


def test_what_the_filter_matches_is_excluded_and_stays_on_the_jupyter_path(
    machine: Machine,
) -> None:
    make_environment(machine.root / "envs/myenv")

    snapshot = machine.look(
        conda_env_filter="/conda$", kernel_dirs=(f"{machine.root}/share/jupyter/kernels",)
    )

    assert named(snapshot, "python3").excluded is None
    assert named(snapshot, "conda-env-myenv-py").excluded is None
    excluded = named(snapshot, "conda-base-py").excluded
    assert excluded is not None
    assert excluded.reason == "conda_env_filter (/conda$) excludes the environment"


def test_a_static_export_in_an_environment_is_not_a_kernel_of_that_environment(
    machine: Machine,
) -> None:
    spec = python_spec("/x/bin/python", metadata={"jupyter_sm": {"exported": True}})
    write_kernel(machine.root / "share/jupyter/kernels/conda-env-myenv-py", spec)

    assert names(machine.look()) == ["conda-base-py"]
