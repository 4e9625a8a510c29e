"""The methods that an OpenAPI document (3, or 2 alias Swagger) describes, as Orkes tells of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urljoin

#: The order in which the methods of one path are told.
_METHODS: Final = ("post", "put", "patch", "delete", "get", "head", "options", "trace")
_NO_WORD: Final = re.compile(r"\W+")
_JSON: Final = "application/json"

_Object = dict[str, Any]


class OpenApiDocument:
    """One document, and the address that it came from."""

    def __init__(self, document: _Object, address: str) -> None:
        self._document = document
        self._address = address
        self._is_swagger = "swagger" in document
        components = self._document if self._is_swagger else _object(self._document.get("components"))
        self._schemas = _object(components.get("definitions" if self._is_swagger else "schemas"))
        #: the schemas of inputs and outputs, by the names that methods give them
        self.schemas: dict[str, _Object] = {}
        #: the document's schemas by their names, as they stand in ``definitions``, and the names each refers to
        self._copies: dict[str, tuple[_Object, dict[str, None]]] = {}
        self.methods = [self._method(*operation) for operation in self._operations()]

    @staticmethod
    def is_one(document: Any) -> bool:
        """Whether a value is an OpenAPI document."""
        return isinstance(document, dict) and ("openapi" in document or "swagger" in document)

    def servers(self) -> list[str]:
        """The addresses at which the methods are called."""
        if not self._is_swagger:
            urls = [_text(_object(server), "url") for server in _list(self._document.get("servers"))]
            return [urljoin(self._address, url) for url in urls if url]
        host = _text(self._document, "host")
        schemes = [scheme for scheme in _list(self._document.get("schemes")) if isinstance(scheme, str)]
        return [f"{scheme}://{host}{_text(self._document, 'basePath')}" for scheme in schemes] if host else []

    def _operations(self) -> Iterator[tuple[str, str, _Object, list[_Object]]]:
        """(path, method, operation, parameters) of everything that may be called."""
        for path, found in _object(self._document.get("paths")).items():
            item = self._resolved(found)
            for method in _METHODS:
                operation = item.get(method)
                if isinstance(operation, dict):
                    given = [*_list(item.get("parameters")), *_list(operation.get("parameters"))]
                    parameters = [self._resolved(parameter) for parameter in given]
                    yield path, method, operation, list({(p.get("name"), p.get("in")): p for p in parameters}.values())

    def _method(self, path: str, method: str, operation: _Object, parameters: list[_Object]) -> _Object:
        name = _text(operation, "operationId") or _NO_WORD.sub("_", f"{method}{path}").strip("_")
        request, request_type = self._request(operation, parameters)
        response, response_type = self._response(operation)
        told: _Object = {
            "operationName": name,
            "methodName": path,
            "methodType": method.upper(),
            "inputType": self._schema_name(request, f"{name}_Request"),
            "outputType": self._schema_name(response, f"{name}_Response"),
            "requestParams": [_parameter(p) for p in parameters if p.get("in") in ("query", "header", "path")],
            "requestContentType": request_type if request is not None else None,
            # only told where the answer is a schema with a name
            "responseContentType": response_type if response is not None and "$ref" in response else None,
            "description": _text(operation, "description"),
            "deprecated": operation.get("deprecated") is True,
        }
        return {key: value for key, value in told.items() if value is not None and value != ""}

    # -- bodies --------------------------------------------------------------------------------------------------------
    def _request(self, operation: _Object, parameters: list[_Object]) -> tuple[_Object | None, str | None]:
        """Schema and content type of a request's body."""
        if not self._is_swagger:
            return _content(self._resolved(operation.get("requestBody")))
        kind = _preferred(_list(operation.get("consumes") or self._document.get("consumes")))
        for parameter in parameters:
            if parameter.get("in") == "body":
                return _object(parameter.get("schema")), kind
        fields = [parameter for parameter in parameters if parameter.get("in") == "formData"]
        if not fields:
            return None, None
        properties = {_text(field, "name"): _value_schema(field) for field in fields}
        return {"type": "object", "properties": properties}, kind

    def _response(self, operation: _Object) -> tuple[_Object | None, str | None]:
        """Schema and content type of the first good answer that has a body."""
        for status, found in sorted(_object(operation.get("responses")).items(), key=lambda entry: str(entry[0])):
            if not str(status).startswith("2"):
                continue
            response = self._resolved(found)
            if not self._is_swagger:
                schema, kind = _content(response)
            else:
                schema = _object(response.get("schema")) or None
                kind = _preferred(_list(operation.get("produces") or self._document.get("produces")))
            if schema is not None:
                return schema, kind
        return None, None

    def _schema_name(self, schema: _Object | None, otherwise: str) -> str | None:
        """The name of a body's schema, which is kept under it."""
        if schema is None:
            return None
        reference = schema.get("$ref")
        name = reference.rpartition("/")[2] if isinstance(reference, str) else otherwise
        own = _object(self._schemas.get(name)) if isinstance(reference, str) else schema
        self.schemas[name] = self._standing_alone(own)
        return name

    def _standing_alone(self, schema: _Object) -> _Object:
        """A schema with all that it refers to, at whatever distance, in its own ``definitions``."""
        references: dict[str, None] = {}
        whole: _Object = _copied(schema, references)
        definitions: dict[str, Any] = {}
        left = [*reversed(references)]
        while left:
            name = left.pop()
            if name not in definitions:
                definitions[name], further = self._copy_of(name)
                left += reversed(further)
        return {**whole, "definitions": definitions} if definitions else whole

    def _copy_of(self, name: str) -> tuple[_Object, dict[str, None]]:
        found = self._copies.get(name)
        if found is None:
            references: dict[str, None] = {}
            copy: _Object = _copied(_object(self._schemas.get(name)), references)
            found = self._copies[name] = (copy, references)
        return found

    def _resolved(self, value: Any) -> _Object:
        """An object, or what it refers to within the document."""
        for _ in range(10):
            reference = _object(value).get("$ref")
            if not isinstance(reference, str) or not reference.startswith("#/"):
                break
            value = self._document
            for step in reference[2:].split("/"):
                value = _object(value).get(step.replace("~1", "/").replace("~0", "~"))
        return _object(value)


