"""Exported kernels: what a stock Jupyter makes of them, now and after the next export."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import envs
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from .exported import LOGO, done, kernel_json, tree
from .machine import Command, Machine


def stock(out: Path, monkeypatch: pytest.MonkeyPatch) -> KernelSpecManager:
    """Jupyter's own manager in a process that knows nothing but that folder."""
    monkeypatch.setenv("JUPYTER_PATH", str(out))
    monkeypatch.setattr("jupyter_core.paths.ENV_JUPYTER_PATH", [])
    return KernelSpecManager(ensure_native_kernel=False)


def test_a_stock_jupyter_lists_what_was_exported(
    sm: Command, machine: Machine, myenv: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = machine.list_kernels({"Name": "conda-env-myenv-py", "DisplayName": "My environment"})
    outcome = sm("kernels", "--export", str(out), wanted)
    assert outcome.status == 0
    specs = stock(out, monkeypatch).get_all_specs()
    assert set(specs) == {"conda-env-myenv-py", "conda-base-py", "python3"}
    spec = specs["conda-env-myenv-py"]["spec"]
    assert spec["argv"] == [
        f"{myenv}/bin/python",
        "-m",
        "ipykernel_launcher",
        "-f",
        "{connection_file}",
    ]
    assert spec["display_name"] == "My environment"
    assert spec["metadata"]["jupyter_sm"] == {"exported": True}
    assert spec["metadata"]["debugger"] is True
    assert all(os.path.isabs(each["spec"]["argv"][0]) for each in specs.values())
    logo = Path(specs["conda-env-myenv-py"]["resource_dir"], "logo-64x64.png")
    assert logo.read_bytes() == LOGO


def test_what_was_done_is_printed(sm: Command, machine: Machine, out: Path) -> None:
    del machine
    outcome = sm("kernels", "--export", str(out))
    assert outcome.status == 0
    said = f"{out}/kernels is read by a Jupyter that has {out} on its JUPYTER_PATH"
    assert "".join(outcome.out.split()).startswith(
        "".join(said.split())
    )  # wherever it breaks lines
    assert outcome.lines[-2:] == [
        "NAME     DONE     COMMAND",
        f"python3  written  {sys.executable}",
    ]


def test_an_exported_kernel_starts(
    sm: Command, machine: Machine, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its own Python, whatever the Python of the process that starts it."""
    prefix = envs.make_environment(machine.conda / "envs/real", interpreter="real", argv0="python")
    envs.make_environment(machine.conda)
    assert sm("kernels", "--export", str(out)).status == 0
    manager = KernelManager(
        kernel_name="conda-env-real-py", kernel_spec_manager=stock(out, monkeypatch)
    )
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    manager.start_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = manager.blocking_client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=60)
        answer = client.execute_interactive(
            "", user_expressions={"prefix": "__import__('sys').prefix"}, timeout=30
        )
        shown = answer["content"]["user_expressions"]["prefix"]["data"]["text/plain"]
        assert shown == repr(str(prefix))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
        manager.context.destroy()


@pytest.mark.parametrize("mode", [0o755, 0o777])
def test_an_image_built_by_root_gets_the_kernels_of_its_user(
    sm: Command, machine: Machine, myenv: Path, out: Path, mode: int
) -> None:
    """Root must not start them, and does not: it writes files for whoever will."""
    done(sm, out)
    if os.geteuid() == 0:
        for path in [machine.conda, *machine.conda.rglob("*")]:
            os.lchown(path, 1000, 100)
        refused = {k["name"]: k["visibility"] for k in sm("kernels", "--json").json()["kernels"]}
        assert refused["conda-env-myenv-py"] == "excluded"
    myenv.chmod(mode)
    outcome = sm("kernels", "--export", str(out), "--json")
    kernels = {k["name"]: k["action"] for k in outcome.json()["kernels"]}
    assert (outcome.status, outcome.json()["not_startable"]) == (0, 0)
    assert set(kernels) == {"python3", "conda-base-py", "conda-env-myenv-py"}
    assert kernels["conda-env-myenv-py"] == "unchanged"


def test_a_filtered_environment_is_not_exported(sm: Command, myenv: Path, out: Path) -> None:
    assert myenv.exists()
    assert "conda-env-myenv-py" not in done(sm, out, "--JupyterSM.conda_env_filter=myenv")


def test_exports_at_the_same_time_do_not_disturb_each_other(
    *,
    sm: Command,
    myenv: Path,
    out: Path,
    sm_words: list[str],
    sm_environ: dict[str, str],
    machine: Machine,
) -> None:
    assert myenv.exists()
    envs.make_many(machine.conda, 20)
    running = [
        subprocess.Popen(
            [*sm_words, "kernels", "--export", str(out)],
            env={**sm_environ, "CONDA_DIR": str(machine.conda)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    complaints = [process.communicate(timeout=60)[1] for process in running]
    assert [
        (process.returncode, text) for process, text in zip(running, complaints, strict=True)
    ] == [(0, b"")] * 3
    assert len(os.listdir(out / "kernels")) == 23
    assert not any(path.name.startswith(".") for path in (out / "kernels").iterdir())
    assert done(sm, out)["conda-env-myenv-py"] == "unchanged"


def test_exporting_again_changes_nothing(sm: Command, myenv: Path, out: Path) -> None:
    assert myenv.exists()
    first = done(sm, out)
    before = tree(out)
    assert set(first.values()) == {"written"}
    assert set(done(sm, out).values()) == {"unchanged"}
    assert tree(out) == before


def test_a_changed_kernel_is_written_again(sm: Command, myenv: Path, out: Path) -> None:
    done(sm, out)
    kernel = myenv / "share/jupyter/kernels/python3"
    envs.write_kernel(kernel, envs.python_spec(f"{myenv}/bin/python", language="Python"))
    (kernel / "logo-64x64.png").unlink()
    assert done(sm, out)["conda-env-myenv-py"] == "written"
    assert kernel_json(out, "conda-env-myenv-py")["language"] == "Python"
    assert os.listdir(out / "kernels/conda-env-myenv-py") == ["kernel.json"]


def test_a_kernel_that_is_gone_is_removed_and_nothing_else(
    sm: Command, myenv: Path, out: Path
) -> None:
    done(sm, out)
    theirs = envs.write_kernel(out / "kernels/theirs", envs.python_spec("/usr/bin/python3"))
    shutil.rmtree(myenv)
    actions = done(sm, out)
    assert actions["conda-env-myenv-py"] == "removed"
    assert not (out / "kernels/conda-env-myenv-py").exists()
    assert (theirs / "kernel.json").exists()


@pytest.mark.parametrize("times", [1, 2])
def test_a_folder_on_the_jupyter_path_is_no_source_of_its_own_exports(
    sm: Command, machine: Machine, myenv: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """Found again, an export would pass for a kernel for ever, or push the real one aside."""
    share = machine.prefix / "share/jupyter"
    for _ in range(times):
        assert sm("kernels", "--export", str(share)).status == 0
    shutil.rmtree(myenv)
    envs.make_environment(machine.conda / "envs/renamed")
    assert done(sm, share) == {
        "conda-base-py": "unchanged",
        "conda-env-myenv-py": "removed",
        "conda-env-renamed-py": "written",
        "python3": "unchanged",
    }
    names = {*stock(share, monkeypatch).find_kernel_specs()}
    assert names == {"conda-base-py", "conda-env-renamed-py", "python3"}


def test_the_prefix_of_a_conda_installation_can_be_exported_to(
    sm: Command, machine: Machine, myenv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There, exports lie among the kernels of the base environment, which keep their own names."""
    assert myenv.exists()
    share = machine.conda / "share/jupyter"
    first = done(sm, share)
    assert set(first) == {"python3", "conda-env-myenv-py"}
    assert set(done(sm, share).values()) == {"unchanged"}
    assert set(stock(share, monkeypatch).find_kernel_specs()) == set(first)


def test_a_kernel_at_home_there_gets_an_absolute_interpreter_and_keeps_the_rest(
    sm: Command, machine: Machine
) -> None:
    """pip's ipykernel writes `python`, which a Jupyter elsewhere takes for its own."""
    envs.make_environment(machine.prefix, history=False, kernels=())
    folder = envs.write_kernel(
        machine.kernels / "python3", envs.python_spec("python", env={"A": "1"}, extra=["kept"])
    )
    (folder / "logo-32x32.png").write_bytes(LOGO)
    share = machine.prefix / "share/jupyter"
    assert done(sm, share) == {"python3": "mended"}
    expected = envs.python_spec(f"{machine.prefix}/bin/python", env={"A": "1"}, extra=["kept"])
    assert kernel_json(share, "python3") == expected
    assert done(sm, share) == {"python3": "unchanged"}
    assert sorted(os.listdir(folder)) == ["kernel.json", "logo-32x32.png"]


def test_a_kernel_that_is_right_already_is_not_written(sm: Command, machine: Machine) -> None:
    python = envs.make_environment(machine.prefix, history=False, kernels=()) / "bin/python"
    text = json.dumps(envs.python_spec(str(python)), indent=7)
    folder = envs.write_kernel(machine.kernels / "python3", text)
    assert done(sm, machine.prefix / "share/jupyter") == {"python3": "unchanged"}
    assert (folder / "kernel.json").read_text() == text


def test_what_stands_for_the_folder_and_the_prefix_is_written_out(
    sm: Command, machine: Machine, out: Path
) -> None:
    argv = ["{prefix}/bin/start", "{resource_dir}/launcher.py", "{connection_file}", "{other}"]
    start = envs.make_environment(machine.prefix, history=False, kernels=()) / "bin/start"
    start.write_text("#!/bin/sh\n")
    start.chmod(0o755)
    spec = {"argv": argv, "display_name": "Mine", "language": "mine"}
    folder = envs.write_kernel(machine.kernels / "mine", spec)
    done(sm, out)
    assert kernel_json(out, "mine")["argv"] == [
        str(start),
        f"{folder}/launcher.py",
        "{connection_file}",
        "{other}",
    ]


def test_a_program_without_a_folder_is_looked_up(sm: Command, machine: Machine, out: Path) -> None:
    """Beside the kernel first, then on PATH."""
    envs.make_environment(machine.conda)
    prefix = envs.make_environment(machine.conda / "envs/r", kernels={})
    for name, command in (("ir", "R"), ("shell", "sh")):
        spec = {"argv": [command], "display_name": name, "language": name}
        envs.write_kernel(prefix / "share/jupyter/kernels" / name, spec)
    (prefix / "bin/R").write_text("#!/bin/sh\n")
    (prefix / "bin/R").chmod(0o755)
    outcome = sm("kernels", "--export", str(out), "--json")
    commands = {k["name"]: k["command"] for k in outcome.json()["kernels"]}
    assert commands["conda-env-r-r"] == f"{prefix}/bin/R"
    assert commands["conda-env-r-shell"].endswith("/sh")


def test_a_relative_folder_is_taken_from_here(
    sm: Command, machine: Machine, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del machine
    monkeypatch.chdir(out.parent)
    assert done(sm, Path("out")) == {"python3": "written"}
    assert kernel_json(out, "python3")


@pytest.mark.parametrize("bin_of", ["conda", "link"])
def test_the_base_environment_that_is_python3_is_exported_under_that_name_alone(
    sm: Command, machine: Machine, myenv: Path, out: Path, bin_of: str
) -> None:
    """As our own gateway lists it; whoever wants both names configures both."""
    assert myenv.exists()
    (machine.conda.parent / "link").symlink_to(machine.conda)
    python = machine.conda.parent / bin_of / "bin/python"
    envs.write_kernel(machine.kernels / "python3", envs.python_spec(str(python)))

    assert set(done(sm, out)) == {"python3", "conda-env-myenv-py"}
    assert kernel_json(out, "python3")["argv"][0] == str(python)
    both = machine.list_kernels({"Name": "python3"}, {"Name": "conda-base-py"})
    assert set(done(sm, out, both)) == {"python3", "conda-base-py", "conda-env-myenv-py"}
    assert done(sm, out)["conda-base-py"] == "removed"
    assert "conda-base-py" in done(sm, out, "--activated"), "python3 is not activated"
