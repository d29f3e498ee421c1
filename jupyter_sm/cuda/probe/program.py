"""The probe's process: asks the driver, and says each thing as soon as it knows it.

It runs in a bare Python without site-packages (`prober.py` starts it), so it imports the standard
library, its neighbours `nvml.py`, `libcuda.py` and `loaded.py`, and `pynvml` from the file that it is told.

What it says are lines of JSON, each an array:

    ["stage", name]                what it does next, and may never return from
    ["fact", field, value]         a field of `model.Probe`
    ["add", field, value]          one more of a field that is a list
    ["nvml_device", fields]        of `model.Device`; more of the same uuid belongs to the same device
    ["nvml_device_code", index, code]
    ["end"]                        that was all
"""

import ctypes
import json
import os
import resource
import signal

from . import libcuda, nvml

TEXT_MOST = 4096
"""Characters of one text that a driver may say."""

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(arguments: list[str]) -> None:
    """Ask, say and end the process; never returns.

    Args:
        arguments: the file that `pynvml` is in (empty: nowhere), the number of the server's
            process, and the seconds after which this process ends itself.
    """
    pynvml, server, seconds = arguments
    _end_with(int(server), float(seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a driver that crashes leaves no core file
    said = _own_output()

    def tell(*words: object) -> None:
        line = json.dumps([_clean(word) for word in words], separators=(",", ":")) + "\n"
        _write(said, line.encode("ascii"))

    libcuda.ask(tell, _ask_nvml(tell, pynvml))
    tell("end")
    # Not sys.exit: what the driver does at the end of a process may hang as well.
    os._exit(0)


def _ask_nvml(tell: nvml.Tell, pynvml: str) -> frozenset[str]:
    """The uuids of all devices; CUDA is to be asked whatever happens to this part."""
    try:
        return nvml.ask(tell, pynvml)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - pynvml is another's, of any version
        tell("add", "nvml_problems", f"nvidia-ml-py failed: {type(error).__name__}: {error}")
        return frozenset()


def _end_with(server: int, seconds: float) -> None:
    """Do not outlive the server, nor the time: a signal's default action needs no Python to run."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGALRM])
    signal.setitimer(signal.ITIMER_REAL, seconds)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != server:  # it ended before it could be asked for that
        os._exit(1)


def _own_output() -> int:
    """Standard output for ourselves; what libraries print there goes to standard error."""
    said = os.dup(
        1
    )  # not inherited: nvidia-modprobe, which the driver may start, cannot keep it open
    os.dup2(2, 1)
    return said


def _write(said: int, data: bytes) -> None:
    while data:
        data = data[os.write(said, data) :]


def _clean(word: object) -> object:
    """A text of bounded length without control characters, be it a value or inside of one."""
    if isinstance(word, bytes):  # of a pynvml before 11.5
        word = word.decode(errors="replace")
    if isinstance(word, str):
        return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in word[:TEXT_MOST])
    if isinstance(word, dict):
        return {name: _clean(value) for name, value in word.items()}
    return word
