"""Sends a spool to CloudWatch Logs from a process of its own; nothing is lost, whatever is killed."""

from .by_hand import ShipperRunsError, ship_by_hand
from .process import ShipperProcess
from .report import ShipReport, read_report
from .state import Counters
from .whether import Decision, ShipLogs, shipping_region, whether_to_ship

__all__ = [
    "Counters",
    "Decision",
    "ShipLogs",
    "ShipReport",
    "ShipperProcess",
    "ShipperRunsError",
    "read_report",
    "ship_by_hand",
    "shipping_region",
    "whether_to_ship",
]
