"""Shippers as processes, and what a test asks about them."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jupyter_sm.logs.shipping.state import Saved, load

from .spools import GROUP, STREAM

PATIENCE = 30.0


@dataclass(frozen=True)
class ShipperChild:
    """A running shipper."""

    process: "subprocess.Popen[bytes]"
    log_path: Path
    notes_path: Path

    @property
    def notes(self) -> str:
        return self.notes_path.read_text()

    @property
    def saved(self) -> Saved:
        saved = load(str(self.log_path))
        assert saved is not None
        return saved

    def let_go(self) -> None:
        """What happens when its parent dies."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def end(self) -> int:
        """Let it drain and end; its status."""
        self.let_go()
        return self.process.wait(PATIENCE)

    def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)


RunShipper = Callable[..., ShipperChild]


@contextmanager
def started(
    log_path: Path, endpoint_url: str, *, drain: float = 20.0, age: float = 0.1
) -> Iterator[ShipperChild]:
    notes_path = log_path.with_name(f"notes-{time.monotonic_ns()}")
    options = {"log": log_path, "group": GROUP, "stream": STREAM, "endpoint-url": endpoint_url}
    command = [sys.executable, "-m", "jupyter_sm.logs.shipping", f"--drain={drain}", f"--age={age}"]
    with (
        notes_path.open("wb") as notes,
        subprocess.Popen(
            [*command, *(f"--{name}={value}" for name, value in options.items())],
            bufsize=0,
            stdin=subprocess.PIPE,
            stderr=notes,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield ShipperChild(process, log_path, notes_path)
        finally:
            process.kill()


def wait_until(holds: Callable[[], object], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def texts(events: Sequence[tuple[int, str]]) -> list[str]:
    """The texts of what a handler of ours has written."""
    return [json.loads(message)["message"] for _, message in events]


def firsts(messages: Sequence[str]) -> list[str]:
    """Each message once, in the order of its first arrival."""
    return list(dict.fromkeys(messages))


def doubled_batches(batches: Sequence[Sequence[tuple[int, str]]]) -> int:
    """How many calls brought something that was there already."""
    seen: set[tuple[int, str]] = set()
    doubled = 0
    for batch in batches:
        doubled += not seen.isdisjoint(batch)
        seen.update(batch)
    return doubled
