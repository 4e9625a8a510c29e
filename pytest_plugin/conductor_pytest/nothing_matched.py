"""Expressions that look for several values and have found none: a filter that is true of nothing, a key behind it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from conductor_pytest.explanation import Explanation
from conductor_pytest.near_names import nearest

#: An expression with a filter or a star: what it begins with, the rest, and all behind that.
_SEVERAL: Final = re.compile(r"\$\{([\w-]+)\.(input|output|variables)\b([^$]*(?:\[\s*\?|\*)[^$]*)\}")
_KEYS_BEFORE: Final = re.compile(r"(?:\.[\w-]+|\[\d+\])*")
_KEYS_BEHIND: Final = re.compile(r"\.([\w-]+)(?:\.[\w-]+)*")
_ASKED_FOR: Final = re.compile(r"@\.([\w-]+)")


def nothing_matched(text: str, payload_of: Callable[[str, str], Any]) -> Explanation | None:
    """Why the expression has found nothing, which is not said by the list that it gives.

    ``payload_of`` is asked for the input, output or variables of a workflow or task
    """
    found = _SEVERAL.fullmatch(text)
    if found is None:
        return None
    head, field, rest = found.groups()
    payload = payload_of(head, field)
    before = _KEYS_BEFORE.match(rest)
    looked_at = f"{field}{before[0] if before else ''}"
    elements = _read(looked_at, field, payload)
    name = f"`{head}.{looked_at}`"
    if not isinstance(elements, list | dict):
        return None
    if not elements:
        return Explanation(f"{name} is empty", False)
    up_to = max(rest.rfind("]"), rest.rfind("*")) + 1
    matched = _read(f"{field}{rest[:up_to]}", field, payload)
    if isinstance(matched, list) and matched:
        return _without_key(rest[up_to:], matched)
    return _true_of_none(rest, name, elements) if "?" in rest else None


def _read(path: str, field: str, payload: Any) -> Any:
    from conductor_emulator.expressions.path import compiled_path, read_path

    steps = compiled_path(path)
    return None if steps is None else read_path(steps, {field: payload})


def _without_key(rest: str, matched: list[Any]) -> Explanation | None:
    """Something matches, and has no such key."""
    key = _KEYS_BEHIND.fullmatch(rest)
    objects = [one for one in matched if isinstance(one, Mapping)]
    if key is None or not objects or any(key[1] in one for one in objects):
        return None
    near = nearest(key[1], objects[0])
    hint = f"; did you mean `{near}`?" if near else ""
    many = "the one that matches has" if len(matched) == 1 else f"the {len(matched)} that match have"
    return Explanation(f"{many} no `{key[1]}`{hint}", bool(near))


def _true_of_none(rest: str, name: str, elements: list[Any] | dict[str, Any]) -> Explanation:
    objects = [one for one in _values(elements) if isinstance(one, Mapping)]
    for key in _ASKED_FOR.findall(rest):
        if objects and not any(key in one for one in objects):
            near = nearest(key, objects[0])
            hint = f"; did you mean `{near}`?" if near else ""
            return Explanation(f"no element of {name} has a `{key}`{hint}", bool(near))
    if len(elements) == 1:
        return Explanation(f"the one element of {name} does not match", False)
    return Explanation(f"none of the {len(elements)} elements of {name} matches", False)


def _values(elements: list[Any] | dict[str, Any]) -> Iterable[Any]:
    return elements.values() if isinstance(elements, dict) else elements
