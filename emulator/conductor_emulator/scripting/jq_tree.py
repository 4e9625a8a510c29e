"""The parts of a jq query, each a function of (value, environment) that gives the list of its results.

Only a field access (`.a[0].b`, `.[]`, `.[1:3]`) can be assigned to or deleted.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from conductor_emulator.expressions.java_text import hash_order
from conductor_emulator.scripting.jq_values import (
    JqError,
    compare,
    described,
    divided,
    equal,
    is_number,
    is_whole,
    minus,
    numeric,
    plus,
    remainder,
    text,
    times,
    truthy,
    type_name,
)

Run = Callable[[Any, "Environment"], list[Any]]


class Break(JqError):
    """`break`: ends the innermost loop."""


class Meter:
    """Counts steps so that an endless query is stopped; `check` raises when the time is up."""

    __slots__ = ("_check", "_steps")

    def __init__(self, check: Callable[[], None]) -> None:
        self._steps = 0
        self._check = check

    def tick(self) -> None:
        """Count one step."""
        self._steps += 1
        if not self._steps & 255:
            self._check()

    def look_up(self) -> None:
        """Look at once whether the time is up."""
        self._check()


@dataclass(slots=True)
class Environment:
    """Variables and functions in sight. Never changed after it is handed on."""

    meter: Meter
    variables: dict[str, Any] = field(default_factory=dict)
    functions: dict[tuple[str, int], Any] = field(default_factory=dict)

    def with_variables(self, values: dict[str, Any]) -> Environment:
        """The environment with these variables as well."""
        return Environment(self.meter, {**self.variables, **values}, self.functions)


@dataclass(frozen=True, slots=True)
class Access:
    """One step of a field access: `name` (a text), `index` (a query), `slice` (two queries or None), `all`."""

    kind: str
    what: Any = None
    stop: Any = None
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A compiled part; `steps` when it is a field access (empty for `.`)."""

    run: Run
    steps: tuple[Access, ...] | None = None
    base: Query | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """`def name(parameters): body;`."""

    name: str
    parameters: tuple[str, ...]
    body: Query


@dataclass(frozen=True, slots=True)
class Closure:
    """A query with the environment in which it was written."""

    query: Query
    environment: Environment

    def __call__(self, value: Any) -> list[Any]:
        return self.query.run(value, self.environment)


@dataclass(slots=True)
class UserFunction:
    """A definition with the environment in which its body runs (which holds the function itself)."""

    definition: Definition
    environment: Environment


# -- simple parts ----------------------------------------------------------------------------------------------------
def identity() -> Query:
    """`.`"""
    return Query(lambda value, env: [value], ())


def literal(constant: Any) -> Query:
    """A number, a text without expressions, `true`, `false`, `null`."""
    return Query(lambda value, env: [constant])


def grouped(query: Query) -> Query:
    """`(query)`: no field access any more, so that nothing can be assigned to it."""
    return Query(query.run)


def pipe(left: Query, right: Query) -> Query:
    """`left | right`: the right one on each result of the left one."""
    return Query(lambda value, env: [out for middle in left.run(value, env) for out in right.run(middle, env)])


def comma(parts: list[Query]) -> Query:
    """`a, b`: the results of the one, then those of the other."""
    return Query(lambda value, env: [out for part in parts for out in part.run(value, env)])


def collect(inner: Query) -> Query:
    """`[query]`: all results in one list."""
    return Query(lambda value, env: [inner.run(value, env)])


def variable(name: str) -> Query:
    """`$name`. Raises JqError where it is unknown."""

    def run(_value: Any, env: Environment) -> list[Any]:
        if name not in env.variables:
            raise JqError(f"Undefined variable: ${name}")
        return [env.variables[name]]

    return Query(run)