def _copied(value: Any, references: dict[str, None]) -> Any:
    """A schema whose references lead to ``definitions``; the names that they give are added to ``references``."""
    if isinstance(value, list):
        return [_copied(item, references) for item in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    if not isinstance(reference, str):
        return {key: _copied(inner, references) for key, inner in value.items()}
    name = reference.rpartition("/")[2]
    references[name] = None
    return {"$ref": f"#/definitions/{name}"}


def _content(body: _Object) -> tuple[_Object | None, str | None]:
    """Schema and content type of an OpenAPI 3 body."""
    content = _object(body.get("content"))
    kind = _preferred(list(content))
    schema = _object(_object(content.get(kind or "")).get("schema"))
    return (schema, kind) if schema else (None, None)


def _preferred(kinds: list[Any]) -> str | None:
    """JSON if it is one of several content types, else the first."""
    return _JSON if _JSON in kinds else str(kinds[0]) if kinds else None


def _parameter(parameter: _Object) -> _Object:
    schema = parameter if "type" in parameter else _object(parameter.get("schema"))
    return {
        "name": _text(parameter, "name"),
        "type": parameter["in"],
        "required": parameter.get("required") is True,
        "schema": _value_schema(schema),
    }


def _value_schema(schema: _Object) -> _Object:
    told = {"type": schema.get("type"), "format": schema.get("format"), "defaultValue": schema.get("default")}
    return {key: value for key, value in told.items() if value is not None}


def _object(value: Any) -> _Object:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: _Object, key: str) -> str:
    text = value.get(key)
    return text if isinstance(text, str) else ""
