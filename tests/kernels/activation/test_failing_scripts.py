"""Scripts that do what scripts do: each one that fails costs only itself, and is named."""

from pathlib import Path

import pytest

from jupyter_sm.errors import Finding
from jupyter_sm.kernels.activation import Activation, activate

from .installation import ACTIVATE, Installation, told


def assert_only_the_middle_one_failed(found: Activation, prefix: Path, kind: str) -> None:
    assert told(found, prefix) == {"1.sh": kind}
    assert found.environ["CONDA_PREFIX"] == str(prefix)
    assert (found.environ["FIRST"], found.environ["LAST"]) == ("1", "1")


EXIT = {
    "exit": "exit 3",
    "success": "exit 0",
    "unset variable": 'set -u\necho "$NOT_SET"',
    "debug trap": "trap 'exit 9' DEBUG",
    "error trap": "trap 'exit 9' ERR\nfalse",
    "return trap": "trap 'exit 9' RETURN",
    "terminated": "kill $$\nsleep 10",
}


@pytest.mark.parametrize("text", EXIT.values(), ids=EXIT)
def test_what_a_script_exported_before_it_ended_the_shell_is_kept(
    conda: Installation, text: str
) -> None:
    prefix = conda.between(f"export MIDDLE=1\n{text}\nexport NEVER=1\n")

    found = conda.activate(prefix)

    assert_only_the_middle_one_failed(found, prefix, "exited")
    assert found.environ["MIDDLE"] == "1"


def test_the_status_of_exit_is_reported_with_what_to_do(conda: Installation) -> None:
    prefix = conda.with_scripts("exit 3")

    [finding] = conda.activate(prefix).findings

    assert finding == Finding(
        id="activation-script-exited",
        severity="warning",
        source=f"{prefix}/{ACTIVATE}/0.sh",
        seen="ended the shell with status 3",
        remedy="what it had exported counts and the other scripts ran, while conda itself stops: "
        "write `return` for `exit` in it, and avoid `set -u`",
    )


LOST = {
    "exec": "exec true",
    "killed": "kill -9 $$",
    "group killed": "kill -9 0",
    "own trap": "trap 'echo bye' EXIT\nexit 4",
    "every file closed": 'for f in /proc/$$/fd/*; do eval "exec ${f##*/}>&-"; done',
    "our file closed": "exec 187>&-",
    "our file redirected": "exec 187>/dev/null",
    "something else in our file": "printf 'junk\\0\\0more' >&187",
    "nothing executed any more": "set -n",
    "restricted": "set -r",
    "too large to go on": "export LARGE=$(head -c 300000 /dev/zero | tr '\\0' x)",
    "our variables gone": "unset ${!__jupyter_sm_@}",
}


@pytest.mark.parametrize("text", LOST.values(), ids=LOST)
def test_a_script_that_takes_the_shell_away_loses_what_it_set(
    conda: Installation, text: str
) -> None:
    prefix = conda.between(f"export MIDDLE=1\n{text}\n")

    found = conda.activate(prefix)

    assert_only_the_middle_one_failed(found, prefix, "lost")
    assert "MIDDLE" not in found.environ


STOPPED = {
    "loop": "while :; do :; done",
    "sleep": "sleep 100",
    "sleep in place of the shell": "exec sleep 100",
    "endless noise": "yes",
    "stopped": "kill -STOP $$",
    "deaf": "trap '' TERM INT HUP\nwhile :; do :; done",
    "another group": "timeout 100 sleep 100",
    "waits for another": "sleep 100 & wait",
    "files closed and running": "exec 187>&-\nsleep 100",
    "chatter in our file": "while :; do echo no >&187; done",
}


@pytest.mark.parametrize("text", STOPPED.values(), ids=STOPPED)
def test_a_script_that_does_not_end_is_stopped(conda: Installation, text: str) -> None:
    prefix = conda.between(f"export MIDDLE=1\n{text}\n")

    found = conda.activate(prefix, timeout=0.4)

    assert_only_the_middle_one_failed(found, prefix, "stopped")
    assert "MIDDLE" not in found.environ
    assert "0.4 s" in found.findings[0].seen


def test_the_time_is_each_scripts_own(conda: Installation) -> None:
    prefix = conda.with_scripts(*["sleep 0.3"] * 3, "export LAST=1")

    found = conda.activate(prefix, timeout=0.8)

    assert found.findings == ()
    assert found.environ["LAST"] == "1"


def test_several_bad_scripts_are_each_reported(conda: Installation) -> None:
    prefix = conda.with_scripts("exit 1", "exec true", "export A=1", "false", "sleep 9", "if then")

    found = conda.activate(prefix, timeout=0.4)

    assert told(found, prefix) == {
        "0.sh": "exited",
        "1.sh": "lost",
        "3.sh": "failed",
        "4.sh": "stopped",
        "5.sh": "failed",
    }
    assert found.environ["A"] == "1"


@pytest.mark.parametrize(
    ("text", "status", "severity"),
    [
        ("false", 1, "info"),
        ('[ -n "$NOT_SET" ] && export NEVER=1', 1, "info"),
        ("return 4", 4, "warning"),
        ("if then", 2, "warning"),
        ("no-such-command", 127, "warning"),
    ],
)
def test_a_script_that_ends_with_a_status_is_named(
    conda: Installation, text: str, status: int, severity: str
) -> None:
    prefix = conda.between(f"export MIDDLE=1\n{text}\n")

    found = conda.activate(prefix)

    assert_only_the_middle_one_failed(found, prefix, "failed")
    [finding] = found.findings
    assert (finding.severity, finding.seen) == (severity, f"ended with status {status}")


FINE = {
    "output closed": "exec 0<&- 1>&- 2>&-",
    "output redirected": "exec >/dev/null 2>&1",
    "errors end it": "set -e\nfalse\nset +e",
    "trap": "trap 'exec sleep 100' EXIT",
    "posix": "set -o posix",
    "traced": "set -xv",
    "function of a name we use": "printf() { echo no; }",
    "function exit": "exit() { :; }\nexit 3",
    "fields": "IFS='0123456789/ end'",
    "no globs": "set -f; shopt -s failglob extdebug",
    "everything exported": "set -a",
    "no path": "export PATH=",
    "few files": "ulimit -n 5",
    "few bytes": "ulimit -f 0",
    "elsewhere": "cd / && umask 777",
    "arguments": "set -- a b; shift",
    "outside of a loop": "break 3\ntrue",
    "coprocess": "coproc cat",
    "missing library": "export LD_PRELOAD=/nowhere.so",
}


@pytest.mark.parametrize("text", FINE.values(), ids=FINE)
def test_what_a_script_does_to_its_shell_stays_there(conda: Installation, text: str) -> None:
    prefix = conda.between(f"export MIDDLE=1\n{text}\ntrue\n")

    found = conda.activate(prefix)

    assert found.findings == ()
    assert {found.environ[name] for name in ("FIRST", "MIDDLE", "LAST")} == {"1"}
    assert not [name for name in found.environ if name.startswith("__")]


def test_scripts_that_all_hang_do_not_add_up_without_end(conda: Installation) -> None:
    prefix = conda.with_scripts("sleep 300", "sleep 300", "export LAST=1")

    found = activate(str(prefix), conda.plain(), root=None, timeout=0.4, total=0.6)

    first, second, third = found.findings
    assert first.id == second.id == "activation-script-stopped"
    assert third.id == "activation-scripts-not-run"
    assert "0.6 s" in third.seen
    assert "LAST" not in found.environ
