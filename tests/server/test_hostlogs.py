"""What real hosts write down: each event once, in the layout, without secrets, and stderr as before."""

import json
import os
import re
import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hosts import TOKEN, Host

Launch = Callable[..., Host]

METADATA = {
    "AppType": "KernelGateway",
    "DomainId": "d-abc123",
    "UserProfileName": "ana",
    "ResourceArn": "arn:aws:sagemaker:eu-west-1:123456789012:app/d-abc123/ana/KernelGateway/my-app",
    "ResourceName": "my-app",
}


def spools(folder: Path) -> list[Path]:
    return sorted((folder / "logs").rglob("*.log"))


def events(folder: Path) -> list[dict[str, Any]]:
    """The messages of the one spool below the folder's log root."""
    (path,) = spools(folder)
    return [json.loads(json.loads(line)["message"]) for line in path.read_bytes().splitlines()]


def messages(folder: Path) -> list[str]:
    return [event["message"] for event in events(folder)]


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.05)


def write_metadata(folder: Path, **more: str) -> str:
    path = folder / "resource-metadata.json"
    path.write_text(json.dumps({**METADATA, **more}))
    return str(path)


def test_a_gateway_writes_where_cloudwatch_would(launch_gateway: Launch, tmp_path: Path) -> None:
    metadata = write_metadata(tmp_path)
    with launch_gateway(env={"JUPYTER_SM_METADATA_FILE": metadata}) as gateway:
        told = gateway.get("/api/sm/logs").json()

    (path,) = spools(tmp_path)
    assert path == tmp_path / "logs/aws/sagemaker/studio/d-abc123/ana/KernelGateway/my-app.log"
    assert (told["group"], told["stream"], told["file"]) == (
        "/aws/sagemaker/studio",
        "d-abc123/ana/KernelGateway/my-app",
        str(path),
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_each_event_is_there_once_and_from_the_first_line_on(
    launch_gateway: Launch, tmp_path: Path
) -> None:
    with launch_gateway() as gateway:
        for number in range(20):
            gateway.get(f"/api/kernelspecs?number={number}")
        gateway.stop()

    written = messages(tmp_path)
    assert "is active in this gateway" in written[1]
    for number in range(20):
        assert len([m for m in written if f"?number={number} " in m]) == 1
    assert any("received signal" in message for message in written)


def test_a_killed_gateway_has_lost_nothing_that_it_answered(
    launch_gateway: Launch, tmp_path: Path
) -> None:
    gateway = launch_gateway()
    for number in range(50):
        gateway.get(f"/api/kernelspecs?number={number}")
    gateway.stop(signal.SIGKILL)
    # A line is written when the answer has been: the last one is the only one that may be missing.
    killed = [m for m in messages(tmp_path) if "?number=" in m]
    assert len(killed) in (49, 50)

    with launch_gateway() as again:
        again.get("/api/kernelspecs?number=again")
    assert [m for m in messages(tmp_path) if "?number=" in m][: len(killed)] == killed
    assert len([m for m in messages(tmp_path) if "?number=again" in m]) == 1


def test_a_request_line_has_its_facts_as_fields(launch_gateway: Launch, tmp_path: Path) -> None:
    with launch_gateway() as gateway:
        kernel_id = gateway.post("/api/kernels", {}).json()["id"]
        gateway.get(f"/api/kernels/{kernel_id}", headers={"X-Request-Id": "from-the-client"})

    (line,) = [e for e in events(tmp_path) if e.get("path") == f"/api/kernels/{kernel_id}"]
    assert line["logger"] == "tornado.access"
    assert (line["level"], line["method"], line["status"]) == ("INFO", "GET", 200)
    assert (line["request_id"], line["kernel_id"]) == ("from-the-client", kernel_id)
    assert line["duration_ms"] >= 0
    assert line["remote"] == "127.0.0.1"


def test_what_a_request_makes_the_gateway_log_has_its_id(
    launch_gateway: Launch, tmp_path: Path
) -> None:
    with launch_gateway() as gateway:
        gateway.request("POST", "/api/kernels", {}, headers={"X-Request-Id": "the-start"})
        gateway.get("/api/kernels", headers={"X-Request-Id": "another"})

    (started,) = [e for e in events(tmp_path) if e["message"].startswith("Kernel started")]
    assert started["request_id"] == "the-start"
    assert "request_id" not in events(tmp_path)[0]


def test_the_lines_on_stderr_stay(launch_gateway: Launch, tmp_path: Path) -> None:
    with launch_gateway() as gateway:
        gateway.get("/api/kernelspecs?number=1")
        gateway.get("/nowhere")
        gateway.stop()
        printed = gateway.log()

    for message in messages(tmp_path):
        assert message in printed, message
    assert re.search(r"^\[I .*\] 200 GET /api/kernelspecs\?number=1 ", printed, re.MULTILINE)
    assert re.search(r"^\[W .*\] 404 GET /nowhere ", printed, re.MULTILINE)


@pytest.mark.parametrize("host", ["gateway", "server", "lab"])
def test_no_secret_is_in_any_line(
    host: str,
    launch_gateway: Launch,
    launch_server: Launch,
    launch_lab: Launch,
    tmp_path: Path,
) -> None:
    launch = {"gateway": launch_gateway, "server": launch_server, "lab": launch_lab}[host]
    planted = {
        "AWS_SECRET_ACCESS_KEY": "planted/secret/key/0123456789abcdefghij",
        "AWS_SESSION_TOKEN": "planted-session-token-0123456789",
        "JUPYTER_SM_ACTIVE": "1",
    }
    argument = "--KernelGatewayApp.log_level=DEBUG" if host == "gateway" else "--debug"
    with launch(argument, env=planted) as running:
        running.get(f"/api/kernels?token={TOKEN}", token=None)
        running.get("/api/kernels?token=a-wrong-token", token=None)
        running.get("/api/kernels?X-Amz-Signature=0123456789abcdef&a=b")
        cookie = running.get("/api/kernels", headers={"Cookie": "a=planted-cookie-value\x01"})
        running.post("/api/kernels", {"env": {"KERNEL_X": "1"}})
        running.stop()
        printed = running.log()

    written = spools(tmp_path)[0].read_text()
    for text in (written, printed):
        assert "/api/kernels" in text
        # tornado from 6.5 on refuses such a header, and quotes it.
        assert ("Invalid header value" in text) == (cookie.status == 400)
        for secret in (
            TOKEN,
            "a-wrong-token",
            "0123456789abcdef&",
            "planted-cookie-value",
            planted["AWS_SECRET_ACCESS_KEY"],
            planted["AWS_SESSION_TOKEN"],
        ):
            assert secret not in text, secret


def test_a_guest_writes_no_log(launch_server: Launch, tmp_path: Path) -> None:
    with launch_server() as server:
        told = server.get("/api/sm/logs").json()

    assert not (tmp_path / "logs").exists()
    assert told["file"] is None
    assert "leaves its log alone" in told["trouble"]


def test_a_server_on_sagemaker_writes_its_log(launch_server: Launch, tmp_path: Path) -> None:
    metadata = write_metadata(
        tmp_path,
        AppType="JupyterLab",
        ResourceArn="arn:aws:sagemaker:eu-west-1:123456789012:app/d-abc123/s1/JupyterLab/default",
    )
    with launch_server(env={"JUPYTER_SM_METADATA_FILE": metadata}) as server:
        server.get("/api/contents/nowhere?number=1")
        server.stop()
        printed = server.log()

    (path,) = spools(tmp_path)
    assert path == tmp_path / "logs/aws/sagemaker/studio/d-abc123/s1/JupyterLab/default.log"
    lines = [event for event in events(tmp_path) if "number=1" in event["message"]]
    assert lines
    assert all(line["request_id"] == lines[0]["request_id"] for line in lines)
    assert "received signal 15, stopping" in printed
    for event in events(tmp_path):
        assert event["message"] in printed


def test_a_logging_configuration_of_the_users_own_stays(
    launch_gateway: Launch, tmp_path: Path
) -> None:
    own = tmp_path / "own.log"
    config = tmp_path / "config.py"
    config.write_text(
        "c.KernelGatewayApp.api = 'jupyter_sm.server.gateway'\n"
        "c.KernelGatewayApp.logging_config = {\n"
        f"  'handlers': {{'own': {{'class': 'logging.FileHandler', 'filename': {str(own)!r}}}}},\n"
        "  'loggers': {'KernelGatewayApp': {'level': 'DEBUG', 'handlers': ['console', 'own']}},\n"
        "}\n"
    )
    with launch_gateway(f"--config={config}") as gateway:
        gateway.get("/api")

    assert "is active in this gateway" in own.read_text()
    assert "is active in this gateway" in messages(tmp_path)[1]


def test_a_change_of_the_level_at_run_time_loses_no_handler(
    launch_gateway: Launch, tmp_path: Path
) -> None:
    config = tmp_path / "config.py"
    config.write_text(
        "c.KernelGatewayApp.api = 'jupyter_sm.server.gateway'\n"
        "c.KernelGatewayApp.logging_config = {'root': {'handlers': ['console']}}\n"
        "import jupyter_sm.server.gateway as gateway\n"
        "class Personality(gateway.SageMakerPersonality):\n"
        "    async def init_configurables(self):\n"
        "        await super().init_configurables()\n"
        "        self.parent.log_level = 'WARN'\n"
        "gateway.SageMakerPersonality = Personality\n"
    )
    with launch_gateway(f"--config={config}") as gateway:
        time.sleep(0.5)  # the level changes 0.1 s after the start
        gateway.get("/api?number=1")
        gateway.get("/nowhere?number=2")

    assert not any("number=1" in message for message in messages(tmp_path))
    assert len([message for message in messages(tmp_path) if "number=2" in message]) == 1


def test_the_applications_in_lab_are_written_down_too(launch_lab: Launch, tmp_path: Path) -> None:
    with launch_lab(env={"JUPYTER_SM_ACTIVE": "1"}) as lab:
        lab.stop()
        printed = lab.log()

    found = {(event["logger"], event["message"]) for event in events(tmp_path)}
    assert any(name == "LabApp" for name, _ in found)
    assert any("serves this image's kernels" in message for _, message in found)
    # From our first line on, what is on stderr is on disk.
    after = printed.partition("serves this image's kernels")[2]
    for name, text in re.findall(r"^\[. [-\d]+ [:.\d]+ (\w+)\] (.+)$", after, re.MULTILINE):
        assert (name, text) in {(n, m.splitlines()[0]) for n, m in found if m}, text


def test_a_kernels_death_has_its_id(launch_gateway: Launch, tmp_path: Path) -> None:
    gateway = launch_gateway()
    with gateway.start_kernel("python3") as kernel:
        pid = int(kernel.execute("import os; os.getpid()").result or "0")
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: any("restarting kernel" in message for message in messages(tmp_path)))

        (restart, *_) = [e for e in events(tmp_path) if "restarting kernel" in e["message"]]
        assert restart["kernel_id"] == kernel.kernel_id
        assert "request_id" not in restart


