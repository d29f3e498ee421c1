"""Requests that no client would send, to a real gateway."""

import json
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hosts import Host

from .mutation import documents

Launch = Callable[..., Host]

BODIES = {
    "/api/kernels": {
        "name": "absent",
        "path": "a/b",
        "env": {"KERNEL_A": "b"},
        "kernel_id": "k-1",
    },
    "/api/sessions": {"path": "a", "type": "notebook", "name": "n", "kernel": {"name": "absent"}},
}
FORGED = "[C 261120 00:00:00 forged] you are lost"
HOSTILE = f"\x1b[2K\r\x85{FORGED}\t\x7f".encode("latin-1")


@pytest.mark.parametrize("route", BODIES)
def test_no_body_is_too_odd_for_a_start(launch_gateway: Launch, route: str) -> None:
    host = launch_gateway()

    for data in documents([json.dumps(BODIES[route]).encode()], 200, seed=1):
        if b"absent" in data:  # the others start the default kernel, which takes its time
            answer = host.post(route, data)
            assert answer.status < 500, (data, answer.body)
            assert b"Traceback" not in answer.body


def test_no_request_forges_a_line_of_the_log(launch_gateway: Launch, tmp_path: Path) -> None:
    host = launch_gateway()
    port = urlsplit(host.url).port or 0
    path = f"/api/sm/none?{FORGED}\r\n\x1b".translate({c: f"%{c:02x}" for c in range(0x21)})
    for name in ("X-Request-Id", "X-Amzn-Trace-Id", "User-Agent", "Referer", "If-None-Match"):
        answer = host.get(path, headers={name: f"\x85{FORGED}\x9b2K"})
        assert answer.status == 404
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        raw.sendall(b"GET /" + HOSTILE + b" HTTP/1.1\r\nHost: a\r\n" + HOSTILE + b"\r\n\r\n")
        raw.recv(100)
    assert host.stop() == 0

    (spool,) = (tmp_path / "logs").rglob("*.log")
    events = [json.loads(json.loads(line)["message"]) for line in spool.read_bytes().splitlines()]
    shown = [*host.log().splitlines(), *(event["message"] for event in events)]
    assert sum("/api/sm/none" in line for line in shown) == 10
    assert [line for line in shown if line.startswith(FORGED[:9])] == []
    assert [line for line in shown if not line.isprintable()] == []
    assert [event for event in events if not event.get("request_id", "").isprintable()] == []
