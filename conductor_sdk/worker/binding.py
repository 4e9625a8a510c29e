"""A worker's arguments, taken from the task's input by name and checked against their annotations.

A parameter annotated with `Task` (or named `task` without annotation) receives the whole task. Every other parameter
takes the input of its own name: as it is where there is no annotation, else read by pydantic, so primitives, enums,
dates, dataclasses, models and containers of them all work. Input that is missing or null falls back to the default,
then to None where the annotation allows it. `**rest` receives what no other parameter took.
"""

from __future__ import annotations

import functools
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from conductor_sdk.errors import ConfigurationError, TerminalError
from conductor_sdk.models.task import Task
from conductor_sdk.problems import sentences

if typing.TYPE_CHECKING:
    from pydantic import TypeAdapter

#: Stands for an annotation, or an input, that is not there.
NO_ANNOTATION: Any = object()
_ABSENT: Any = NO_ANNOTATION
#: `*args`, `**kwargs`
_TAKES_MORE = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS


class Arguments(NamedTuple):
    """What to call the function with."""

    args: list[Any]
    kwargs: dict[str, Any]


class InputError(TerminalError):
    """The task's input does not fit the worker's parameters. A retry would bring the same input, so it is terminal."""


class Binding:
    """How the parameters of one function are filled."""

    def __init__(
        self, function: Callable[..., Any], task_type: str, scope: Mapping[str, Any] | None, *, lone_is_task: bool
    ) -> None:
        self._task_type = task_type
        self._positional: list[_WholeTask | Input] = []
        self._keyword: list[_WholeTask | Input] = []
        self._rest = False
        #: The annotation of what the function returns, NO_ANNOTATION if it has none.
        self.returns: Any = NO_ANNOTATION
        if lone_is_task and (name := _only_name(function)):
            self._positional.append(_WholeTask(name))
            return
        try:
            parameters = list(inspect.signature(function).parameters.values())
        except (TypeError, ValueError):
            # A built-in without a signature: it can only take the task.
            self._positional.append(_WholeTask("task"))
            return
        hints = _hints(function, task_type, scope)
        self.returns = hints.pop("return", NO_ANNOTATION)
        lone = lone_is_task and _is_lone(parameters, hints)
        for parameter in parameters:
            if parameter.kind is inspect.Parameter.VAR_KEYWORD:
                self._rest = True
            elif parameter.kind is inspect.Parameter.VAR_POSITIONAL:
                raise ConfigurationError(
                    f"Worker {task_type}: *{parameter.name} cannot be filled from named input; "
                    f"use named parameters, **{parameter.name}, or one parameter of type Task."
                )
            else:
                source = _source(
                    parameter,
                    hints.get(parameter.name, _ABSENT),
                    task_type,
                    takes_task=lone and parameter is parameters[0],
                )
                by_name = parameter.kind is inspect.Parameter.KEYWORD_ONLY
                (self._keyword if by_name else self._positional).append(source)

    @property
    def inputs(self) -> list[Input]:
        """The parameters that are filled from the input, one by one."""
        return [source for source in (*self._positional, *self._keyword) if isinstance(source, Input)]

    @property
    def takes_anything(self) -> bool:
        """True when the function may see more of the input than its parameters name: the task, or `**rest`."""
        return self._rest or len(self.inputs) < len(self._positional) + len(self._keyword)

    def bind(self, task: Task) -> Arguments:
        """The arguments for this task. Raises InputError."""
        args = [source.value(task, self._task_type) for source in self._positional]
        kwargs = {source.name: source.value(task, self._task_type) for source in self._keyword}
        if self._rest:
            taken = {source.name for source in (*self._positional, *self._keyword)}
            kwargs.update({name: value for name, value in task.input_data.items() if name not in taken})
        return Arguments(args, kwargs)


class _WholeTask:
    """The task itself."""

    def __init__(self, name: str) -> None:
        self.name = name

    def value(self, task: Task, task_type: str) -> Any:
        return task


