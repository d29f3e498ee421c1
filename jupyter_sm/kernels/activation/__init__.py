"""The environment that ``conda activate`` would give, without running conda."""

from .activation import Activation, activate

__all__ = ["Activation", "activate"]