def negative(inner: Query) -> Query:
    """`-query`. Raises JqError for what is no number, with the text of the library."""

    def run(value: Any, env: Environment) -> list[Any]:
        out = []
        for number in inner.run(value, env):
            if not is_number(number):
                raise JqError(f"{described(value)} cannot be negated")
            out.append(numeric(-number))
        return out

    return Query(run)


def recursion() -> Query:
    """`..`: the value and everything inside it, each before what it holds."""

    def run(value: Any, env: Environment) -> list[Any]:
        out, stack = [], [value]
        while stack:
            env.meter.tick()
            node = stack.pop()
            out.append(node)
            children = list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
            stack.extend(reversed(children))
        return out

    return Query(run)


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": plus,
    "-": minus,
    "*": times,
    "/": divided,
    "%": remainder,
    "==": equal,
    "!=": lambda a, b: not equal(a, b),
    "<": lambda a, b: compare(a, b) < 0,
    "<=": lambda a, b: compare(a, b) <= 0,
    ">": lambda a, b: compare(a, b) > 0,
    ">=": lambda a, b: compare(a, b) >= 0,
}


def binary(operator: str, left: Query, right: Query) -> Query:
    """`left OPERATOR right` for every pair of results, the left one turning faster; `and` and `or` look at the right
    one only where it counts.
    """
    if operator in ("and", "or"):
        stops = operator == "or"

        def decide(value: Any, env: Environment) -> list[Any]:
            out = []
            for a in left.run(value, env):
                out += [stops] if truthy(a) is stops else [truthy(b) for b in right.run(value, env)]
            return out

        return Query(decide)
    apply = _OPERATORS[operator]

    def compute(value: Any, env: Environment) -> list[Any]:
        lefts = left.run(value, env)
        return [apply(a, b) for b in right.run(value, env) for a in lefts]

    return Query(compute)


def alternative(left: Query, right: Query) -> Query:
    """`left // right`: what of the left one is true; where there is none, or it fails, the right one."""

    def run(value: Any, env: Environment) -> list[Any]:
        try:
            found = [v for v in left.run(value, env) if truthy(v)]
        except JqError:
            found = []
        return found or right.run(value, env)

    return Query(run)


def interpolation(parts: list[Any], form: str | None) -> Query:
    """A text with queries in it: `parts` are texts and queries, `form` is `base64`, `csv` … or None."""
    shape = Query(lambda value, env: [text(value)]) if form is None else call("@" + form, [])

    def run(value: Any, env: Environment) -> list[Any]:
        texts = [""]
        for part in parts:
            if isinstance(part, str):
                texts = [t + part for t in texts]
            else:
                shown = [s for v in part.run(value, env) for s in shape.run(v, env)]
                texts = [t + s for s in shown for t in texts]
        return texts

    return Query(run)


def construction(fields: list[tuple[Query, Query]]) -> Query:
    """`{key: value}` for every pair of their results. Raises JqError for a key that is no text.

    The fields are in the order of a Java `HashMap`, in which the server's jq gathers them: `to_entries`, `.[]` and
    texts of such an object show it.
    """

    def run(value: Any, env: Environment) -> list[Any]:
        made: list[dict[str, Any]] = [{}]
        for key, content in fields:
            pairs = []
            for name in key.run(value, env):
                if not isinstance(name, str):
                    raise JqError(f"Cannot use {described(name)} as object key")
                pairs += [(name, v) for v in content.run(value, env)]
            made = [{**old, name: v} for old in made for name, v in pairs]
        return [{name: fields_of[name] for name in hash_order(fields_of)} for fields_of in made]

    return Query(run)


def conditional(branches: list[tuple[Query, Query]], last: Query) -> Query:
    """`if … then … elif … else … end`, for every result of each condition."""

    def run(value: Any, env: Environment, at: int = 0) -> list[Any]:
        if at == len(branches):
            return last.run(value, env)
        test, then = branches[at]
        out = []
        for decided in test.run(value, env):
            out += then.run(value, env) if truthy(decided) else run(value, env, at + 1)
        return out

    return Query(run)


