"""Runs a function as an ordinary user: in a child without privileges when the tests run as root."""

import os
import pickle
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

NOBODY = 65534


def as_ordinary_user(function: Callable[[], T], *, owning: Path | None = None) -> T:
    """What ``function`` returns; it must be picklable.

    Args:
        function: run in a forked child as uid and gid 65534 when this process is root. The child
            cannot read root's files: what it imports has to be imported before.
        owning: a folder that the user owns with everything in it, and can reach.
    """
    if os.geteuid() != 0:
        return function()
    if owning is not None:
        _hand_over(owning)
    read, write = os.pipe()
    with warnings.catch_warnings():
        # Threads of other tests do not matter: the child only runs the function and ends.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _answer(function, write)
    os.close(write)
    with open(read, "rb") as answer:
        data = answer.read()
    os.waitpid(child, 0)
    good, value = pickle.loads(data)
    if not good:
        raise AssertionError(value)
    result: T = value
    return result


def _answer(function: Callable[[], object], write: int) -> None:
    try:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        data = pickle.dumps((True, function()))
    except BaseException:  # noqa: BLE001  # the parent raises it again
        data = pickle.dumps((False, traceback.format_exc()))
    with open(write, "wb") as answer:
        answer.write(data)
    os._exit(0)


def _hand_over(folder: Path) -> None:
    for parent in [*folder.resolve().parents][:-1]:
        if parent.stat().st_uid == 0 and parent != Path("/tmp"):
            parent.chmod(parent.stat().st_mode | 0o111)
    os.lchown(folder, NOBODY, NOBODY)
    for path in folder.rglob("*"):
        os.lchown(path, NOBODY, NOBODY)
