"""Whether a kernel has answered, heard on a real socket."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import zmq
import zmq.asyncio
from jupyter_client.session import Session

from jupyter_sm.kernels.answer import Answer

PATIENCE = 10.0
"""Seconds for what was published; nothing is waited for that long where it is heard."""


class Kernel:
    """Publishes as a kernel does, to whoever has subscribed."""

    def __init__(self, transport: str, ip: str, port: int) -> None:
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.XPUB)
        self.socket.linger = 0
        self.session = Session(key=b"secret")
        # What an Answer needs of a manager.
        self.manager = SimpleNamespace(
            context=zmq.Context(), transport=transport, ip=ip, iopub_port=port
        )

    def bind(self) -> None:
        """Begin to listen, and wait for the subscriber."""
        separator = "-" if self.manager.transport == "ipc" else ":"
        port = self.manager.iopub_port or "*"
        self.socket.bind(f"{self.manager.transport}://{self.manager.ip}{separator}{port}")
        address = self.socket.getsockopt_string(zmq.LAST_ENDPOINT)
        self.manager.iopub_port = int(address.rpartition(separator)[2])

    def subscribed(self) -> None:
        assert self.socket.poll(int(PATIENCE * 1000))
        assert self.socket.recv() == b"\1"

    def publish(self, msg_type: str, **content: Any) -> None:
        self.session.send(self.socket, msg_type, content, ident=f"kernel.x.{msg_type}".encode())

    def close(self) -> None:
        self.context.destroy(linger=0)
        self.manager.context.destroy(linger=0)


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    kernel = Kernel("tcp", "127.0.0.1", 0)
    kernel.bind()
    yield kernel
    kernel.close()


@pytest.fixture
def answer(kernel: Kernel) -> Iterator[Answer]:
    answer = Answer(kernel.manager)
    kernel.subscribed()
    yield answer
    answer.close()


@pytest.mark.parametrize("state", ["busy", "idle"])
def test_a_kernel_that_works_on_a_request_is_heard(
    kernel: Kernel, answer: Answer, state: str
) -> None:
    kernel.publish("status", execution_state=state)

    assert answer.heard(PATIENCE)


def test_a_kernel_that_says_nothing_is_not_waited_for(answer: Answer) -> None:
    assert not answer.heard()


def test_what_a_kernel_publishes_while_it_starts_does_not_count(
    kernel: Kernel, answer: Answer
) -> None:
    kernel.publish("status", execution_state="starting")
    kernel.publish("stream", name="stdout", text="busy")
    kernel.publish("iopub_welcome", subscription="")

    assert not answer.heard(0.2)
    kernel.publish("status", execution_state="busy")
    assert answer.heard(PATIENCE)


@pytest.mark.parametrize(
    "frames",
    [
        [b"noise"],
        [b"<IDS|MSG>"],
        [b"<IDS|MSG>", b"", b"{", b"{}", b"{}", b"{}"],
        [b"<IDS|MSG>", b"", b"[]", b"{}", b"{}", b"[]"],
        [b"<IDS|MSG>", b"", b"\xff", b"{}", b"{}", b"{}"],
        [b"<IDS|MSG>", b"", b'{"msg_type": "status"}', b"{}", b"{}", b'"busy"'],
        [b"<IDS|MSG>", b"", b'{"msg_type": "status"}', b"{}", b"{}", b'{"execution_state": []}'],
        [b"<IDS|MSG>", b"", b'{"msg_type": "status"}', b"{}", b"{}", b"[" * 100_000],
    ],
)
def test_what_is_no_message_is_passed_over(
    kernel: Kernel, answer: Answer, frames: list[bytes]
) -> None:
    kernel.socket.send_multipart(frames)
    kernel.publish("status", execution_state="idle")

    assert answer.heard(PATIENCE)


def test_no_key_is_needed_to_hear(kernel: Kernel, answer: Answer) -> None:
    kernel.session.key = b"another"
    kernel.publish("status", execution_state="busy")

    assert answer.heard(PATIENCE)


def test_a_kernel_that_listens_later_is_heard() -> None:
    first = Kernel("tcp", "127.0.0.1", 0)
    first.bind()
    port = first.manager.iopub_port
    first.close()
    kernel = Kernel("tcp", "127.0.0.1", port)
    answer = Answer(kernel.manager)

    assert not answer.heard(0.05)
    kernel.bind()
    kernel.subscribed()
    kernel.publish("status", execution_state="busy")

    assert answer.heard(PATIENCE)
    answer.close()
    kernel.close()


def test_a_kernel_that_is_reached_by_a_file_is_heard(tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("s")
    kernel = Kernel("ipc", f"{folder}/k", 1)
    kernel.bind()
    answer = Answer(kernel.manager)
    kernel.subscribed()
    kernel.publish("status", execution_state="idle")

    assert answer.heard(PATIENCE)
    answer.close()
    kernel.close()


def test_an_encrypted_kernel_is_heard() -> None:
    public, secret = zmq.curve_keypair()
    kernel = Kernel("tcp", "127.0.0.1", 0)
    kernel.socket.curve_server = True
    kernel.socket.curve_secretkey, kernel.socket.curve_publickey = secret, public
    kernel.bind()
    kernel.manager.curve_publickey, kernel.manager.curve_secretkey = public, secret
    answer = Answer(kernel.manager)
    kernel.subscribed()
    kernel.publish("status", execution_state="busy")

    assert answer.heard(PATIENCE)
    answer.close()
    kernel.close()


def test_what_was_published_before_the_end_is_heard_after_it(
    kernel: Kernel, answer: Answer
) -> None:
    kernel.publish("status", execution_state="busy")
    kernel.context.destroy(linger=1000)

    assert answer.heard(PATIENCE)


def test_a_long_story_before_the_answer_is_gone_through(kernel: Kernel, answer: Answer) -> None:
    for i in range(50):
        kernel.publish("stream", name="stdout", text=str(i))
    kernel.publish("status", execution_state="busy")

    assert any(answer.heard(PATIENCE) for _ in range(10))


def test_it_can_be_closed_where_its_host_has_ended_its_context(kernel: Kernel) -> None:
    """As jupyter_client does before it tells the provisioner."""
    answer = Answer(kernel.manager)
    kernel.manager.context.destroy(linger=0)

    answer.close()


def test_a_kernel_is_reached_once_it_has_opened_its_ports(answer: Answer) -> None:
    assert not answer.heard(0.2)
    assert answer.reached


@pytest.mark.parametrize("context", [zmq.Context, zmq.asyncio.Context])
def test_a_kernel_that_opens_no_port_is_not_reached(context: type[zmq.Context[Any]]) -> None:
    kernel = Kernel("tcp", "127.0.0.1", 0)
    kernel.bind()
    kernel.close()
    kernel.manager.context = context()
    answer = Answer(kernel.manager)

    assert not answer.heard(0.2)
    assert not answer.reached
    answer.close()
    kernel.manager.context.destroy(linger=0)


def test_json_is_what_the_session_sends(kernel: Kernel) -> None:
    """The answer is read without the session, so this has to stay so."""
    frames = kernel.session.serialize(kernel.session.msg("status", {"execution_state": "busy"}))

    assert json.loads(frames[frames.index(b"<IDS|MSG>") + 5]) == {"execution_state": "busy"}
