from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import functools
from typing import Annotated, Any

import pydantic
import pytest

from conductor_sdk import ConfigurationError, Task
from conductor_sdk.worker.binding import Binding, InputError


class Size(enum.Enum):
    SMALL = "S"


@dataclasses.dataclass
class Address:
    street: str
    number: int = 1


class Order(pydantic.BaseModel):
    id: str
    addresses: list[Address] = []


Positive = Annotated[int, pydantic.Field(gt=0)]


def call(function: Any, input: dict[str, Any], *, lone_is_task: bool = False) -> Any:
    task = Task(input_data=input, reference_task_name="ref")
    args, kwargs = Binding(function, "greet", None, lone_is_task=lone_is_task).bind(task)
    return function(*args, **kwargs)


def text(value: str) -> Any:
    return value


def number(value: int) -> Any:
    return value


def ratio(value: float) -> Any:
    return value


def flag(value: bool) -> Any:
    return value


def anything(value: Any) -> Any:
    return value


def bare(value) -> Any:  # type: ignore[no-untyped-def] # noqa: ANN001 - that is what it shows
    return value


def maybe(value: int | None) -> Any:
    return value


def defaulted(value: int = 7) -> Any:
    return value


def day(value: dt.date) -> Any:
    return value


def moment(value: dt.datetime) -> Any:
    return value


def size(value: Size) -> Any:
    return value


def address(value: Address) -> Any:
    return value


def order(value: Order) -> Any:
    return value


def numbers(value: list[int]) -> Any:
    return value


def plain_list(value: list) -> Any:  # type: ignore[type-arg]
    return value


def pairs(value: dict[str, tuple[int, ...]]) -> Any:
    return value


def either(value: int | str) -> Any:
    return value


def positive(value: Positive) -> Any:
    return value


def keyword(*, value: str) -> Any:
    return value


def positional(value: str, /) -> Any:
    return value


def rest(value: str, **others: Any) -> Any:
    return value, others


def whole(task: Task) -> Any:
    return task.input_data


def whole_by_name(task) -> Any:  # type: ignore[no-untyped-def] # noqa: ANN001 - that is what it shows
    return task.input_data


def both(value: str, the_task: Task, other: int = 3) -> Any:
    return value, the_task.reference_task_name, other


@pytest.mark.parametrize(
    ("function", "input", "result"),
    [
        (text, {"value": "a", "other": 1}, "a"),
        (number, {"value": 3}, 3),
        (number, {"value": 3.0}, 3),
        (number, {"value": "3"}, 3),
        (ratio, {"value": 3}, 3.0),
        (flag, {"value": True}, True),
        (anything, {"value": [1]}, [1]),
        (anything, {"value": None}, None),
        (anything, {}, None),
        (bare, {"value": {"a": 1}}, {"a": 1}),
        (bare, {"value": None}, None),
        (maybe, {"value": 1}, 1),
        (maybe, {"value": None}, None),
        (maybe, {}, None),
        (defaulted, {}, 7),
        (defaulted, {"value": None}, 7),
        (defaulted, {"value": 1}, 1),
        (day, {"value": "2030-01-02"}, dt.date(2030, 1, 2)),
        (moment, {"value": "2030-01-02T03:04:05Z"}, dt.datetime(2030, 1, 2, 3, 4, 5, tzinfo=dt.UTC)),
        (size, {"value": "S"}, Size.SMALL),
        (address, {"value": {"street": "Main"}}, Address("Main")),
        (
            order,
            {"value": {"id": "1", "addresses": [{"street": "A", "number": 2}]}},
            Order(id="1", addresses=[Address("A", 2)]),
        ),
        (numbers, {"value": [1, 2]}, [1, 2]),
        (plain_list, {"value": [1, "a"]}, [1, "a"]),
        (pairs, {"value": {"a": [1, 2]}}, {"a": (1, 2)}),
        (either, {"value": "a"}, "a"),
        (positive, {"value": 1}, 1),
        (keyword, {"value": "a"}, "a"),
        (positional, {"value": "a"}, "a"),
        (rest, {"value": "a", "b": 1, "c": None}, ("a", {"b": 1, "c": None})),
        (whole, {"value": 1}, {"value": 1}),
        (whole_by_name, {"value": 1}, {"value": 1}),
        (both, {"value": "a"}, ("a", "ref", 3)),
        (functools.partial(both, other=9), {"value": "a"}, ("a", "ref", 9)),
    ],
)
def test_arguments_come_from_the_input(function: Any, input: dict[str, Any], result: Any) -> None:
    assert call(function, input) == result


