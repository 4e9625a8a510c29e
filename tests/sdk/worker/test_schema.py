from __future__ import annotations

import datetime as dt
import enum
import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple, NewType
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, RootModel
from typing_extensions import TypedDict

from conductor_sdk import (
    ConfigurationError,
    InProgress,
    Task,
    TaskResult,
    WorkerDefinition,
    execute,
    input_schema,
    output_schema,
    worker,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Size(enum.Enum):
    SMALL = "S"
    LARGE = "L"


@dataclass
class Address:
    street: str
    zip: str | None = None


class Order(BaseModel):
    id: UUID
    ship_to: Address = Field(alias="shipTo")
    due: dt.date | None = None


class Hit(TypedDict):
    score: float


class Pair(NamedTuple):
    left: int
    right: int


class Names(RootModel[list[str]]):
    pass


class Table(RootModel[dict[str, int]]):
    pass


Email = NewType("Email", str)

ADDRESS = {
    "title": "Address",
    "type": "object",
    "properties": {
        "street": {"title": "Street", "type": "string"},
        "zip": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "title": "Zip"},
    },
    "required": ["street"],
}


def ship(order: Order, size: Size, weight: Annotated[float, Field(gt=0)], tags: list[str], note: str | None) -> Address:
    return order.ship_to


