"""How the command is called and how it ends."""

import io
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import envs
import pytest

import jupyter_sm
from jupyter_sm.cli import hostconfig, main
from jupyter_sm.errors import JupyterSMError

from .machine import Command, Machine

HEAVY = ("jupyter_client", "jupyter_server", "msgspec", "tornado", "traitlets", "zmq")


def run(
    words: list[str], environ: dict[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, env=environ, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


def test_help_names_every_command(sm: Command) -> None:
    outcome = sm("--help")
    assert outcome.status == 0
    names = re.findall(r"^ {4}([a-z]+(?: [a-z]+)*)", outcome.out, re.MULTILINE)
    assert names == ["kernels", "kernels start", "metadata", "logs", "cuda", "doctor", "gateway"]


@pytest.mark.parametrize(
    "command", ["kernels", "kernels start", "metadata", "logs", "cuda", "doctor"]
)
def test_each_command_says_what_it_does_and_how_settings_are_given(
    sm: Command, command: str
) -> None:
    outcome = sm(*command.split(), "--help")
    assert outcome.status == 0
    assert outcome.lines[0].startswith(f"usage: jupyter sm {command} ")
    assert "--JupyterSM.show=all" in outcome.out
    assert max(map(len, outcome.lines)) <= 80


def test_the_help_of_kernels_names_what_starts_one(sm: Command) -> None:
    assert "`jupyter sm kernels start NAME`" in " ".join(sm("kernels", "--help").out.split())


def test_the_version_is_the_packages(sm: Command) -> None:
    outcome = sm("--version")
    assert (outcome.status, outcome.out) == (0, f"{jupyter_sm.__version__}\n")


def test_help_imports_nothing_that_takes_time(sm_environ: dict[str, str], tmp_path: Path) -> None:
    code = (
        "import sys, jupyter_sm.cli\n"
        "try: jupyter_sm.cli.main(['--help'])\n"
        f"finally: print([name for name in {HEAVY} if name in sys.modules])"
    )
    ended = run([sys.executable, "-c", code], sm_environ, tmp_path)
    assert ended.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["kernel"], "invalid choice: 'kernel'"),
        (["kernels", "--export"], "--export: expected one argument"),
        (["kernels", "start"], "start: error: the following arguments are required: NAME"),
        (["kernels", "start", "--json"], "the following arguments are required: NAME"),
        (["kernels", "start", "python3", "--timeout=0"], "'0' is no number of seconds above 0"),
        (["kernels", "start", "python3", "--timeout=inf"], "'inf' is no number of seconds"),
        (["kernels", "start", "python3", "--timeout=1m"], "'1m' is no number of seconds"),
    ],
)
def test_words_that_make_no_command_are_misuse(sm: Command, words: list[str], part: str) -> None:
    outcome = sm(*words)
    assert outcome.status == 2
    assert part in outcome.err
    assert outcome.out == ""


@pytest.mark.parametrize("word", ["--jsn", "--al", "--debug", "-x", "myenv", "--JupyterSM.show"])
def test_an_unknown_argument_is_misuse_and_is_named(sm: Command, word: str) -> None:
    outcome = sm("kernels", word)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == (
        f"jupyter sm: {word!r} is not an argument of `jupyter sm kernels`: `jupyter sm kernels "
        "--help` lists them, and settings are written --JupyterSM.NAME=VALUE\n"
    )


@pytest.mark.parametrize("word", ["--all", "second", "--JupyterSM.show"])
def test_an_unknown_argument_of_a_start_is_misuse_and_is_named(sm: Command, word: str) -> None:
    outcome = sm("kernels", "start", "python3", word)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == (
        f"jupyter sm: {word!r} is not an argument of `jupyter sm kernels start`: `jupyter sm "
        "kernels start --help` lists them, and settings are written --JupyterSM.NAME=VALUE\n"
    )


@pytest.mark.parametrize(
    ("words", "word"),
    [(["strat"], "strat"), (["strat", "python3"], "strat"), (["--json", "start", "x"], "start")],
)
def test_a_start_misspelt_or_in_the_wrong_place_is_told_how_it_is_written(
    sm: Command, words: list[str], word: str
) -> None:
    outcome = sm("kernels", *words)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == (
        f"jupyter sm: {word!r} is not an argument of `jupyter sm kernels`: did you mean "
        "`jupyter sm kernels start NAME`?\n"
    )


@pytest.mark.parametrize(
    "words",
    [["--json", "--JupyterSM.show=all", "NAME"], ["NAME", "--JupyterSM.show=all", "--json"]],
)
def test_arguments_of_a_start_stand_on_either_side_of_the_name(
    sm: Command, words: list[str]
) -> None:
    outcome = sm("kernels", "start", *words)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.startswith("jupyter sm: `NAME` is not a kernel of this image. ")


def test_a_kernel_may_be_called_like_a_command(sm: Command) -> None:
    outcome = sm("kernels", "start", "start")
    assert outcome.err.startswith("jupyter sm: `start` is not a kernel of this image. ")


