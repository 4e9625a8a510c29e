"""References to values of a run: `${…}` expressions that are written as Python attributes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class Reference:
    """Stands for a value that exists when the workflow runs: `task.output.user.email` is `${ref.output.user.email}`.

    `ref.name`, `ref["any name"]` and `ref[0]` go deeper. It may stand anywhere in inputs and outputs, also inside a
    text: `f"Dear {task.output.name}"`. Equal to its expression's text.
    """

    __slots__ = ("_path",)
    # A reference can be indexed, but what it stands for is not there to be walked over.
    __iter__ = None

    def __init__(self, path: str) -> None:
        self._path = path

    def __getattr__(self, name: str) -> Reference:
        if name.startswith("__"):
            raise AttributeError(name)
        return Reference(f"{self._path}.{name}")

    def __getitem__(self, key: str | int) -> Reference:
        if isinstance(key, int):
            return Reference(f"{self._path}[{key}]")
        if _PLAIN.match(key):
            return Reference(f"{self._path}.{key}")
        quoted = key.replace("\\", "\\\\").replace("'", "\\'")
        return Reference(f"{self._path}['{quoted}']")

    def __str__(self) -> str:
        return f"${{{self._path}}}"

    def __repr__(self) -> str:
        return f"Reference({str(self)!r})"

    def __json_form__(self) -> str:
        return str(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (Reference, str)) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


def is_expression(value: Any) -> bool:
    """Whether a value is known only when the workflow runs: a Reference, or a text that begins with `${`."""
    return isinstance(value, Reference) or (isinstance(value, str) and value.startswith("${"))


def references_in(value: Any) -> list[str]:
    """The paths of all `${…}` in a JSON value, the inner ones only; `$${…}` stands for itself."""
    return [path for _, path in expressions_in(value) if path and "${" not in path]


def expressions_in(value: Any) -> Iterator[tuple[str, str | None]]:
    """Each `${…}` in a JSON value: the text that it is in, and its path. None where no `}` closes it; the server takes
    that, and the rest of the text, for mere text. Expressions inside a path come before the path that holds them.
    """
    if isinstance(value, str):
        for path in _paths(value):
            if path is not None and "${" in path:
                yield from expressions_in(path)
            yield value, path
    elif isinstance(value, dict):
        for item in value.values():
            yield from expressions_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from expressions_in(item)


def _paths(text: str) -> Iterator[str | None]:
    at = text.find("${")
    while at >= 0:
        if text[at - 1 : at] == "$":
            at = text.find("${", at + 1)
            continue
        depth = 0
        for end in range(at + 1, len(text)):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            if depth == 0:
                break
        else:
            yield None
            return
        yield text[at + 2 : end]
        at = text.find("${", end + 1)
