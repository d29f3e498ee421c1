"""What is a secret in a text is replaced, and everything else stays as it was written."""

import base64
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_sm.logs.secrets.scrubbing import Scrubber
from jupyter_sm.logs.secrets.values import secret_values

SECRET = "n0t/for+any'body \"é"
PLAIN = "0f1e2d3c4b5a"
AWS = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def scrubbed(text: str, *values: str) -> str:
    scrubber = Scrubber(values)
    result = scrubber.scrub(text)
    assert scrubber.scrub(result) is result, "scrubbed twice is scrubbed once"
    return result


@pytest.mark.parametrize(
    "spell",
    [
        str,
        quote,
        quote_plus,
        lambda text: quote(text, safe=""),
        lambda text: quote(text, safe="").replace("%2F", "%2f"),
        lambda text: "".join(f"%{octet:02x}" for octet in text.encode()),
        lambda text: quote(quote(text, safe=""), safe=""),
        json.dumps,
        lambda text: json.dumps(text, ensure_ascii=False),
        repr,
        lambda text: repr(text.encode()),
    ],
)
def test_a_known_value_is_hidden_in_every_spelling(spell: Callable[[str], str]) -> None:
    assert PLAIN not in scrubbed(f"a word {spell(PLAIN)} between", PLAIN)
    said = scrubbed(f"a word {spell(SECRET)} between", SECRET)
    assert "for" not in said
    assert "a word" in said
    assert "between" in said


def test_a_short_value_is_hidden_only_behind_a_name() -> None:
    assert scrubbed("abc token=abc abc", "abc") == "abc token=[secret] abc"


def test_a_word_that_is_a_secret_is_not_hidden_inside_of_other_words() -> None:
    said = scrubbed("the latest test, ?next=%3Dtest, /test/ testing", "test")
    assert said == "the latest [secret], ?next=%3D[secret], /[secret]/ testing"


def test_the_replacement_is_not_replaced_when_the_secret_is_the_word_secret() -> None:
    assert (
        scrubbed("a secret secretary, token=x", "secret") == "a [secret] secretary, token=[secret]"
    )


def test_a_text_without_a_secret_is_the_same_object() -> None:
    for text in ("Kernel started: 8d0f", "GET /api?x=%20&y=1", "tokens //a", ""):
        assert Scrubber([PLAIN]).scrub(text) is text


