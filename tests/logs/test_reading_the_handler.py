"""The reader and the handler together: what is logged by several processes is read once."""

import logging
import multiprocessing
from contextlib import closing
from pathlib import Path

from jupyter_sm.logs.line import fields_of
from jupyter_sm.logs.reading.scanning import Counts, Reader
from jupyter_sm.logs.segments import segments
from jupyter_sm.logs.spool import SpoolHandler

from .written import wait_until_there

EACH = 2500


def log_numbers(path: str, begin: int) -> None:
    handler = SpoolHandler(path, segment_bytes=20_000, segments_most=10_000)
    logger = logging.Logger("test")  # noqa: LOG001  # not one of the process
    logger.addHandler(handler)
    for number in range(begin, begin + EACH):
        logger.info("%d", number)
    handler.close()


def test_three_processes_log_and_rotate_while_one_reads(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    context = multiprocessing.get_context("fork")
    work = [(str(path), begin) for begin in (0, EACH, 2 * EACH)]
    processes = [context.Process(target=log_numbers, args=args) for args in work]
    counts = Counts()
    seen: list[int] = []
    for process in processes:
        process.start()
    wait_until_there(path)
    with closing(Reader(str(path), None, counts)) as reader:
        running = True
        while running:  # once more after the last one has ended
            running = any(process.is_alive() for process in processes)
            seen += [int(fields_of(scanned.event)["message"]) for scanned in reader.read()]
    for process in processes:
        process.join()
        assert process.exitcode == 0
        process.close()
    assert len(segments(str(path))) > 20
    assert sorted(seen) == list(range(3 * EACH))
    for _, begin in work:
        own = [number for number in seen if begin <= number < begin + EACH]
        assert own == sorted(own)
    assert counts == Counts()
