"""What passes between the server and the explaining kernel."""

import subprocess
import sys
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_sm.kernels.explaining import Attempt, Explanation, command, decode, encode

ANY_TEXT = st.text(st.characters(), max_size=8)
"""With lone surrogates, as undecodable bytes of an environment become them."""

ATTEMPTS = st.builds(
    Attempt,
    argv=st.lists(ANY_TEXT, max_size=3).map(tuple),
    environ=st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=3),
    cwd=st.none() | ANY_TEXT,
    connection_file=ANY_TEXT,
    status=st.integers(-64, 255),
)

EXPLANATIONS = st.builds(
    Explanation,
    kernel=ANY_TEXT,
    language=ANY_TEXT,
    reason=ANY_TEXT,
    remedy=ANY_TEXT,
    file=ANY_TEXT,
    kernels=st.lists(ANY_TEXT, max_size=3).map(tuple),
    prefix=ANY_TEXT,
    attempt=st.none() | ATTEMPTS,
)


@given(EXPLANATIONS)
def test_whatever_is_encoded_is_decoded_alike(explanation: Explanation) -> None:
    assert decode(encode(explanation)) == explanation


def test_any_mapping_is_an_environment() -> None:
    attempt = Attempt((), MappingProxyType({"A": "1"}), None, "/c", 1)

    found = decode(encode(Explanation("", "", "", "", "", attempt=attempt)))

    assert found.attempt is not None
    assert found.attempt.environ == {"A": "1"}


def test_what_was_not_utf8_stays_what_it_was() -> None:
    attempt = Attempt(("/p\udcff",), {"A\udc80": "\udcff"}, None, "/c", 1)

    found = decode(encode(Explanation("", "", "", "", "", attempt=attempt)))

    assert found.attempt == attempt


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff", b"[]", b"{}", b'{"kernel": 1}', b"null"],
)
def test_what_is_no_explanation_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # of several kinds
        decode(data)


def test_the_command_names_the_connection_file() -> None:
    argv = command("/run/kernel-1.json")

    assert argv[0] == sys.executable
    assert argv[-2:] == ["-f", "/run/kernel-1.json"]


def test_the_server_loads_no_kernel_to_start_one() -> None:
    code = (
        "import sys, jupyter_sm.kernels.explaining\n"
        "print({'ipykernel', 'zmq', 'traitlets', 'jupyter_client'} & {*sys.modules})"
    )

    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert found.stdout == "set()\n"
