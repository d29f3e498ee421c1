"""Who may call a route: one decorator in the order that Jupyter Server asks for."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from jupyter_server.auth.decorator import authorized
from tornado import web

Method = TypeVar("Method", bound=Callable[..., Any])


def guarded(action: str, resource: str) -> Callable[[Method], Method]:
    """The host's token, then its authorizer, before a handler's method.

    Both arguments are demanded: the bare ``authorized`` remembers the action and resource of its first
    caller, also for handlers that inherit the method (jupyter_server/auth/decorator.py).

    Args:
        action: ``read``, ``write`` or ``execute``.
        resource: what the authorizer is asked about.
    """

    def decorate(method: Method) -> Method:
        return cast(
            "Method", web.authenticated(authorized(action=action, resource=resource)(method))
        )

    return decorate
