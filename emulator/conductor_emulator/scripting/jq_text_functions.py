"""jq's functions on texts: parts, places, regular expressions. They register themselves in FUNCTIONS."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from conductor_emulator.expressions.java_text import java_length
from conductor_emulator.expressions.patterns import Found, Pattern, TookTooLong
from conductor_emulator.scripting.jq_functions import FUNCTIONS, Function, function, only
from conductor_emulator.scripting.jq_tree import Closure, Environment
from conductor_emulator.scripting.jq_values import JqError, equal, plus, split, text, type_name


# -- texts -----------------------------------------------------------------------------------------------------------
def _trim(name: str, cut: Callable[[str, str], str]) -> Function:
    def run(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
        only(name, value, "string")
        out = []
        for part in arguments[0](value):
            if not isinstance(part, str):
                raise JqError(f"1st argument to {name}() must be string, got {type_name(part).upper()}")
            out.append(cut(value, part))
        return out

    return run


def _edge(name: str, test: Callable[[str, str], bool]) -> Function:
    def run(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
        only(name, value, "string")
        out = []
        for part in arguments[0](value):
            if not isinstance(part, str):
                raise JqError(f"1st argument of {name}() must evaluate to string")
            out.append(test(value, part))
        return out

    return run


FUNCTIONS["ltrimstr", 1] = _trim("ltrimstr", str.removeprefix)
FUNCTIONS["rtrimstr", 1] = _trim("rtrimstr", str.removesuffix)
FUNCTIONS["startswith", 1] = _edge("startswith", str.startswith)
FUNCTIONS["endswith", 1] = _edge("endswith", str.endswith)


@function("split/1")
def _split(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    only("split", value, "string")
    out = []
    for separator in arguments[0](value):
        if not isinstance(separator, str):
            raise JqError(f"1st argument of split() must evaluate to string, not {type_name(separator).upper()}")
        out.append(split(value, separator))
    return out


@function("join/1")
def _join(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return [""]
    out = []
    for separator in arguments[0](value):
        texts: list[str] = []
        for item in value:
            if isinstance(item, (list, dict)):
                plus("".join(texts), item)
            texts.append("" if item is None else text(item))
        out.append(text(separator).join(texts))
    return out


def _indices_of(value: Any, part: Any) -> list[int] | None:
    if isinstance(value, str) and isinstance(part, str):
        found = [m.start() for m in re.finditer(f"(?={re.escape(part)})", value)] if part else None
        # counted in units of UTF-16
        return found if found is None or value.isascii() else [java_length(value[:at]) for at in found]
    if isinstance(value, list):
        wanted = part if isinstance(part, list) else [part]
        if not wanted:
            return None
        return [i for i in range(len(value) - len(wanted) + 1) if equal(value[i : i + len(wanted)], wanted)]
    raise JqError(f"indices() is not applicable to {type_name(value).upper()}")


@function("indices/1")
def _indices(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    only("indices", value, "string", "array")
    return [_indices_of(value, part) for part in arguments[0](value)]


@function("index/1")
def _index(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    return [places[0] if (places := _indices_of(value, part)) else None for part in arguments[0](value)]


@function("rindex/1")
def _rindex(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    return [places[-1] if (places := _indices_of(value, part)) else None for part in arguments[0](value)]


# -- regular expressions ---------------------------------------------------------------------------------------------
_PATTERN_ERRORS = (
    ("missing )", "end pattern with unmatched parenthesis"),
    ("unbalanced parenthesis", "unmatched close parenthesis"),
    ("unterminated character set", "premature end of char-class"),
    ("nothing to repeat", "target of repeat operator is not specified"),
)
_MODIFIERS = {"i": re.IGNORECASE, "x": re.VERBOSE, "s": re.DOTALL, "n": 0, "l": 0, "p": re.DOTALL, "g": 0}


def _accept(argument: Any, place: str, function_name: str, *types: str) -> None:
    if type_name(argument) not in types:
        listed = ", ".join(t.upper() for t in types)
        raise JqError(
            f"cannot accept {type_name(argument).upper()} as {place} argument of {function_name}; "
            f"expected one of [{listed}]"
        )


def _matches(value: Any, pattern: Any, modifiers: Any, env: Environment) -> list[re.Match[str] | Found]:
    only("_match_impl/3", value, "string")
    _accept(pattern, "1st", "_match_impl/3", "string")
    _accept(modifiers, "2nd", "_match_impl/3", "string", "null")
    compiled = _compiled(pattern, modifiers or "")
    try:
        if "g" in (modifiers or ""):
            return list(compiled.finditer(value, env.meter.look_up))
        found = compiled.search(value, env.meter.look_up)
    except TookTooLong as error:
        raise JqError(f"{pattern} was given up: {error}") from None
    return [found] if found else []


@lru_cache(maxsize=512)
def _compiled(pattern: str, modifiers: str) -> Pattern:
    flags = 0
    for modifier in modifiers:
        if modifier not in _MODIFIERS:
            raise JqError(f"{modifiers} is not a valid modifier string")
        flags |= _MODIFIERS[modifier]
    try:
        return Pattern(re.sub(r"\(\?<(?![=!])", "(?P<", pattern), flags)
    except re.error as error:
        raise JqError(next((words for start, words in _PATTERN_ERRORS if start in str(error)), str(error))) from None


def _pattern_arguments(value: Any, arguments: list[Closure]) -> list[tuple[Any, Any]]:
    if len(arguments) == 2:
        return list(itertools.product(arguments[0](value), arguments[1](value)))
    pairs = []
    for given in arguments[0](value):
        if isinstance(given, str):
            pairs.append((given, None))
        elif isinstance(given, list) and given:
            pairs.append((given[0], given[1] if len(given) > 1 else None))
        else:
            raise JqError(f"{type_name(given)} not a string or array")
    return pairs


def _described(match: re.Match[str] | Found) -> dict[str, Any]:
    names = {index: name for name, index in match.re.groupindex.items()}
    captures = []
    for i in range(1, (match.re.groups or 0) + 1):
        found = match.group(i)
        captures.append(
            {
                "offset": match.start(i),
                "length": 0 if found is None else len(found),
                "string": found,
                "name": names.get(i),
            }
        )
    return {
        "offset": match.start(),
        "length": match.end() - match.start(),
        "string": match.group(),
        "captures": captures,
    }


@function("test/1", "test/2")
def _test(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    return [bool(_matches(value, p, m, env)) for p, m in _pattern_arguments(value, arguments)]


@function("match/1", "match/2")
def _match(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    return [_described(found) for p, m in _pattern_arguments(value, arguments) for found in _matches(value, p, m, env)]


@function("capture/1", "capture/2")
def _capture(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    return [found.groupdict() for p, m in _pattern_arguments(value, arguments) for found in _matches(value, p, m, env)]


@function("scan/1", "scan/2")
def _scan(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    only("_match_impl/3", value, "string")
    flags = arguments[1](value) if len(arguments) == 2 else [""]
    return [
        list(found.groups()) if found.re.groups else found.group()
        for p in arguments[0](value)
        for f in flags
        for found in _matches(value, p, plus(f, "g"), env)
    ]


@function("splits/1", "splits/2")
def _splits(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    return [part for parts in _split_by_pattern(value, arguments, env) for part in parts]


@function("split/2")
def _split_by_pattern(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
    only("_match_impl/3", value, "string")
    flags = arguments[1](value) if len(arguments) == 2 else [None]
    out = []
    for p in arguments[0](value):
        for f in flags:
            at = 0
            parts = []
            for found in _matches(value, p, plus("g", f), env):
                parts.append(value[at : found.start()])
                at = found.end()
            out.append([*parts, value[at:]])
    return out


def _substitution(everywhere: bool) -> Function:
    def run(value: Any, arguments: list[Closure], env: Environment) -> list[Any]:
        only("_sub_impl/3", value, "string")
        flags = arguments[2](value) if len(arguments) == 3 else [""]
        out = []
        for p in arguments[0](value):
            _accept(p, "1st", "_sub_impl/3", "string")
            for f in flags:
                modifiers = plus(f, "g") if everywhere else f
                _accept(modifiers, "3rd", "_sub_impl/3", "string")
                texts: list[str] = [""]
                at = 0
                for found in _matches(value, p, modifiers, env):
                    new = arguments[1](found.groupdict())
                    texts = [t + value[at : found.start()] + text(n) for t in texts for n in new]
                    at = found.end()
                out += [t + value[at:] for t in texts]
        return out

    return run


for _arity in (2, 3):
    FUNCTIONS["sub", _arity] = _substitution(False)
    FUNCTIONS["gsub", _arity] = _substitution(True)
