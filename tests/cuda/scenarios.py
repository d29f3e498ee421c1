"""Hosts with GPUs in every state, and the verdict that each should lead to."""

from .described import Scenario
from .scenarios_failing import CODES, CONTAINER, HIDDEN
from .scenarios_frameworks import FRAMEWORKS
from .scenarios_libraries import LIBRARIES
from .scenarios_unanswered import LOST_GPU, NO_FILES, UNANSWERED
from .scenarios_working import DEGRADED, TOOLKITS, WELL

__all__ = ["SCENARIOS", "Scenario"]

SCENARIOS: dict[str, Scenario] = {
    **WELL,
    **HIDDEN,
    **CONTAINER,
    **LIBRARIES,
    **CODES,
    **LOST_GPU,
    **NO_FILES,
    **UNANSWERED,
    **DEGRADED,
    **TOOLKITS,
    **FRAMEWORKS,
}
"""By name, which is that of the golden file too."""
