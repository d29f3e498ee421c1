"""Whether the driver and the GPUs run what the toolkits of the image make."""

import shlex

from ..model import Reason, Toolkit
from ..tables import dropped_by, minimum_driver
from ..versions import major, major_minor
from .fits import Machine, newest_beside, what_is_needed, what_runs


def toolkit_reason(toolkit: Toolkit, machine: Machine) -> Reason | None:
    """Why nothing that a toolkit makes runs here; None if it does, or if that is not known."""
    if machine.runs(toolkit.version) is False:
        return _too_new(toolkit, machine)
    dropped = dropped_by(major(toolkit.version))
    known = [device for device in machine.devices if device.compute_capability]
    if known and all(device.compute_capability in dropped for device in known):
        return _dropped(toolkit, known[0].name or "this GPU", known[0].compute_capability or "")
    return None


def _too_new(toolkit: Toolkit, machine: Machine) -> Reason:
    newest = newest_beside(machine, toolkit.version)
    remedy = f"start it on a host with driver {minimum_driver(toolkit.version)} or newer"
    if newest:
        other = _with_cuda(toolkit, newest)
        remedy = f"{other}, or {remedy}" if toolkit.prefix is None else other
    return Reason(
        code="toolkit-too-new",
        text=f"{what_runs(machine, toolkit.version)}, {_what_it_is(toolkit)}",
        evidence=f"{toolkit.source}: {toolkit.version}; {what_is_needed(machine, toolkit.version)}",
        remedy=remedy,
    )


def _dropped(toolkit: Toolkit, gpu: str, capability: str) -> Reason:
    number = major(toolkit.version) or 0
    last = next(n for n in range(number, 0, -1) if capability not in dropped_by(n))
    return Reason(
        code="toolkit-dropped-gpu",
        text=f"CUDA {number} has no code for {gpu}, {_what_it_is(toolkit)}",
        evidence=f"{toolkit.source}: {toolkit.version}; compute capability {capability}",
        remedy=_with_cuda(toolkit, f"{last}.x"),
    )


def _what_it_is(toolkit: Toolkit) -> str:
    version = major_minor(toolkit.version)
    if toolkit.prefix is None:
        return f"this image ships {version}"
    return f"the environment {toolkit.prefix} has {version}"


def _with_cuda(toolkit: Toolkit, newest: str) -> str:
    """What to do for a toolkit that is not newer."""
    if toolkit.prefix is None:
        return f"base the image on CUDA {newest}"
    if toolkit.source.startswith("conda "):
        wanted = newest.removesuffix(".x")
        return shlex.join(["conda", "install", "-p", toolkit.prefix, f"cuda-version={wanted}"])
    return f"in the environment {toolkit.prefix}, install packages that are built for CUDA {newest}"
