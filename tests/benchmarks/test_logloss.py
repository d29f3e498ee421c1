from pathlib import Path

from .logloss import QUICK, SCENARIOS, outcome


def test_a_server_killed_has_lost_nothing_after_the_next_start(tmp_path: Path) -> None:
    found = outcome(SCENARIOS[0], "ours", QUICK, tmp_path)

    assert SCENARIOS[0].name == "kill -9"
    assert found.written == found.arrived > 0
    assert found.in_order
