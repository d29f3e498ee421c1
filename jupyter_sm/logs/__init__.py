"""Lose no line; put each where CloudWatch would."""

from .access import FIELDS, kernel_id_of, log_request, request_id_of
from .folder import LogRoot, LogRootError
from .line import Event, fields_of
from .reading.events import Last, last
from .secrets.shield import Shield
from .segments import SEGMENT_BYTES, SEGMENTS_MOST, segments
from .spool import SpoolHandler
from .stream import Stream, StreamNameError

__all__ = [
    "FIELDS",
    "SEGMENTS_MOST",
    "SEGMENT_BYTES",
    "Event",
    "Last",
    "LogRoot",
    "LogRootError",
    "Shield",
    "SpoolHandler",
    "Stream",
    "StreamNameError",
    "fields_of",
    "kernel_id_of",
    "last",
    "log_request",
    "request_id_of",
    "segments",
]
