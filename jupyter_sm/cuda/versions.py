"""Compares versions of CUDA and of the driver, which are text with dots."""

import re
from typing import Final

Version = tuple[int, ...]

_LEADING: Final = re.compile(r"\s*v?(\d{1,9}(?:\.\d{1,9}){0,7})")


def parse(text: str | None) -> Version:
    """The numbers at the beginning: ``"12.4.1"`` is (12, 4, 1); nothing that can be read is ()."""
    found = _LEADING.match(text) if text else None
    return tuple(map(int, found[1].split("."))) if found else ()


def at_least(version: str | None, least: str | None) -> bool | None:
    """Whether one version is another or newer; what is not there counts 0: ``12`` is ``12.0``.

    None if one of the two is not known.
    """
    left, right = parse(version), parse(least)
    if not left or not right:
        return None
    return _without_zeros(left) >= _without_zeros(right)


def major(version: str | None) -> int | None:
    """The first number."""
    numbers = parse(version)
    return numbers[0] if numbers else None


def major_minor(version: str | None) -> str | None:
    """The first two numbers, or the one that there is: ``12.4`` of ``12.4.127``."""
    return ".".join(map(str, parse(version)[:2])) or None


def from_number(number: int) -> str | None:
    """CUDA's own numbers: 12040 is ``12.4``; None for 0, which libcudart says without a driver."""
    return f"{number // 1000}.{number % 1000 // 10}" if number > 0 else None


def from_digits(digits: str) -> str | None:
    """The numbers in names of builds, where the last digit is the minor version: ``126`` is ``12.6``.

    ``12`` and ``12.6`` stay as they are: nobody builds for CUDA 1.
    """
    if not re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){0,2}", digits, re.ASCII):
        return None
    return f"{digits[:-1]}.{digits[-1]}" if len(digits) == 3 and "." not in digits else digits  # noqa: PLR2004 - three digits, as above


def _without_zeros(version: Version) -> Version:
    numbers = list(version)
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)