@pytest.mark.parametrize(
    ("function", "input", "message"),
    [
        (
            text,
            {"other": 1},
            r"Worker greet needs input 'value' \(str\), which is missing; the input has 'other'\. Set",
        ),
        (text, {"value": None}, r"needs input 'value' \(str\), which is null"),
        (bare, {}, r"needs input 'value', which is missing; the input has nothing"),
        (text, {"value": 3}, r"cannot use input 'value': input should be a valid string \(got 3\)"),
        (number, {"value": "abc"}, r"valid integer.*\(got 'abc'\)"),
        (number, {"value": 3.5}, r"valid integer"),
        (size, {"value": "XL"}, r"should be 'S' \(got 'XL'\)"),
        (positive, {"value": 0}, r"greater than 0 \(got 0\)"),
        (address, {"value": {}}, r"street is missing"),
        (order, {"value": {"id": "1", "addresses": [{"street": 5}]}}, r"addresses\[0\]\.street: .*\(got 5\)"),
        (day, {"value": "someday"}, r"\(got 'someday'\)"),
        (number, {"value": "x" * 500}, r"…\)"),
        (keyword, {}, r"needs input 'value'"),
    ],
)
def test_input_that_does_not_fit_is_told(function: Any, input: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call(function, input)


def test_a_lone_parameter_takes_the_task_where_the_function_is_not_decorated() -> None:
    assert call(lambda t: t.input_data, {"a": 1}, lone_is_task=True) == {"a": 1}
    assert call(lambda t, extra=5: (t.input_data, extra), {"a": 1}, lone_is_task=True) == ({"a": 1}, 5)
    # With an annotation, or beside others, it is an input like any other.
    assert call(text, {"value": "a"}, lone_is_task=True) == "a"
    assert call(lambda a, b: (a, b), {"a": 1, "b": 2}, lone_is_task=True) == (1, 2)


def test_methods_and_callable_objects_work() -> None:
    class Greeter:
        def greet(self, name: str) -> str:
            return name

        def __call__(self, name: str) -> str:
            return name.upper()

    assert call(Greeter().greet, {"name": "a"}) == "a"
    assert call(Greeter(), {"name": "a"}) == "A"


def test_types_of_the_function_around_are_found() -> None:
    @dataclasses.dataclass
    class Local:
        x: int

    def worker(value: Local) -> int:
        return value.x

    binding = Binding(worker, "greet", {"Local": Local}, lone_is_task=False)
    assert worker(*binding.bind(Task(input_data={"value": {"x": 3}})).args) == 3


def test_what_can_never_be_filled_is_refused_at_once() -> None:
    def several(*values: int) -> None: ...

    def connection(value: FromNowhere) -> None: ...  # type: ignore[name-defined] # noqa: F821 - that is what it shows

    class Opaque: ...

    def opaque(value: Opaque) -> None: ...

    with pytest.raises(ConfigurationError, match=r"\*values cannot be filled from named input"):
        Binding(several, "greet", None, lone_is_task=False)
    with pytest.raises(ConfigurationError, match="annotation 'FromNowhere' cannot be resolved"):
        Binding(connection, "greet", None, lone_is_task=False)
    with pytest.raises(ConfigurationError, match="parameter 'value' has type Opaque, which cannot be read from JSON"):
        Binding(opaque, "greet", {"Opaque": Opaque}, lone_is_task=False)
