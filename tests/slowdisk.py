"""A disk that is slow or does not answer, and a clock that jumps, while real processes run.

    host = launch_gateway(env=slow_disk.environ())
    slow_disk.hangs(tmp_path / "conda")
    assert host.get("/api/kernelspecs").status == 200
    slow_disk.answers()

A library that is loaded before libc (`preload/slowdisk.c`) makes each call wait that touches what lies
below some folders, in the process and in everything that it starts.
"""

import mmap
import os
import shutil
import struct
import subprocess
import time
from pathlib import Path

SOURCE = Path(__file__).parent / "preload" / "slowdisk.c"
CONTROL = "JSM_TEST_SLOWDISK"
ANSWERS, SLOW, HANGS = range(3)
LAYOUT = struct.Struct("=IIIIq4096s")
"""Mode, delay, calls that wait, calls that had to, shift of the clock, folders."""

_MODE, _DELAY, _WAITING, _MET, _CLOCK, _FOLDERS = 0, 4, 8, 12, 16, 24


class SlowDisk:
    """The disk and the clock of the processes that are started with its ``environ``.

    Args:
        library: as `build` makes it.
        control: a file, which is made.
    """

    def __init__(self, library: Path, control: Path) -> None:
        self._library = library
        self._path = control
        control.write_bytes(bytes(LAYOUT.size))
        with control.open("r+b") as file:
            self._control = mmap.mmap(file.fileno(), LAYOUT.size)

    def environ(self) -> dict[str, str]:
        """What a process is given to see it."""
        others = os.environ.get("LD_PRELOAD", "")
        return {"LD_PRELOAD": f"{self._library} {others}".strip(), CONTROL: str(self._path)}

    def hangs(self, *folders: Path) -> None:
        """From now on no call returns that touches anything below ``folders``."""
        self._becomes(HANGS, folders)

    def slow(self, seconds: float, *folders: Path) -> None:
        """From now on each call takes so long that touches anything below ``folders``."""
        struct.pack_into("=I", self._control, _DELAY, round(seconds * 1_000_000))
        self._becomes(SLOW, folders)

    def answers(self) -> None:
        """From now on it is a disk like others; whatever waits goes on."""
        self._becomes(ANSWERS, ())

    def jump(self, seconds: float) -> None:
        """From now on the wall clock is ahead by so much of the true one."""
        struct.pack_into("=q", self._control, _CLOCK, round(seconds * 1_000_000_000))

    @property
    def waiting(self) -> int:
        """How many calls wait now; those of a killed process count on."""
        return self._number(_WAITING)

    @property
    def met(self) -> int:
        """How many calls had to wait since the beginning."""
        return self._number(_MET)

    def wait_until_met(self, *, after: int = 0, timeout: float = 30) -> None:
        """Wait until more than ``after`` calls had to wait.

        Raises:
            AssertionError: that did not happen in time.
        """
        deadline = time.monotonic() + timeout
        while self.met <= after:
            assert time.monotonic() < deadline, "nothing touched the disk"
            time.sleep(0.01)

    def close(self) -> None:
        """Let everything go on."""
        self.answers()
        self._control.close()

    def _becomes(self, mode: int, folders: tuple[Path, ...]) -> None:
        if folders:
            names = b"".join(os.fsencode(folder) + b"\0" for folder in folders)
            room = LAYOUT.size - _FOLDERS
            assert len(names) < room
            self._control[_FOLDERS:] = names.ljust(room, b"\0")
        struct.pack_into("=I", self._control, _MODE, mode)

    def _number(self, at: int) -> int:
        found: tuple[int] = struct.unpack_from("=I", self._control, at)
        return found[0]


def build(folder: Path) -> Path:
    """Compile the library into ``folder``.

    Raises:
        AssertionError: there is no gcc, or it does not compile it.
    """
    gcc = shutil.which("gcc")
    assert gcc, "a slow disk needs gcc (Debian: gcc and libc6-dev)"
    library = folder / "slowdisk.so"
    flags = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC"]
    command = [gcc, *flags, "-o", str(library), str(SOURCE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return library