def attempt(body: Query, handler: Query | None) -> Query:
    """`try body catch handler`: the handler gets the error's text; without one there is no result."""

    def run(value: Any, env: Environment) -> list[Any]:
        try:
            return body.run(value, env)
        except JqError as error:
            return handler.run(str(error), env) if handler else []

    return Query(run)


# -- variables and loops ---------------------------------------------------------------------------------------------
def _matches(pattern: Any, value: Any, env: Environment) -> list[dict[str, Any]]:
    kind, what = pattern
    if kind == "variable":
        return [{what: value}]
    found: list[dict[str, Any]] = [{}]
    if kind == "array":
        for i, inner in enumerate(what):
            if value is not None and not isinstance(value, list):
                raise JqError(f"Cannot index {type_name(value)} with number")
            item = value[i] if value is not None and i < len(value) else None
            found = [{**old, **new} for old in found for new in _matches(inner, item, env)]
        return found
    for key, inner in what:
        names = key.run(value, env)
        if value is not None and not isinstance(value, dict):
            raise JqError(f"Cannot index {type_name(value)} with string")
        new = [match for name in names for match in _matches(inner, (value or {}).get(name), env)]
        found = [{**old, **match} for old in found for match in new]
    return found


def _all_matches(source: Query, pattern: Any, value: Any, env: Environment) -> Iterator[dict[str, Any]]:
    for item in source.run(value, env):
        yield from _matches(pattern, item, env)


def bind(source: Query, pattern: Any, body: Query) -> Query:
    """`source as $pattern | body`: the body for each match of each result."""

    def run(value: Any, env: Environment) -> list[Any]:
        return [
            out
            for found in _all_matches(source, pattern, value, env)
            for out in body.run(value, env.with_variables(found))
        ]

    return Query(run)


def reduce(source: Query, pattern: Any, start: Query, update: Query) -> Query:
    """`reduce source as $pattern (start; update)`: the last result of each update goes on; none counts as null."""

    def run(value: Any, env: Environment) -> list[Any]:
        out = []
        for first in start.run(value, env):
            state = first
            try:
                for found in _all_matches(source, pattern, value, env):
                    env.meter.tick()
                    results = update.run(state, env.with_variables(found))
                    state = results[-1] if results else None
            except Break:
                pass
            out.append(state)
        return out

    return Query(run)


def foreach(source: Query, pattern: Any, start: Query, update: Query, extract: Query | None) -> Query:
    """`foreach source as $pattern (start; update; extract)`: every state, or what `extract` makes of it."""

    def run(value: Any, env: Environment) -> list[Any]:
        out: list[Any] = []
        for first in start.run(value, env):
            state = first
            try:
                for found in _all_matches(source, pattern, value, env):
                    env.meter.tick()
                    inner = env.with_variables(found)
                    for result in update.run(state, inner):
                        state = result
                        out += extract.run(state, inner) if extract else [state]
            except Break:
                pass
        return out

    return Query(run)


# -- functions -------------------------------------------------------------------------------------------------------
def with_definition(definition: Definition, rest: Query) -> Query:
    """`def name(parameters): body; rest`: the function is known in itself and in the rest."""

    def run(value: Any, env: Environment) -> list[Any]:
        inner = Environment(env.meter, env.variables, dict(env.functions))
        inner.functions[definition.name, len(definition.parameters)] = UserFunction(definition, inner)
        return rest.run(value, inner)

    return Query(run)


def call(name: str, arguments: list[Query]) -> Query:
    """`name(arguments)` or `@form`. Raises JqError for a function that nobody knows."""
    key = (name, len(arguments))

    def run(value: Any, env: Environment) -> list[Any]:
        env.meter.tick()
        found = env.functions.get(key)
        if isinstance(found, Closure):
            return found(value)
        if isinstance(found, UserFunction):
            return _call_user(found, [Closure(a, env) for a in arguments], value, env)
        if found is None:
            if name.startswith("@"):
                raise JqError(f"Formatting operator {name} does not exist")
            raise JqError(f"Function {name}/{len(arguments)} does not exist")
        results: list[Any] = found(value, [Closure(a, env) for a in arguments], env)
        return results

    return Query(run)