@pytest.mark.parametrize(
    "text",
    [
        "the token ids of a tokenizer, token_ids=[1, 2], max_tokens=100, tokenizer=fast",
        "password is wrong; passwords are not kept, bypass=True, password_required: True",
        "Jupyter servers are configured to only be run with a password.",
        "Writing Jupyter server cookie secret to /home/me/jupyter_cookie_secret",
        "Clearing invalid/expired login cookie username-localhost-8888",
        "Accepting token-authenticated request from 127.0.0.1",
        "Generating new user for token-authenticated request: 5a2b3c",
        "403 POST /login (127.0.0.1): '_xsrf' argument missing from POST",
        "Error unpacking user from cookie: Expecting value: line 1 column 1 (char 0)",
        "Could not decode token: Invalid header padding",
        "Set KG_AUTH_TOKEN, or listen on 127.0.0.1",
        "Basic functions and bearer authentication, the author: Jane Doe",
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:database-a1b2c3",
        "{'PWD': '/home/me', 'OLDPWD': '/', 'AWS_ACCESS_KEY_ID': 'AKIAIOSFODNN7EXAMPLE'}",
        "token=None password='' {'auth_token': ''} http://127.0.0.1:8888/lab?token=...",
        "secret of commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "write to somebody@example.org // or not",
        "GET /api/kernels/5d/channels?session_id=9f8e7d6c5b4a&content=1 (127.0.0.1)",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert scrubbed(text, PLAIN, AWS) is text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GET /api?token=X (127.0.0.1)", "GET /api?token=[secret] (127.0.0.1)"),
        ("/a?b=1&_xsrf=X&c=2#access_token=X", "/a?b=1&_xsrf=[secret]&c=2#access_token=[secret]"),
        ("/a?%74oken=X&b=1", "/a?%74oken=[secret]&b=1"),
        ("/a?%2574ok%65n=X&b=1", "/a?%2574ok%65n=[secret]&b=1"),
        ("/login?next=%2Flab%3Ftoken%3DX&b=1", "/login?next=[secret]&b=1"),
        ("/login?next=/lab?token=X&b=1", "/login?next=/lab?token=[secret]&b=1"),
        ("uri='/a?token=X', version=1", "uri='/a?token=[secret]', version=1"),
        ("uri='/a?token=X'y', version=1", "uri='/a?token=[secret]', version=1"),
        (
            "/k?X-Amz-Credential=X%2Fa&X-Amz-Date=1&X-Amz-Security-Token=X",
            "/k?X-Amz-Credential=[secret]&X-Amz-Date=1&X-Amz-Security-Token=[secret]",
        ),
        ("/k?X-Amz-Expires=1&X-Amz-Signature=X", "/k?X-Amz-Expires=1&X-Amz-Signature=[secret]"),
        (
            "/k?AWSAccessKeyId=X&Expires=1&Signature=X%3D",
            "/k?AWSAccessKeyId=[secret]&Expires=1&Signature=[secret]",
        ),
        ("https://me:X@host/a https://X@host/b", "https://[secret]@host/a https://[secret]@host/b"),
        ("https://me:X@Y@host/a", "https://[secret]@host/a"),
    ],
)
def test_urls_keep_everything_but_their_secrets(text: str, expected: str) -> None:
    assert scrubbed(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Host: a\r\nAuthorization: token X\r\nB: c", "Host: a\r\nAuthorization: [secret]\r\nB: c"),
        ("Cookie: a=X; b=X\nB: c", "Cookie: [secret]\nB: c"),
        ("> cookie: a=X; b=X\n> b: c", "> cookie: [secret]\n> b: c"),
        ("Set-Cookie: user=X; Path=/", "Set-Cookie: [secret]"),
        ('Cookie: "a=X"; b=X\nB: c', "Cookie: [secret]\nB: c"),
        ("cookie = 'X', b='c'", "cookie = '[secret]', b='c'"),
        ("X-XSRFToken: 2|X\nB: c", "X-XSRFToken: [secret]\nB: c"),
        ("X-Api-Key: X, b", "X-Api-Key: [secret], b"),
        ("{'Cookie': 'a=X; b=\"X\"', 'B': 'c'}", "{'Cookie': '[secret]', 'B': 'c'}"),
        ('{"Authorization": "token X", "B": "c"}', '{"Authorization": "[secret]", "B": "c"}'),
        (r"{\"Cookie\": \"a=\\\"X\\\"\", \"B\": 1}", r"{\"Cookie\": \"[secret]\", \"B\": 1}"),
        (
            "[(b'Authorization', b'X'), (b'B', b'c')]",
            "[(b'Authorization', b'[secret]'), (b'B', b'c')]",
        ),
        ("{'Authorization': ['token X', 'X'], 'B': 'c'}", "{'Authorization': [secret], 'B': 'c'}"),
        ("curl -H 'Authorization: token X' http://a", "curl -H 'Authorization: [secret]' http://a"),
        ("b'Cookie: a=X\\r\\nHost: b' c", "b'Cookie: [secret]' c"),
        ("<SimpleCookie: a='X' b='X'>", "<SimpleCookie: [secret]"),
        ("<Morsel: a=X; Path=/>", "<Morsel: [secret]"),
        ("AWS4-HMAC-SHA256 Credential=X, Signature=X", "AWS4-HMAC-SHA256 [secret]"),
    ],
)
def test_headers_are_hidden_in_every_notation(text: str, expected: str) -> None:
    assert scrubbed(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("c.ServerApp.token = 'X'", "c.ServerApp.token = '[secret]'"),
        ("password = X", "password = [secret]"),
        ("auth_token: X", "auth_token: [secret]"),
        ("auth_token: X3, port: 1", "auth_token: [secret], port: 1"),
        ("Client(http_pwd='X', port=1)", "Client(http_pwd='[secret]', port=1)"),
        ("{'GITHUB_TOKEN': \"it's X\", 'B': 'c'}", "{'GITHUB_TOKEN': \"[secret]\", 'B': 'c'}"),
        (r"{'token': 'a\'\"X', 'B': 'c'}", r"{'token': '[secret]', 'B': 'c'}"),
        ('"KGAPP__AUTH_TOKEN"="X"', '"KGAPP__AUTH_TOKEN"="[secret]"'),
        ("['a', '--ServerApp.token=X', '-b']", "['a', '--ServerApp.token=[secret]', '-b']"),
        ("['a', '--token', 'X', '-b']", "['a', '--token', '[secret]', '-b']"),
        (
            "jupyter lab --IdentityProvider.token X -b",
            "jupyter lab --IdentityProvider.token [secret] -b",
        ),
        ("{'token': [b'X'], 'b': [b'c']}", "{'token': [secret], 'b': [b'c']}"),
        ('"secrets": {\n  "a": "X)",\n  "b": ["X"]\n},\n"c": 1', '"secrets": [secret],\n"c": 1'),
        ("token: (X, X\nnext", "token: [secret]\nnext"),
        ("token: , token:: a", "token: , token:: a"),
        ("{'token': DeferredConfigString('a) X'), 'b': 1}", "{'token': [secret], 'b': 1}"),
        ("{'token': <LazyConfigValue {'update': 'X'}>}", "{'token': [secret]"),
        ("Authorization is Bearer X.Y-Z_1234", "Authorization is Bearer [secret]"),
        (f"Basic {base64.b64encode(b'me:X').decode()}", "Basic [secret]"),
        (f"the secret key {AWS} of", "the secret key [secret] of"),
        ("a 2|1:0|10:1|8:username|4:WA==|X b", "a [secret] b"),
        ("a eyJhbGciOiJI.eyJzdWIiOiIx.X-y b", "a [secret] b"),
    ],
)
def test_settings_and_commands_are_hidden_in_every_notation(text: str, expected: str) -> None:
    assert scrubbed(text) == expected


