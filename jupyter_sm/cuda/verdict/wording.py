"""Small pieces of sentences."""

from collections.abc import Collection


def counted(number: int, thing: str) -> str:
    """``1 GPU``, ``2 GPUs``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def joined(words: Collection[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *first, last = words or [""]
    return f"{', '.join(first)} and {last}" if first else last


def evidence(*parts: str | None) -> str:
    """What a reason rests on, the parts that are known."""
    return "; ".join(part for part in parts if part)
