"""That the benchmarks run and say what they should; never how fast anything is."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .__main__ import MISUSE, selected, works
from .table import (
    HEADER,
    Reach,
    Row,
    Value,
    at_most,
    exactly,
    more_at_most,
    number,
    rendered,
    times_at_least,
    times_at_most,
)
from .timing import in_turns

ROOT = Path(__file__).resolve().parents[2]

RunBench = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def bench() -> RunBench:
    def run(*args: str) -> "subprocess.CompletedProcess[str]":
        command = [str(ROOT / "scripts/bench"), "--with", sys.executable, *args]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    return run


def row(ours: float, peer: float, *reach: Reach, **more: Any) -> Row:
    sides = {"ours": Value.only(ours), "peer": Value.only(peer)}
    defaults = {"name": "it", "work": "it", "unit": "ms", "peer_name": "other"}
    return Row(reach=reach, **{**sides, **defaults, **more})


def test_the_script_prints_the_rows_that_were_asked_for_as_json(bench: RunBench) -> None:
    done = bench("--quick", "--json", "discovery-1", "import")

    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert document.keys() == {"quick", "processors", "python", "rows"}
    assert document["quick"] is True
    rows = document["rows"]
    assert [row["name"] for row in rows] == ["discovery-1", "import"]
    for found in rows:
        assert found["ours"]["median"] >= found["ours"]["best"] > 0
        assert found["peer"]["median"] >= found["peer"]["best"] > 0
        assert found["ratio"] == found["ours"]["median"] / found["peer"]["median"]
        assert found["met"] in ((True, False) if found["reach"] else (None,))


def test_the_rows_of_kernels_are_told_with_the_number_of_scripts(bench: RunBench) -> None:
    done = bench("--quick", "--json", "activation", "kernel-start")

    assert (done.returncode, done.stderr) == (0, "")
    rows = json.loads(done.stdout)["rows"]
    assert [(row["name"], row["work"].split(", ")[-1], row["reach"]) for row in rows] == [
        ("activation", "no scripts", ["<= 0.5 ms"]),
        ("activation", "1 script", ["<= 10 ms"]),
        ("activation", "5 scripts", []),
        ("kernel-start", "no scripts", []),
        ("kernel-start", "no scripts", ["<= +25 ms"]),
        ("kernel-start-scripts", "1 script", []),
        ("kernel-start-scripts", "1 script", ["<= +25 ms"]),
    ]
    assert all(row[side]["best"] > 0 for row in rows for side in ("ours", "peer"))


def test_the_script_prints_one_table(bench: RunBench) -> None:
    done = bench("--quick", "discovery-1")

    lines = done.stdout.splitlines()
    assert tuple(cell.strip() for cell in lines[0].strip("|").split("|")) == HEADER
    assert "cold discovery, 1 environment " in lines[2]
    assert len({len(line) for line in lines}) == 1


def test_a_name_that_selects_nothing_is_misuse_and_the_names_are_told(bench: RunBench) -> None:
    done = bench("nothing")

    assert (done.returncode, done.stdout) == (MISUSE, "")
    assert done.stderr.startswith("scripts/bench: nothing is called 'nothing'; there are discov")


@pytest.mark.parametrize("given", [["--with"], ["--with", "no-such-python"]])
def test_an_interpreter_that_is_not_there_is_misuse(given: list[str]) -> None:
    done = subprocess.run([ROOT / "scripts/bench", *given], capture_output=True, check=False)

    assert done.returncode == MISUSE
    assert b"--with needs an interpreter, not" in done.stderr


def test_a_name_selects_itself_and_what_begins_with_it() -> None:
    def names(*chosen: str) -> list[str]:
        return [work.name for work in selected(chosen, quick=True)]

    assert names("listing-10") == ["listing-10"]
    assert names("import", "memory") == ["import", "memory-1", "memory-500"]


def test_only_a_quick_run_of_everything_leaves_something_out() -> None:
    everything = [work.name for work in works()]
    quick = [work.name for work in selected([], quick=True)]

    assert [work.name for work in selected([], quick=False)] == everything
    assert set(everything) - set(quick) == {
        "discovery-2000",
        "listing-10",
        "listing-100",
        "logging-loss",
        "memory-1",
    }


def test_every_name_is_given_once() -> None:
    names = [work.name for work in works()]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("reach", "text", "just", "beyond"),
    [
        (times_at_most(2), "<= 2x", row(4, 2), row(5, 2)),
        (times_at_least(20), ">= 20x", row(40, 2), row(39, 2)),
        (at_most(6, "ms"), "<= 6 ms", row(6, 1), row(7, 1)),
        (exactly(4, "all"), "all", row(4, 0), row(3, 0)),
        (more_at_most(30, "ms"), "<= +30 ms", row(9, 1, difference=30), row(9, 1, difference=31)),
    ],
    ids=lambda value: value.text if isinstance(value, Reach) else "",
)
def test_a_limit_is_met_up_to_its_value(reach: Reach, text: str, just: Row, beyond: Row) -> None:
    assert reach.text == text
    assert reach.holds(just)
    assert not reach.holds(beyond)


def test_a_row_is_met_when_all_its_limits_are() -> None:
    assert row(3, 2, times_at_most(2), at_most(4, "ms")).met is True
    assert row(3, 2, times_at_most(2), at_most(2, "ms")).met is False
    assert row(3, 2).met is None


def test_a_peer_of_nothing_has_no_ratio_and_reaches_none() -> None:
    alone = row(4, 0, times_at_most(2))

    assert alone.ratio is None
    assert alone.met is False
    assert "| -     |" in rendered([alone])


def test_the_table_has_a_line_a_row_and_the_notes_below() -> None:
    slow = row(3.14159, 2, at_most(2, "ms"), difference=1.14159, note="it was raining")

    assert rendered([slow]).splitlines() == [
        "| work | ours    | peer        | ratio           | reach   | met? |",
        "|------|---------|-------------|-----------------|---------|------|",
        "| it   | 3.14 ms | 2 ms, other | 1.57x (+1.1 ms) | <= 2 ms | NO   |",
        "",
        "it: it was raining",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.012345, "0.0123"), (12.345, "12.3"), (99.96, "100"), (123456, "123456")],
)
def test_a_number_has_three_digits_and_no_exponent(value: float, text: str) -> None:
    assert number(value) == text


def test_the_best_is_the_least_or_the_most() -> None:
    assert Value.of([3, 1, 2]) == Value(median=2, best=1)
    assert Value.of([3, 1, 2], most_is_best=True) == Value(median=2, best=3)


def test_who_goes_first_alternates() -> None:
    went: list[str] = []

    def side(name: str) -> str:
        went.append(name)
        return f"{name}{len(went)}"

    given = in_turns(3, lambda: side("a"), lambda: side("b"))

    assert went == ["a", "b", "b", "a", "a", "b"]
    assert given == (["a1", "a4", "a5"], ["b2", "b3", "b6"])
