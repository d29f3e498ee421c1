"""Credentials and region: found where the SDK finds them, within a bounded time, and told of."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from fake_cloudwatch import FAKE_CREDENTIALS, FakeCloudWatch

from jupyter_sm.aws import AwsMissingError, LogsClient
from jupyter_sm.aws.session import AccessSource, Keys, NoCredentialsError

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
STREAM = "d-1/ann/KernelGateway/app"


def _some() -> list[tuple[int, str]]:
    return [(time.time_ns() // 1_000_000, "x")]


@pytest.fixture
def without_keys(aws_environ: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No credentials in the environment, and a home of the test's own."""
    for name in KEYS:
        aws_environ.delenv(name)
    aws_environ.setenv("HOME", str(tmp_path))
    (tmp_path / ".aws").mkdir()
    return aws_environ


def _configure(home: Path, text: str) -> None:
    (home / ".aws" / "config").write_text(f"[default]\nregion = eu-north-1\n{text}\n")


def test_without_credentials_the_answer_says_so_and_comes_again(
    without_keys: pytest.MonkeyPatch, open_logs: Any, fake: FakeCloudWatch
) -> None:
    logs = open_logs()
    answer = logs.put(_some())
    assert (answer.kind, answer.detail) == ("credentials", "no AWS credentials were found")
    assert logs.create().kind == "credentials"
    assert fake.calls() == []

    for name in KEYS:
        without_keys.setenv(name, FAKE_CREDENTIALS[name])
    assert logs.create().kind == "accepted"
    assert logs.put(_some()).kind == "accepted"


def test_without_a_region_the_answer_names_the_variables(
    aws_environ: pytest.MonkeyPatch, open_logs: Any
) -> None:
    aws_environ.delenv("AWS_DEFAULT_REGION")
    answer = open_logs().put(_some())

    assert answer.kind == "credentials"
    assert "AWS_REGION or AWS_DEFAULT_REGION" in answer.detail
    assert open_logs(region="eu-west-1").create().kind == "accepted"


def test_the_argument_comes_before_the_environment_and_that_before_the_file(
    without_keys: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _configure(tmp_path, "aws_access_key_id = a\naws_secret_access_key = b")
    without_keys.delenv("AWS_DEFAULT_REGION")
    assert AccessSource().get().region == "eu-north-1"
    without_keys.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    assert AccessSource().get().region == "eu-west-3"
    without_keys.setenv("AWS_REGION", "eu-west-2")
    assert AccessSource().get().region == "eu-west-2"
    assert AccessSource("eu-west-1").get().region == "eu-west-1"


@pytest.mark.usefixtures("without_keys")
def test_credentials_that_were_refused_are_read_again(
    tmp_path: Path, open_logs: Any, fake: FakeCloudWatch
) -> None:
    _configure(tmp_path, "aws_access_key_id = old\naws_secret_access_key = b")
    logs = open_logs()
    assert logs.create().kind == "accepted"
    _configure(tmp_path, "aws_access_key_id = new\naws_secret_access_key = c")
    fake.fail("ExpiredTokenException")

    assert logs.put(_some()).kind == "credentials"
    assert logs.put(_some()).kind == "accepted"
    assert [call.access_key for call in fake.calls()] == ["old"] * 4 + ["new"]


@pytest.mark.usefixtures("without_keys")
def test_credentials_that_expire_are_refreshed_without_a_refusal(
    tmp_path: Path, open_logs: Any, fake: FakeCloudWatch
) -> None:
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 60))
    given = {"Version": 1, "SecretAccessKey": "s", "SessionToken": "t", "Expiration": soon}
    program = tmp_path / "credentials.py"
    program.write_text(
        "import json, os, pathlib\n"
        f"count = pathlib.Path({str(tmp_path / 'count')!r})\n"
        "with count.open('a') as file: file.write('x')\n"
        f"print(json.dumps({given!r} | {{'AccessKeyId': f'key{{count.stat().st_size}}'}}))\n"
    )
    _configure(tmp_path, f"credential_process = {sys.executable} {program}")
    logs = open_logs()
    assert logs.create().kind == "accepted"
    assert logs.put(_some()).kind == "accepted"

    keys = [call.access_key for call in fake.calls()]
    assert len(set(keys)) >= 2, keys


