"""Where memory runs out, a kernel ends before the host that could say so."""

import contextlib
from typing import Final

_MORE: Final = 500
"""Added to what the host has: as if a kernel held half of all memory more (proc(5), oom_score_adj)."""

_MOST: Final = 1000


def let_end_first(pid: int) -> None:
    """Let Linux, where it has to kill a process for its memory, choose this one before the host.

    A gateway holds more memory than a kernel that starts, so without this the first to end would be
    the gateway, and with it every kernel and the container. What the process starts inherits it.

    Args:
        pid: of a kernel's process, a child of this one. Nothing happens where it has ended, is another
            user's by now, or this is not Linux: it is a help and no more.
    """
    path = f"/proc/{pid}/oom_score_adj"
    with contextlib.suppress(OSError):
        wanted = min(_adjustment("/proc/self/oom_score_adj") + _MORE, _MOST)
        # Nobody may lower it again without a privilege, so what is higher already stays.
        if _adjustment(path) < wanted:
            with open(path, "w", encoding="ascii") as file:
                file.write(str(wanted))


def _adjustment(path: str) -> int:
    with open(path, encoding="ascii") as file:
        return int(file.read())
