"""`jupyter sm logs`: where the log of this app is, and its events, the last ones or as they come."""

import argparse
import os
import select
import sys
import time
from collections.abc import Iterable

from ..errors import JupyterSMError, SettingError
from ..logs.line import Event
from ..logs.reading.events import beginning, last
from ..logs.reading.following import POLL_SECONDS, follow
from ..logs.reading.scanning import Counts, Scanned, scan
from ..logs.segments import Position, segments
from ..logs.shipping import read_report
from ..reading import printable
from . import FINDINGS
from .hostconfig import Host
from .logfilter import Filter
from .logformat import as_json, as_text
from .logplaces import Found, Place, not_there, of_file, of_this_app

_TAIL = 100


def run(options: argparse.Namespace, arguments: list[str]) -> int:
    """Print events of a log, or ship them."""
    _refuse_contradictions(options)
    host = Host.read(arguments)
    found: Found | None = None
    if options.file is not None:
        place = _named(options)
    else:
        found = of_this_app(host)
        newest = found.newest()
        if newest is None:
            _tell(*not_there(found))
            if not options.follow:
                return FINDINGS
            _tell("", "Waiting for it; Ctrl-C ends this")
            newest = _awaited(found)
        place = newest
    if options.ship:
        from .logship import ship  # noqa: PLC0415 - reading a log does not need it

        return ship(place, host, force=options.force, as_json=options.json, timeout=options.timeout)
    _tell(*_where(place))
    _Printer(options).print_log(place.path)
    return 0


class _Printer:
    """Prints the events of one log that are wanted.

    Args:
        options: the command's.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        self._follow: bool = options.follow
        self._tail: int | None = options.tail
        self._filter = Filter(since_ms=options.since, level=options.level, kernel=options.kernel)
        self._text = as_json if options.json else as_text
        self._counts = Counts()
        self._told_gaps = 0
        self._printed = 0

    def print_log(self, path: str) -> None:
        """Print what is there, and go on if that is wanted."""
        since = self._filter.since_ms
        after: Position | None = None
        if since is not None and self._tail is None:
            after = beginning(path, since)
            if not self._follow:
                self._print_scanned(scan(path, after, self._counts))
        else:
            count = _TAIL if self._tail is None else self._tail
            found = last(path, count, self._filter, since_ms=since)
            self._counts.skipped += found.skipped
            after = found.end
            for event in found.events:
                self._print(event)
        if self._follow:
            self._print_scanned(follow(path, after, stop=self._pause, counts=self._counts))
        self._tell_rest()

    def _print_scanned(self, events: Iterable[Scanned]) -> None:
        for scanned in events:
            self._tell_gaps()
            if self._filter(scanned.event):
                self._print(scanned.event)

    def _print(self, event: Event) -> None:
        print(self._text(event))
        self._printed += 1

    def _pause(self, seconds: float) -> bool:
        sys.stdout.flush()
        self._tell_gaps()
        pause(seconds)
        return False

    def _tell_gaps(self) -> None:
        if self._counts.gaps > self._told_gaps:
            self._told_gaps = self._counts.gaps
            sys.stdout.flush()
            _tell(
                "A file of the log was deleted, truncated or replaced: events may be missing here"
            )

    def _tell_rest(self) -> None:
        sys.stdout.flush()
        if not self._printed:
            _tell("No event is to be shown")
        if self._counts.skipped:
            _tell(f"Lines that are no event, and were left out: {self._counts.skipped}")


def pause(seconds: float) -> None:
    """Wait, and notice when nobody reads the standard output any more.

    Raises:
        BrokenPipeError: its reader has gone.
    """
    try:
        output = sys.stdout.fileno()
    except (OSError, ValueError):  # no file, as in a notebook
        time.sleep(seconds)
        return
    poll = select.poll()
    poll.register(output, 0)
    if poll.poll(seconds * 1000):
        raise BrokenPipeError


def _refuse_contradictions(options: argparse.Namespace) -> None:
    reading = ["since", "level", "kernel", "tail"]
    given = ["follow"] if options.follow else []
    given += [name for name in reading if getattr(options, name) is not None]
    if options.ship and given:
        raise SettingError(f"--{given[0]} is about reading a log, --ship sends all of it")
    if options.force and not options.ship:
        raise SettingError("--force is about shipping: write --ship --force")
    if options.timeout is not None and not options.ship:
        raise SettingError("--timeout is about shipping: write --ship --timeout SECONDS")


def _named(options: argparse.Namespace) -> Place:
    place = of_file(options.file)
    if os.path.isdir(place.path):
        raise SettingError(f"--file={printable(options.file)}: is a folder, not a file of a log")
    if not segments(place.path) and not options.follow:
        raise JupyterSMError(f"--file={printable(options.file)}: there is no such plain file")
    return place


def _awaited(found: Found) -> Place:
    """The first spool that appears."""
    while (place := found.newest()) is None:
        pause(POLL_SECONDS)
    return place


def _where(place: Place) -> list[str]:
    """Group, stream and file: the first lines."""
    stream = place.stream
    names = [f"group   {stream.group}", f"stream  {printable(stream.name)}"] if stream else []
    files = segments(place.path)
    size = sum(segment.size for segment in files)
    number = "1 file" if len(files) == 1 else f"{len(files)} files"
    extent = f"{number}, {size / 1_048_576:.1f} MiB" if files else "not there yet"
    lines = [*names, f"file    {printable(place.path)}", f"        {extent}"]
    report = read_report(place.path)
    if report is not None:
        behind = f", {report.behind_events} events behind" if report.behind_events else ""
        why = f": {printable(report.reason)}" if report.reason else ""
        lines.append(f"sent    {report.state}{behind}{why}")
    return [*lines, ""]


def _tell(*lines: str) -> None:
    """Print on the other output, so that the events can be piped and read by programs."""
    if sys.stderr is not None:
        print(*lines, sep="\n", file=sys.stderr, flush=True)
