"""`jupyter sm logs --ship`: what is on disk arrives once, and what does not is told with its reason."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_cloudwatch import FAKE_CREDENTIALS, FakeCloudWatch, start_fake_cloudwatch

from jupyter_sm.logs.segments import lock_path
from jupyter_sm.logs.shipping.claim import Claim

from .logged import STREAM, Logged, event
from .machine import Command, Machine

DAY = 86_400.0


@pytest.fixture(scope="module")
def running_fake() -> Iterator[FakeCloudWatch]:
    with start_fake_cloudwatch() as running:
        yield running


@pytest.fixture
def fake(running_fake: FakeCloudWatch, monkeypatch: pytest.MonkeyPatch) -> FakeCloudWatch:
    """What every client of the SDK in this process calls."""
    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    for name, value in FAKE_CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", running_fake.endpoint_url)
    running_fake.forget()
    return running_fake


@pytest.fixture
def logged(tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Logged:
    """A log away from SageMaker: the names of the app are in its path alone."""
    del machine
    monkeypatch.setenv("JUPYTER_SM_METADATA_FILE", str(tmp_path / "none.json"))
    return Logged(tmp_path)


@pytest.fixture
def platform_logged(tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Logged:
    """The log of an app of SageMaker's."""
    del machine
    made = Logged(tmp_path)
    for name, value in made.settings.items():
        monkeypatch.setenv(name, value)
    return made


def arrived(fake: FakeCloudWatch) -> list[str]:
    return [message for _, message in fake.arrived(STREAM)]


def test_everything_on_disk_is_shipped_once(
    sm: Command, logged: Logged, fake: FakeCloudWatch
) -> None:
    logged.add(*(event(str(n)) for n in range(10)))
    logged.rotate(1)
    logged.add(event("ten"))
    outcome = sm("logs", "--ship", f"--file={logged.path}")
    assert outcome.status == 0
    words = " ".join(outcome.out.split())
    assert words == f"11 events shipped to /aws/sagemaker/studio {STREAM}"
    assert len(arrived(fake)) == 11
    again = sm("logs", "--ship", f"--file={logged.path}")
    assert (again.status, again.out.split()[:2]) == (0, ["0", "events"])
    logged.add(event("eleven"))
    assert sm("logs", "--ship", f"--file={logged.path}").out.startswith("1 event shipped")
    assert len(arrived(fake)) == 12


def test_what_the_service_refuses_is_counted_with_the_reason(
    sm: Command, logged: Logged, fake: FakeCloudWatch
) -> None:
    logged.add(event("old", ago=15 * DAY), event("older", ago=15 * DAY), b"torn\n", event("new"))
    outcome = sm("logs", "--ship", f"--file={logged.path}")
    assert outcome.status == 1
    assert outcome.lines[-2:] == [
        "2 refused by the service: more than 14 days old",
        "1 left out: lines that are no event",
    ]
    assert len(arrived(fake)) == 1
    assert sm("logs", "--ship", f"--file={logged.path}").status == 0


def test_what_is_left_is_told_with_what_is_in_the_way(
    sm: Command, logged: Logged, fake: FakeCloudWatch
) -> None:
    logged.add(event("one"), event("two"))
    fake.fail("AccessDeniedException", times=None)
    outcome = sm("logs", "--ship", f"--file={logged.path}", "--json")
    assert outcome.status == 1
    document = outcome.json()
    assert document["now"]["shipped"] == 0
    assert document["report"]["behind_events"] == 2
    assert "AccessDenied" in document["report"]["reason"]
    outcome = sm("logs", "--ship", f"--file={logged.path}")
    assert (outcome.out + outcome.err).count("AccessDenied") == 1
    words = " ".join(outcome.out.split())
    assert "2 events not shipped: " in words
    assert "mend that and ship again" in words
    fake.recover()
    assert sm("logs", "--ship", f"--file={logged.path}").status == 0
    assert len(arrived(fake)) == 2


def test_where_sagemaker_collects_the_output_it_is_refused_unless_forced(
    sm: Command, platform_logged: Logged, fake: FakeCloudWatch
) -> None:
    platform_logged.add(event("one"))
    outcome = sm("logs", "--ship")
    assert (outcome.status, outcome.out) == (1, "")
    assert "every line would be there twice; `--ship --force` ships all the same" in outcome.err
    assert fake.calls() == []
    assert sm("logs", "--ship", "--force").status == 0
    assert len(arrived(fake)) == 1


def test_a_file_outside_of_the_layout_goes_nowhere(
    sm: Command, logged: Logged, fake: FakeCloudWatch
) -> None:
    path = logged.folder / "some.log"
    logged.add(event("one"), path=path)
    outcome = sm("logs", "--ship", f"--file={path}")
    assert (outcome.status, outcome.out) == (2, "")
    assert "is below no log group of SageMaker" in outcome.err
    assert fake.calls() == []