class Input:
    """The input of the parameter's name."""

    def __init__(self, name: str, annotation: Any, default: Any, adapter: TypeAdapter[Any] | None) -> None:
        self.name = name
        self._annotation = annotation
        self.default = default
        #: Reads the value; None where every value will do.
        self.adapter = adapter
        self._none_allowed = _allows_none(annotation)

    @property
    def has_default(self) -> bool:
        return self.default is not inspect.Parameter.empty

    @property
    def required(self) -> bool:
        """True when the input must have this key."""
        return not self.has_default and (not self._none_allowed or self._annotation is _ABSENT)

    @property
    def nullable(self) -> bool:
        """True when null will do, be it for the default."""
        return self._none_allowed or self.has_default

    def value(self, task: Task, task_type: str) -> Any:
        given = task.input_data.get(self.name, _ABSENT)
        if given is None or given is _ABSENT:
            if given is None and self._none_allowed:
                return None
            if self.has_default:
                return self.default
            if self._none_allowed and self._annotation is not _ABSENT:
                return None
            raise self._missing(task, task_type, given)
        if self.adapter is None:
            return given
        from pydantic import ValidationError

        try:
            return self.adapter.validate_python(given)
        except ValidationError as error:
            raise InputError(f"Worker {task_type} cannot use input {self.name!r}: {sentences(error)}.") from None

    def _missing(self, task: Task, task_type: str, given: Any) -> InputError:
        state = "is null" if given is None else "is missing"
        wanted = "" if self._annotation is _ABSENT else f" ({_name_of(self._annotation)})"
        there = ", ".join(map(repr, task.input_data)) or "nothing"
        place = f"task {task.reference_task_name}" if task.reference_task_name else "the task"
        return InputError(
            f"Worker {task_type} needs input {self.name!r}{wanted}, which {state}; the input has {there}. "
            f"Set {self.name!r} in the inputParameters of {place}, or give the parameter a default."
        )


def _source(parameter: inspect.Parameter, annotation: Any, task_type: str, *, takes_task: bool) -> _WholeTask | Input:
    if takes_task or (annotation is _ABSENT and parameter.name == "task") or _is_task(annotation):
        return _WholeTask(parameter.name)
    if annotation is _ABSENT or annotation is Any:
        return Input(parameter.name, annotation, parameter.default, None)
    return Input(parameter.name, annotation, parameter.default, _adapter(parameter.name, annotation, task_type))


def _adapter(name: str, annotation: Any, task_type: str) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter
    from pydantic.errors import PydanticUserError

    try:
        return TypeAdapter(annotation)
    except PydanticUserError as error:
        raise ConfigurationError(
            f"Worker {task_type}: parameter {name!r} has type {_name_of(annotation)}, which cannot be read from JSON: "
            f"{str(error).splitlines()[0].partition('. ')[0]}."
        ) from None


def _only_name(function: Callable[..., Any]) -> str:
    """The parameter of a plain `def fn(whatever)`: it needs no inspection. Empty for all others."""
    if type(function) is not types.FunctionType or function.__dict__ or function.__defaults__:
        return ""
    code = function.__code__
    if code.co_argcount != 1 or code.co_kwonlyargcount or code.co_flags & _TAKES_MORE:
        return ""
    try:
        return "" if function.__annotations__ else code.co_varnames[0]
    except NameError:  # from Python 3.14 on they are looked up only now
        return ""


def _is_lone(parameters: list[inspect.Parameter], hints: Mapping[str, Any]) -> bool:
    """True for `def fn(whatever)`: the form of all SDKs of the family, which takes the task."""
    if not parameters or parameters[0].name in hints:
        return False
    required = [p for p in parameters if p.default is inspect.Parameter.empty]
    return required == [parameters[0]] and parameters[0].kind in {
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    }


def _hints(function: Callable[..., Any], task_type: str, scope: Mapping[str, Any] | None) -> dict[str, Any]:
    target: Any = function
    while isinstance(target, functools.partial):
        target = target.func
    if not inspect.isroutine(target):
        target = type(target).__call__
    try:
        return typing.get_type_hints(target, localns=dict(scope) if scope else None, include_extras=True)
    except NameError as error:
        raise ConfigurationError(
            f"Worker {task_type}: the annotation {error.name!r} cannot be resolved; "
            "import that type, or define it before the worker."
        ) from None


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    if typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        return typing.get_args(annotation)
    return (annotation,)


def _is_task(annotation: Any) -> bool:
    return any(isinstance(kind, type) and issubclass(kind, Task) for kind in _alternatives(annotation))


def _allows_none(annotation: Any) -> bool:
    return any(kind in {None, types.NoneType, Any, _ABSENT} for kind in _alternatives(annotation) if _hashable(kind))


def _hashable(kind: Any) -> bool:
    return getattr(kind, "__hash__", None) is not None


def _name_of(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation).replace("typing.", "")
