"""A second opinion: the same client, and a service written by somebody else."""

import contextlib
import time
from collections.abc import Iterator

import pytest
from moto_server import MotoServer, start_moto_server

from jupyter_sm.aws import Answer, LogsClient

GROUP = "/aws/sagemaker/studio"
STREAM = "d-1/ann/KernelGateway/app"
DAY = 24 * 3_600_000


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoServer]:
    with start_moto_server(tmp_path_factory.mktemp("moto") / "log") as running:
        yield running


@pytest.fixture
def logs(moto: MotoServer) -> Iterator[LogsClient]:
    with contextlib.closing(LogsClient(GROUP, STREAM, endpoint_url=moto.endpoint_url)) as client:
        yield client


def test_a_stream_is_missing_then_made_then_written_to(logs: LogsClient, moto: MotoServer) -> None:
    now = time.time_ns() // 1_000_000
    written = [(now + number, f'{{"message":"é😀 {number}"}}') for number in range(12_000)]
    assert logs.put(written[:1]).kind == "missing"
    assert logs.create() == Answer(kind="accepted")
    assert logs.create() == Answer(kind="accepted")

    assert logs.put(written[:10_000]) == Answer(kind="accepted")
    assert logs.put(written[10_000:]) == Answer(kind="accepted")
    assert moto.events(GROUP, STREAM) == written


def test_an_old_event_is_rejected_alone(logs: LogsClient, moto: MotoServer) -> None:
    logs.create()
    before = moto.events(GROUP, STREAM)
    now = time.time_ns() // 1_000_000

    answer = logs.put([(now - 15 * DAY, "old"), (now, "valid")])

    assert answer.kind == "accepted"
    assert answer.rejected_too_new == 0
    assert (now, "valid") in moto.events(GROUP, STREAM)
    assert len(moto.events(GROUP, STREAM)) == len(before) + 1


def test_a_batch_out_of_order_is_invalid(logs: LogsClient) -> None:
    logs.create()
    now = time.time_ns() // 1_000_000

    assert logs.put([(now, "b"), (now - 1, "a")]).kind == "invalid"