@pytest.mark.usefixtures("without_keys")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("credential_process = sh -c 'echo sesame >&2; exit 1'", "'custom-process'"),
        ("credential_process = echo sesame", "JSONDecodeError"),
        ("credential_process = /no/such/program", "FileNotFoundError"),
        ("aws_access_key_id = a", "PartialCredentialsError"),
        ("role_arn = arn:aws:iam::1:role/r\nsource_profile = none", "InvalidConfigError"),
        ("this is no = [ini\n[", "ConfigParseError"),
    ],
)
def test_what_fails_to_give_credentials_is_named_and_not_quoted(
    tmp_path: Path, open_logs: Any, text: str, said: str
) -> None:
    _configure(tmp_path, text)
    answer = open_logs().put(_some())

    assert answer.kind == "credentials"
    assert said in answer.detail
    assert "sesame" not in answer.detail


def test_a_profile_that_is_not_there_is_named(
    without_keys: pytest.MonkeyPatch, open_logs: Any
) -> None:
    without_keys.setenv("AWS_PROFILE", "nobody")
    answer = open_logs().put(_some())

    assert (answer.kind, answer.detail.partition(":")[0]) == ("credentials", "ProfileNotFound")


@pytest.mark.usefixtures("without_keys")
def test_a_program_that_never_ends_is_waited_for_once_and_started_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    given = {"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b"}
    script = f"echo x >> {tmp_path}/count; cat {tmp_path}/fifo; echo '{json.dumps(given)}'"
    (tmp_path / "program").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "program").chmod(0o700)
    _configure(tmp_path, f"credential_process = {tmp_path}/program")
    source = AccessSource(deadline=0.3)
    for _ in range(3):
        with pytest.raises(NoCredentialsError, match=r"has not ended after 0\.3 s"):
            source.get()

    (tmp_path / "fifo").write_text("")  # lets it end
    while True:
        try:
            found = source.get()
            break
        except NoCredentialsError:
            time.sleep(0.01)
    assert found.keys == Keys("a", "b", None)
    assert (tmp_path / "count").read_text() == "x\n"


@pytest.mark.usefixtures("without_keys")
def test_while_a_refresh_hangs_the_last_credentials_are_used(tmp_path: Path) -> None:
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 60))
    given = {"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b", "Expiration": soon}
    hang, program = tmp_path / "hang", tmp_path / "program"
    waiting = f"while [ -e {hang} ]; do sleep 0.02; done"
    program.write_text(f"#!/bin/sh\n{waiting}\necho '{json.dumps(given)}'\n")
    program.chmod(0o700)
    _configure(tmp_path, f"credential_process = {program}")
    source = AccessSource(deadline=30)
    first = source.get()
    source._deadline = 0.2

    hang.touch()
    assert source.get() == first
    assert source._lookup is not None
    hang.unlink()
    source._lookup.join()


def test_an_identity_service_that_never_answers_ends_with_the_deadline(
    without_keys: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        without_keys.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"http://127.0.0.1:{port}/")
        with pytest.raises(NoCredentialsError, match="has not ended"):
            AccessSource(deadline=0.3).get()


def test_secrets_are_in_no_representation() -> None:
    keys = Keys("AKIA", "the secret", "the token")

    assert "the" not in repr(keys)
    assert keys.secrets() == ("the secret", "the token")


def test_no_thread_and_no_descriptor_stays(open_logs: Any) -> None:
    logs = open_logs()
    logs.create()
    logs.close()
    before = (set(threading.enumerate()), len(os.listdir("/proc/self/fd")))
    for _ in range(20):
        logs.put(_some())
    logs.close()

    assert (set(threading.enumerate()), len(os.listdir("/proc/self/fd"))) == before


def test_without_the_sdk_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)

    with pytest.raises(AwsMissingError, match=r"pip install 'jupyter_sm\[aws\]'"):
        LogsClient("/g", "s")


def test_the_sdk_is_not_imported_before_a_client_is_made() -> None:
    program = (
        "import sys, jupyter_sm.aws, jupyter_sm.aws.answers;"
        "print([name for name in sys.modules if name.startswith('boto')])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True
    )

    assert ran.stdout.strip() == "[]"
