"""Whatever may stand between a client and the service: an answer, and never an exception."""

import socket
import threading
import time
from typing import Any

import pytest
from fake_cloudwatch import FakeCloudWatch
from hosts import free_port

from jupyter_sm.aws import LogsClient

STREAM = "d-1/ann/KernelGateway/app"


def _some() -> list[tuple[int, str]]:
    return [(time.time_ns() // 1_000_000, "x")]


def _answer_in_clear(listener: socket.socket) -> None:
    with listener.accept()[0] as connection:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_nobody_listens(open_logs: Any) -> None:
    answer = open_logs(endpoint_url=f"http://127.0.0.1:{free_port()}").put(_some())

    assert answer.kind == "endpoint"
    assert answer.detail.startswith("EndpointConnectionError: Could not connect")


def test_a_refusing_service_is_reached_again(logs: LogsClient, fake: FakeCloudWatch) -> None:
    fake.refuse()
    assert logs.put(_some()).kind == "endpoint"
    assert logs.put(_some()).kind == "endpoint"
    fake.recover()

    assert logs.put(_some()).kind == "accepted"


@pytest.mark.parametrize("accepts", [False, True])
def test_a_reset_connection(logs: LogsClient, fake: FakeCloudWatch, *, accepts: bool) -> None:
    fake.reset(accepts=accepts)

    assert logs.put(_some()).kind == "endpoint"
    assert len(fake.arrived(STREAM)) == accepts


def test_an_answer_that_comes_too_late(logs: LogsClient, fake: FakeCloudWatch) -> None:
    fake.answer_late(1.0)
    answer = logs.put(_some())

    assert (answer.kind, answer.detail.partition(":")[0]) == ("endpoint", "ReadTimeoutError")
    assert len(fake.arrived(STREAM)) == 1
    assert logs.put(_some()).kind == "accepted"


def test_a_service_that_speaks_no_tls(open_logs: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answering = threading.Thread(target=_answer_in_clear, args=(listener,))
        answering.start()
        answer = open_logs(endpoint_url=f"https://127.0.0.1:{listener.getsockname()[1]}").put(
            _some()
        )
        answering.join()

    assert (answer.kind, answer.detail.partition(":")[0]) == ("endpoint", "SSLError")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"endpoint_url": "not a url"}, "ValueError: Invalid endpoint"),
        ({"endpoint_url": None, "region": "not a region"}, "InvalidRegionError: "),
    ],
)
def test_an_endpoint_that_is_none(open_logs: Any, how: dict[str, Any], said: str) -> None:
    answer = open_logs(**how).put(_some())

    assert answer.kind == "endpoint"
    assert answer.detail.startswith(said)


def test_the_password_of_a_url_is_not_in_the_detail(open_logs: Any) -> None:
    url = f"http://me:sesame@127.0.0.1:{free_port()}"

    assert "sesame" not in open_logs(endpoint_url=url).put(_some()).detail


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, "endpoint"),
        (302, "endpoint"),
        (403, "endpoint"),
        (407, "endpoint"),
        (413, "invalid"),
        (429, "throttled"),
        (502, "unavailable"),
    ],
)
def test_a_page_of_a_proxy_is_not_taken_for_the_service(
    logs: LogsClient, fake: FakeCloudWatch, status: int, kind: str
) -> None:
    fake.answer_raw(status, "<html>" + "Please sign in. " * 500 + "</html>")
    answer = logs.put(_some())

    assert answer.kind == kind
    assert str(status) in answer.detail
    assert len(answer.detail) <= 400
    assert logs.put(_some()).kind == "accepted"


def test_a_page_of_a_proxy_creates_nothing(open_logs: Any, fake: FakeCloudWatch) -> None:
    fake.answer_raw(200, "<html>Please sign in</html>")

    assert open_logs().create().kind == "endpoint"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, "[1]"),
        (200, "null"),
        (200, '"text"'),
        (400, "[1]"),
        (400, "null"),
        (400, "{"),
        (500, '{"message": {}}'),
        (500, ""),
    ],
)
def test_json_that_is_no_answer_raises_nothing(
    logs: LogsClient, fake: FakeCloudWatch, status: int, body: str
) -> None:
    fake.answer_raw(status, body, content_type="application/x-amz-json-1.1")

    assert logs.put(_some()).kind in ("endpoint", "unavailable")
    assert logs.put(_some()).kind == "accepted"
