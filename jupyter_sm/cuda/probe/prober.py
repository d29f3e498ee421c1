"""Asks the driver in a process of its own, with a deadline: a call of it may crash, or never return.

Nothing of the driver, and nothing that talks to it, is ever loaded into this process.
"""

import concurrent.futures
import contextlib
import importlib.metadata
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import IO, cast

from ..model import Ended, Probe
from .saying import Saying

DEADLINE = 20.0
"""Seconds for all of it: a driver that has to wake eight GPUs takes more than ten."""

GRACE = 1.0
"""Seconds for a process to end after it said all, or after SIGKILL."""

ORPHAN_SECONDS = 10.0
"""Seconds after the deadline when the process ends itself, if nobody has ended it."""

KEPT = ("GLIBC_TUNABLES", "HOME", "LANG", "PATH", "TMPDIR")
KEPT_BEGINNINGS = ("CUDA_", "LC_", "LD_", "NVIDIA_", "NVML_", "__NV")
SECRET_ENDINGS = ("_KEY", "_PASSWORD", "_SECRET", "_TOKEN")

_BLOCK = 1 << 16

# A package that has only a path, so that no `__init__.py` of ours runs in there: those import what
# is in site-packages, which are left out because they take longer than the driver.
_BOOT = """\
import sys
probe = sys.modules["probe"] = type(sys)("probe")
probe.__path__ = [sys.argv[1]]
from probe.program import main
main(sys.argv[2:])
"""

Child = subprocess.Popen[bytes]


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Of the server's variables those that the loader and the driver read; none that opens a door."""
    return {
        name: value
        for name, value in environ.items()
        if name in KEPT or (name.startswith(KEPT_BEGINNINGS) and not name.endswith(SECRET_ENDINGS))
    }


def kill(process: Child) -> None:
    """SIGKILL to the process and to what it has started; it leads a session of its own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


class Prober:
    """Asks the driver, one process at a time, and never waits for one without bound.

    Args:
        timeout: seconds until the process is killed.
        environ: what it is given, after `environment`; this process's own if None.
        python: the interpreter that runs it.
        end: how it is killed. A process that sleeps in the driver ignores SIGKILL until the driver's
            call returns; tests say here what that is like.
    """

    def __init__(
        self,
        *,
        timeout: float = DEADLINE,
        environ: Mapping[str, str] | None = None,
        python: str = sys.executable,
        end: Callable[[Child], None] = kill,
    ) -> None:
        self._timeout = timeout
        self._environ = environ
        self._python = python
        self._end = end
        self._lock = threading.Lock()
        self._flight: concurrent.futures.Future[Probe] | None = None
        self._abandoned: Child | None = None

    @property
    def hung(self) -> int | None:
        """The number of a process that could not be killed and still lives; None if there is none."""
        with self._lock:
            return self._hanging()

    def probe(self) -> Probe:
        """Ask, and wait for the answer: at most the timeout and two seconds.

        Who calls while another thread is asking gets the same answer. While a process of an earlier
        call hangs in the driver nobody is asked, for the next one would hang as well.
        """
        with self._lock:
            hung = self._hanging()
            if hung is not None:
                return _not_run(f"process {hung} of an earlier probe still hangs in the driver")
            other = self._flight
            if other is None:
                flight = self._flight = concurrent.futures.Future()
        if other is not None:
            return self._joined(other)
        try:
            answer = self._ask()
        except BaseException as error:  # an interrupt, say: who waits must not wait for ever
            self._land()
            flight.set_exception(error)
            raise
        self._land()
        flight.set_result(answer)
        return answer

    def _hanging(self) -> int | None:
        if self._abandoned is not None and self._abandoned.poll() is not None:
            self._abandoned = None
        return None if self._abandoned is None else self._abandoned.pid

    def _joined(self, flight: "concurrent.futures.Future[Probe]") -> Probe:
        try:
            return flight.result(self._timeout + 2 * GRACE)
        except concurrent.futures.TimeoutError:  # not yet the built-in one in Python 3.10
            return _not_run("another probe is under way and does not come back")

    def _land(self) -> None:
        with self._lock:
            self._flight = None

    def _ask(self) -> Probe:
        begun = time.monotonic()
        saying = Saying()
        try:
            process = self._start()
        except OSError as error:
            why = f"the probe's process could not be started: {error}"
            return saying.probe("failed", seconds=time.monotonic() - begun, why=why)
        ended: Ended = "timed out"
        try:
            heard = _listen(process, saying, begun + self._timeout)
            if heard and _has_ended(process, _rest(saying, begun + self._timeout)):
                ended = _ending(process.returncode)
        finally:
            self._see_off(process)
        took = time.monotonic() - begun
        if saying.complete:
            return saying.probe("complete", seconds=took)
        if saying.too_much:
            return saying.probe("failed", seconds=took, why="the probe said too much")
        number = -process.returncode if ended == "signal" else None
        return saying.probe(ended, seconds=took, signal=number)

    def _start(self) -> Child:
        environ = environment(os.environ if self._environ is None else self._environ)
        own_end = str(self._timeout + ORPHAN_SECONDS)
        folder = os.path.dirname(os.path.abspath(__file__))
        command = [self._python, "-I", "-S", *(["-B"] if sys.dont_write_bytecode else [])]
        command += ["-c", _BOOT, folder, pynvml_file(), str(os.getpid()), own_end]
        return subprocess.Popen(  # noqa: S603 - our own program
            command,
            cwd="/",
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def _see_off(self, process: Child) -> None:
        """Close its outputs; it ends, or is remembered."""
        for output in (process.stdout, process.stderr):
            if output is not None:
                output.close()
        if process.poll() is not None:
            return
        self._end(process)
        if not _has_ended(process, GRACE):
            with self._lock:
                self._abandoned = process


def pynvml_file() -> str:
    """Where nvidia-ml-py's own module lies; empty if it is not installed. Imports nothing.

    Its file and not its name: an old package that is called pynvml has a folder of that name, which
    Python would take first.
    """
    try:
        found = importlib.metadata.distribution("nvidia-ml-py")
    except importlib.metadata.PackageNotFoundError:
        return ""
    return str(found.locate_file("pynvml.py"))


def _listen(process: Child, saying: Saying, deadline: float) -> bool:
    """Take what it says until it closes its output; False at the deadline, or if it is too much."""
    said, written = cast("IO[bytes]", process.stdout), cast("IO[bytes]", process.stderr)
    takers = {said.fileno(): saying.hear, written.fileno(): saying.overhear}
    with selectors.DefaultSelector() as selector:
        for output in (said, written):
            os.set_blocking(output.fileno(), False)
            selector.register(output, selectors.EVENT_READ)
        while not said.closed and (left := deadline - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                data = os.read(key.fd, _BLOCK)
                if not data or not takers[key.fd](data):
                    selector.unregister(key.fileobj)
                    cast("IO[bytes]", key.fileobj).close()
    if not written.closed:  # not until its end: what the process has started may keep it open
        with contextlib.suppress(BlockingIOError):
            saying.overhear(os.read(written.fileno(), _BLOCK))
    return said.closed and not saying.too_much


def _rest(saying: Saying, deadline: float) -> float:
    """Seconds that a process which has closed its output has for its end."""
    return GRACE if saying.complete else max(deadline - time.monotonic(), GRACE)


def _has_ended(process: Child, seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _ending(status: int) -> Ended:
    return "signal" if status < 0 else "failed"


def _not_run(why: str) -> Probe:
    return Probe(ended="not run", stderr_tail=why)
