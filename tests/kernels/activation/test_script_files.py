"""Which files are scripts, and what happens where none can be run."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from unprivileged import as_ordinary_user

from jupyter_sm.kernels.activation.scripts import Scripts, find_scripts
from jupyter_sm.kernels.activation.shell import Tools, find_tools

from .installation import ACTIVATE, Installation, told


def test_scripts_are_sorted_and_only_those_of_bash(conda: Installation) -> None:
    names = ["b.sh", "a.sh", ".h.sh", "~.sh", "c.bash", "d.sh.bak", "E.SH", "10.sh", "9.sh"]
    prefix = conda.environment(files={f"{ACTIVATE}/{name}": "" for name in names})

    paths, findings = find_scripts(f"{prefix}/{ACTIVATE}")

    assert [os.path.basename(path) for path in paths] == [
        ".h.sh",
        "10.sh",
        "9.sh",
        "a.sh",
        "b.sh",
        "~.sh",
    ]
    assert findings == []


ODD: dict[str, tuple[Callable[[Path], object], str]] = {
    "folder": (lambda path: path.mkdir(), "is not a regular file"),
    "pipe": (os.mkfifo, "is not a regular file"),
    "dangling": (lambda path: path.symlink_to("nowhere"), "no such file or directory"),
    "loop": (lambda path: path.symlink_to(path.name), "too many levels of symbolic links"),
}


@pytest.mark.parametrize(("make", "seen"), ODD.values(), ids=ODD)
def test_what_is_no_script_is_not_run_and_reported(
    conda: Installation, make: Callable[[Path], object], seen: str
) -> None:
    prefix = conda.with_scripts("export A=1")
    make(prefix / ACTIVATE / "bad.sh")

    found = conda.activate(prefix)

    assert told(found, prefix) == {"bad.sh": "unreadable"}
    assert found.findings[0].seen == seen
    assert found.environ["A"] == "1"


@pytest.mark.parametrize(
    ("name", "seen"),
    [(ACTIVATE, "permission denied"), (f"{ACTIVATE}/0.sh", "cannot be read by the server's user")],
)
def test_scripts_that_may_not_be_read_are_reported(
    conda: Installation, tmp_path: Path, name: str, seen: str
) -> None:
    prefix = conda.with_scripts("export A=1")
    (prefix / name).chmod(0)

    found = as_ordinary_user(lambda: conda.activate(prefix), owning=tmp_path)

    (prefix / name).chmod(0o700)
    assert [(f.source, f.seen) for f in found.findings] == [(f"{prefix}/{name}", seen)]
    assert found.environ["CONDA_PREFIX"] == str(prefix)


@pytest.mark.parametrize("content", ["a file", None])
def test_a_folder_of_scripts_need_not_be_there(conda: Installation, content: str | None) -> None:
    prefix = conda.environment(files={ACTIVATE: content} if content else None)

    found = conda.activate(prefix)

    assert [f.seen for f in found.findings] == (["not a directory"] if content else [])
    assert found.environ["CONDA_PREFIX"] == str(prefix)


@pytest.mark.parametrize("leaves", [False, True])
@pytest.mark.parametrize(
    "tools", [None, Tools("/nowhere/bash", "/usr/bin/env"), Tools("/dev/null", "/usr/bin/env")]
)
def test_without_a_bash_nothing_computed_is_lost(
    conda: Installation, tools: Tools | None, leaves: bool
) -> None:
    script = str(conda.with_scripts("export A=1") / ACTIVATE / "0.sh")
    scripts = Scripts([script] if leaves else [], [script], {"B": "b", "C": "1"}, {"C": "2"})

    scripts.run(tools, conda="", timeout=1, total=5)

    assert scripts.environ == {"B": "b", "C": "2"}
    [finding] = scripts.findings
    assert finding.id == "activation-scripts-not-run"
    assert finding.source == ", ".join([script] * (1 + leaves))


def test_an_env_that_is_missing_costs_the_scripts_alone(conda: Installation) -> None:
    tools = find_tools()
    assert tools is not None
    paths = [str(conda.with_scripts("export A=1", "export B=1") / ACTIVATE / "0.sh")]
    scripts = Scripts([], paths, {"PATH": "/usr/bin"}, {"C": "2"})

    scripts.run(tools._replace(env="/nowhere/env"), conda="", timeout=5, total=5)

    assert scripts.environ == {"PATH": "/usr/bin", "C": "2"}
    assert [finding.id for finding in scripts.findings] == ["activation-script-lost"]


@pytest.mark.parametrize("more", [{"NUL": "a\0b"}, {"LARGE": "x" * 200_000}, {"A=B": "1"}])
def test_variables_that_no_program_can_be_given_keep_the_scripts_from_running(
    conda: Installation, more: dict[str, str]
) -> None:
    prefix = conda.with_scripts("export A=1")

    found = conda.activate(prefix, conda.plain(**more))

    assert [finding.id for finding in found.findings] == ["activation-scripts-not-run"]
    assert found.environ["CONDA_PREFIX"] == str(prefix)
    assert more.items() <= found.environ.items()
