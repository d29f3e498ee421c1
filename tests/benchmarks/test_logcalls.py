"""That the sides of the work ``log-call`` write what they are measured with."""

import importlib.util
from pathlib import Path

from jupyter_sm.logs.line import decode_line

from . import logcalls
from .timing import Effort


def test_every_side_writes_every_record(tmp_path: Path) -> None:
    rows = logcalls.measure(Effort(quick=True), tmp_path)

    peers = [row.peer_name for row in rows]
    wanted = ["FileHandler", "QueueHandler, FileHandler"]
    wanted += ["watchtower"] if importlib.util.find_spec("watchtower") else []
    assert peers == [name for name in wanted for _ in range(4)]
    assert [row.work for row in rows[:4]] == [
        "log call, p50",
        "log call, p99",
        "log call, p99.9",
        "1000 log calls",
    ]
    assert [row.reach[0].text if row.reach else "" for row in rows[:4]] == ["", "<= 1.5x", "", ""]
    files = [path for path in tmp_path.rglob("app.log") if path.is_file()]
    assert len(files) == 6
    assert {len(path.read_bytes().splitlines()) for path in files} == {1_000}
    ours = [path for path in files if decode_line(path.read_bytes().split(b"\n")[0])]
    assert len(ours) == 2
