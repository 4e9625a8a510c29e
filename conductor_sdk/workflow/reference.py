"""References to values of a run: `${…}` expressions that are written as Python attributes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from conductor_sdk.errors import DefinitionError

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class Reference:
    """Stands for a value that exists when the workflow runs: `task.output.user.email` is `${ref.output.user.email}`.

    `ref.name`, `ref["any name"]` and `ref[0]` go deeper. It may stand anywhere in inputs and outputs, also inside a
    text: `f"Dear {task.output.name}"`. Two references are equal when they stand for the same value; anything else that
    asks for the value now, a comparison, a sum, `if`, raises DefinitionError.

    `path`: what stands between the braces
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
        if isinstance(other, Reference):
            return self._path == other._path
        raise _unknown_yet(self, f"compared with {other!r}")

    def __hash__(self) -> int:
        # Not its text's hash: in a dict it would be compared with the text.
        return hash((Reference, self._path))

    def __bool__(self) -> NoReturn:
        raise _unknown_yet(self, "a condition of Python")

    def __contains__(self, item: object) -> NoReturn:
        raise _unknown_yet(self, f"searched for {item!r}")

    def _ordered(self, other: object) -> NoReturn:
        raise _unknown_yet(self, f"compared with {other!r}")

    def _computed(self, other: object = None) -> NoReturn:
        raise _unknown_yet(self, "computed with")

    # A type checker tells of these by itself.
    if not TYPE_CHECKING:
        __lt__ = __le__ = __gt__ = __ge__ = _ordered
        __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _computed
        __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _computed
        __and__ = __rand__ = __or__ = __ror__ = __neg__ = __abs__ = __int__ = __float__ = __len__ = _computed


def _unknown_yet(reference: Reference, use: str) -> DefinitionError:
    return DefinitionError(
        f"{reference} cannot be {use}: its value is there only when the workflow runs. "
        "Decide by it in a SwitchTask or a DoWhileTask's condition, compute with it in an InlineTask or a worker, "
        'put it into a text with f"…".'
    )


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
