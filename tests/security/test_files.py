"""Whatever a host leaves on a disk that others share is its user's alone, however lax the umask."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import envs
from hosts import Host

Launch = Callable[..., Host]


def open_to_others(folder: Path) -> dict[str, str]:
    """What others may read or write in a folder, with its mode."""
    found = {path: path.lstat() for path in folder.rglob("*")}
    return {
        str(path.relative_to(folder)): oct(stat.S_IMODE(seen.st_mode))
        for path, seen in found.items()
        if seen.st_mode & 0o077 and stat.S_ISREG(seen.st_mode) | stat.S_ISDIR(seen.st_mode)
    }


def owners(folder: Path) -> set[int]:
    return {path.lstat().st_uid for path in folder.rglob("*")}


def test_logs_and_temporary_files_are_for_nobody_else(
    launch_gateway: Launch, tmp_path: Path
) -> None:
    """A kernel that works with a script of its environment, and one that is started once more."""
    temporary, logs = tmp_path / "tmp", tmp_path / "logs"
    temporary.mkdir()
    root = envs.make_environment(tmp_path / "conda")
    seen = tmp_path / "seen"
    script = f'find "$TMPDIR" -perm /077 ! -type l > {seen}; export A=b\n'
    envs.make_environment(
        root / "envs/good", interpreter="real", files={"etc/conda/activate.d/a.sh": script}
    )
    failing = f'#!/bin/sh\nfind "$TMPDIR" -mindepth 1 -perm /077 >> {seen}.2; exit 1\n'
    bad = envs.make_environment(root / "envs/bad")
    (bad / "bin/python").write_text(failing)
    env = {
        "TMPDIR": str(temporary),
        "MAMBA_ROOT_PREFIX": str(root),
        "JUPYTER_SM_SHOW": "all",
        "JUPYTER_SM_SHIP_LOGS": "force",
        "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
    }
    old = os.umask(0)  # inherited by what is started
    try:
        host = launch_gateway(env=env)
    finally:
        os.umask(old)

    with host.start_kernel("conda-env-good-py") as kernel:
        assert kernel.execute("__import__('os').environ['A']").result == "'b'"
    with host.start_kernel("conda-env-bad-py") as kernel:
        assert kernel.execute("1").reply["status"] == "error"
    assert host.stop() == 0

    assert {path.suffix for path in logs.rglob("*") if path.is_file()} >= {".log", ".lock"}
    assert open_to_others(logs) == {}
    assert open_to_others(temporary) == {}
    assert owners(logs) == {os.geteuid()}
    assert seen.read_text().split("\n")[1:] == [""]  # the folder itself is the test's
    assert Path(f"{seen}.2").read_text() == ""
    assert [path.name for path in temporary.iterdir()] == []
