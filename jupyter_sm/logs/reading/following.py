"""The events of a spool as they are written."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Final

from ..segments import Position
from .scanning import Counts, Reader, Scanned

POLL_SECONDS: Final = 0.2


def follow(
    log_path: str,
    after: Position | None = None,
    *,
    stop: Callable[[float], object],
    counts: Counts | None = None,
) -> Iterator[Scanned]:
    """Every event after that place, then each one as it comes; ends when told to.

    The spool need not be there yet, and may be rotated, deleted, truncated or made anew meanwhile.

    Args:
        log_path: The spool's active file.
        after: Where to begin; None is the oldest event.
        stop: Waits for at most so many seconds, and is true when it is time to end, as the ``wait``
            of a ``threading.Event``. Called each time when all was read.
        counts: Is told about lines and files that could not be read.

    Raises:
        OSError: A file or the folder cannot be read.
    """
    with closing(Reader(log_path, after, counts)) as reader:
        while True:
            yield from reader.read()
            if stop(POLL_SECONDS):
                return
