"""JSON schemas (draft 2020-12) of what a worker takes and gives, made from its annotations.

The input has a property for each parameter that is filled from it. Where null will do, by the annotation or because
there is a default, null is allowed: an expression that finds nothing gives null. The output is that of the task: what
is no object stands under `result`, as the server gets it.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Awaitable, Coroutine, Mapping
from typing import Any

from pydantic import BaseModel, RootModel, TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError

from conductor_sdk.errors import ConfigurationError, PayloadError
from conductor_sdk.models.task import Task, TaskResult
from conductor_sdk.payload import to_json
from conductor_sdk.worker.binding import NO_ANNOTATION
from conductor_sdk.worker.definition import WorkerDefinition, WorkerFunction
from conductor_sdk.worker.execution import as_definition
from conductor_sdk.worker.outcome import InProgress

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: What a worker that returns None gives.
_NOTHING: dict[str, Any] = {"type": "object", "maxProperties": 0}
#: Annotations that do not tell the output.
_UNKNOWN: tuple[Any, ...] = (NO_ANNOTATION, Any, TaskResult, typing.Never, typing.NoReturn)

Schema = dict[str, Any]


def input_schema(worker: WorkerDefinition | WorkerFunction, *, strict: bool = False) -> Schema | None:
    """The schema of the input of a `worker` (a function, decorated or not); None for one that takes the whole task and
    tells nothing about its input.

    `strict`: no other keys than the parameters', where the worker cannot see others. Raises ConfigurationError for a
        parameter whose type has no JSON schema.
    """
    definition = as_definition(worker, Task())
    binding = definition.binding
    if binding.takes_anything and not binding.inputs:
        return None
    parameters = {parameter.name: parameter for parameter in binding.inputs}
    adapters = {name: parameter.adapter for name, parameter in parameters.items() if parameter.adapter is not None}
    found, shared = _schemas(adapters, "validation", definition, "parameter")
    properties = {}
    for name, parameter in parameters.items():
        schema = found.get(name, {})
        if parameter.nullable and schema and {"type": "null"} not in schema.get("anyOf", ()):
            schema = {"anyOf": [schema, {"type": "null"}]}
        if parameter.has_default:
            schema = {**schema, **_default(parameter.default)}
        properties[name] = schema
    document = {"$schema": _DIALECT, "type": "object", "properties": properties, **shared}
    required = [name for name, parameter in parameters.items() if parameter.required]
    if required:
        document["required"] = required
    if strict and not binding.takes_anything:
        document["additionalProperties"] = False
    return document


def output_schema(worker: WorkerDefinition | WorkerFunction) -> Schema | None:
    """The schema of the output of a `worker`; None where the annotation does not tell it: none, `Any`, a TaskResult.

    Raises ConfigurationError for a type that has no JSON schema.
    """
    definition = as_definition(worker, Task())
    kinds = [kind for kind in _alternatives(definition.binding.returns) if kind is not InProgress]
    if not kinds or any(kind is unknown for kind in kinds for unknown in _UNKNOWN):
        return None
    adapters = {}
    for number, kind in enumerate(kinds):
        if kind is not types.NoneType:
            adapters[str(number)] = _adapter(kind, definition)
    found, shared = _schemas(adapters, "serialization", definition, "result")
    outputs = []
    for number, kind in enumerate(kinds):
        schema = found.get(str(number), _NOTHING)
        if kind is not types.NoneType and not _is_object(kind):
            schema = {"type": "object", "properties": {"result": schema}, "required": ["result"]}
        if schema not in outputs:
            outputs.append(schema)
    if len(outputs) > 1:
        return {"$schema": _DIALECT, "type": "object", "anyOf": outputs, **shared}
    return {"$schema": _DIALECT, **outputs[0], **shared}


def _schemas(
    adapters: Mapping[str, TypeAdapter[Any]],
    mode: typing.Literal["validation", "serialization"],
    worker: WorkerDefinition,
    what: str,
) -> tuple[dict[str, Schema], Schema]:
    """The schema of each, and the definitions that they share."""
    try:
        found, shared = TypeAdapter.json_schemas([(name, mode, adapter) for name, adapter in adapters.items()])
    except PydanticInvalidForJsonSchema as error:
        raise ConfigurationError(
            f"Worker {worker.task_type}: a {what} has a type without a JSON schema: {_first_line(error)}. "
            "Annotate it with what JSON has, or register without schemas."
        ) from None
    return {name: schema for (name, _), schema in found.items()}, shared


def _adapter(kind: Any, worker: WorkerDefinition) -> TypeAdapter[Any]:
    try:
        return TypeAdapter(kind)
    except PydanticUserError as error:
        raise ConfigurationError(
            f"Worker {worker.task_type}: the result's type {kind!r} has no JSON schema: {_first_line(error)}."
        ) from None


def _alternatives(annotation: Any) -> list[Any]:
    """The types of a union, one by one."""
    origin = typing.get_origin(annotation)
    if origin in {typing.Union, types.UnionType}:
        return [kind for part in typing.get_args(annotation) for kind in _alternatives(part)]
    if origin in {Awaitable, Coroutine}:
        return _alternatives(typing.get_args(annotation)[-1])
    return [types.NoneType if annotation is None else annotation]


def _is_object(kind: Any) -> bool:
    """True for what becomes the output as it is."""
    while True:
        if typing.get_origin(kind) is typing.Annotated:
            kind = typing.get_args(kind)[0]
        elif isinstance(kind, typing.NewType):
            kind = kind.__supertype__
        elif isinstance(kind, type) and issubclass(kind, RootModel):
            kind = kind.model_fields["root"].annotation
        else:
            break
    kind = typing.get_origin(kind) or kind
    return isinstance(kind, type) and (issubclass(kind, (Mapping, BaseModel)) or dataclasses.is_dataclass(kind))


def _default(value: Any) -> Schema:
    try:
        return {"default": to_json(value)}
    except PayloadError:
        return {}


def _first_line(error: PydanticUserError) -> str:
    return str(error).splitlines()[0].rstrip(".")