def test_a_closed_segment_is_answered_with_the_file_to_ship(
    sm: Command, logged: Logged, fake: FakeCloudWatch
) -> None:
    logged.add(event("one"))
    logged.rotate(1)
    outcome = sm("logs", "--ship", f"--file={logged.path}.00000001")
    assert (outcome.status, outcome.out) == (2, "")
    words = " ".join(outcome.err.split())
    assert "my-app.log.00000001 is a closed segment of a log" in words
    assert f"ship {logged.path}, that ships the closed segments too" in words
    assert fake.calls() == []
    assert sm("logs", "--ship", f"--file={logged.path}").status == 0
    assert len(arrived(fake)) == 1


def test_another_users_log_is_refused_before_anything_is_made_beside_it(
    sm: Command, logged: Logged, fake: FakeCloudWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged.add(event("one"))
    owner = os.geteuid()
    if owner == 0:
        owner = 12_345
        os.chown(logged.path, owner, owner)
    else:  # its own, as another user sees it
        monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    outcome = sm("logs", "--ship", f"--file={logged.path}")
    assert (outcome.status, outcome.out) == (1, "")
    assert f"docker exec -u {owner}" in outcome.err
    assert [path.name for path in logged.path.parent.iterdir()] == [logged.path.name]
    assert fake.calls() == []


def test_a_service_out_of_reach_is_given_up_after_the_timeout(
    sm: Command, logged: Logged, fake: FakeCloudWatch
) -> None:
    logged.add(event("one"))
    fake.refuse()
    outcome = sm("logs", "--ship", "--timeout=0.5", f"--file={logged.path}")
    assert outcome.status == 1
    words = " ".join(outcome.out.split())
    assert "1 event not shipped: the time, 0.5 s, was over; the last trouble was: " in words
    fake.recover()
    assert sm("logs", "--ship", "--timeout=30", f"--file={logged.path}").status == 0
    assert len(arrived(fake)) == 1


@pytest.mark.parametrize("timeout", ["0", "-1", "nan", "soon", ""])
def test_a_timeout_is_a_number_of_seconds(sm: Command, timeout: str) -> None:
    outcome = sm("logs", "--ship", f"--timeout={timeout}")
    assert outcome.status == 2
    assert "no number of seconds" in outcome.err


def test_a_timeout_without_shipping_is_refused(sm: Command) -> None:
    outcome = sm("logs", "--timeout=3")
    assert outcome.status == 2
    assert "write --ship --timeout SECONDS" in outcome.err


def test_a_log_that_is_being_shipped_is_left_to_its_shipper(
    sm: Command, logged: Logged, fake: FakeCloudWatch
) -> None:
    logged.add(event("one"))
    claim = Claim(str(logged.path))
    assert claim.take()
    try:
        outcome = sm("logs", "--ship", f"--file={logged.path}")
    finally:
        claim.release()
    assert (outcome.status, outcome.out) == (1, "")
    assert "is being shipped already" in outcome.err
    assert Path(lock_path(str(logged.path))).exists()
    assert fake.calls() == []


def test_an_interrupt_while_the_service_is_away_leaves_the_rest_for_the_next_time(
    *,
    sm: Command,
    sm_words: list[str],
    sm_environ: dict[str, str],
    logged: Logged,
    fake: FakeCloudWatch,
) -> None:
    logged.add(event("one"))
    environ = {**sm_environ, **{k: v for k, v in os.environ.items() if k.startswith("AWS_")}}
    environ |= {"JUPYTER_SM_METADATA_FILE": str(logged.folder / "none.json")}
    fake.refuse()
    process = subprocess.Popen(
        [*sm_words, "logs", "--ship", f"--file={logged.path}"],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    told = ""
    while "waiting: " not in told:
        line = process.stderr.readline()
        assert line, told
        told += line
    process.send_signal(signal.SIGINT)
    out, rest = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in rest
    fake.recover()
    assert sm("logs", "--ship", f"--file={logged.path}").status == 0
    assert len(arrived(fake)) == 1


def test_without_the_extra_it_is_named(sm_environ: dict[str, str], logged: Logged) -> None:
    logged.add(event("one"))
    code = (
        "import sys; sys.modules['boto3'] = sys.modules['botocore'] = None\n"
        "from jupyter_sm.cli import main\n"
        f"sys.exit(main(['logs', '--ship', '--file', {str(logged.path)!r}]))"
    )
    environ = {**sm_environ, "JUPYTER_SM_METADATA_FILE": str(logged.folder / "none.json")}
    words = [sys.executable, "-c", code]
    ended = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "pip install 'jupyter_sm[aws]'" in ended.stderr
    assert "Traceback" not in ended.stderr