def test_a_configuration_file_is_named_to_a_start(sm: Command) -> None:
    outcome = sm("kernels", "start", "python3", "--config=/none.py")
    assert (outcome.status, outcome.out) == (2, "")
    assert "--config=/none.py: there is no such file" in outcome.err


@pytest.mark.parametrize("word", ["--json", "--all", "--debug"])
def test_an_argument_before_the_command_is_told_where_it_belongs(sm: Command, word: str) -> None:
    outcome = sm(word, "kernels")
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == (
        f"jupyter sm: {word!r} stands before the command: arguments come after it, `jupyter sm "
        f"kernels {word}`\n"
    )
    outcome = sm(word, "kernels", "start", "python3")
    assert outcome.err.endswith(f"come after it, `jupyter sm kernels start {word}`\n")


def shell(line: str, words: list[str], environ: dict[str, str], folder: Path) -> tuple[int, str]:
    """How a command ends that a shell starts with such a standard output, and what it complains of."""
    ended = run(["/bin/sh", "-c", f'"$@" {line}', "sh", *words], environ, folder)
    return ended.returncode, ended.stderr


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (">&-", "the standard output is closed"),
        (">/dev/full", "the standard output: No space left on device"),
    ],
)
@pytest.mark.parametrize("command", ["kernels", "metadata", "doctor"])
def test_an_output_that_takes_nothing_is_said_in_one_line(
    *,
    sm_words: list[str],
    sm_environ: dict[str, str],
    tmp_path: Path,
    line: str,
    words: str,
    command: str,
) -> None:
    ended = shell(line, [*sm_words, command], sm_environ, tmp_path)
    assert ended == (1, f"jupyter sm: {words}\n")


def test_without_any_output_the_status_says_it(
    sm_words: list[str], sm_environ: dict[str, str], tmp_path: Path
) -> None:
    assert shell(">&- 2>&-", [*sm_words, "kernels"], sm_environ, tmp_path) == (1, "")


def test_the_process_of_its_own_prints_the_same(
    sm_words: list[str], sm_environ: dict[str, str], tmp_path: Path
) -> None:
    ended = run([*sm_words, "--version"], sm_environ, tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"{jupyter_sm.__version__}\n", "")


@pytest.mark.parametrize("words", [["kernels"], ["--help"], ["kernels", "--help"]])
def test_a_reader_that_leaves_early_is_not_an_error(
    sm_words: list[str], sm_environ: dict[str, str], tmp_path: Path, words: list[str]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen(
        [*sm_words, *words], env=sm_environ, cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE
    )
    os.close(writing)
    assert process.communicate(timeout=60)[1] == b""
    assert process.returncode == 141


def test_an_interrupt_ends_without_a_traceback(
    sm_words: list[str], sm_environ: dict[str, str], tmp_path: Path
) -> None:
    """The configuration file stands for whatever takes long."""
    ready = tmp_path / "ready"
    Path(sm_environ["JUPYTER_CONFIG_DIR"], "jupyter_config.py").write_text(
        f"import time; open({str(ready)!r}, 'w').close()\nfor _ in range(600): time.sleep(0.1)"
    )
    process = subprocess.Popen(
        [*sm_words, "kernels"],
        env=sm_environ,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while not ready.exists():
        assert process.poll() is None
        time.sleep(0.01)
    time.sleep(0.3)  # past the making of the file, where the interrupt was lost at times
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60) == (b"", b"")
    assert process.returncode == 130


def test_what_a_locale_cannot_print_is_escaped(
    sm_words: list[str], sm_environ: dict[str, str], tmp_path: Path
) -> None:
    kernels = tmp_path / "data/kernels"
    envs.write_kernel(kernels / "python3", envs.python_spec("/bin/sh", display_name="Größe 漢"))
    extra = {"JUPYTER_PATH": str(tmp_path / "data"), "PYTHONIOENCODING": "ascii"}
    ended = run([*sm_words, "kernels"], {**sm_environ, **extra}, tmp_path)
    assert "Gr\\xf6\\xdfe \\u6f22" in ended.stdout
    assert ended.stderr == ""


def test_a_failure_that_is_no_misuse_ends_with_one(
    sm: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_host: hostconfig.Host, **_how: str | None) -> None:
        raise JupyterSMError("the disk is gone")

    monkeypatch.setattr(hostconfig.Host, "catalog", fail)
    outcome = sm("kernels")
    assert (outcome.status, outcome.out, outcome.err) == (1, "", "jupyter sm: the disk is gone\n")


def test_the_processs_own_words_count_when_none_are_given(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the standard output is no file, as in a notebook."""
    del machine
    out = io.StringIO()
    monkeypatch.setattr(sys, "argv", ["jupyter-sm", "metadata", "--json"])
    monkeypatch.setattr(sys, "stdout", out)
    assert main() == 0
    assert '"kind": "local"' in out.getvalue()
