"""What CUDA_VISIBLE_DEVICES leaves of the GPUs.

CUDA takes the entries in order and stops at the first that names no GPU: those before it stay. (CUDA
C++ Programming Guide, "CUDA Environment Variables".)
"""

import re
from collections.abc import Sequence

from ...reading import printable
from ..model import Device

VARIABLE = "CUDA_VISIBLE_DEVICES"

_NUMBER = re.compile(r"[+-]?[0-9]+")
_UUID = ("GPU-", "MIG-")
_OLD_MIG = "MIG-GPU-"
"""``MIG-GPU-<uuid>/<instance>/<instance>``, of drivers before 470: no UUID that NVML lists."""


def why_nothing_is_left(value: str | None, devices: Sequence[Device]) -> str | None:
    """Why a value leaves no GPU, as a sentence; None if it leaves one, or if that cannot be said.

    Args:
        value: of the variable; None is unset.
        devices: what NVML lists; empty where it is not known.
    """
    if value is None:
        return None
    entries = [entry.strip() for entry in value.split(",")]
    if not entries[0]:
        return f"{VARIABLE} is empty, which hides every GPU"
    return _unknown(entries[0], devices) or _twice(entries)


def _unknown(entry: str, devices: Sequence[Device]) -> str | None:
    """Why the first entry names no GPU."""
    written = f"{VARIABLE} begins with {printable(entry)}"
    if _NUMBER.fullmatch(entry):
        number = int(entry)
        if number < 0:
            return f"{written}, which hides every GPU"
        count = sum(device.parent_uuid is None for device in devices)
        slices = len(devices) - count
        if devices and number >= max(count, slices):
            return f"{written}, and the last GPU here is {max(count, slices) - 1}"
        return None
    if entry.startswith(_UUID):
        folded = entry.casefold()
        known = devices and not entry.startswith(_OLD_MIG)
        if known and not any(d.uuid.casefold().startswith(folded) for d in devices):
            return f"{written}, and no GPU here has that UUID"
        return None
    return f"{written}, which is neither the number nor the UUID of a GPU"


def _twice(entries: Sequence[str]) -> str | None:
    """With an entry that is there twice CUDA takes none of them."""
    known = [entry for entry in entries if _NUMBER.fullmatch(entry) or entry.startswith(_UUID)]
    for entry in known:
        if known.count(entry) > 1:
            return f"{VARIABLE} names GPU {printable(entry)} twice, and CUDA then takes none"
    return None
