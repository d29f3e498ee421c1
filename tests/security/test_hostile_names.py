"""Environments with the worst names: each is one word in a remedy, and moves no terminal."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import envs
import pytest
from hosts import isolated_environ

NAMES = ("$(touch pwned)", "a;touch pwned", "`touch pwned`", 'it\'s "odd"', "\x1b]0;x\x07\n\u202eb")


def sm(folder: Path, *words: str) -> str:
    env = {"MAMBA_ROOT_PREFIX": str(folder / "conda"), "JUPYTER_SM_SHOW": "all"}
    done = subprocess.run(
        [sys.executable, "-m", "jupyter_sm.cli", *words],
        cwd=folder,
        env=isolated_environ(folder, env),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    return (done.stdout + done.stderr).decode()


def commands(value: Any) -> Iterator[str]:
    """The remedies anywhere in an answer that name a program of conda's."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "remedy" and "--prefix" in str(inner):
                yield inner
            yield from commands(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from commands(inner)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    envs.make_environment(tmp_path / "conda")
    for name in NAMES:
        envs.make_environment(tmp_path / "conda/envs" / name, interpreter=None)
    return tmp_path


def test_a_remedy_is_one_command_whatever_an_environment_is_called(image: Path) -> None:
    remedies = list(commands(json.loads(sm(image, "kernels", "--all", "--json"))))

    named = [shlex.split(remedy)[3] for remedy in remedies]
    assert {Path(prefix).name for prefix in named} >= set(NAMES[:4])
    for remedy in remedies:
        words = subprocess.run(
            ["sh", "-c", f"printf '%s\\0' {remedy}"],
            cwd=image,
            capture_output=True,
            text=True,
            check=True,
        )
        assert words.stdout.split("\0")[:-1] == shlex.split(remedy)
    assert not (image / "pwned").exists()


@pytest.mark.parametrize(
    "words", [("kernels", "--all"), ("doctor",), ("metadata",), ("cuda",), ("logs",)]
)
def test_no_command_prints_what_a_terminal_would_act_on(
    image: Path, words: tuple[str, ...]
) -> None:
    printed = sm(image, *words)

    assert printed
    assert [c for c in printed if not c.isprintable() and c != "\n"] == []
