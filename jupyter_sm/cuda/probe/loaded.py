"""Which file a library of this process was loaded from."""

MAPS = "/proc/self/maps"


def loaded(beginning: str) -> str | None:
    """The path of the first mapped file whose name begins so; None if there is none.

    Args:
        beginning: ``libcuda.so``.
    """
    try:
        with open(MAPS, encoding="utf-8", errors="surrogateescape") as file:
            for line in file:
                path = line.rstrip("\n").partition(
                    "/"
                )  # no other column has a slash (proc_pid_maps(5))
                if path[2].rpartition("/")[2].startswith(beginning):
                    return "/" + path[2]
    except OSError:
        return None
    return None