def test_a_schema_of_the_input_has_what_the_parameters_ask_for() -> None:
    assert input_schema(ship) == {
        "$schema": DIALECT,
        "type": "object",
        "properties": {
            "order": {"$ref": "#/$defs/Order"},
            "size": {"$ref": "#/$defs/Size"},
            "weight": {"type": "number", "exclusiveMinimum": 0},
            "tags": {"type": "array", "items": {"type": "string"}},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
        "required": ["order", "size", "weight", "tags"],
        "$defs": {
            "Address": ADDRESS,
            "Size": {"title": "Size", "enum": ["S", "L"], "type": "string"},
            "Order": {
                "title": "Order",
                "type": "object",
                "properties": {
                    "id": {"title": "Id", "type": "string", "format": "uuid"},
                    "shipTo": {"$ref": "#/$defs/Address"},
                    "due": {
                        "title": "Due",
                        "anyOf": [{"type": "string", "format": "date"}, {"type": "null"}],
                        "default": None,
                    },
                },
                "required": ["id", "shipTo"],
            },
        },
    }


def plain(number: int) -> None: ...
def defaulted(number: int = 3) -> None: ...
def nullable(number: int | None = None) -> None: ...
def open_value(*, value: Any, other) -> None: ...  # type: ignore[no-untyped-def]  # noqa: ANN001
def odd_default(size: Size = Size.LARGE, callback: Any = print) -> None: ...
def rest(number: int, **more: Any) -> None: ...
def with_task(task: Task, number: int) -> None: ...
async def waits(number: int) -> None: ...


@pytest.mark.parametrize(
    ("function", "properties", "required"),
    [
        (plain, {"number": {"type": "integer"}}, ["number"]),
        (waits, {"number": {"type": "integer"}}, ["number"]),
        (functools.partial(plain), {"number": {"type": "integer"}}, ["number"]),
        (defaulted, {"number": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": 3}}, []),
        (nullable, {"number": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None}}, []),
        (open_value, {"value": {}, "other": {}}, ["other"]),
        (
            odd_default,
            {"size": {"anyOf": [{"$ref": "#/$defs/Size"}, {"type": "null"}], "default": "L"}, "callback": {}},
            [],
        ),
        (rest, {"number": {"type": "integer"}}, ["number"]),
        (with_task, {"number": {"type": "integer"}}, ["number"]),
    ],
)
def test_what_must_be_there_and_what_may_be_null(
    function: Callable[..., Any], properties: dict[str, Any], required: list[str]
) -> None:
    schema = input_schema(function)
    assert schema is not None
    assert schema["properties"] == properties
    assert schema.get("required", []) == required
    assert "additionalProperties" not in schema
    # And the worker itself takes what the schema takes.
    status = execute(WorkerDefinition("w", function, lone_is_task=False), Task(input_data=dict.fromkeys(required, 1)))
    assert status.status == "COMPLETED"


@pytest.mark.parametrize(("function", "closed"), [(plain, True), (rest, False), (with_task, False)])
def test_a_strict_schema_takes_nothing_else_unless_the_worker_sees_it(
    function: Callable[..., Any], closed: bool
) -> None:
    schema = input_schema(function, strict=True)
    assert schema is not None
    assert schema.get("additionalProperties") == (False if closed else None)


@pytest.mark.parametrize("function", [lambda task: {}, lambda task, **rest: {}], ids=["lone", "with the rest"])
def test_a_worker_that_takes_the_task_tells_nothing_about_its_input(function: Callable[..., Any]) -> None:
    assert input_schema(function) is None


def test_a_worker_without_parameters_needs_no_input() -> None:
    def work() -> None: ...

    assert input_schema(work) == {"$schema": DIALECT, "type": "object", "properties": {}}


def under_result(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {"result": schema}, "required": ["result"]}


@pytest.mark.parametrize(
    ("returns", "schema"),
    [
        (dict, {"type": "object", "additionalProperties": True}),
        (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (Annotated[dict[str, int], "counts"], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (Awaitable[dict[str, int]], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (str, under_result({"type": "string"})),
        (Email, under_result({"type": "string"})),
        (list[int], under_result({"type": "array", "items": {"type": "integer"}})),
        (None, {"type": "object", "maxProperties": 0}),
        (InProgress | dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (
            str | None | bool,
            {
                "type": "object",
                "anyOf": [
                    under_result({"type": "string"}),
                    {"type": "object", "maxProperties": 0},
                    under_result({"type": "boolean"}),
                ],
            },
        ),
        (Address, {"$ref": "#/$defs/Address", "$defs": {"Address": ADDRESS}}),
        (
            list[Address],
            {
                **under_result({"type": "array", "items": {"$ref": "#/$defs/Address"}}),
                "$defs": {"Address": ADDRESS},
            },
        ),
    ],
)
def test_a_schema_of_the_output_is_that_of_the_tasks_output(returns: Any, schema: dict[str, Any]) -> None:
    def work() -> None: ...

    work.__annotations__["return"] = returns
    assert output_schema(work) == {"$schema": DIALECT, **schema}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (dict, {"a": 1}),
        (str, "text"),
        (Hit, {"score": 1.5}),
        (Pair, Pair(1, 2)),
        (Names, Names(["a"])),
        (Table, Table({"a": 1})),
        (Address, Address("x")),
        (None, None),
    ],
)
def test_the_schema_says_result_where_the_worker_does(kind: Any, value: Any) -> None:
    def work() -> None: ...

    work.__annotations__["return"] = kind
    schema = output_schema(work)
    assert schema is not None
    output = execute(lambda: value, Task()).output_data
    assert ("result" in output) == ("result" in schema.get("properties", {}))


@pytest.mark.parametrize("returns", [Any, TaskResult, dict[str, int] | TaskResult, InProgress])
def test_what_does_not_tell_the_output_has_no_schema(returns: Any) -> None:
    def work() -> None: ...

    work.__annotations__["return"] = returns
    assert output_schema(work) is None
    assert output_schema(lambda task: {}) is None


class Opaque:
    pass


@dataclass
class Callbacks:
    call: Callable[[], None] = field(default=print)


def takes_callbacks(value: Callbacks) -> None: ...
def gives_opaque() -> Opaque:
    return Opaque()


def gives_callbacks() -> Callbacks:
    return Callbacks()


@pytest.mark.parametrize(
    ("make", "function", "what"),
    [
        (input_schema, takes_callbacks, "a parameter"),
        (output_schema, gives_callbacks, "a result"),
        (output_schema, gives_opaque, "the result's type"),
    ],
)
def test_a_type_without_a_schema_is_told(make: Any, function: Any, what: str) -> None:
    with pytest.raises(ConfigurationError, match=f"Worker .*: {what} .*"):
        make(function)


def test_a_decorated_worker_brings_the_names_of_its_scope() -> None:
    @dataclass
    class Local:
        text: str

    @worker("local_schema")
    def local(value: Local) -> Local:
        return value

    schema = input_schema(local)
    assert schema is not None
    assert list(schema["$defs"]) == ["Local"]
