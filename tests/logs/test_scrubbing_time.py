"""No text holds a server up: scrubbing takes time in proportion to the text's length."""

import pytest

from jupyter_sm.logs.secrets.scrubbing import Scrubber

PLAIN = "0f1e2d3c4b5a"
PARTS = [
    *("a", "token: ", "cookie: ", "token='\\", "'token': \"", "?a=%", "?x=%3Ftoken%3Da&"),
    *("://a@", "eyJ-", "secret ", "cookie header ", "\\", "-token", ";"),
    *("token=['x\n", "'Cookie: a=x\n", "token=[", "token='x\n"),
    # names that each look at all that follows, and take nothing of it
    *("token:", "auth:", "pass:", "secret:", ":cookie", "token:cookie=", "A_TOKEN a"),
    *("\"cookie='' ", "Cookie: [secret] ", "Authorization: [secret]\t", "token=[secret] "),
    *("?state=a", "?a=", "&token=?state=", "-u a:", "--user=", "-u 1:", "sk-a", "ghp_"),
    *(
        "invalid cookie '",
        'Invalid header value "',
        "2|1:0|",
        "basic ",
        "\\'token\\': ",
        "[(token=",
    ),
]


@pytest.mark.timeout(30)
@pytest.mark.parametrize("part", PARTS)
def test_hostile_input_takes_time_in_proportion_to_its_length(part: str) -> None:
    # Where it grew with the square of the length, this would take minutes.
    text = part * ((1 << 18) // len(part))
    assert len(Scrubber([PLAIN, "test"]).scrub(text)) <= 10 * len(text)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("part", ["a", "%", "a%", "'", "token:"])
def test_an_oddly_encoded_value_in_front_changes_nothing_about_that(part: str) -> None:
    odd = "".join(f"%{octet:02x}" for octet in PLAIN.encode())
    said = Scrubber([PLAIN]).scrub(f"{odd} " + part * ((1 << 18) // len(part)))
    assert said.startswith("[secret] ")


@pytest.mark.timeout(30)
@pytest.mark.parametrize("part", ["token:", "'token': \"", "cookie='' ", "token=("])
def test_the_lines_of_a_traceback_take_no_longer(part: str) -> None:
    text = part * ((1 << 18) // len(part))
    assert len(Scrubber([PLAIN]).scrub_source(text)) <= 10 * len(text)
