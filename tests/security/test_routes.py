"""Every route that a running host serves, ours and its own, asked without the host's token."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hosts import Host

from jupyter_sm.server.handlers import ROUTES

Launch = Callable[..., Host]

LISTING = """
import json, os
from tornado.httpserver import HTTPServer
from tornado.web import RequestHandler

VERBS = ("get", "head", "post", "put", "patch", "delete")
begin = HTTPServer.initialize

def initialize(self, app, *args, **kwargs):
    rules = [r for router in [*app.default_router.rules, app.wildcard_router]
             for r in getattr(getattr(router, "target", router), "rules", [router])]
    found = [
        (rule.matcher.regex.pattern,
         [v.upper() for v in VERBS
          if getattr(rule.target, v, None) is not RequestHandler._unimplemented_method])
        for rule in rules if hasattr(rule.matcher, "regex") and isinstance(rule.target, type)
    ]
    with open(os.environ["JSM_TEST_ROUTES"], "w") as file:
        json.dump(found, file)
    begin(self, app, *args, **kwargs)

HTTPServer.initialize = initialize
"""
"""A configuration file of the host: what it serves is written down when it opens its port."""

OPEN = re.compile(r"/|/api|/login|/logout|/api/sm/health")
"""What answers without a token: an empty page, who is there, how to log in, and health."""

ALONE = ("jupyterlab", "jupyter_lsp", "jupyter_server_terminals", "notebook", "notebook_shim")
"""Extensions that are left out of the server: their routes are their own business."""

HEALTH = "/api/sm/health"
WORDS = re.compile(r"\w+(\|\w+)*")


def path_of(pattern: str) -> str:
    """A path that a route's expression matches."""
    path = pattern.removesuffix("$").replace(r"(?P<path>(?:(?:/[^/]+)+|/?))", "/x")
    while (
        inner := re.sub(r"\((?:\?P<\w+>|\?:)?([^()]*)\)[?*+]?", lambda m: _example(m[1]), path)
    ) != path:
        path = inner
    return re.sub(r"\\(.)", r"\1", path).replace("/?", "/").replace("/.*", "/x")


def _example(inside: str) -> str:
    """What a group of an expression matches: the first of its words, or a name."""
    return inside.split("|", maxsplit=1)[0] if WORDS.fullmatch(inside) else "x"


def routes(listing: Path) -> Iterator[tuple[str, str]]:
    """Verb and path of everything that the host serves."""
    for pattern, verbs in json.loads(listing.read_text()):
        for verb in verbs:
            yield verb, path_of(pattern)


@pytest.mark.parametrize("token", [None, "wrong"])
@pytest.mark.parametrize("kind", ["gateway", "server"])
def test_no_route_of_a_host_answers_without_its_token(
    launch_gateway: Launch,
    launch_server: Launch,
    tmp_path: Path,
    kind: str,
    token: str | None,
) -> None:
    config = tmp_path / "jupyter/config"
    config.mkdir(parents=True)
    name = {"gateway": "kernel_gateway", "server": "server"}[kind]
    (config / f"jupyter_{name}_config.py").write_text(LISTING)
    listing = tmp_path / "routes.json"
    env = {"JSM_TEST_ROUTES": str(listing), "JUPYTER_SM_ACTIVE": "1"}
    if kind == "gateway":
        host = launch_gateway(env=env)
    else:
        others = (f"--ServerApp.jpserver_extensions={name}=False" for name in ALONE)
        host = launch_server(*others, env=env)

    answers = {
        (verb, path): host.request(verb, path, token=token).status for verb, path in routes(listing)
    }

    ours = {(operation.method.upper(), operation.path) for operation, _ in ROUTES}
    assert {answers.pop(route) for route in ours if route[1] != HEALTH} == {403}
    assert answers.pop(("GET", HEALTH)) == 200
    shown = {route: code for route, code in answers.items() if code not in (302, 401, 403, 404)}
    assert {path for _, path in shown if not OPEN.fullmatch(path)} == set()
    assert len(answers) - len(shown) >= 20
