"""Find every kernel of a machine, from files alone."""

from .discovery import Discovery
from .places import Places

__all__ = ["Discovery", "Places"]
