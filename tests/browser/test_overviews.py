"""The made-up answers that the browser's tests use are answers that the server could give."""

from typing import Any

import msgspec
import overviews
import pytest

from jupyter_sm.server.api import Overview
from jupyter_sm.server.problemtable import PROBLEMS

DOCUMENTS = {
    "healthy": overviews.healthy(),
    "unhealthy": overviews.unhealthy(),
    "many GPUs": overviews.many_gpus(),
    "without GPU": overviews.without_gpu(),
    "elsewhere": overviews.elsewhere(),
    "long words": overviews.long_words(),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_made_up_answer_has_the_types_of_the_server(name: str) -> None:
    typed = msgspec.convert(DOCUMENTS[name], Overview)

    assert _unknown(DOCUMENTS[name], msgspec.to_builtins(typed)) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_made_up_problem_is_one_that_the_server_knows(name: str) -> None:
    for problem in DOCUMENTS[name]["report"]["problems"]:
        assert problem["severity"] in PROBLEMS[problem["id"]].severities


def _unknown(given: Any, typed: Any, where: str = "") -> list[str]:
    """Members that are in the document and not in the type."""
    if isinstance(given, dict):
        own = [f"{where}.{name}" for name in given if name not in typed]
        shared = [name for name in given if name in typed]
        return own + [
            text
            for name in shared
            for text in _unknown(given[name], typed[name], f"{where}.{name}")
        ]
    if isinstance(given, list):
        pairs = zip(given, typed, strict=True)
        return [text for one, other in pairs for text in _unknown(one, other, where)]
    return []
