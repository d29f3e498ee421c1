"""Which names and shapes tell a secret, and which only look like it."""

import pytest

from jupyter_sm.logs.secrets.named import is_secret_name
from jupyter_sm.logs.secrets.scrubbing import Scrubber


def scrubbed(text: str) -> str:
    scrubber = Scrubber()
    result = scrubber.scrub(text)
    assert scrubber.scrub(result) is result, "scrubbed twice is scrubbed once"
    return result


@pytest.mark.parametrize(
    "name",
    [
        *(
            "token",
            "access_token",
            "accessToken",
            "XSRFToken",
            "auth",
            "authtoken",
            "oauth2",
            "key",
        ),
        *("api-key", "apikey", "AWSAccessKeyId", "X-Amz-Signature", "sig", "jwt", "id.jwt", "otp"),
        *(
            "ticket",
            "sid",
            "session",
            "sessionid",
            "JSESSIONID",
            "PHPSESSID",
            "csrfmiddlewaretoken",
        ),
        *("user[password]", "http_pwd", "userPass", "SAMLResponse", "client_secret", "cookies"),
    ],
)
def test_a_parameter_of_a_telling_name_is_hidden(name: str) -> None:
    assert scrubbed(f"GET /a?b=c&{name}=Xy&d=e") == f"GET /a?b=c&{name}=[secret]&d=e"


@pytest.mark.parametrize(
    "parameter",
    [
        *("keyboard=us", "passive=1", "state=running", "code=404", "monkey=1", "compass=n"),
        *("author=Jane", "side=left", "tokenizer=fast", "statement=1", "encode=utf8", "sidebar=1"),
        *(
            "session_id=9f8e7d6c5b4a",
            "turkey=X",
            "design=X",
            "passenger=X",
            "hotplug=1",
            "laptop=1",
        ),
    ],
)
def test_a_parameter_whose_name_only_contains_a_telling_word_stays(parameter: str) -> None:
    text = f"GET /token-help?a=b&{parameter}&c=d (127.0.0.1)"
    assert scrubbed(text) is text


@pytest.mark.parametrize("value", ["running1", "4711XYZ", "0123456789", "abcdefghijklmnop"])
@pytest.mark.parametrize("name", ["code", "state", "oauth_state"])
def test_a_doubtful_name_is_told_by_its_value(name: str, value: str) -> None:
    assert scrubbed(f"/callback?{name}={value}&a=b") == f"/callback?{name}=[secret]&a=b"


def test_behind_a_doubtful_value_another_parameter_is_still_seen() -> None:
    assert scrubbed("/a?state=on?token=X") == "/a?state=on?token=[secret]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AWS_SESSION_TOKEN IQoJb3JpZ2lu/X== set", "AWS_SESSION_TOKEN [secret] set"),
        ("setenv GITHUB_TOKEN 'X y' and", "setenv GITHUB_TOKEN '[secret]' and"),
        ("curl -u me:X http://a", "curl -u me:[secret] http://a"),
        ("curl --user=me:X http://a", "curl --user=me:[secret] http://a"),
        ("curl --proxy-user me:X http://a", "curl --proxy-user me:[secret] http://a"),
        ("['curl', '-u', 'me:X', 'a']", "['curl', '-u', 'me:[secret]', 'a']"),
        ("jwt: X1y2z3", "jwt: [secret]"),
        ("Client(userPass='X')", "Client(userPass='[secret]')"),
        ("Cookie: [secret]; b=X", "Cookie: [secret]"),
        ("{'token': '[secret]X'}", "{'token': '[secret]'}"),
    ],
)
def test_variables_and_commands(text: str, expected: str) -> None:
    assert scrubbed(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "KG_AUTH_TOKEN is not set, JUPYTER_TOKEN (see the docs), GITHUB_TOKEN must be",
        "the PASSWORD abcdefghijklmnopq and a password 0123456789",
        "docker run -u 1000:100 image --user 0:0, sort -u a b:c, git -u http://a:80/b",
        "Unsupported header, header line cannot start with whitespace",
        "sk-learn-has-long-names-too and task-0123456789abcdefgh, ghp_ hf_ glpat-",
        "{'PWD': '/home/me', 'OLDPWD': '/'}",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert scrubbed(text) is text


@pytest.mark.parametrize(
    "token",
    [
        *(
            "ghp_",
            "gho_",
            "ghu_",
            "ghs_",
            "ghr_",
            "github_pat_",
            "glpat-",
            "hf_",
            "sk-",
            "sk-proj-",
        ),
    ],
)
@pytest.mark.parametrize("around", ["a {} b", "'{}'", "/a?q={}&c", "{},", "a%20{}", "({})"])
def test_a_token_is_known_by_its_prefix(token: str, around: str) -> None:
    value = token + "aB3dE6gH9jK2mN5pQ8sT1vW4"
    assert scrubbed(around.format(value)) == around.format("[secret]")


def test_names_of_variables_and_members() -> None:
    for name in (
        "token",
        "KG_AUTH_TOKEN",
        "api_key",
        "password",
        "http_pwd",
        "a.secret",
        "userPass",
    ):
        assert is_secret_name(name)
    for name in ("token_ids", "tokenizer", "key", "PWD", "OLDPWD", "compass", "url", "", "author"):
        assert not is_secret_name(name)
