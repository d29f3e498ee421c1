"""The command line `jupyter sm …`: which command was meant, and how each one ends."""

import argparse
import contextlib
import difflib
import importlib
import io
import math
import os
import re
import sys
from collections.abc import Sequence

from .. import __version__
from ..errors import JupyterSMError, SettingError
from .logoptions import add_log_options
from .quickstart import without_iri_checks

__all__ = ["main"]

FINDINGS, MISUSE, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141
"""Exit statuses; the last two are what a shell gives a command that SIGINT or SIGPIPE ended."""

_START = "kernels start"

_TRAIT = re.compile(r"--[A-Z]\w*(\.\w+)+=.*", re.DOTALL)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status: 0 clean, 1 findings, 2 misuse.

    Args:
        argv: the words after ``jupyter sm``; the process's own when not given.

    Raises:
        SystemExit: help or version was asked for, or the words make no command.
    """
    if sys.stdout is None:
        _complain("the standard output is closed")
        return FINDINGS
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        try:
            return _dispatch(list(sys.argv[1:] if argv is None else argv))
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return BROKEN_PIPE
    except OSError as error:
        _discard_output()
        _complain(f"{error.filename or 'the standard output'}: {error.strerror}")
        return FINDINGS
    except JupyterSMError as error:
        _complain(str(error))
        return MISUSE if isinstance(error, SettingError) else FINDINGS


def _complain(text: str) -> None:
    if sys.stderr is not None:
        print(f"jupyter sm: {text}", file=sys.stderr)


def _discard_output() -> None:
    """Python flushes once more at its end, and would fail once more."""
    with contextlib.suppress(io.UnsupportedOperation):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _dispatch(argv: list[str]) -> int:
    if argv[:1] == ["gateway"]:  # everything after it is the gateway's, --help too
        return _run("gateway", argparse.Namespace(), argv[1:])
    argv = _joined(argv)
    options, others = _parser().parse_known_args(argv)
    unknown = [word for word in others if _TRAIT.fullmatch(word) is None]
    if unknown:
        if argv.index(unknown[0]) < argv.index(options.command):
            raise SettingError(
                f"{unknown[0]!r} stands before the command: arguments come after it, `jupyter sm "
                f"{options.command} {unknown[0]}`"
            )
        raise SettingError(
            f"{unknown[0]!r} is not an argument of `jupyter sm {options.command}`: "
            + _remedy(options.command, unknown[0])
        )
    if options.config is not None:
        others.append(f"--config={options.config}")
    return _run(options.module, options, others)


def _joined(argv: list[str]) -> list[str]:
    """The words with ``kernels start`` as one word: to the parser it is a command like the others."""
    start = next((i for i, word in enumerate(argv) if not word.startswith("-")), 0)
    if argv[start : start + 2] == _START.split():
        return [*argv[:start], _START, *argv[start + 2 :]]
    return argv


def _remedy(command: str, word: str) -> str:
    """What to write instead of a word that is no argument."""
    if command == "kernels" and difflib.get_close_matches(word, ["start"]):
        return "did you mean `jupyter sm kernels start NAME`?"
    return (
        f"`jupyter sm {command} --help` lists them, and settings are written --JupyterSM.NAME=VALUE"
    )


def _run(name: str, options: argparse.Namespace, arguments: list[str]) -> int:
    with without_iri_checks():
        importlib.import_module(".surroundings", __name__).check_surroundings()
        module = importlib.import_module(f".{name}", __name__)
    status: int = module.run(options, arguments)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jupyter sm",
        description="The SageMaker side of this image: its kernels, metadata, logs, GPU, gateway.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    kernels = _command(commands, "kernels", "list or export the kernels of this image")
    kernels.description = f"{kernels.description} `jupyter sm {_START} NAME` starts one."
    kernels.add_argument("--all", action="store_true", help="list hidden and excluded ones too")
    kernels.add_argument(
        "--export",
        metavar="DIR",
        help="write the kernels as static kernelspecs below DIR/kernels, for a Jupyter that cannot "
        "load this package and has DIR on its JUPYTER_PATH",
    )
    kernels.add_argument(
        "--activated",
        action="store_true",
        help="with --export: for papermill, nbclient and other hosts that can load this package; "
        "environments are activated, and a kernel that cannot start says why",
    )
    start = _command(
        commands,
        _START,
        "start one kernel as the gateway would, time each step, and stop it",
        module="kernelstart",
    )
    start.add_argument("name", metavar="NAME", help="the kernel, by a name that can be started")
    start.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_seconds,
        default=60.0,
        help="how long its answer is waited for, from the start of its process on (60)",
    )
    _command(commands, "metadata", "show which app this is, as SageMaker says it")
    logs = _command(commands, "logs", "show the log of this app, or ship it")
    add_log_options(logs)
    cuda = _command(commands, "cuda", "say whether CUDA is visible, why not, and what to do")
    cuda.add_argument("--no-probe", action="store_true", help="look at files only, ask no driver")
    cuda.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_seconds,
        default=20.0,
        help="how long the driver has for its answer (20)",
    )
    _command(commands, "doctor", "say what is loaded where, and why not")
    commands.add_parser(
        "gateway",
        help="start the kernel gateway with this package, whatever the configuration files say",
        add_help=False,
    )
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    purpose: str,
    *,
    module: str | None = None,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=purpose,
        description=purpose[0].upper() + purpose[1:] + ".",
        epilog="Settings are given as to the gateway: --JupyterSM.show=all, --Class.trait=VALUE.",
        allow_abbrev=False,
    )
    parser.set_defaults(module=module or name)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--config", metavar="FILE", help="read this instead of jupyter_kernel_gateway_config"
    )
    return parser


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        seconds = float(text)
        if 0 < seconds < math.inf:
            return seconds
    raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
