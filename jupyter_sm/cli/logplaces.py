"""Where the log of this app lies, and what to say when it does not."""

import glob
import os
import re
import shlex
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

from ..logs.folder import LogRoot
from ..logs.segments import LOG_SUFFIX, Segment, segments
from ..logs.stream import Stream, StreamNameError
from ..reading import printable, problem
from .hostconfig import Host
from .table import explanation, paragraph

_LISTED_MOST = 20
_FOLDERS_MOST = 2_000
_CLOSED = re.compile(r"\.[0-9]{8,}$")


@dataclass(frozen=True, slots=True)
class Place:
    """A spool, there or not, or in a folder that another user has closed.

    Attributes:
        path: of its active file.
        stream: whose events it has, None for a file outside of the layout.
    """

    path: str
    stream: Stream | None

    def files(self) -> list[Segment]:
        """Oldest first; none where nothing is there or can be seen."""
        try:
            return segments(self.path)
        except OSError:
            return []

    def trouble(self) -> str:
        """Why nothing can be seen there; empty where it can."""
        try:
            segments(self.path)
        except OSError as error:
            return problem(error)
        return ""


@dataclass(frozen=True, slots=True)
class Found:
    """The folders of all logs that were looked at, and a stream's spool below each.

    Attributes:
        roots: best first.
        places: in the same order.
    """

    roots: tuple[str, ...]
    places: tuple[Place, ...]

    def newest(self) -> Place | None:
        """The spool that was written last; None while there is none."""
        there = [place for place in self.places if place.files()]
        return max(there, key=_written, default=None)


def of_this_app(host: Host) -> Found:
    """Where the gateway of this configuration writes.

    Raises:
        StreamNameError: the app's identity gives no name of a stream.
    """
    stream = Stream.of(host.service.metadata().identity)
    setting = os.path.expanduser(host.settings.log_root)
    candidates = LogRoot.candidates(tempfile.gettempdir(), os.geteuid())
    roots = (setting,) if setting else tuple(root.path for root in candidates)
    return Found(roots, tuple(Place(stream.path(root), stream) for root in roots))


def of_file(path: str) -> Place:
    """The spool that a file is the active one of, or a single closed segment."""
    path = os.path.realpath(os.path.expanduser(path))
    return Place(path, _stream_of(path))


def not_there(found: Found) -> Iterator[str]:
    """Lines that say where was looked, why nothing is there, and what to do."""
    stream = found.places[0].stream
    yield from paragraph(f"jupyter sm: there is no log of {stream.name if stream else 'this app'}")
    for place in found.places:
        trouble = place.trouble()
        yield f"    {printable(place.path)}{trouble and ': '}{trouble}"
    yield from explanation(
        "A kernel gateway with jupyter_sm writes it from its start on; Jupyter Server and JupyterLab "
        "do so where an AppImageConfig or a metadata document is found. The name has the user in it, "
        "and the folder the uid: another user's log is elsewhere.",
        "start the gateway with `jupyter sm gateway`; `jupyter sm doctor` says whether jupyter_sm "
        "is loaded, and `JupyterSM.log_root` sets the folder",
    )
    others = list(_others(found))
    if others:
        yield ""
        yield "Other logs are there:"
        for path in others[:_LISTED_MOST]:
            yield f"    jupyter sm logs --file {printable(shlex.quote(path))}"
        if len(others) > _LISTED_MOST:
            yield f"    and {len(others) - _LISTED_MOST} more"


def _others(found: Found) -> Iterator[str]:
    """Active files of other streams: below the same roots, and of the users of this machine."""
    below_tmp = glob.glob(f"{glob.escape(tempfile.gettempdir())}/jupyter_sm-*/logs")
    paths = {path for root in {*found.roots, *below_tmp} for path in _logs_below(root)}
    yield from sorted(paths, key=lambda path: (-_written(Place(path, None)), path))


def _logs_below(root: str) -> Iterator[str]:
    for looked, (folder, _, names) in enumerate(os.walk(os.path.join(root, "aws/sagemaker"))):
        if looked > _FOLDERS_MOST:
            return
        for name in {_CLOSED.sub("", name) for name in names}:
            path = os.path.join(folder, name)
            if name.endswith(LOG_SUFFIX) and _stream_of(path) is not None:
                yield path


def _stream_of(path: str) -> Stream | None:
    """The stream that a path in the layout stands for."""
    root, found, _ = path.rpartition("/aws/sagemaker/")
    if not found:
        return None
    try:
        return Stream.parse(root or "/", path)
    except StreamNameError:
        return None


def _written(place: Place) -> float:
    """When the newest file of a spool was written, in seconds since the epoch."""
    return max((_time(segment.path) for segment in place.files()), default=0.0)


def _time(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except FileNotFoundError:
        return 0.0
