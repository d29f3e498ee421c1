"""What another site can make a browser do that is logged in to a Jupyter Server: nothing."""

from collections.abc import Callable, Mapping

import pytest
from hosts import Host

from jupyter_sm.server.handlers import ROUTES

Launch = Callable[..., Host]

EVIL = {"Origin": "https://evil.example"}
REFRESH = "/api/sm/cuda/refresh"


@pytest.fixture
def host(launch_server: Launch) -> Host:
    return launch_server(env={"JUPYTER_SM_ACTIVE": "1", "JUPYTER_SM_CUDA_CHECK": "0"})


def cookies(host: Host) -> dict[str, str]:
    """Those of a browser that has logged in with the token in the address."""
    said = [
        cookie
        for path in ("/login", f"/?token={host.token}")
        for cookie in host.get(path, token=None).headers.get_all("Set-Cookie") or []
    ]
    return dict(cookie.split(";")[0].split("=", 1) for cookie in said)


def browser(kept: Mapping[str, str], **more: str) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in kept.items()), **more}


def test_a_logged_in_browser_gets_nothing_for_a_foreign_page(host: Host) -> None:
    kept = cookies(host)
    for operation, _ in ROUTES:
        if operation.method == "get" and operation.authenticated:
            mine = host.get(operation.path, token=None, headers=browser(kept))
            theirs = host.get(operation.path, token=None, headers=browser(kept, **EVIL))
            assert (mine.status, theirs.status) == (200, 404), operation.path
            assert "Access-Control-Allow-Origin" not in theirs.headers


def test_a_logged_in_browser_posts_only_with_the_xsrf_token(host: Host) -> None:
    kept = cookies(host)
    xsrf = {"X-XSRFToken": kept["_xsrf"]}

    assert host.post(REFRESH, token=None, headers=browser(kept)).status == 403
    assert host.post(REFRESH, token=None, headers=browser(kept, **xsrf, **EVIL)).status == 404
    assert host.post(REFRESH, token=None, headers=browser(kept, **xsrf)).status in (200, 429)