NOTATIONS: list[Callable[[str], str]] = [
    lambda value: repr({"auth_token": value, "b": "c"}),
    lambda value: json.dumps({"auth_token": value, "b": "c"}),
    lambda value: json.dumps(json.dumps({"auth_token": value, "b": "c"})),
    lambda value: repr([("Authorization", value)]),
    lambda value: repr(["--token", value, "--b"]),
    lambda value: repr({"Cookie": [value]}),
    lambda value: f"GET /a?token={quote(value, safe='')}&b=c",
    lambda value: f"GET /a?next={quote('/b?token=' + quote(value, safe=''), safe='')}&b=c",
    lambda value: f"Authorization: token {value}",
    lambda value: f"Cookie: a={value}",
]


@given(
    middle=st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=12),
    notation=st.sampled_from(NOTATIONS),
)
def test_what_nobody_knows_is_hidden_behind_its_name(
    middle: str, notation: Callable[[str], str]
) -> None:
    assert "QQQQ" not in scrubbed(notation(f"QQQQ{middle}QQQQ"))


@given(st.text(st.sampled_from("token=:'\"\\ ?&%74;/@{[()]}\nCookie,-")))
def test_nothing_makes_scrubbing_fail_or_scrub_twice(text: str) -> None:
    scrubbed(text, "ook", "%74=")


def test_secrets_come_from_the_environment_and_from_what_is_given() -> None:
    environ = {
        "KG_AUTH_TOKEN": "first",
        "JUPYTER_TOKEN": "",
        "AWS_SESSION_TOKEN": "second",
        "JUPYTER_GATEWAY_HEADERS": '{"Authorization": "token third", "Accept": "all", "n": 1}',
        "HOME": "/root",
    }
    values = secret_values(environ, ["fourth", None, "", b"\xff\x00\xfe"])
    assert values >= {"first", "second", "third", "fourth", "/wD+", "ff00fe"}
    assert not values & {"", "/root", "all"}
    assert secret_values({"JUPYTER_GATEWAY_HEADERS": "{"}) == frozenset()
    assert secret_values({"JUPYTER_GATEWAY_HEADERS": "[1]"}) == frozenset()
