"""The request log: one printable line for each answer, its facts as fields, no secret in either."""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from log_state import Kept, fresh_logging
from tornado.httputil import HTTPHeaders

from jupyter_sm.logs.access import (
    FIELDS,
    PATH_CHARACTERS_MOST,
    kernel_id_of,
    log_request,
    request_id_of,
    scrubbed_path,
)
from jupyter_sm.logs.secrets.scrubbing import Scrubber

TOKEN = "d41d8cd98f00b204"  # the value is no secret
KERNEL = "6D4e8b7e-1111-2222-3333-444455556666"
scrub = Scrubber([TOKEN]).scrub


@pytest.fixture
def kept() -> Iterator[Kept]:
    with fresh_logging():
        handler = Kept()
        logging.getLogger("tornado.access").addHandler(handler)
        yield handler


def write(**given: Any) -> None:
    request = {
        "method": "GET",
        "uri": "/api/kernels",
        "status": 200,
        "seconds": 0.003214,
        "remote": "127.0.0.1",
    }
    log_request(logging.getLogger("tornado.access"), scrub=scrub, **{**request, **given})


def test_a_request_is_one_line_and_the_same_facts_as_fields(kept: Kept) -> None:
    write(uri=f"/base/api/kernels/{KERNEL}/channels?token={TOKEN}&session_id=1", request_id="r-1")
    path = f"/base/api/kernels/{KERNEL}/channels?token=[secret]&session_id=1"
    assert kept.last.getMessage() == f"200 GET {path} (127.0.0.1) 3.21ms"
    fields = {
        "method": "GET",
        "path": path,
        "status": 200,
        "duration_ms": 3.214,
        "remote": "127.0.0.1",
        "request_id": "r-1",
        "kernel_id": KERNEL.lower(),
    }
    assert getattr(kept.last, FIELDS) == json.loads(json.dumps(fields))


def test_what_is_not_known_is_no_field(kept: Kept) -> None:
    write(remote="", method="")
    assert set(getattr(kept.last, FIELDS)) == {"method", "path", "status", "duration_ms", "remote"}
    assert kept.last.getMessage() == "200 - /api/kernels (-) 3.21ms"


@pytest.mark.parametrize(
    ("status", "level"),
    [
        (101, logging.INFO),
        (200, logging.INFO),
        (304, logging.INFO),
        (399, logging.INFO),
        (400, logging.WARNING),
        (499, logging.WARNING),
        (500, logging.ERROR),
        (599, logging.ERROR),
    ],
)
def test_the_level_is_tornados(kept: Kept, status: int, level: int) -> None:
    write(status=status)
    assert kept.last.levelno == level


def test_where_nobody_listens_nothing_is_scrubbed(kept: Kept) -> None:
    log = logging.getLogger("tornado.access")
    log.setLevel(logging.WARNING)

    def refuse(text: str) -> str:
        raise AssertionError(text)

    log_request(log, scrub=refuse, method="GET", uri="/", status=200, seconds=1, remote="a")
    assert not kept.records


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("/a?%74oken=Q&b=1", "/a?%74oken=[secret]&b=1"),
        ("/a?b=1&TOKEN=Q", "/a?b=1&TOKEN=[secret]"),
        ("/a?tok\x00en=1&_xsrf=Q", "/a?tok%00en=1&_xsrf=[secret]"),
        ("/a?token=Q'Q\"Q Q\nQ", "/a?token=[secret]"),
        ("/a?token=Q\udcffQ", "/a?token=[secret]"),
        ("/a?token=%ff%feQ", "/a?token=[secret]"),
        ("http://me:Q@host/a?b=1", "http://[secret]@host/a?b=1"),
        ("//me:Q@host/a", "//[secret]@host/a"),
        ("/login?next=%2Flab%3Ftoken%3DQ", "/login?next=[secret]"),
        (f"/files/{TOKEN}/a", "/files/[secret]/a"),
        ("/files/%64" + TOKEN[1:], "[secret]"),
        ("/a\r\n200 GET /b (1.2.3.4) 1ms", "/a%0D%0A200%20GET%20/b%20(1.2.3.4)%201ms"),
        ("/a\x1b[31m\u2028\u202e\x85", "/a%1B[31m%E2%80%A8%E2%80%AE%C2%85"),
        ("/\udcff\ud800/é", "/%FF%ED%A0%80/é"),
        ("*", "*"),
        ("", ""),
    ],
)
def test_a_hostile_uri_is_one_printable_path_without_secrets(uri: str, path: str) -> None:
    found = scrubbed_path(uri, scrub)
    assert found == path
    assert found.isprintable()
    assert "Q" not in found
    found.encode()


