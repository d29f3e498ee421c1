"""A process that stands in for a kernel that could not be started, and says why it could not."""

from .explanation import Attempt, Explanation, command, decode, encode, ending, interrupts_held

__all__ = ["Attempt", "Explanation", "command", "decode", "encode", "ending", "interrupts_held"]
