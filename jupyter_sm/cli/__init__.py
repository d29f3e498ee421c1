"""The command line `jupyter sm …`: which command was meant, and how each one ends."""

import argparse
import contextlib
import importlib
import io
import os
import re
import sys
from collections.abc import Sequence

from .. import __version__
from ..errors import JupyterSMError, SettingError
from .quickstart import without_iri_checks

__all__ = ["main"]

FINDINGS, MISUSE, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141
"""Exit statuses; the last two are what a shell gives a command that SIGINT or SIGPIPE ended."""

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
            f"`jupyter sm {options.command} --help` lists them, and settings are written "
            "--JupyterSM.NAME=VALUE"
        )
    if options.config is not None:
        others.append(f"--config={options.config}")
    return _run(options.command, options, others)


def _run(command: str, options: argparse.Namespace, arguments: list[str]) -> int:
    with without_iri_checks():
        importlib.import_module(".surroundings", __name__).check_surroundings()
        module = importlib.import_module(f".{command}", __name__)
    status: int = module.run(options, arguments)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jupyter sm",
        description="The SageMaker side of this image: its kernels, its metadata, its gateway.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    kernels = _command(commands, "kernels", "list or export the kernels of this image")
    kernels.add_argument("--all", action="store_true", help="list hidden and excluded ones too")
    kernels.add_argument(
        "--export",
        metavar="DIR",
        help="write the kernels as static kernelspecs below DIR/kernels, for a Jupyter that cannot "
        "load this package and has DIR on its JUPYTER_PATH",
    )
    _command(commands, "metadata", "show which app this is, as SageMaker says it")
    _command(commands, "doctor", "say what is loaded where, and why not")
    commands.add_parser(
        "gateway",
        help="start the kernel gateway with this package, whatever the configuration files say",
        add_help=False,
    )
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, purpose: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=purpose,
        description=purpose[0].upper() + purpose[1:] + ".",
        epilog="Settings are given as to the gateway: --JupyterSM.show=all, --Class.trait=VALUE.",
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--config", metavar="FILE", help="read this instead of jupyter_kernel_gateway_config"
    )
    return parser