def test_a_hostile_method_and_address_write_no_second_line(kept: Kept) -> None:
    write(method="GET\n" + "A" * 99, remote="1.2.3.4\r\n" + "9" * 99)
    assert kept.last.getMessage().isprintable()
    assert len(kept.last.getMessage()) < 200


@pytest.mark.timeout(60)
@pytest.mark.parametrize("part", ["a", "%74", "\n", "&token=Q"])
def test_a_uri_of_a_megabyte_is_cut_and_says_so(part: str) -> None:
    path = scrubbed_path("/a?" + part * ((1 << 20) // len(part)), scrub)
    assert len(path) < PATH_CHARACTERS_MOST + 40
    assert re.search(r"…\[\d+ more characters\]$", path)
    assert "Q" not in path


def test_no_part_of_a_secret_is_left_where_a_path_is_cut() -> None:
    for length in range(PATH_CHARACTERS_MOST - 20, PATH_CHARACTERS_MOST + 2):
        assert TOKEN[:4] not in scrubbed_path("/" * length + TOKEN + "/a", scrub)


@pytest.mark.parametrize(
    ("uri", "kernel"),
    [
        (f"/api/kernels/{KERNEL}", KERNEL.lower()),
        (f"/user/me/api/kernels/{KERNEL}/interrupt?a=b", KERNEL.lower()),
        (f"/api/kernels/{KERNEL}/channels", KERNEL.lower()),
        (f"/api/kernels/{KERNEL}0", None),
        (f"/api/kernelspecs/{KERNEL}", None),
        (f"/login?next=/api/kernels/{KERNEL}", None),
        ("/api/kernels", None),
        ("/api/kernels/not-a-kernel", None),
    ],
)
def test_the_kernel_is_in_the_path(uri: str, kernel: str | None) -> None:
    assert kernel_id_of(uri) == kernel


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({"X-Request-Id": "a.b_c=d:e;f-1"}, "a.b_c=d:e;f-1"),
        ({"x-amzn-trace-id": "Root=1-67891233-abcdef0123"}, "Root=1-67891233-abcdef0123"),
        ({"X-Request-Id": "first", "X-Amzn-Trace-Id": "second"}, "first"),
        ({"X-Request-Id": "a b", "X-Amzn-Trace-Id": "second"}, "second"),
        ({"X-Request-Id": "a" * 128}, "a" * 128),
    ],
)
def test_the_request_is_called_as_the_client_calls_it(headers: dict[str, str], name: str) -> None:
    assert request_id_of(HTTPHeaders(headers)) == name


@pytest.mark.parametrize("given", ["", "a" * 129, "a\tb", "a,b", "é", f"id-{TOKEN}", "token=abc"])
def test_another_name_is_made_where_the_clients_is_unusable(given: str) -> None:
    headers = HTTPHeaders({"X-Request-Id": given})
    names = {request_id_of(headers, scrub) for _ in range(100)}
    assert len(names) == 100
    assert all(re.fullmatch("[0-9a-f]{8}", name) for name in names)


def test_a_name_given_twice_is_not_taken() -> None:
    headers = HTTPHeaders()
    headers.add("X-Request-Id", "a")
    headers.add("X-Request-Id", "b")
    assert re.fullmatch("[0-9a-f]{8}", request_id_of(headers))
