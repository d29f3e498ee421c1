"""Which events are wanted."""

import re
from dataclasses import dataclass
from typing import Any

from ..logs.line import Event, fields_of
from .logoptions import LEVELS

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NUMBERED = re.compile(r"level (\d{1,9})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What an event must be like; called with one, it says whether it is.

    Attributes:
        since_ms: not earlier, in milliseconds since the epoch.
        level: at least that, as `logging` numbers them. An event that states none counts as info.
        kernel: about a kernel whose id begins so, in small letters.
    """

    since_ms: int | None = None
    level: int | None = None
    kernel: str | None = None

    def __call__(self, event: Event) -> bool:
        """Whether the event is wanted."""
        if self.since_ms is not None and event.timestamp < self.since_ms:
            return False
        if self.level is None and self.kernel is None:
            return True
        fields = fields_of(event)
        if self.level is not None and _level(fields.get("level")) < self.level:
            return False
        return self.kernel is None or _is_about(event, fields, self.kernel)


def _level(name: Any) -> int:
    text = str(name).lower()
    numbered = _NUMBERED.fullmatch(text)
    return int(numbered[1]) if numbered else LEVELS.get(text, LEVELS["info"])


def _is_about(event: Event, fields: dict[str, Any], kernel: str) -> bool:
    """Whether its kernel has that id, or an id in its text begins so: Jupyter has them only there."""
    own = fields.get("kernel_id")
    if isinstance(own, str) and own.lower().startswith(kernel):
        return True
    text = str(fields.get("message", "")) if fields else event.message
    return any(found.lower().startswith(kernel) for found in _UUID.findall(text))
