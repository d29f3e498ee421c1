"""What the explaining kernel is told, and how it is started: everything that its server needs."""

import contextlib
import json
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace

import msgspec

# The notebook's folder, which a relative or empty entry of PYTHONPATH means as well, comes last: the
# package may lie in it. Imports of ipykernel's fail for a user who has no home, and where IPython's
# variable has a value that it does not know. An interrupt must not end what explains.
_PROGRAM = """\
import os, sys
try:
    os.getcwd()
except OSError:
    os.chdir("/")
entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
here = [os.path.abspath(entry) for entry in entries if not os.path.isabs(entry)]
sys.path[:] = sorted(filter(None, sys.path), key=here.__contains__)
os.environ.pop("IPYTHON_SUPPRESS_CONFIG_ERRORS", None)
if os.path.expanduser("~") == "~":
    os.environ["HOME"] = "/"
import signal
signal.signal(signal.SIGINT, lambda *_: None)
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
from jupyter_sm.kernels.explaining.program import main
main(sys.argv[2])
"""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A start whose process ended before it answered.

    Attributes:
        argv: as it was started: an absolute program, the connection file filled in.
        environ: as it was started; may hold lone surrogates, as ``os.fsdecode`` makes them.
        cwd: its folder, None for that of the explaining kernel.
        connection_file: the absolute path that stands in ``argv``.
        status: as ``Popen.returncode``: negative for a signal.
    """

    argv: tuple[str, ...]
    environ: Mapping[str, str]
    cwd: str | None
    connection_file: str
    status: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a kernel could not be started.

    Attributes:
        kernel: the name that was asked for; empty if it is not known.
        language: as the kernelspec says; may be empty.
        reason: part of a sentence: ``the interpreter /x/bin/python does not exist``. With an
            ``attempt`` the process finds its own words.
        remedy: the command or sentence that mends it. With an ``attempt``, used where what the
            process says is not known to mean anything else; may be empty.
        file: where it is wrong; with an ``attempt``, what the kernel was started from. May be empty.
        kernels: names that can be started instead.
        prefix: the conda environment, empty if there is none.
        install: the command that installs ipykernel there, empty if there is none.
        attempt: set when a process was started, and ended before it answered.
    """

    kernel: str
    language: str
    reason: str
    remedy: str
    file: str
    kernels: tuple[str, ...] = ()
    prefix: str = ""
    install: str = ""
    attempt: Attempt | None = None


def ending(status: int) -> str:
    """How a process ended, for ``its process …``; the status is ``Popen.returncode``."""
    if status >= 0:
        return f"ended with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:  # one of the real-time signals that have no name
        name = f"signal {-status}"
    hint = ", perhaps for want of memory," if -status == signal.SIGKILL else ""
    return f"was killed by {name}{hint}"


def command(connection_file: str) -> list[str]:
    """The argv of an explaining kernel, which reads what ``encode`` returns from its stdin.

    It stays the same wherever it is started: what lies in its folder is not imported. To be started
    with ``interrupts_held``.

    Args:
        connection_file: absolute path.
    """
    # Whatever PYTHONWARNINGS says, a warning must not become an exception in there.
    return [sys.executable, "-W", "ignore", "-c", _PROGRAM, "-f", connection_file]


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    """What is started meanwhile gets no SIGINT before it asks for it, as ``command`` does.

    A host that deletes a kernel interrupts it first: while Python is starting, that ends it with a
    traceback in the host's log.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def encode(explanation: Explanation) -> bytes:
    """The explanation as JSON; lone surrogates stand as escapes."""
    fields = asdict(replace(explanation, attempt=None))
    attempt = explanation.attempt
    if attempt is not None:  # asdict copies no mapping but a dict
        fields["attempt"] = {**asdict(replace(attempt, environ={})), "environ": {**attempt.environ}}
    return json.dumps(fields).encode("ascii")


def decode(data: bytes) -> Explanation:
    """What ``encode`` was given.

    Raises:
        ValueError: it is not an explanation.
    """
    return msgspec.convert(json.loads(data), Explanation)
