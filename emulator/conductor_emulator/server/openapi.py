"""The OpenAPI description of a flavor, made from its routes.

Paths, methods and path parameters are the routes' own. Query parameters are read out of the handlers: what a handler
asks of its request (``request.integer("start", 0)``) is a parameter of that name, type and default.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from functools import cache
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.server.version import VERSIONS

if TYPE_CHECKING:
    from conductor_emulator.engine.flavors import FlavorName
    from conductor_emulator.server.routing import Route

#: The reader of a query parameter → its schema, and whether it has to be there.
_READERS: Final[dict[str, tuple[dict[str, Any], bool]]] = {
    "text": ({"type": "string"}, False),
    "required": ({"type": "string"}, True),
    "texts": ({"type": "array", "items": {"type": "string"}}, False),
    "boolean": ({"type": "boolean", "default": False}, False),
    "optional_boolean": ({"type": "boolean"}, False),
    "integer": ({"type": "integer", "format": "int32"}, False),
    "optional_integer": ({"type": "integer", "format": "int32"}, False),
    "long": ({"type": "integer", "format": "int64"}, False),
    "optional_long": ({"type": "integer", "format": "int64"}, False),
    "choice": ({"type": "string"}, False),
}
#: The reader of a body → its schema.
_BODIES: Final[dict[str, dict[str, Any]]] = {
    "json": {},
    "json_map": {"type": "object"},
    "record": {"type": "object"},
    "record_list": {"type": "array", "items": {"type": "object"}},
    "text_list": {"type": "array", "items": {"type": "string"}},
    "text_body": {"type": "string"},
    "unquoted_text": {"type": "string"},
}
_TEXT_BODIES: Final = frozenset({"text_body", "unquoted_text"})


def describe(routes: list[Route], flavor: FlavorName) -> dict[str, Any]:
    """The description of these routes; the pages for people and the emulator's own resource are no part of it."""
    paths: dict[str, dict[str, Any]] = {}
    names: dict[str, int] = {}
    for route in routes:
        if route.resource not in ("pages", "emulator"):
            name = route.handler.__name__
            names[name] = names.get(name, 0) + 1
            operation_id = name if names[name] == 1 else f"{name}_{names[name] - 1}"
            paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, operation_id)
    return {
        "openapi": "3.0.1",
        "info": {"title": "Conductor emulator", "version": VERSIONS[flavor]},
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
    }


def _operation(route: Route, operation_id: str) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in route.parameters
    ]
    content: dict[str, Any] | None = None
    for reader, arguments in _reads(route.handler):
        if reader in _BODIES:
            kind = "text/plain" if reader in _TEXT_BODIES else "application/json"
            content = {kind: {"schema": _BODIES[reader]}}
        elif arguments and isinstance(arguments[0], str) and all(p["name"] != arguments[0] for p in parameters):
            parameters.append(_query_parameter(reader, arguments))
    operation: dict[str, Any] = {
        "tags": [route.resource],
        "summary": (inspect.getdoc(route.handler) or "").split("\n", maxsplit=1)[0],
        "operationId": operation_id,
        "parameters": parameters,
        "responses": {"200": {"description": "OK"}},
    }
    if content is not None:
        operation["requestBody"] = {"content": content, "required": True}
    return operation


def _query_parameter(reader: str, arguments: list[Any]) -> dict[str, Any]:
    schema, required = _READERS[reader]
    default = arguments[1:] if reader != "choice" else arguments[2:]
    if default and default[0] is not None:
        schema = {**schema, "default": default[0]}
    return {"name": arguments[0], "in": "query", "required": required, "schema": schema}


def _reads(handler: Any) -> Iterator[tuple[str, list[Any]]]:
    """What a handler, and the functions that it hands its request to, read of it: (reader, its literal arguments)."""
    yield from _reads_of(handler) if isinstance(handler, FunctionType) else ()


@cache
def _reads_of(function: FunctionType) -> tuple[tuple[str, list[Any]], ...]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    found: list[tuple[str, list[Any]]] = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Attribute) and ast.unparse(called.value) == "request":
            if called.attr in _READERS or called.attr in _BODIES:
                found.append((called.attr, [_literal(item) for item in _values(node)]))
        elif isinstance(called, ast.Name) and any(ast.unparse(item) == "request" for item in node.args):
            inner = getattr(sys.modules[function.__module__], called.id, None)
            if isinstance(inner, FunctionType) and inner is not function:
                found.extend(_reads_of(inner))
    return tuple(found)


def _values(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _literal(node: ast.expr) -> Any:
    return node.value if isinstance(node, ast.Constant) else None
