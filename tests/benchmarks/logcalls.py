"""What a log call costs the thread that makes it, with the spool's handler and with its peers."""

import importlib.util
import itertools
import logging
import logging.handlers
import os
import queue
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fake_cloudwatch

from jupyter_sm.logs.spool import SpoolHandler

from .table import Row, Value, times_at_most
from .timing import Effort, Work, in_turns

PERCENTILES = (50.0, 99.0, 99.9)
JUDGED = 99.0
FORMAT = "[%(levelname)1.1s %(asctime)s.%(msecs).03d %(name)s] %(message)s"
"""As Jupyter writes its log (jupyter_core/application.py): the same facts as an event of ours."""

NOTE = "until the last record is written, or was accepted by the service"

STREAM = "d-1/me/KernelGateway/app"


@dataclass(frozen=True)
class Round:
    """One round of one side.

    Attributes:
        percentiles: microseconds of a call, one for each of `PERCENTILES`.
        rate: records a second until all of them are where they should be.
    """

    percentiles: tuple[float, ...]
    rate: float


def works() -> list[Work]:
    return [Work("log-call", measure)]


def measure(effort: Effort, folder: Path) -> list[Row]:
    records = effort.of(20_000, 1_000)
    places = (folder / f"round-{number}" for number in itertools.count())
    with ExitStack() as running:
        sides: dict[str, Any] = {
            "ours": _spool,
            "FileHandler": _file,
            "QueueHandler, FileHandler": _queue,
        }
        if importlib.util.find_spec("watchtower"):
            sides["watchtower"] = running.enter_context(_cloudwatch())
        calls = [lambda make=make: _round(make, next(places), records) for make in sides.values()]
        rounds = in_turns(effort.of(9, 2), *calls)
    ours, *peers = rounds
    return [
        row
        for name, peer in zip(list(sides)[1:], peers, strict=True)
        for row in _rows(ours, peer, name, records)
    ]


def _round(make: Any, folder: Path, records: int) -> Round:
    folder.mkdir()
    logger = logging.Logger("KernelGatewayApp")  # noqa: LOG001  # not one of the process
    clock = time.perf_counter_ns
    taken = []
    begun = clock()
    with make(folder) as handler:
        logger.addHandler(handler)
        begun = clock()
        for number in range(records):
            before = clock()
            logger.info("%d GET /api/kernels/%s (%s) %.2fms", 200, number, "127.0.0.1", 1.25)
            taken.append(clock() - before)
    rate = records / (clock() - begun) * 1e9
    taken.sort()
    at = [taken[min(int(records * percentile / 100), records - 1)] for percentile in PERCENTILES]
    return Round(tuple(nanoseconds / 1_000 for nanoseconds in at), rate)


def _rows(ours: Sequence[Round], peer: Sequence[Round], name: str, records: int) -> Iterator[Row]:
    for which, percentile in enumerate(PERCENTILES):
        judged = percentile == JUDGED and name == "FileHandler"
        yield Row(
            name="log-call",
            work=f"log call, p{percentile:g}",
            unit="us",
            ours=Value.of([found.percentiles[which] for found in ours]),
            peer=Value.of([found.percentiles[which] for found in peer]),
            peer_name=name,
            reach=(times_at_most(1.5),) if judged else (),
        )
    yield Row(
        name="log-call",
        work=f"{records} log calls",
        unit="records/s",
        ours=Value.of([found.rate for found in ours], most_is_best=True),
        peer=Value.of([found.rate for found in peer], most_is_best=True),
        peer_name=name,
        note=NOTE if name == "FileHandler" else "",
    )


@contextmanager
def _closing(handler: logging.Handler) -> Iterator[logging.Handler]:
    try:
        yield handler
    finally:
        handler.close()


@contextmanager
def _spool(folder: Path) -> Iterator[logging.Handler]:
    path = folder / "aws/sagemaker/studio" / f"{STREAM}.log"
    with _closing(SpoolHandler(str(path), str(folder))) as handler:
        yield handler


@contextmanager
def _file(folder: Path) -> Iterator[logging.Handler]:
    path = folder / "aws/sagemaker/studio" / f"{STREAM}.log"
    path.parent.mkdir(parents=True)
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter(FORMAT))
    with _closing(handler):
        yield handler


@contextmanager
def _queue(folder: Path) -> Iterator[logging.Handler]:
    records: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    with _file(folder) as file, _closing(logging.handlers.QueueHandler(records)) as handler:
        listener = logging.handlers.QueueListener(records, file)
        listener.start()
        try:
            yield handler
        finally:
            listener.stop()


@contextmanager
def _cloudwatch() -> Iterator[Any]:
    """Makes handlers of watchtower, as its own documentation does, to a service of this machine.

    The stream is there before: while it makes one itself it drops what other threads log.
    """
    import boto3  # noqa: PLC0415  # not in every environment
    import watchtower  # noqa: PLC0415

    before = dict(os.environ)
    os.environ.update(fake_cloudwatch.FAKE_CREDENTIALS)
    try:
        with fake_cloudwatch.start_fake_cloudwatch() as service:
            client = boto3.client("logs", endpoint_url=service.endpoint_url)
            names = {"logGroupName": fake_cloudwatch.GROUP}
            client.create_log_group(**names)
            client.create_log_stream(**names, logStreamName=STREAM)

            @contextmanager
            def make(_: Path) -> Iterator[logging.Handler]:
                handler = watchtower.CloudWatchLogHandler(
                    boto3_client=client,
                    log_group_name=fake_cloudwatch.GROUP,
                    log_stream_name=STREAM,
                    create_log_group=False,
                    create_log_stream=False,
                )
                with _closing(handler):
                    yield handler

            yield make
    finally:
        os.environ.clear()
        os.environ.update(before)
