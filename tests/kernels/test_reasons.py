"""Why a kernel is not started: each reason names what is wrong, where, and what mends it."""

import errno
import logging
import sys
from pathlib import Path
from typing import Any

import pytest
from envs import python_spec, write_kernel
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_client.manager import KernelManager

from jupyter_sm.errors import Finding, UnknownKernelError
from jupyter_sm.kernels import Choice, Kernel, Live, Snapshot, Trouble, choose, reasons
from jupyter_sm.kernels.manager import CatalogKernelSpecManager, KernelNotStarted
from jupyter_sm.kernels.reasons import Reason

SPEC = KernelSpec(resource_dir="/k/e", argv=["/p/bin/python"], language="python")
FILE = "/k/e/kernel.json"


def test_a_kernelspec_tells_its_reason() -> None:
    told = {"reason": "it is gone", "remedy": "bring it back", "file": "/f"}

    assert Reason.of(told) == Reason("it is gone", "bring it back", "/f")


def test_what_a_kernelspec_leaves_out_is_empty_and_what_is_no_text_becomes_one() -> None:
    assert Reason.of({"reason": 5, "more": "x"}) == Reason("5", "", "")


def test_a_kernelspec_that_is_gone_names_its_former_file() -> None:
    found = reasons.not_found(NoSuchKernel("e\n"), SPEC)

    assert found.reason == r"the kernelspec e\n is not there any more"
    assert found.remedy
    assert found.file == FILE


def test_what_our_own_manager_says_of_a_name_is_told_as_it_is() -> None:
    error = KernelNotStarted(UnknownKernelError("e", "`e` is unknown", "Did you mean `f`?"))

    assert reasons.not_found(error, SPEC) == Reason("`e` is unknown", "Did you mean `f`?", FILE)


@pytest.mark.parametrize("name", [None, "jupyter-sm-conda"])
def test_a_kernelspec_that_is_started_here_is_no_reason(name: str | None) -> None:
    metadata = {"kernel_provisioner": {"provisioner_name": name}} if name else {}

    assert reasons.started_elsewhere(KernelSpec(metadata=metadata)) is None


def test_a_kernelspec_that_is_started_elsewhere_needs_a_new_kernel() -> None:
    metadata = {"kernel_provisioner": {"provisioner_name": "slurm\0"}}

    found = reasons.started_elsewhere(KernelSpec(metadata=metadata, resource_dir="/k/e"))

    assert found == Reason(
        r"it is now started by the provisioner slurm\x00",
        "shut this kernel down and start it again",
        FILE,
    )


def test_an_environment_that_cannot_be_activated_is_told_as_its_finding_says() -> None:
    finding = Finding(
        id="x", severity="error", source="/p", seen="is no environment", remedy="make it"
    )

    assert reasons.not_activated(finding) == Reason("/p is no environment", "make it", "/p")


INSTALL = "conda install --prefix '/my p' python ipykernel"


def test_an_interpreter_that_is_not_there_in_an_environment_is_installed_there() -> None:
    error = FileNotFoundError(errno.ENOENT, "No such file or directory", "/my p/bin/python")

    found = reasons.not_launched(["/my p/bin/python", "-m"], error, SPEC, INSTALL)

    assert found == Reason(
        "/my p/bin/python cannot be started: no such file or directory", INSTALL, FILE
    )


def test_another_program_of_an_environment_does_not_come_with_python() -> None:
    error = FileNotFoundError(errno.ENOENT, "No such file or directory", "/my p/bin/R")

    found = reasons.not_launched(["/my p/bin/R"], error, SPEC, INSTALL)

    assert found.remedy == f"mend that program, or correct argv in {FILE}"


def test_a_script_whose_own_program_is_gone_is_not_said_to_be_gone(tmp_path: Path) -> None:
    script = tmp_path / "python"
    script.write_text("#!/nowhere/python")
    error = FileNotFoundError(errno.ENOENT, "No such file or directory", str(script))

    found = reasons.not_launched([str(script)], error, SPEC, INSTALL)

    assert found.reason.endswith("the program that its first line names is gone")
    assert found.remedy == f"mend that program, or correct argv in {FILE}"


@pytest.mark.parametrize("number", [errno.E2BIG, errno.EAGAIN, errno.ENOMEM, errno.EMFILE])
def test_what_the_system_lacks_is_no_fault_of_the_program(number: int) -> None:
    found = reasons.not_launched(["/p/bin/python"], OSError(number, "Too much"), SPEC, INSTALL)

    assert "install" not in found.remedy
    assert "argv" not in found.remedy


def test_a_program_of_no_environment_is_to_be_mended_or_named_correctly() -> None:
    error = PermissionError(errno.EACCES, "Permission denied", "/bin/\n")

    found = reasons.not_launched(["/bin/\n"], error, SPEC, "")

    assert found.reason == r"/bin/\n cannot be started: permission denied"
    assert found.remedy == f"mend that program, or correct argv in {FILE}"


@pytest.mark.parametrize("install", ["", INSTALL])
def test_a_kernelspec_without_a_command_is_told_so(install: str) -> None:
    found = reasons.not_launched([], IndexError("list index out of range"), SPEC, install)

    assert found == Reason(
        "argv is empty", f"write the command of the kernel to argv in {FILE}", FILE
    )


def test_a_kernelspec_of_no_folder_has_no_file() -> None:
    assert reasons.file_of(KernelSpec()) == ""


def test_in_a_foreign_host_all_other_kernels_are_named(tmp_path: Path) -> None:
    for name in ("e", "f", "g"):
        write_kernel(tmp_path / name, python_spec(sys.executable))
    specs = KernelSpecManager(kernel_dirs=[str(tmp_path)], ensure_native_kernel=False)
    km = KernelManager(kernel_name="e", kernel_spec_manager=specs)

    write_kernel(tmp_path / "lost", python_spec("/nowhere/python"))

    assert sorted(reasons.others(km)) == ["f", "g"]


def test_in_our_own_host_those_are_named_that_are_shown_and_work() -> None:
    def found(name: str, **more: Any) -> Kernel:
        spec = {"argv": ["x"], "env": {}, "display_name": name, "metadata": {}}
        return Kernel(name, name, "python", "jupyter", f"/k/{name}", spec, **more)

    kernels = (found("e"), found("f"), found("broken", broken=Trouble("x", "y")), found("ö\n"))
    live = Live(lambda: choose(Snapshot(kernels=kernels), Choice(everything=True)), logging.root)
    km = KernelManager(kernel_name="e", kernel_spec_manager=CatalogKernelSpecManager(live=live))

    assert reasons.others(km) == ("f", r"ö\n")
