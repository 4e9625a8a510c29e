"""References to values of a run: `${…}` expressions that are written as Python attributes."""

from __future__ import annotations

import re
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


def references_in(value: Any) -> list[str]:
    """The paths of all `${…}` in a JSON value, outside of `$${…}`, which stands for itself."""
    if isinstance(value, str):
        return [match.group(1) for match in _EXPRESSION.finditer(value)]
    if isinstance(value, dict):
        return [path for item in value.values() for path in references_in(item)]
    if isinstance(value, list):
        return [path for item in value for path in references_in(item)]
    return []


_EXPRESSION = re.compile(r"(?<!\$)\$\{([^${}]+)\}")
