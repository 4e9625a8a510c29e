"""The functions that may end a path: `length()`, `sum()`, `first()`, `keys()` … as Jayway's JSONPath computes them.

Numbers come out as floats; `max()` starts from the least positive double, so the maximum of negative numbers is that;
`last()` of a list with one element fails. What fails makes the whole path null
(scenario tasks_expr_functions_that_fail).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any


class FunctionFailed(ValueError):
    """The function is unknown or does not fit the value."""


def call(name: str, value: Any, arguments: list[Any]) -> Any:
    """The value of `value.name(arguments)`; raises FunctionFailed."""
    function = _FUNCTIONS.get(name)
    if function is None:
        raise FunctionFailed(f"there is no function {name}()")
    return function(value, arguments)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _flat(arguments: Iterable[Any]) -> Iterable[Any]:
    for argument in arguments:
        if isinstance(argument, list):
            yield from argument
        else:
            yield argument


def _aggregate(compute: Callable[[list[float]], float]) -> Callable[[Any, list[Any]], float]:
    def aggregated(value: Any, arguments: list[Any]) -> float:
        numbers = [float(v) for v in value if _is_number(v)] if isinstance(value, list) else []
        numbers += [float(v) for v in _flat(arguments) if _is_number(v)]
        if not numbers:
            raise FunctionFailed("no numbers to aggregate")
        return compute(numbers)

    return aggregated


def _standard_deviation(numbers: list[float]) -> float:
    count, total, squares = len(numbers), sum(numbers), sum(n * n for n in numbers)
    return math.sqrt(squares / count - total * total / count / count)


def _length(value: Any, arguments: list[Any]) -> int | None:
    if arguments and isinstance(arguments[0], list):
        value = arguments[0]
    return len(value) if isinstance(value, (list, Mapping)) else None


def _keys(value: Any, _arguments: list[Any]) -> list[str] | None:
    return list(value) if isinstance(value, Mapping) else None


def _concat(value: Any, arguments: list[Any]) -> str:
    own = [v for v in value if isinstance(v, str)] if isinstance(value, list) else []
    return "".join(own + [v if isinstance(v, str) else str(v) for v in _flat(arguments) if v is not None])


def _append(value: Any, arguments: list[Any]) -> Any:
    return [*value, *arguments] if isinstance(value, list) else value


def _element(value: Any, index: int) -> Any:
    if not isinstance(value, list):
        raise FunctionFailed("only a list has elements")
    if index < 0:
        index += len(value)
        if index <= 0:
            raise FunctionFailed("the list is too short")
    if index >= len(value):
        raise FunctionFailed("the list is too short")
    return value[index]


def _index(value: Any, arguments: list[Any]) -> Any:
    if not arguments or not _is_number(arguments[0]):
        raise FunctionFailed("index() needs a number")
    return _element(value, int(arguments[0]))


_FUNCTIONS: dict[str, Callable[[Any, list[Any]], Any]] = {
    "sum": _aggregate(sum),
    "avg": _aggregate(lambda numbers: sum(numbers) / len(numbers)),
    "min": _aggregate(min),
    "max": _aggregate(lambda numbers: max(5e-324, *numbers)),
    "stddev": _aggregate(_standard_deviation),
    "length": _length,
    "size": _length,
    "keys": _keys,
    "concat": _concat,
    "append": _append,
    "first": lambda value, _arguments: _element(value, 0),
    "last": lambda value, _arguments: _element(value, -1),
    "index": _index,
}