def _call_user(function: UserFunction, arguments: list[Closure], value: Any, env: Environment) -> list[Any]:
    outer = function.environment
    functions = dict(outer.functions)
    choices = []
    names = []
    for parameter, argument in zip(function.definition.parameters, arguments, strict=True):
        if parameter.startswith("$"):
            names.append(parameter[1:])
            choices.append(argument(value))
        else:
            functions[(parameter, 0)] = argument
    out = []
    for values in itertools.product(*choices):
        inner = Environment(outer.meter, {**outer.variables, **dict(zip(names, values, strict=True))}, functions)
        out += function.definition.body.run(value, inner)
    return out


# -- field access ----------------------------------------------------------------------------------------------------
def access(base: Query, step: Access) -> Query:
    """`base.name`, `base[index]`, `base[from:to]`, `base[]`: one step further down. Raises JqError unless quiet."""
    steps = (*base.steps, step) if base.steps is not None else (step,)
    source = base.base if base.steps is not None else base

    def run(value: Any, env: Environment) -> list[Any]:
        out = []
        for item in base.run(value, env):
            try:
                out += _read(item, step, value, env)
            except JqError:
                if not step.quiet:
                    raise
        return out

    return Query(run, steps, source)


def quiet(query: Query) -> Query:
    """`query?`: no result where it fails; it stays a field access."""
    inner = attempt(query, None)
    return Query(inner.run, query.steps, query.base)


def _read(item: Any, step: Access, value: Any, env: Environment) -> list[Any]:
    if step.kind == "name":
        return [_field(item, step.what)]
    if step.kind == "all":
        if isinstance(item, dict):
            return list(item.values())
        if isinstance(item, list):
            return item
        raise JqError(f"Cannot iterate over {type_name(item)}")
    if step.kind == "slice":
        return [None if item is None else item[a:b] for a, b in _bounds(item, step, value, env)]
    return [indexed(item, index, value) for index in step.what.run(value, env)]


def _field(item: Any, name: str) -> Any:
    if isinstance(item, dict):
        return item.get(name)
    if item is None:
        return None
    raise JqError(f'Cannot index {type_name(item)} with string "{name}"')


def indexed(item: Any, index: Any, value: Any) -> Any:
    """`item[index]`, null where nothing is. Raises JqError for what is no index; most then name the `value` in which
    the access began, as the library does.
    """
    if isinstance(index, str):
        return _field(item, index)
    if is_whole(index) and (isinstance(item, list) or item is None):
        place = int(index)
        return item[place] if item is not None and -len(item) <= place < len(item) else None
    accused = item if is_number(index) and item is not None and not isinstance(item, list) else value
    raise JqError(f"Cannot index {type_name(accused)} with {type_name(index)}")


def _bounds(item: Any, step: Access, value: Any, env: Environment) -> list[tuple[int | None, int | None]]:
    if item is not None and not isinstance(item, (list, str)):
        raise JqError(f"Cannot index {type_name(item)} with object")
    starts, stops = (
        [None] if bound is None else [_whole(found, item) for found in bound.run(value, env)]
        for bound in (step.what, step.stop)
    )
    return [(a, b) for b in stops for a in starts]


def _whole(bound: Any, item: Any) -> int:
    if not is_whole(bound):
        raise JqError(f"Start and end indices of an {type_name(item)} slice must be numbers")
    return int(bound)


