"""The shipper's process: ships until its parent goes, by any death, drains, and ends in time.

    python -m jupyter_sm.logs.shipping --log PATH --group GROUP --stream NAME

The parent holds the other end of standard input. It may write a number, the seconds that are left
for the drain, and closes it; where it dies, the kernel closes it.
"""

import argparse
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from types import FrameType
from typing import Final

from ...aws.logs import LogsClient
from ...errors import JupyterSMError
from ...reading import problem
from ..reading.events import behind
from ..segments import lock_path
from .claim import Claim, holder
from .delivery import Delivery
from .drain import Drain
from .ledger import Ledger
from .shipper import AGE_SECONDS_MOST, Shipper
from .state import BadStateError, load

DRAIN_SECONDS: Final = 5.0
"""For what is left when the parent is gone; below the ten seconds of ``docker stop``."""

NICENESS: Final = 10

CLAIM_SECONDS: Final = 0.5
"""Between two tries to become the one shipper of the stream."""

NOT_AGAIN: Final = os.EX_CONFIG
"""Exit status: another start would end in the same way."""

_PARENT_SECONDS: Final = 1.0
_WORD_BYTES: Final = 64


def main(argv: Sequence[str] | None = None) -> int:
    """Ship; the result is the exit status."""
    options = _options(argv)
    os.nice(NICENESS)
    drain = Drain()
    settling = threading.Lock()
    watch = threading.Thread(
        target=_watch, args=(drain, settling, options.drain, _signals()), daemon=True
    )
    watch.start()
    try:
        return _run(options, drain, settling)
    except JupyterSMError as error:  # no AWS libraries, or another user's log
        note(str(error))
        return NOT_AGAIN


def note(text: str) -> None:
    """One line to standard error, which is the parent's and may be gone with it."""
    line = f"jupyter_sm: log shipper: {' '.join(text.split())}\n"
    try:
        os.write(2, line.encode("utf-8", "backslashreplace"))
    except OSError:
        return


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m jupyter_sm.logs.shipping")
    parser.add_argument("--log", required=True)
    parser.add_argument("--group", required=True)
    parser.add_argument("--stream", required=True)
    parser.add_argument("--region")
    parser.add_argument("--endpoint-url")
    parser.add_argument("--drain", type=float, default=DRAIN_SECONDS, help="seconds")
    parser.add_argument("--age", type=float, default=AGE_SECONDS_MOST, help="of a batch, seconds")
    return parser.parse_args(argv)


def _run(options: argparse.Namespace, drain: Drain, settling: threading.Lock) -> int:
    claim = Claim(options.log)
    if not _claimed(claim, options.log, drain):
        return 0
    ledger = Ledger(options.log, options.group, options.stream, note, settling)
    ledger.count(doubled_possibly=claim.left_in_flight())
    try:
        client = LogsClient(
            options.group, options.stream, region=options.region, endpoint_url=options.endpoint_url
        )
        with closing(client):
            delivery = Delivery(client, ledger, claim, drain)
            Shipper(options.log, ledger, delivery, drain, age=options.age).run()
    except JupyterSMError as error:
        ledger.say("stopped", str(error))
        return NOT_AGAIN
    ledger.say("stopped")
    return 0


def _claimed(claim: Claim, log_path: str, drain: Drain) -> bool:
    """Become the one shipper, however long that takes; False where it ended before.

    When the end has begun, another shipper is trusted to ship what is there, but not blindly.
    """
    reason = said = ""
    while True:
        last = reason
        try:
            if claim.take():
                return True
            reason = "another shipper has this stream; waits for it to end"
        except OSError as error:
            reason = f"waits, for it cannot lock {lock_path(log_path)}: {problem(error)}"
        if reason == last != said:  # once may be somebody who only looks whether it is taken
            note(reason)
            said = reason
        if drain.over or (drain.begun and _is_shipped(log_path)):
            return False
        drain.wait(CLAIM_SECONDS / 5 if drain.begun else CLAIM_SECONDS)


def _is_shipped(log_path: str) -> bool:
    """Whether the other shipper has shipped everything that is on disk."""
    try:
        saved = load(log_path)
        return (
            saved is not None
            and holder(log_path) is not None
            and behind(log_path, saved.position).oldest_ms is None
        )
    except (BadStateError, OSError):
        return False


def _signals() -> int:
    """A descriptor that becomes readable when somebody asks this process to end."""
    read, write = os.pipe()

    def ask(_number: int, _frame: FrameType | None) -> None:
        os.write(write, b"\n")

    # In its handler a signal must not take a lock that the interrupted code may hold.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, ask)
    return read


def _watch(drain: Drain, settling: threading.Lock, seconds: float, signals: int) -> None:
    """Begin the drain when the parent is gone, and end the process when its time is over."""
    drain.begin(_seconds_left(seconds, signals))
    while not drain.over:
        time.sleep(drain.left)
    # A call to the service may hang for longer. What it has answered counts, and is saved first.
    settling.acquire(timeout=1)
    sys.stderr.flush()
    os._exit(0)


def _seconds_left(seconds: float, signals: int) -> float:
    """Wait for the end of the parent; how long the drain may take, in seconds."""
    parent = os.getppid()
    said = b""
    while os.getppid() == parent:  # a process that the parent started may hold the pipe open
        try:
            ready, _, _ = select.select([0, signals], [], [], _PARENT_SECONDS)
            word = os.read(0, _WORD_BYTES) if 0 in ready else b""
        except OSError:  # standard input is closed: whoever started this does not hold it
            break
        said += word
        if ready and not word:
            break
    try:
        return min(seconds, max(0.0, float(said)))
    except ValueError:
        return seconds
