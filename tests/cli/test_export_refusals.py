"""What an export refuses, leaves alone or warns of."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import envs
import pytest
from unprivileged import as_ordinary_user

from jupyter_sm.cli.hostconfig import Host
from jupyter_sm.cli.kernelfolder import KernelFolder
from jupyter_sm.image import KernelSpec
from jupyter_sm.kernels import Choice, Kernel, Snapshot, choose

from .exported import done, kernel_json, tree
from .machine import Command, Machine


def test_a_folder_of_somebody_else_is_not_touched(sm: Command, machine: Machine, out: Path) -> None:
    del machine
    theirs = envs.write_kernel(out / "kernels/python3", envs.python_spec("/usr/bin/python3"))
    before = tree(out)
    outcome = sm("kernels", "--export", str(out), "--json")
    (finding,) = outcome.json()["findings"]
    assert outcome.status == 1
    assert (finding["id"], finding["severity"]) == ("export-name-taken", "error")
    assert finding["seen"] == "python3 is there already and was not exported by jupyter_sm"
    assert tree(out) == before
    assert theirs.exists()


@pytest.mark.parametrize("name", ["two words", "slash/es", "größe", "..", ".", ""])
@pytest.mark.parametrize("configured", [True, False])
def test_a_name_that_is_no_kernel_name_for_jupyter_is_refused(
    sm: Command, out: Path, name: str, configured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only who asked for it by name has lost something."""
    spec = envs.python_spec("/bin/sh")
    kernel = Kernel(name, "Odd", "python", "jupyter", "/share/kernels/odd", spec)
    choice = Choice(everything=True, configured=(KernelSpec(name=name),) if configured else None)
    monkeypatch.setattr(
        Host, "catalog_for_export", lambda _host, **_how: choose(Snapshot((kernel,)), choice)
    )
    outcome = sm("kernels", "--export", str(out), "--json")
    refusal = outcome.json()["findings"][-1]
    assert outcome.status == int(configured)
    assert refusal["id"] == "export-name-refused"
    assert refusal["severity"] == ("error" if configured else "warning")
    assert refusal["seen"] == f"{name!r} is no name of a kernel for Jupyter, and is left out"
    assert refusal["remedy"] == (
        "give it another name in the AppImageConfig: letters, digits, dots, hyphens and underscores"
        if configured
        else "rename its environment or its folder /share/kernels/odd: letters, digits, dots, "
        "hyphens and underscores"
    )
    assert not out.exists()


def test_capitals_are_warned_of(sm: Command, machine: Machine, out: Path, myenv: Path) -> None:
    assert myenv.exists()
    wanted = machine.list_kernels({"Name": "Conda-Env-MyEnv-py"})
    outcome = sm("kernels", "--export", str(out), "--json", wanted)
    found = {finding["id"]: finding for finding in outcome.json()["findings"]}
    assert found["export-name-capitals"]["seen"] == (
        "stock Jupyter lists Conda-Env-MyEnv-py as conda-env-myenv-py"
    )
    assert kernel_json(out, "Conda-Env-MyEnv-py")["argv"][0] == f"{myenv}/bin/python"


def test_two_names_that_differ_in_capitals_alone_are_one_for_stock_jupyter(
    sm: Command, machine: Machine, out: Path
) -> None:
    envs.make_environment(machine.conda)
    for name in ("same", "Same"):
        envs.make_environment(machine.conda / "envs" / name)
    outcome = sm("kernels", "--export", str(out), "--json")
    assert "export-name-twice" in {finding["id"] for finding in outcome.json()["findings"]}
    names = {name for name in os.listdir(out / "kernels") if "same" in name.lower()}
    assert len(names) == 1


def test_what_cannot_be_started_is_not_exported_but_counted(
    sm: Command, machine: Machine, out: Path
) -> None:
    envs.make_environment(machine.conda)
    envs.make_environment(machine.conda / "envs/new", interpreter=None)
    outcome = sm("kernels", "--export", str(out))
    assert outcome.status == 0
    assert set(os.listdir(out / "kernels")) == {"python3", "conda-base-py"}
    assert "1 not exported, they cannot be started" in outcome.out


def test_with_enforce_only_shown_kernels_are_exported(sm: Command, myenv: Path, out: Path) -> None:
    assert myenv.exists()
    assert done(sm, out, "--JupyterSM.enforce=True") == {"python3": "written"}


def test_the_findings_of_the_configuration_count(sm: Command, machine: Machine, out: Path) -> None:
    outcome = sm("kernels", "--export", str(out), machine.list_kernels({"Name": "nothing"}))
    assert outcome.status == 1
    assert "`nothing` is not a kernel of this image" in " ".join(outcome.out.split())


