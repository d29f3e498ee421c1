"""Find every kernel of a machine, from files alone."""

from .discovery import Discovery
from .native import NATIVE_NAME
from .places import Places
from .trust import distrusted

__all__ = ["NATIVE_NAME", "Discovery", "Places", "distrusted"]
