"""The OpenAPI document, generated from the routes and their response models."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from .. import __version__
from .api import Error

REFERENCE = "#/components/schemas/{name}"


@dataclass(frozen=True, slots=True)
class Query:
    """A whole number in a query.

    Attributes:
        name: of the parameter.
        description: one line.
        most: larger ones are taken for this one.
    """

    name: str
    description: str
    most: int


@dataclass(frozen=True, slots=True)
class Operation:
    """One route as the document describes it.

    Attributes:
        path: below the host's base URL.
        summary: one line.
        model: type of the 200 response; None for the OpenAPI document itself.
        authenticated: whether the host's token is demanded.
        statuses: further statuses with the type of their body, None for an empty one.
        query: its parameters, none of which is required.
        method: of HTTP, in small letters.
        proxied: a Lab that is connected to a kernel gateway passes the gateway's answer on.
    """

    path: str
    summary: str
    model: type[msgspec.Struct] | None
    authenticated: bool = True
    statuses: tuple[tuple[int, str, type[msgspec.Struct] | None], ...] = ()
    query: tuple[Query, ...] = ()
    method: Literal["get", "post"] = "get"
    proxied: bool = False


def document(operations: Iterable[Operation], base_url: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document for the operations, served below ``base_url``."""
    operations = tuple(operations)
    models = {o.model for o in operations if o.model} | {Error}
    models |= {model for o in operations for _, _, model in o.statuses if model}
    _, components = msgspec.json.schema_components(
        sorted(models, key=lambda model: model.__name__), ref_template=REFERENCE
    )
    # Defaults are tuples, which JSON has no word for.
    components = msgspec.json.decode(msgspec.json.encode(components))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "jupyter_sm",
            "version": __version__,
            "summary": "What a SageMaker image knows about itself while it runs",
            "license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
        },
        "servers": [{"url": base_url.rstrip("/") or "/"}],
        "security": [{"token": []}, {"query": []}],
        "paths": {o.path: {o.method: _operation(o)} for o in operations},
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "`token TOKEN`, the host's own token",
                },
                "query": {"type": "apiKey", "in": "query", "name": "token"},
            },
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    responses = {"200": _response("Success", operation.model)}
    for status, description, model in operation.statuses:
        responses[str(status)] = _response(description, model)
    if operation.proxied:
        responses["502"] = _response("In a Lab: its gateway cannot answer", Error)
        responses["504"] = _response("In a Lab: its gateway did not answer in time", Error)
    if operation.authenticated:
        responses["403"] = _response("No token, a wrong one, or not authorized", Error)
    described: dict[str, Any] = {
        "operationId": operation.path.strip("/").replace("/", "_").replace(".", "_"),
        "summary": operation.summary,
        "responses": responses,
    }
    if operation.query:
        described["parameters"] = [_parameter(query) for query in operation.query]
    if not operation.authenticated:
        described["security"] = []
    return described


def _parameter(query: Query) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 0, "maximum": query.most}
    return {"name": query.name, "in": "query", "description": query.description, "schema": schema}


def _response(description: str, model: type[msgspec.Struct] | None) -> dict[str, Any]:
    if model is None:
        return {"description": description}
    schema = {"$ref": REFERENCE.format(name=model.__name__)}
    return {"description": description, "content": {"application/json": {"schema": schema}}}