def test_a_logo_that_cannot_be_read_costs_only_itself(
    sm: Command, out: Path, myenv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = str(myenv / "share/jupyter/kernels/python3")
    spec = envs.python_spec("/bin/sh")
    kernel = Kernel(
        "mine", "Mine", "python", "jupyter", folder, spec, ("logo-64x64.png", "logo-gone.svg")
    )
    monkeypatch.setattr(
        Host,
        "catalog_for_export",
        lambda _host, **_how: choose(Snapshot((kernel,)), Choice(everything=True)),
    )
    outcome = sm("kernels", "--export", str(out), "--json")
    (finding,) = outcome.json()["findings"]
    assert outcome.status == 0
    assert (finding["id"], finding["severity"]) == ("export-resource-unreadable", "warning")
    assert finding["seen"] == (f"{folder}/logo-gone.svg is left out: no such file or directory")
    assert sorted(os.listdir(out / "kernels/mine")) == ["kernel.json", "logo-64x64.png"]


@pytest.mark.parametrize("below", ["", "deeper/still"])
def test_a_file_in_the_way_is_named(sm: Command, out: Path, below: str) -> None:
    out.write_text("a file")
    outcome = sm("kernels", "--export", str(out / below))
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == (
        f"jupyter sm: --export {out / below}: Not a directory; {out} is no folder: move it away, or "
        "name another folder\n"
    )


def test_a_link_to_nothing_in_the_way_is_named(sm: Command, out: Path) -> None:
    out.symlink_to("nowhere")
    outcome = sm("kernels", "--export", str(out))
    assert outcome.status == 2
    assert outcome.err.startswith(f"jupyter sm: --export {out}: ")
    assert outcome.err.endswith(
        f"; {out} is a link to what is not there: mend it, or name another folder\n"
    )


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "make room there, or name a folder on another file system"),
        (errno.EDQUOT, "make room there, or name a folder on another file system"),
        (errno.EROFS, f"name a folder that uid {os.geteuid()} can write"),
        (errno.EIO, "name another folder"),
    ],
)
def test_what_the_file_system_says_decides_the_remedy(
    sm: Command, out: Path, monkeypatch: pytest.MonkeyPatch, number: int, remedy: str
) -> None:
    def fail(_folder: KernelFolder, _kernels: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(KernelFolder, "write", fail)
    outcome = sm("kernels", "--export", str(out))
    assert outcome.status == 2
    assert outcome.err == f"jupyter sm: --export {out}: {os.strerror(number)}; {remedy}\n"


def test_a_name_that_is_too_long_for_a_folder_costs_only_its_kernel(
    sm: Command, machine: Machine, myenv: Path, out: Path
) -> None:
    envs.make_environment(machine.conda / "envs" / ("a" * 250))
    assert myenv.exists()
    outcome = sm("kernels", "--export", str(out), "--json")
    (finding,) = outcome.json()["findings"]
    assert outcome.status == 0
    assert (finding["id"], finding["severity"]) == ("export-name-refused", "warning")
    assert "is longer than 255 bytes, and is left out" in finding["seen"]
    assert set(os.listdir(out / "kernels")) == {"python3", "conda-base-py", "conda-env-myenv-py"}


@pytest.mark.parametrize(
    ("argv0", "path", "exported"),
    [
        ("./run", None, None),
        ("bin/run", None, None),
        ("run", "relative", None),
        ("run", "/nowhere", None),
        ("run", "{bin}:${PATH}", "{bin}/run"),
        ("run", "${FOLDER}", "{bin}/run"),
    ],
)
def test_a_program_is_absolute_or_its_kernel_is_left_out(
    *,
    sm: Command,
    out: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    argv0: str,
    path: str | None,
    exported: str | None,
) -> None:
    """A stock Jupyter would look for it from wherever it works itself."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "run").write_text("#!/bin/sh\n")
    (folder / "run").chmod(0o755)
    monkeypatch.setenv("FOLDER", str(folder))
    environ = {} if path is None else {"PATH": path.replace("{bin}", str(folder))}
    spec = envs.python_spec(argv0, env=environ)
    kernel = Kernel("mine", "Mine", "python", "jupyter", "/share/kernels/mine", spec)
    catalog = choose(Snapshot((kernel,)), Choice(everything=True))
    monkeypatch.setattr(Host, "catalog_for_export", lambda _host, **_how: catalog)
    outcome = sm("kernels", "--export", str(out), "--json")
    assert outcome.status == 0
    if exported is not None:
        assert kernel_json(out, "mine")["argv"][0] == exported.replace("{bin}", str(folder))
        return
    finding = outcome.json()["findings"][-1]
    assert (finding["id"], finding["severity"]) == ("export-command-relative", "warning")
    assert finding["remedy"] == "write the absolute path to argv in /share/kernels/mine/kernel.json"
    assert not out.exists()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (os.mkfifo, "is not a regular file"),
        (lambda path: path.symlink_to("/dev/zero"), "is not a regular file"),
        (lambda path: path.write_bytes(b"0" * 1048577), "is larger than 1048576 bytes"),
    ],
)
def test_a_logo_that_never_ends_costs_only_itself(
    sm: Command, out: Path, myenv: Path, make: Callable[[Path], object], words: str
) -> None:
    logo = myenv / "share/jupyter/kernels/python3/logo-32x32.png"
    make(logo)
    outcome = sm("kernels", "--export", str(out), "--json")
    (finding,) = outcome.json()["findings"]
    assert outcome.status == 0
    assert finding["id"] == "export-resource-unreadable"
    assert finding["seen"] == f"{logo} is left out: {words}"
    folder = out / "kernels/conda-env-myenv-py"
    assert sorted(os.listdir(folder)) == ["kernel.json", "logo-64x64.png"]


def test_a_folder_that_may_not_be_written_stays_as_it_is(
    sm: Command, machine: Machine, myenv: Path, out: Path
) -> None:
    done(sm, out)
    envs.make_environment(machine.conda / "envs/another")
    (myenv / "share/jupyter/kernels/python3/logo-64x64.png").write_bytes(b"new")
    folders = [out / "kernels/conda-env-myenv-py", out / "kernels", out]
    for folder in folders:
        folder.chmod(0o555)
    before = tree(out)
    outcome = as_ordinary_user(
        lambda: sm("kernels", "--export", str(out)), owning=machine.config.parent
    )
    for folder in folders:
        folder.chmod(0o755)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith(f"jupyter sm: --export {out}: Permission denied; name a folder ")
    assert tree(out) == before
    assert all(".jupyter_sm" not in path.name for path in out.rglob("*"))


def test_no_folder_is_misuse(sm: Command) -> None:
    outcome = sm("kernels", "--export", "")
    assert outcome.err == "jupyter sm: --export names no folder: write --export DIR\n"
    assert outcome.status == 2