def test_what_goes_on_after_a_request_has_not_its_id(
    launch_gateway: Launch, tmp_path: Path
) -> None:
    culling = [
        "--MappingKernelManager.cull_idle_timeout=1",
        "--MappingKernelManager.cull_interval=1",
    ]
    with launch_gateway(*culling) as gateway:
        gateway.request("POST", "/api/kernels", {}, headers={"X-Request-Id": "the-first"})
        wait_for(lambda: gateway.get("/api/kernels").json() == [], 40)

    (culled, *_) = [e for e in events(tmp_path) if "Culling '" in e["message"]]
    assert "request_id" not in culled
    assert "kernel_id" not in culled


def test_the_file_is_told_at_the_start(launch_gateway: Launch, tmp_path: Path) -> None:
    gateway = launch_gateway()

    assert f"The log is in {spools(tmp_path)[0]}" in gateway.log()


def test_a_place_that_cannot_be_used_is_said_and_the_gateway_serves(
    launch_gateway: Launch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with launch_gateway(env={"JUPYTER_SM_LOG_ROOT": str(tmp_path / "file")}) as gateway:
        told = gateway.get("/api/sm/logs").json()
        assert gateway.get("/api/kernelspecs").status == 200
        assert "JUPYTER_SM_LOG_ROOT" in told["trouble"]

        assert told["trouble"]
        assert gateway.log().count("The log is on stderr only") == 1


def test_shipping_is_refused_on_sagemaker_and_says_so(
    launch_gateway: Launch, tmp_path: Path
) -> None:
    env = {"JUPYTER_SM_METADATA_FILE": write_metadata(tmp_path), "JUPYTER_SM_SHIP_LOGS": "1"}
    with launch_gateway(env=env) as gateway:
        told = gateway.get("/api/sm/logs").json()

        assert "force" in told["not_shipped"]
        assert told["shipping"] is None
        assert "The log is not shipped: this is SageMaker" in gateway.log()


def test_descriptors_do_not_grow_with_requests(launch_gateway: Launch, tmp_path: Path) -> None:
    gateway = launch_gateway()

    def count() -> int:
        return len(os.listdir(f"/proc/{gateway.process.pid}/fd"))

    for _ in range(50):
        gateway.get("/api")
    before = count()
    for _ in range(300):
        gateway.get("/api/sm/logs?tail=5")
    wait_for(lambda: count() <= before + 2)
    assert len(events(tmp_path)) >= 350


@pytest.mark.parametrize("tail", ["x", "-1", "1.5", "9" * 40])
def test_a_bad_tail_is_refused_with_the_word(launch_gateway: Launch, tail: str) -> None:
    refused = launch_gateway().get(f"/api/sm/logs?tail={tail}")

    assert refused.status == 400
    assert refused.json()["code"] == "bad-tail"
    assert refused.json()["message"].startswith("tail=")


def test_the_tail_is_what_was_asked_for_and_bounded(launch_gateway: Launch) -> None:
    gateway = launch_gateway()
    for number in range(30):
        gateway.get(f"/api?number={number}")

    five = gateway.get("/api/sm/logs?tail=5").json()["events"]
    assert len(five) == 5
    assert [e["message"].partition("number=")[2].split()[0] for e in five] == [
        str(number) for number in range(25, 30)
    ]
    assert gateway.get("/api/sm/logs?tail=0").json()["events"] == []
    assert len(gateway.get("/api/sm/logs?tail=999999").json()["events"]) >= 31
