"""What becomes of log events when processes are killed and the service is away: ours and watchtower.

Both log a hundred events a second to a strict fake of the service. When everything is over and the
service is well again, both are started once more: what is still on disk then is not lost.
"""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fake_cloudwatch import FAKE_CREDENTIALS, FakeCloudWatch, start_fake_cloudwatch
from hosts import isolated_environ

from . import log_writer
from .table import Reach, Row, Value, at_most, exactly
from .timing import Effort, Work

Side = Literal["ours", "watchtower"]
SIDES: tuple[Side, Side] = ("ours", "watchtower")

EVENTS_MOST = 1_000_000
DOCKER_STOP_SECONDS = 10


@dataclass(frozen=True)
class Times:
    """Seconds, all of them.

    Attributes:
        calm: before anything happens; watchtower has sent by then.
        fault: how long the service is away.
        after: from then to the end.
        most: that an end is waited for.
        interval: watchtower's ``send_interval``.
    """

    calm: float
    fault: float
    after: float
    most: float
    interval: int


FULL = Times(calm=7.5, fault=30, after=17.5, most=90, interval=5)
QUICK = Times(calm=2.5, fault=2, after=2, most=12, interval=1)


@dataclass(frozen=True)
class Scenario:
    """What happens.

    Attributes:
        name: in the table.
        fault: the service's trouble, if there is any.
        is_over: whether the service is well again before the end.
        ending: the signal.
        handled: whether the process has a handler for it, as servers have.
    """

    name: str
    fault: Callable[[FakeCloudWatch], None] | None = None
    is_over: bool = False
    ending: signal.Signals = signal.SIGTERM
    handled: bool = True


SCENARIOS = (
    Scenario("kill -9", ending=signal.SIGKILL),
    Scenario("SIGTERM, default", handled=False),
    Scenario("SIGTERM, handled"),
    Scenario("service refuses for {fault:g} s", FakeCloudWatch.refuse, is_over=True),
    Scenario("service hangs for {fault:g} s", FakeCloudWatch.hang, is_over=True),
    Scenario("SIGTERM while refused", FakeCloudWatch.refuse),
    Scenario("SIGTERM while hung", FakeCloudWatch.hang),
)


@dataclass(frozen=True)
class Outcome:
    """Of one scenario on one side.

    Attributes:
        written: calls to log that returned.
        arrived: different events in the service at the very end.
        doubled: events that arrived more than once, each time but the first.
        exit_seconds: from the signal to the end of the process; ``Times.most`` if it had to be killed.
        in_order: whether first arrivals are in the order of the calls.
    """

    written: int
    arrived: int
    doubled: int
    exit_seconds: float
    in_order: bool

    @property
    def lost(self) -> int:
        return self.written - self.arrived


def works() -> list[Work]:
    return [Work("logging-loss", measure, brief=False)]


def measure(effort: Effort, folder: Path) -> list[Row]:
    """All scenarios at once: at this rate they leave each other alone."""
    times = effort.of(FULL, QUICK)
    cases = [(scenario, side) for scenario in SCENARIOS for side in SIDES]
    with ThreadPoolExecutor(len(cases)) as pool:

        def run(number: int) -> Outcome:
            own = folder / str(number)
            own.mkdir()
            return outcome(*cases[number], times, own)

        outcomes = list(pool.map(run, range(len(cases))))
    rows = []
    for scenario, mine, theirs in zip(SCENARIOS, outcomes[::2], outcomes[1::2], strict=True):
        rows += _rows(scenario, (mine, theirs), times)
    return rows


def outcome(scenario: Scenario, side: Side, times: Times, folder: Path) -> Outcome:
    """What became of the events of one server."""
    with start_fake_cloudwatch() as fake, _writer(scenario, side, times, folder, fake) as process:
        written = folder / "written"
        while not written.exists() and process.poll() is None:
            time.sleep(0.05)
        time.sleep(times.calm)
        if scenario.fault:
            scenario.fault(fake)
            time.sleep(times.fault)
        if scenario.is_over:
            fake.recover()
            time.sleep(times.after)
        exit_seconds = _ended(process, scenario.ending, times.most)
        count = int(written.read_text())
        fake.recover()
        with _writer(scenario, side, times, folder, fake, first=count, events=0) as again:
            again.wait(times.most)
        arrived = _numbers(fake)
    firsts = list(dict.fromkeys(arrived))
    return Outcome(
        count, len(firsts), len(arrived) - len(firsts), exit_seconds, firsts == sorted(firsts)
    )


def _writer(
    scenario: Scenario,
    side: Side,
    times: Times,
    folder: Path,
    fake: FakeCloudWatch,
    *,
    first: int = 0,
    events: int = EVENTS_MOST,
) -> "subprocess.Popen[bytes]":
    arguments = [
        side,
        folder / "app.log",
        fake.endpoint_url,
        folder / "written",
        first,
        events,
        times.interval,
        "handled" if scenario.handled else "default",
    ]
    return subprocess.Popen(
        [sys.executable, log_writer.__file__, *map(str, arguments)],
        env=isolated_environ(folder, FAKE_CREDENTIALS),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _ended(process: "subprocess.Popen[bytes]", ending: signal.Signals, most: float) -> float:
    begun = time.perf_counter()
    process.send_signal(ending)
    try:
        process.wait(most)
    except subprocess.TimeoutExpired:
        process.kill()
        return most
    return time.perf_counter() - begun


def _numbers(fake: FakeCloudWatch) -> list[int]:
    found = [re.search(r"event (\d+)", message) for _, message in fake.arrived(log_writer.STREAM)]
    return [int(match[1]) for match in found if match]


def _rows(scenario: Scenario, sides: Sequence[Outcome], times: Times) -> list[Row]:
    name = scenario.name.format(fault=times.fault)
    words = [
        f"{side} wrote {o.written}, {o.arrived} arrived{'' if o.in_order else ', not in order'}"
        for side, o in zip(SIDES, sides, strict=True)
    ]
    note = f"{'; '.join(words)} (sending every {times.interval} s, where its default is 60)"
    lost, doubled = [s.lost for s in sides], [s.doubled for s in sides]
    rows = [
        _row(f"{name}: log events lost", "events", lost, exactly(0, "none"), note),
        _row(f"{name}: log events doubled", "events", doubled, exactly(0, "none")),
    ]
    if scenario.ending == signal.SIGTERM and scenario.handled:
        reach = at_most(DOCKER_STOP_SECONDS, "s")
        rows.append(_row(f"{name}: to the end", "s", [s.exit_seconds for s in sides], reach))
    return rows


def _row(what: str, unit: str, sides: Sequence[float], reach: Reach, note: str = "") -> Row:
    ours, theirs = sides
    return Row(
        name="logging-loss",
        work=what,
        unit=unit,
        ours=Value.only(ours),
        peer=Value.only(theirs),
        peer_name="watchtower",
        reach=(reach,),
        note=note,
    )
