"""The functions of the server's jq library: fewer than jq's own. What is not here does not exist there either.

Each takes the value, its arguments as closures and the environment, and gives the list of its results.
"""

from __future__ import annotations

import base64
import itertools
import json
import math
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from conductor_emulator.scripting.jq_tree import Break, Closure, Environment, deleted, indexed
from conductor_emulator.scripting.jq_values import (
    JqError,
    compare,
    contains,
    is_number,
    is_whole,
    minus,
    numeric,
    plus,
    sort_key,
    text,
    to_json,
    truthy,
    type_name,
)

Function = Callable[[Any, list[Closure], Environment], list[Any]]
FUNCTIONS: dict[tuple[str, int], Function] = {}


def function(*names: str) -> Callable[[Function], Function]:
    def register(run: Function) -> Function:
        for name in names:
            base, _, arity = name.partition("/")
            FUNCTIONS[base, int(arity)] = run
        return run

    return register


def _simple(
    name: str, *types: str, told_as: str | None = None
) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """A function without arguments and with one result, for values of these types only.

    ``told_as`` is the function inside of it that refuses others.
    """

    def register(compute: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def run(value: Any, _arguments: list[Closure], _env: Environment) -> list[Any]:
            only(told_as or name, value, *types)
            return [compute(value)]

        FUNCTIONS[name, 0] = run
        return compute

    return register


def only(name: str, value: Any, *types: str) -> None:
    if types and type_name(value) not in types:
        listed = ", ".join(t.upper() for t in types)
        raise JqError(f"{name} is not applicable to {type_name(value).upper()}; expected one of [{listed}]")


def _only_items(name: str, values: list[Any], expected: str) -> None:
    for kind in map(type_name, values):
        if kind != expected:
            raise JqError(
                f"{name} is not applicable to input which contains {kind.upper()}; expected one of [{expected.upper()}]"
            )


def _items(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list):
        return value
    raise JqError(f"Cannot iterate over {type_name(value)}")


_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&apos;", '"': "&quot;"}


# -- of one value ----------------------------------------------------------------------------------------------------
_simple("not")(lambda v: not truthy(v))
_simple("type")(type_name)
_simple("keys", "object", "array")(lambda v: sorted(v) if isinstance(v, dict) else list(range(len(v))))
_simple("keys_unsorted", "object", "array")(lambda v: list(v) if isinstance(v, dict) else list(range(len(v))))
_simple("reverse", "array")(lambda v: v[::-1])
_simple("tostring")(text)
_simple("tojson")(to_json)


@_simple("explode", "string")
def _explode(value: str) -> list[int]:
    """The units of UTF-16, two for a character beyond them."""
    units = value.encode("utf-16-le", "surrogatepass")
    return [units[at] | units[at + 1] << 8 for at in range(0, len(units), 2)]


@_simple("implode", "array")
def _implode(value: list[Any]) -> str:
    """Of each number the last 16 bits are a unit of UTF-16."""
    _only_items("implode", value, "number")
    units = b""
    for code in map(int, value):
        if not -(2**31) <= code < 2**31:
            raise JqError("input to implode() must be a list of codepoints; NUMBER found")
        units += (code & 0xFFFF).to_bytes(2, "little")
    return units.decode("utf-16-le", "replace").replace("\N{REPLACEMENT CHARACTER}", "?")


_simple("to_entries", "object", "array")(
    lambda v: [{"key": k, "value": e} for k, e in (v.items() if isinstance(v, dict) else enumerate(v))]
)
_simple("ascii_downcase", "string", told_as="explode")(lambda v: re.sub("[A-Z]", lambda m: m.group().lower(), v))
_simple("ascii_upcase", "string", told_as="explode")(lambda v: re.sub("[a-z]", lambda m: m.group().upper(), v))
_simple("isnan")(lambda v: isinstance(v, float) and math.isnan(v))
_simple("isinfinite")(lambda v: isinstance(v, float) and math.isinf(v))
_simple("nan")(lambda v: math.nan)
_simple("infinite")(lambda v: math.inf)
_simple("first")(lambda v: _at(v, 0))
_simple("last")(lambda v: _at(v, -1))
_simple("transpose")(lambda v: _transposed(_items(v)))
_simple("@text")(text)
_simple("@json")(to_json)
_simple("@base64")(lambda v: base64.b64encode(text(v).encode(errors="replace")).decode())
_simple("@uri")(lambda v: quote(text(v), safe="~_-.!*()'", errors="replace"))
_simple("@csv")(lambda v: ",".join(_csv_field(e) for e in _items(v)))
_simple("@tsv")(lambda v: "\t".join(text(e).replace("\t", "\\t") for e in _items(v)))
_simple("@html")(lambda v: re.sub("[&<>'\"]", lambda m: _HTML[m.group()], text(v)))


def _mathematical(compute: Callable[[float], float]) -> Function:
    def run(value: Any, _arguments: list[Closure], _env: Environment) -> list[Any]:
        only("mathfunc", value, "number")
        try:
            return [float(compute(value))]
        except (ValueError, OverflowError):
            return [math.nan]

    return run


for _name, _compute in {
    "floor": math.floor,
    "sqrt": math.sqrt,
    "sin": math.sin,
    "cos": math.cos,
    "atan": math.atan,
    "log2": math.log2,
}.items():
    FUNCTIONS[_name, 0] = _mathematical(_compute)


def _csv_field(item: Any) -> str:
    return '"' + item.replace('"', '""') + '"' if isinstance(item, str) else text(item)


def _at(value: Any, index: int) -> Any:
    if value is None:
        return None
    if not isinstance(value, list):
        raise JqError(f"Cannot index {type_name(value)} with number")
    return value[index] if value else None


def _transposed(rows: list[Any]) -> list[Any]:
    for row in rows:
        if row is not None and not isinstance(row, list):
            raise JqError(f"Cannot index {type_name(row)} with number")
    return [list(column) for column in itertools.zip_longest(*(row or [] for row in rows))]


@_simple("length")
def _length(value: Any) -> Any:
    if value is None:
        return 0
    if isinstance(value, bool):
        raise JqError("boolean has no length")
    return abs(value) if is_number(value) else len(value)


@_simple("utf8bytelength")
def _byte_length(value: Any) -> int:
    if not isinstance(value, str):
        raise JqError(f"{type_name(value)} ({text(value)}) only strings have UTF-8 byte length")
    return len(value.encode(errors="replace"))


@_simple("tonumber")
def _to_number(value: Any) -> Any:
    if is_number(value):
        return value
    if not isinstance(value, str):
        raise JqError(f"{type_name(value)} cannot be parsed as a number")
    try:
        return numeric(int(value) if re.fullmatch(r"[+-]?\d+", value) else float(value))
    except ValueError:
        raise JqError("empty String" if not value.strip() else f'For input string: "{value}"') from None


@_simple("fromjson", "string")
def _from_json(value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise JqError(f"Unrecognized JSON: {error}") from None


@_simple("from_entries", "array")
def _from_entries(value: list[Any]) -> dict[str, Any]:
    out = {}
    _only_items("from_entries", value, "object")
    for entry in value:
        names = [n for n in ("key", "Key", "name", "Name") if isinstance(entry.get(n), str)]
        if not names:
            raise JqError("input elements to from_entries() must be object and have 'key', 'Key' or 'Name' field")
        out[entry[names[0]]] = entry.get("value", entry.get("Value"))
    return out


@_simple("add")
def _add(value: Any) -> Any:
    total = None
    for item in _items(value):
        total = plus(total, item)
    return total


@_simple("@sh")
def _shell(value: Any) -> str:
    def escaped(item: Any) -> str:
        if isinstance(item, (list, dict)):
            raise JqError(f"{type_name(item).upper()} cannot be escaped for shell")
        return "'" + item.replace("'", "'\\''") + "'" if isinstance(item, str) else text(item)

    return " ".join(escaped(item) for item in value) if isinstance(value, list) else escaped(value)


_TYPES = {
    "arrays": ("array",),
    "booleans": ("boolean",),
    "nulls": ("null",),
    "objects": ("object",),
    "numbers": ("number",),
    "strings": ("string",),
    "values": ("boolean", "number", "string", "array", "object"),
    "iterables": ("array", "object"),
    "scalars": ("null", "boolean", "number", "string"),
}
for _name, _types in _TYPES.items():
    FUNCTIONS[_name, 0] = lambda value, _a, _e, _of=_types: [value] if type_name(value) in _of else []  # type: ignore[misc]


# -- order -----------------------------------------------------------------------------------------------------------
def _keyed(name: str, value: Any, arguments: list[Closure]) -> list[tuple[Any, Any]]:
    only(name, value, "array")
    return [(arguments[0](item) if arguments else [item], item) for item in value]


@function("sort/0", "sort/1", "sort_by/1")
def _sort(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    return [[item for _, item in sorted(_keyed("sort", value, arguments), key=lambda pair: sort_key(pair[0]))]]


@function("group/0", "group/1", "group_by/1")
def _group(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    pairs = sorted(_keyed("group", value, arguments), key=lambda pair: sort_key(pair[0]))
    return [[[item for _, item in group] for _, group in itertools.groupby(pairs, key=lambda pair: sort_key(pair[0]))]]


@function("unique/0", "unique/1", "unique_by/1")
def _unique(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    return [[group[0] for group in _group(value, arguments, env)[0]]]


@function("min/0", "min/1", "min_by/1")
def _min(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    pairs = _keyed("min", value, arguments)
    return [min(pairs, key=lambda pair: sort_key(pair[0]))[1] if pairs else None]


@function("max/0", "max/1", "max_by/1")
def _max(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    pairs = _keyed("max", value, arguments)
    return [max(pairs[::-1], key=lambda pair: sort_key(pair[0]))[1] if pairs else None]


# -- streams and control ---------------------------------------------------------------------------------------------
@function("empty/0")
def _empty(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    return []


@function("error/1")
def _error(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    for given in arguments[0](value):
        raise JqError("" if isinstance(given, (dict, list)) else text(given))
    return []


@function("break/0")
def _break(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    raise Break("break")


@function("select/1")
def _select(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    return [value for decided in arguments[0](value) if truthy(decided)]


@function("map/1")
def _map(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    return [[out for item in _items(value) for out in arguments[0](item)]]


@function("map_values/1")
def _map_values(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    def new(item: Any) -> Any:
        results = arguments[0](item)
        return results[-1] if results else None

    return [{k: new(v) for k, v in value.items()} if isinstance(value, dict) else [new(v) for v in _items(value)]]


@function("with_entries/1")
def _with_entries(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    only("to_entries", value, "object", "array")
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    return [_from_entries([out for k, v in pairs for out in arguments[0]({"key": k, "value": v})])]


@function("range/1", "range/2", "range/3")
def _range(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    bounds = [argument(value) for argument in arguments]
    starts, stops, steps = ([0], bounds[0], [1]) if len(bounds) == 1 else (*bounds, [1]) if len(bounds) == 2 else bounds
    out = []
    for start, stop, step in itertools.product(starts, stops, steps):
        if not (is_number(start) and is_number(stop) and is_number(step)):
            raise JqError("arguments of range() must be NUMBER")
        if step == 0:
            raise JqError("the step of range() must not be zero")
        number = start
        while number < stop if step > 0 else number > stop:
            env.meter.tick()
            out.append(numeric(number))
            number += step
    return out


@function("recurse/0", "recurse_down/0", "recurse/1", "recurse/2")
def _recurse(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    out, stack = [], [value]
    while stack:
        env.meter.tick()
        node = stack.pop()
        out.append(node)
        if not arguments:  # as recurse(.[]?), which leaves out nulls; ``..`` does not
            children = [v for v in _items(node) if v is not None] if isinstance(node, (list, dict)) else []
        elif len(arguments) == 1:
            children = [v for v in arguments[0](node) if v is not None]
        else:
            children = [v for v in arguments[0](node) for decided in arguments[1](v) if truthy(decided)]
        stack.extend(reversed(children))
    return out


@function("until/2")
def _until(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    out, stack = [], [value]
    while stack:
        env.meter.tick()
        node = stack.pop()
        for decided in arguments[0](node):
            if truthy(decided):
                out.append(node)
            else:
                stack.extend(reversed(arguments[1](node)))
    return out


@function("while/2")
def _while(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    out, stack = [], [value]
    while stack:
        env.meter.tick()
        node = stack.pop()
        for decided in arguments[0](node):
            if truthy(decided):
                out.append(node)
                stack.extend(reversed(arguments[1](node)))
    return out


@function("first/1")
def _first(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    return arguments[0](value)[:1]


@function("last/1")
def _last(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    return (arguments[0](value) or [None])[-1:]


@function("limit/2")
def _limit(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    results = arguments[1](value)
    return [out for count in arguments[0](value) for out in _limited(results, count)]


def _limited(results: list[Any], count: Any) -> list[Any]:
    if compare(count, 0) < 0:
        return results
    if results:
        minus(count, 1)  # raises what no number is answered with
    return results[: int(count)] if results else []


@function("nth/1")
def _nth_of_list(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    return [indexed(value, i, value) for i in arguments[0](value)]


@function("nth/2")
def _nth(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    out = []
    for index in arguments[0](value):
        if compare(index, 0) < 0:
            raise JqError("nth doesn't support negative indices")
        count = int(plus(index, 1))
        out.append((arguments[1](value)[:count] or [None])[-1])
    return out


@function("any/0", "any/1", "any/2")
def _any(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    return [any(_decisions(value, arguments))]


@function("all/0", "all/1", "all/2")
def _all(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    return [all(_decisions(value, arguments))]


def _decisions(value: Any, arguments: list[Closure]) -> list[bool]:
    items = arguments[0](value) if len(arguments) == 2 else _items(value)
    return [truthy(d) for item in items for d in (arguments[-1](item) if arguments else [item])]


@function("flatten/0", "flatten/1")
def _flatten(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    def flat(items: Any, depth: Any) -> list[Any]:
        out: list[Any] = []
        for item in _items(items):
            out += flat(item, minus(depth, 1)) if isinstance(item, list) and depth != 0 else [item]
        return out

    depths = arguments[0](value) if arguments else [-1]
    if arguments and any(compare(d, 0) < 0 for d in depths):
        raise JqError("flatten depth must not be negative")
    return [flat(value, depth) for depth in depths]


@function("walk/1")
def _walk(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    env.meter.tick()
    if isinstance(value, dict):
        value = {k: new[-1] for k in sorted(value) if (new := _walk(value[k], arguments, env))}
    elif isinstance(value, list):
        value = [out for item in value for out in _walk(item, arguments, env)]
    return arguments[0](value)


@function("combinations/0", "combinations/1")
def _combinations(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    if arguments:
        return _combinations([value] * len(_range(value, arguments, env)), [], env)
    # The first list runs slowest: its elements are bound first, and with each the rest is gone through.
    return [list(choice) for choice in itertools.product(*(_items(v) for v in _items(value)))]


# -- paths -----------------------------------------------------------------------------------------------------------
@function("paths/0", "paths/1", "leaf_paths/0")
def _paths(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    if not arguments:
        return [path for path, node in _all_paths(value) if truthy(node)]
    return [path for path, node in _all_paths(value) if any(truthy(d) for d in arguments[0](node))]


def _leaf_paths(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    return [path for path, node in _all_paths(value) if not isinstance(node, (list, dict)) and truthy(node)]


FUNCTIONS["leaf_paths", 0] = _leaf_paths


def _all_paths(value: Any) -> list[tuple[list[Any], Any]]:
    out: list[tuple[list[Any], Any]] = []
    stack: list[tuple[list[Any], Any]] = [([], value)]
    while stack:
        path, node = stack.pop()
        if path:
            out.append((path, node))
        pairs = (
            list(node.items()) if isinstance(node, dict) else list(enumerate(node)) if isinstance(node, list) else []
        )
        stack.extend(([*path, key], child) for key, child in reversed(pairs))
    return out


@function("del/1")
def _del(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    target = arguments[0].query
    if not target.steps or (target.base is not None and target.base.steps is None):
        raise JqError("1st argument to del() must be a field access")
    only("del", value, "object", "array", "null")
    return [deleted(value, target.steps, value, arguments[0].environment)]


@function("has/1")
def _has(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    out = []
    for key in arguments[0](value):
        if isinstance(value, dict):
            if not isinstance(key, str):
                raise JqError("argument 1 of has() must be string for object input")
            out.append(key in value)
        elif isinstance(value, list):
            if not isinstance(key, int) or isinstance(key, bool):
                raise JqError("argument 1 of has() must be int for array input")
            out.append(0 <= key < len(value))
        else:
            raise JqError(f"has() is not applicable to {type_name(value).upper()}")
    return out


@function("in/1")
def _in(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    keys: Any = lambda _value: [value]  # noqa: E731
    return [out for holder in arguments[0](value) for out in _has(holder, [keys], env)]


@function("contains/1")
def _contains(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    return [contains(value, part) for part in arguments[0](value)]


@function("inside/1")
def _inside(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    return [contains(whole, value) for whole in arguments[0](value)]


@function("pow/2")
def _pow(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    return [_power(base, exponent) for base in arguments[0](value) for exponent in arguments[1](value)]


def _power(base: Any, exponent: Any) -> Any:
    for place, number in (("0th", base), ("1st", exponent)):
        if not is_number(number):
            raise JqError(
                f"cannot accept {type_name(number).upper()} as {place} argument of pow/2; expected one of [NUMBER]"
            )
    # Java differs from C here.
    if (math.isnan(exponent) or math.isinf(exponent)) and abs(base) == 1:
        return math.nan
    odd = is_whole(exponent) and int(exponent) % 2 == 1
    try:
        return numeric(math.pow(base, exponent))
    except OverflowError:
        return -math.inf if base < 0 and odd else math.inf
    except ValueError:  # of 0 to a negative power, and of a negative number to a fraction
        return math.nan if base else math.copysign(math.inf, base) if odd else math.inf
