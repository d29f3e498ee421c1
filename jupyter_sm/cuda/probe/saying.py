"""What the probe's process says, line by line, becomes a `Probe`.

Never more than a bounded part of it is kept: the libraries in there write what they like.
"""

import json
from typing import Any

import msgspec

from ..model import Ended, Probe

SAID_MOST = 1 << 20
"""Bytes of the lines; 256 devices need a quarter of it."""

OVERHEARD_MOST = 1 << 20
"""Bytes of standard error that are read."""

TAIL_BYTES = 2_000
"""How much of standard error's end is kept."""

_DEVICES = "nvml_devices"
_CODES = "nvml_device_codes"


class Saying:
    """Collects both outputs of the probe's process.

    Attributes:
        complete: it said that this was all.
        too_much: it said more than anybody asked for.
    """

    def __init__(self) -> None:
        self.complete = False
        self.too_much = False
        self._fields: dict[str, Any] = {}
        self._devices: dict[str, dict[str, Any]] = {}
        self._nonsense = ""
        self._rest = b""
        self._said = 0
        self._overheard = 0
        self._tail = b""

    def hear(self, data: bytes) -> bool:
        """Take a part of standard output; False if it has become too much."""
        self._said += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line)
        self.too_much = self._said > SAID_MOST
        return not self.too_much

    def overhear(self, data: bytes) -> bool:
        """Take a part of standard error; False if no more of it is wanted."""
        self._overheard += len(data)
        self._tail = (self._tail + data)[-TAIL_BYTES:]
        return self._overheard < OVERHEARD_MOST

    def probe(
        self, ended: Ended, *, seconds: float, signal: int | None = None, why: str = ""
    ) -> Probe:
        """All that was said.

        Args:
            ended: how the process ended; ``failed`` instead where it said what it never should.
            seconds: how long it took.
            signal: the signal that ended it.
            why: a sentence about its end, put behind what it wrote.
        """
        fields = dict(self._fields)
        if self._devices or _DEVICES in fields:
            fields[_DEVICES] = self._ordered()
        about = {"seconds": round(seconds, 4), "signal": signal, "ended": ended}
        try:
            probe = msgspec.convert({**fields, **about, "stderr_tail": self._written(why)}, Probe)
        except msgspec.ValidationError as error:
            self._nonsense = f"the probe said nonsense: {error}"
            probe = msgspec.convert(about, Probe)
        if not self._nonsense:
            return probe
        tail = self._written(self._nonsense)
        return msgspec.structs.replace(probe, ended="failed", stderr_tail=tail)

    def _ordered(self) -> list[dict[str, Any]]:
        """Slices behind their GPU; details of all GPUs come last, and slices are found with them."""
        devices = list(self._devices.values())
        places = {device["uuid"]: place for place, device in enumerate(devices)}

        def place(device: dict[str, Any]) -> tuple[int, int]:
            own = places[device["uuid"]]
            return places.get(device.get("parent_uuid"), own), own

        return sorted(devices, key=place)

    def _written(self, why: str) -> str:
        text = self._tail.decode(errors="replace")
        lines = "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text).strip()
        return "\n".join(part for part in (lines, why) if part)

    def _line(self, line: bytes) -> None:
        if self._nonsense:
            return
        try:
            kind, *words = json.loads(line)
            self._take(kind, *words)
        except (ValueError, TypeError, LookupError):
            self._nonsense = f"the probe said nonsense: {line[:80]!r}"

    def _take(self, kind: str, *words: Any) -> None:
        if kind == "end":
            self.complete = True
        elif kind == "stage":
            (self._fields["stage"],) = words
        elif kind == "fact":
            name, value = words
            self._fields[name] = value
        elif kind == "add":
            name, value = words
            self._fields.setdefault(name, []).append(value)
        elif kind == "nvml_device":
            (fields,) = words
            self._devices.setdefault(fields["uuid"], {}).update(fields)
        elif kind == "nvml_device_code":
            index, code = words
            self._fields.setdefault(_CODES, {})[index] = code
        else:
            raise ValueError(kind)
