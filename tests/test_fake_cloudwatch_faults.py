"""The tests' CloudWatch Logs fails as it is told to, and says exactly what it had accepted."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from fake_cloudwatch import FAKE_CREDENTIALS, GROUP, Call, FakeCloudWatch, start_fake_cloudwatch

STREAM = "d-1/ann/KernelGateway/app"
SOME = (time.time_ns() // 1_000_000, "x")


@pytest.fixture
def client(fake: FakeCloudWatch) -> Iterator[Any]:
    client = boto3.client(
        "logs",
        endpoint_url=fake.endpoint_url,
        region_name="eu-west-1",
        aws_access_key_id=FAKE_CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=FAKE_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"max_attempts": 0}, connect_timeout=1, read_timeout=1),
    )
    client.create_log_group(logGroupName=GROUP)
    client.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
    yield client
    client.close()


def _put(client: Any) -> None:
    event = {"timestamp": SOME[0], "message": SOME[1]}
    client.put_log_events(logGroupName=GROUP, logStreamName=STREAM, logEvents=[event])


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 400),
        ("ServiceUnavailableException", 500),
        ("InternalFailure", 500),
        ("InvalidParameterException", 400),
        ("AccessDeniedException", 400),
        ("ExpiredTokenException", 400),
        ("UnrecognizedClientException", 400),
    ],
)
def test_the_next_calls_fail_and_nothing_of_them_is_accepted(
    client: Any, fake: FakeCloudWatch, code: str, status: int
) -> None:
    fake.fail(code, times=2, operation="PutLogEvents")
    for _ in range(2):
        with pytest.raises(ClientError) as failure:
            _put(client)
        assert failure.value.response["Error"]["Code"] == code
        assert failure.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    _put(client)

    assert fake.arrived(STREAM) == [SOME]
    assert [call.code for call in fake.calls("PutLogEvents")] == [code, code, ""]


def test_a_fault_waits_for_its_operation(client: Any, fake: FakeCloudWatch) -> None:
    fake.fail("AccessDeniedException", operation="CreateLogGroup")
    _put(client)

    with pytest.raises(ClientError, match="AccessDenied"):
        client.create_log_group(logGroupName="/other")
    assert fake.calls()[-2:] == [
        Call("PutLogEvents", 1, ""),
        Call("CreateLogGroup", 0, "AccessDeniedException"),
    ]


@pytest.mark.parametrize("accepts", [False, True])
def test_a_reset_comes_before_or_after_the_batch_is_accepted(
    client: Any, fake: FakeCloudWatch, *, accepts: bool
) -> None:
    fake.reset(accepts=accepts)
    with pytest.raises(ConnectionClosedError):
        _put(client)

    assert fake.arrived(STREAM) == ([SOME] if accepts else [])


def test_an_answer_can_come_too_late_for_what_was_accepted(
    client: Any, fake: FakeCloudWatch
) -> None:
    fake.answer_late(1.5)
    with pytest.raises(ReadTimeoutError):
        _put(client)

    assert fake.arrived(STREAM) == [SOME]


def test_connections_are_refused_until_the_time_is_over(client: Any, fake: FakeCloudWatch) -> None:
    _put(client)
    fake.refuse(0.5)
    with pytest.raises((EndpointConnectionError, ConnectionClosedError)):
        _put(client)
    while True:
        try:
            _put(client)
            break
        except EndpointConnectionError:
            time.sleep(0.05)

    assert fake.arrived(STREAM) == [SOME, SOME]


def test_what_is_refused_for_ever_recovers_when_told(client: Any, fake: FakeCloudWatch) -> None:
    fake.refuse()
    with pytest.raises((EndpointConnectionError, ConnectionClosedError)):
        _put(client)  # on the connection that was there
    with pytest.raises(EndpointConnectionError):
        _put(client)
    fake.recover()
    _put(client)

    assert fake.arrived(STREAM) == [SOME]


@pytest.mark.parametrize("accepts", [False, True])
def test_a_hang_does_or_does_not_accept_what_nobody_waits_for(
    client: Any, fake: FakeCloudWatch, *, accepts: bool
) -> None:
    fake.hang(accepts=accepts)
    with pytest.raises(ReadTimeoutError):
        _put(client)
    fake.recover()

    assert fake.arrived(STREAM) == ([SOME] if accepts else [])


def test_who_waits_for_the_end_of_a_hang_is_answered(client: Any, fake: FakeCloudWatch) -> None:
    fake.hang()
    waiting = threading.Thread(target=_put, args=(client,))
    waiting.start()
    while len(fake.calls("PutLogEvents")) == 0:
        time.sleep(0.01)
    assert fake.arrived(STREAM) == []
    fake.recover()
    waiting.join()

    assert fake.arrived(STREAM) == [SOME]


def test_every_call_can_be_slow(client: Any, fake: FakeCloudWatch) -> None:
    fake.delay(0.2)
    begun = time.monotonic()
    _put(client)

    assert time.monotonic() - begun > 0.2


def test_a_proxy_can_answer_instead(client: Any, fake: FakeCloudWatch) -> None:
    fake.answer_raw(502, "<html>Bad gateway</html>")
    with pytest.raises(ClientError, match="502"):
        _put(client)
    fake.answer_raw(200, "<html>Sign in</html>")
    _put(client)  # the SDK takes it for a success

    assert fake.arrived(STREAM) == []


def test_the_clock_of_the_service_can_differ(client: Any, fake: FakeCloudWatch) -> None:
    fake.clock(15 * 24 * 3_600_000)
    _put(client)

    assert fake.arrived(STREAM) == []


def test_a_request_without_a_signature_is_refused(client: Any, fake: FakeCloudWatch) -> None:
    assert client
    unsigned = boto3.client(
        "logs",
        endpoint_url=fake.endpoint_url,
        region_name="eu-west-1",
        config=Config(signature_version=UNSIGNED),
    )
    with pytest.raises(ClientError, match="MissingAuthenticationToken"):
        _put(unsigned)
    unsigned.close()


def test_the_service_ends_with_the_process_that_started_it() -> None:
    program = (
        "import os, signal, sys; sys.path.insert(0, 'tests'); import fake_cloudwatch as f;"
        "c = f.start_fake_cloudwatch(); print(c.__enter__().endpoint_url, flush=True);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    root = __file__.rpartition("/tests/")[0]
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE, text=True, check=False
    )  # waits for the end of standard output, which the service does not hold

    port = int(ended.stdout.strip().rpartition(":")[2])
    with start_fake_cloudwatch(port) as again:
        assert again.endpoint_url == ended.stdout.strip()
