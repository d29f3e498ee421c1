"""Spools as tests write them, and a service in memory that answers as it is told."""

import json
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from jupyter_sm.aws.logs import Answer
from jupyter_sm.logs.shipping.claim import Claim
from jupyter_sm.logs.shipping.delivery import Delivery
from jupyter_sm.logs.shipping.drain import Drain
from jupyter_sm.logs.shipping.ledger import Ledger
from jupyter_sm.logs.shipping.shipper import Shipper
from jupyter_sm.logs.shipping.state import Counters, Saved, load

GROUP = "/aws/sagemaker/studio"
STREAM = "d-1/ann/KernelGateway/app"

HOUR = 60 * 60 * 1000
DAY = 24 * HOUR

Batch = list[tuple[int, str]]
ACCEPTED = Answer(kind="accepted")


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def line(message: str, timestamp: int | None = None) -> bytes:
    """One event as it stands in a spool."""
    timestamp = now_ms() if timestamp is None else timestamp
    event = {"timestamp": timestamp, "message": message}
    return json.dumps(event, ensure_ascii=False).encode() + b"\n"


def append(path: Path, *lines: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.writelines(lines)


def rotate(path: Path) -> None:
    """What a writer does with a full file."""
    number = max([0, *(int(p.name.rpartition(".")[2]) for p in path.parent.glob("*.log.0*"))]) + 1
    path.rename(f"{path}.{number:08d}")


class Service:
    """Answers from ``answers`` first; then accepts everything that is not ``poison``."""

    def __init__(self, *answers: Answer | Callable[[Batch], Answer]) -> None:
        self.answers = deque(answers)
        self.creating: deque[Answer] = deque()
        self.poison: set[str] = set()
        self.sent: list[Batch] = []
        self.batches: list[Batch] = []
        self.created = 0

    def put(self, events: Sequence[tuple[int, str]], /) -> Answer:
        batch = list(events)
        assert batch == sorted(batch, key=lambda event: event[0])
        self.sent.append(batch)
        answer = self.answers.popleft() if self.answers else ACCEPTED
        if not isinstance(answer, Answer):
            answer = answer(batch)
        if answer.kind == "accepted" and self.poison & {message for _, message in batch}:
            answer = Answer(kind="invalid", detail="InvalidParameterException: poison")
        if answer.kind == "accepted":
            self.batches.append(batch)
        return answer

    def create(self) -> Answer:
        self.created += 1
        return self.creating.popleft() if self.creating else ACCEPTED

    @property
    def messages(self) -> list[str]:
        return [message for batch in self.batches for _, message in batch]


class Rig:
    """One shipper in this process, in front of a service in memory."""

    def __init__(self, log_path: Path, service: Service) -> None:
        self.log_path = log_path
        self.service = service
        self.notes: list[str] = []
        self.drain = Drain()
        self.claim = Claim(str(log_path))
        self.ledger = Ledger(str(log_path), GROUP, STREAM, self.notes.append)
        self.delivery = Delivery(service, self.ledger, self.claim, self.drain, chance=lambda: 0.0)

    def ship(self, seconds: float = 10) -> bool:
        """All that is there, and end."""
        self.drain.begin(seconds)
        return Shipper(str(self.log_path), self.ledger, self.delivery, self.drain).run()

    @property
    def saved(self) -> Saved:
        saved = load(str(self.log_path))
        assert saved is not None
        return saved

    @property
    def counters(self) -> Counters:
        return self.saved.counters


def shipped(log_path: Path, *answers: Answer | Callable[[Batch], Answer]) -> Rig:
    """A rig that has shipped everything."""
    rig = Rig(log_path, Service(*answers))
    assert rig.ship()
    return rig
