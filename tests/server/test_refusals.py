"""What a refused request is told."""

import asyncio
import logging

import pytest
from tornado.web import HTTPError

from jupyter_sm.kernels import Catalog, Choice, Kernel, Live, Snapshot, Trouble, choose
from jupyter_sm.server.refusals import RefusalError, error_body, fresh_catalog, require_startable

LOG = logging.getLogger("test")


def catalog(*, excluded: Trouble | None = None) -> Catalog:
    spec = {"argv": ["R"], "metadata": {}}
    found = Kernel("ir", "R", "R", "jupyter", "/x", spec, excluded=excluded)
    return choose(Snapshot(kernels=(found,)), Choice(everything=True))


def test_a_look_that_fails_is_a_503_with_its_reason() -> None:
    def fail() -> Catalog:
        raise OSError("the disk is gone")

    with pytest.raises(RefusalError) as raised:
        asyncio.run(fresh_catalog(Live(fail, LOG)))

    assert (raised.value.status_code, raised.value.code) == (503, "kernels-not-known")
    assert raised.value.message == "the disk is gone"


@pytest.mark.parametrize(
    ("name", "kernel", "status", "code"),
    [
        ("julia", {}, 404, "kernel-unknown"),
        ("ir", {"excluded": Trouble("filtered", "")}, 403, "kernel-refused"),
    ],
)
def test_a_kernel_that_must_not_be_started_has_a_status_and_a_code(
    name: str, kernel: dict[str, Trouble], status: int, code: str
) -> None:
    with pytest.raises(RefusalError) as raised:
        require_startable(catalog(**kernel), name)

    assert (raised.value.status_code, raised.value.code) == (status, code)
    assert str(raised.value) == raised.value.message


def test_a_body_shows_only_texts_that_were_written_for_a_client() -> None:
    assert error_body(500, RuntimeError("a secret")).message == "Internal Server Error"
    assert error_body(404, HTTPError(404, "%s is gone", "it")).message == "it is gone"
    assert error_body(404, HTTPError(404, "100%")).message == "100%"
    assert error_body(404, HTTPError(404)).message == "Not Found"
    assert error_body(499, None).reason == "Unknown"


def test_control_characters_and_lone_surrogates_are_escaped() -> None:
    refusal = RefusalError(404, "x", "a\x1b[31m\n\ud800", "b\n")

    assert refusal.message == "a\\x1b[31m\\n\\ud800"
    assert refusal.hint == "b\\n"