# -- assignment ------------------------------------------------------------------------------------------------------
def assign(operator: str, target: Query, source: Query) -> Query:
    """`target = source`, `|=`, `//=`, `+=` …: the value with what lies at the target changed, once for each result of
    the source. Raises JqError for a target that is no field access.
    """
    steps = target.steps
    if steps is None or (target.base is not None and target.base.steps is None):

        def refuse(_value: Any, _env: Environment) -> list[Any]:
            raise JqError("left hand side must be FieldAccess")

        return Query(refuse)
    apply = _OPERATORS.get(operator[:-1]) if operator not in ("=", "|=", "//=") else None

    def run(value: Any, env: Environment) -> list[Any]:
        if operator == "|=":

            def updated(old: Any) -> Any:
                results = source.run(old, env)
                return results[-1] if results else None

            return [_changed(value, steps, 0, value, env, updated)]
        out = []
        for new in source.run(value, env):
            if operator == "=":
                change = lambda old, new=new: new  # noqa: E731
            elif operator == "//=":
                change = lambda old, new=new: old if truthy(old) else new  # noqa: E731
            else:
                change = lambda old, new=new: apply(old, new)  # type: ignore[misc]  # noqa: E731
            out.append(_changed(value, steps, 0, value, env, change))
        return out

    return Query(run)


def _changed(
    item: Any, steps: tuple[Access, ...], at: int, value: Any, env: Environment, change: Callable[[Any], Any]
) -> Any:
    """The item with what lies at the steps changed; what is not there is made."""
    if at == len(steps):
        return change(item)
    step = steps[at]

    def deeper(child: Any) -> Any:
        return _changed(child, steps, at + 1, value, env, change)

    if step.kind == "all":
        if isinstance(item, dict):
            return {k: deeper(v) for k, v in item.items()}
        if isinstance(item, list):
            return [deeper(v) for v in item]
        raise JqError(f"Cannot iterate over {type_name(item)}")
    if step.kind == "slice":
        for start, stop in _bounds(item, step, value, env):
            if isinstance(item, str):
                raise JqError("Cannot update field at object index of string")
            item = list(item or [])
            part = deeper(item[start:stop])
            if not isinstance(part, list):
                raise JqError("A slice of an array can only be assigned another array")
            item[start:stop] = part
        return item
    for index in [step.what] if step.kind == "name" else step.what.run(value, env):
        item = _with_child(item, index, value, deeper)
    return item


def _with_child(item: Any, index: Any, value: Any, deeper: Callable[[Any], Any]) -> Any:
    old = indexed(item, index, value)
    if isinstance(index, str):
        return {**(item or {}), index: deeper(old)}
    items = list(item or [])
    index = int(index)
    if index < 0:
        index += len(items)
        if index < 0:
            raise JqError("Out of bounds negative array index")
    items += [None] * (index + 1 - len(items))
    items[index] = deeper(old)
    return items


def deleted(item: Any, steps: tuple[Access, ...], value: Any, env: Environment) -> Any:
    """The item without what lies at the steps."""
    if len(steps) == 1:
        return _without(item, steps[0], value, env)
    if item is None:
        return None
    return _changed(item, steps[:-1], 0, value, env, lambda child: _without(child, steps[-1], value, env))


def _without(item: Any, step: Access, value: Any, env: Environment) -> Any:
    if step.kind == "all" and item is not None:
        if not isinstance(item, (dict, list)):
            raise JqError(f"Cannot iterate over {type_name(item)}")
        return {} if isinstance(item, dict) else []
    if step.kind == "slice":
        gone = {i for start, stop in _bounds(item, step, value, env) for i in range(len(item or []))[start:stop]}
        return None if item is None else [v for i, v in enumerate(item) if i not in gone]
    names = [step.what] if step.kind == "name" else step.what.run(value, env)
    for name in names:
        indexed(item, name, value)
    if isinstance(item, dict):
        return {k: v for k, v in item.items() if k not in names}
    if item is None:
        return None
    gone = {i + len(item) if i < 0 else i for i in names}
    return [v for i, v in enumerate(item) if i not in gone]
