"""No kernel is given the host's own tokens."""

from jupyter_sm.kernels import without_secrets

TOKENS = ("KG_AUTH_TOKEN", "JUPYTER_TOKEN", "JUPYTER_GATEWAY_AUTH_TOKEN")


def test_the_tokens_of_each_host_are_left_out_and_nothing_else() -> None:
    environ = {**dict.fromkeys(TOKENS, "x"), "PATH": "/bin", "JUPYTER_TOKEN_OF_MINE": "y"}

    assert without_secrets(environ) == {"PATH": "/bin", "JUPYTER_TOKEN_OF_MINE": "y"}


def test_what_is_given_stays_as_it_is() -> None:
    environ = {"JUPYTER_TOKEN": "x"}

    without_secrets(environ)

    assert environ == {"JUPYTER_TOKEN": "x"}
