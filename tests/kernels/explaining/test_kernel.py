"""The explaining kernel as clients meet it: every execution fails, and nothing else does."""

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest

from jupyter_sm import __version__
from jupyter_sm.kernels.explaining.kernel import language_info
from jupyter_sm.kernels.explaining.verdict import Verdict
from jupyter_sm.kernels.explaining.wording import tell

from .conftest import Start
from .standin import TIMEOUT, StandIn, explanation, python

TOLD = tell(explanation(), Verdict(explanation().reason, explanation().remedy))


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    folder = tmp_path_factory.mktemp("standin")
    with contextlib.closing(StandIn(folder, explanation())) as running:
        yield running.ready()


def test_whatever_is_executed_fails_with_the_explanation(start: Start) -> None:
    kernel = start(explanation()).ready()
    error = {
        "ename": "KernelNotStarted",
        "evalue": "the interpreter /opt/lost/bin/python does not exist",
        "traceback": list(TOLD.lines),
    }
    for count, code in enumerate(["1 + 1", "", "%%bash\nexit 0", "\x00"], start=1):
        reply, published = kernel.execute(code)

        assert reply == {"status": "error", "execution_count": count, **error}
        assert published == [error]


def test_a_silent_execution_fails_as_well(kernel: StandIn) -> None:
    before, _ = kernel.execute("1 + 1")
    reply, published = kernel.execute("1 + 1", silent=True)

    assert reply["status"] == "error"
    assert reply["execution_count"] == before["execution_count"]
    assert reply["traceback"] == list(TOLD.lines)
    assert published == []


def test_requests_in_a_queue_never_succeed(kernel: StandIn) -> None:
    for _ in range(5):
        kernel.client.execute("1")

    statuses = [kernel.client.get_shell_msg(timeout=TIMEOUT)["content"]["status"] for _ in range(5)]

    assert statuses[0] == "error"
    assert {*statuses} <= {"error", "aborted"}


def test_the_kernel_introduces_itself_with_the_explanation(kernel: StandIn) -> None:
    info = kernel.client.kernel_info(reply=True, timeout=TIMEOUT)["content"]

    assert info["status"] == "ok"
    assert (info["implementation"], info["implementation_version"]) == ("jupyter_sm", __version__)
    assert info["banner"] == "\n".join(TOLD.lines)
    assert info["language_info"] == language_info("python")
    assert info["supported_features"] == []


def test_every_other_request_is_answered_without_harm(kernel: StandIn) -> None:
    client = kernel.client

    def content(reply: object) -> object:
        assert isinstance(reply, dict)
        return reply["content"]

    completed = {"matches": [], "cursor_start": 3, "cursor_end": 3, "metadata": {}, "status": "ok"}
    assert content(client.complete("abc", 3, reply=True, timeout=TIMEOUT)) == completed
    nothing = {"status": "ok", "data": {}, "metadata": {}, "found": False}
    assert content(client.inspect("abc", 3, reply=True, timeout=TIMEOUT)) == nothing
    client.is_complete("for x in y:")
    assert content(client.get_shell_msg(timeout=TIMEOUT)) == {"status": "complete"}
    assert content(client.history(reply=True, timeout=TIMEOUT)) == {"status": "ok", "history": []}
    assert content(client.comm_info(reply=True, timeout=TIMEOUT)) == {"status": "ok", "comms": {}}


def test_a_debugger_is_refused(kernel: StandIn) -> None:
    found = kernel.control("debug", {"type": "request", "seq": 7, "command": "debugInfo"})

    assert (found["success"], found["request_seq"], found["command"]) == (False, 7, "debugInfo")


def test_an_interrupt_changes_nothing(kernel: StandIn) -> None:
    kernel.interrupt()
    assert kernel.control("interrupt", {}) == {"status": "ok"}

    assert kernel.text() == "\n".join(TOLD.lines)


def test_an_interrupt_while_it_starts_changes_nothing(start: Start) -> None:
    """A host that deletes a kernel sends one first, however young it is."""
    kernel = start(explanation())
    for _ in range(20):
        kernel.interrupt()
        time.sleep(0.01)

    assert kernel.ready().text() == "\n".join(TOLD.lines)


def test_a_shutdown_ends_it(start: Start) -> None:
    kernel = start(explanation()).ready()
    reply = kernel.control("shutdown", {"restart": True})

    assert reply == {"status": "ok", "restart": True}
    assert kernel.process.wait(TIMEOUT) == 0


@pytest.mark.parametrize("port", ["shell_port", "iopub_port", "control_port"])
def test_it_ends_where_a_port_is_taken(start: Start, port: str) -> None:
    """The host then starts it again on others."""
    with socket.socket() as other:
        kernel = start(explanation(), taken={port: other})

        assert kernel.process.wait(TIMEOUT) == 1


def test_several_explain_at_once(start: Start) -> None:
    kernels = [start(explanation(kernel=f"k{i}")) for i in range(3)]

    texts = [kernel.ready().text() for kernel in kernels]

    assert [text.splitlines()[0] for text in texts] == [
        f"The kernel k{i} did not start." for i in range(3)
    ]


def test_it_may_be_started_to_outlive_its_server(start: Start) -> None:
    code = "import os, sys; del os.environ['JPY_PARENT_PID']; os.execv(sys.argv[1], sys.argv[1:])"

    kernel = start(explanation(), through=python(code)).ready()

    assert kernel.text() == "\n".join(TOLD.lines)


@pytest.mark.parametrize(
    ("language", "name", "mimetype", "extension"),
    [
        ("python", "python", "text/x-python", ".py"),
        ("Python", "python", "text/x-python", ".py"),
        ("R", "R", "text/x-r-source", ".r"),
        ("julia", "julia", "application/julia", ".jl"),
        ("bash", "bash", "text/plain", ".txt"),
        ("", "text", "text/plain", ".txt"),
    ],
)
def test_a_client_that_saves_the_language_does_no_harm(
    language: str, name: str, mimetype: str, extension: str
) -> None:
    found = language_info(language)

    assert (found["name"], found["mimetype"]) == (name, mimetype)
    assert found["file_extension"] == extension
