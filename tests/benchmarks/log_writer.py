"""A server that logs a hundred events a second, ours or watchtower's way, until it is told to end.

    python log_writer.py SIDE LOG_PATH ENDPOINT COUNT_PATH FIRST EVENTS SEND_INTERVAL ENDING

``COUNT_PATH`` always holds how many calls to log have returned, whatever ends this process.
"""

import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

GROUP = "/aws/sagemaker/studio"
STREAM = "d-1/ann/KernelGateway/app"
EVERY_SECONDS = 0.01
STOP_SECONDS = 5.0


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def ours(
    log_path: str, endpoint: str, _interval: int
) -> tuple[logging.Handler, Callable[[], None]]:
    from jupyter_sm.logs.shipping import ShipperProcess  # noqa: PLC0415 - one side only
    from jupyter_sm.logs.spool import SpoolHandler  # noqa: PLC0415
    from jupyter_sm.logs.stream import Stream  # noqa: PLC0415

    shipper = ShipperProcess(log_path, Stream(GROUP, STREAM), endpoint_url=endpoint, note=say)
    shipper.start()
    return SpoolHandler(log_path), lambda: shipper.stop(STOP_SECONDS)


def watchtower(
    _log_path: str, endpoint: str, interval: int
) -> tuple[logging.Handler, Callable[[], None]]:
    import boto3  # noqa: PLC0415 - one side only
    import watchtower  # noqa: PLC0415

    client = boto3.client("logs", endpoint_url=endpoint)
    # Made before: while it makes the stream itself, it drops what other threads log.
    with contextlib.suppress(client.exceptions.ResourceAlreadyExistsException):
        client.create_log_group(logGroupName=GROUP)
        client.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
    handler = watchtower.CloudWatchLogHandler(
        log_group_name=GROUP,
        log_stream_name=STREAM,
        boto3_client=client,
        send_interval=interval,
        create_log_group=False,
        create_log_stream=False,
    )
    return handler, logging.shutdown


def end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def main() -> None:
    side, log_path, endpoint, count_path, first, events, interval, ending = sys.argv[1:]
    if ending == "handled":
        signal.signal(signal.SIGTERM, end)
    sides = {"ours": ours, "watchtower": watchtower}
    handler, finish = sides[side](log_path, endpoint, int(interval))
    log = logging.getLogger("app")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    count = os.open(count_path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        for number in range(int(first), int(first) + int(events)):
            log.info("event %d", number)
            os.pwrite(count, b"%d" % (number + 1), 0)
            time.sleep(EVERY_SECONDS)
    finally:
        finish()


if __name__ == "__main__":
    main()
