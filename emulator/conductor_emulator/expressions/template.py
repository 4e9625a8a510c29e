"""`${…}` in the parameters of a task or workflow: compiled once with the definition, resolved once a task.

A text that is one expression becomes the value itself, with its type; an expression with anything around it becomes
text. An opening `${` that is never closed stops the search: the rest of the text stays as it is. `$${` is an escaped
`${`. Mirrors ParametersUtils; scenarios tasks_expr_*.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from conductor_emulator.expressions.java_text import hash_order, java_text, json_text
from conductor_emulator.expressions.path import (
    NOTHING,
    PathList,
    compiled_path,
    plain_steps,
    read_path,
    walk,
)
from conductor_emulator.expressions.path_syntax import PathSteps
from conductor_emulator.expressions.scope import Scope

SECRETS_PREFIX = "workflow.secrets."
ENV_PREFIX = "workflow.env."
SYSTEM_PARAMETERS = frozenset({"CPEWF_TASK_ID", "NETFLIX_ENV", "NETFLIX_STACK"})

_PARAMETER_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_DEFINITION_PARTS = re.compile(r"(?=(?<!\$)\$\{)|(?<=\})")


@dataclass(frozen=True, slots=True)
class Reference:
    """One `${path}`: `root` is the path's first part, `raw` the whole text in which it stands, `key` the parameter."""

    root: str
    path: str
    raw: str
    key: str = ""


# -- leaves ----------------------------------------------------------------------------------------------------------
class _Plain:
    """A path of keys and positions only."""

    __slots__ = ("field", "name", "root", "steps")

    def __init__(self, steps: tuple[str | int, ...]) -> None:
        self.root = steps[0]
        #: the field of the document, and the steps from there; None: the whole document
        self.field = steps[1] if len(steps) > 1 else None
        self.steps = steps[2:]
        #: the only step from there, as in most paths, if it is a key
        self.name = steps[2] if len(steps) == 3 and isinstance(steps[2], str) else None

    def resolve(self, scope: Scope) -> Any:
        root, field = self.root, self.field
        if type(root) is not str:
            return None
        if field is None:
            document = scope.document(root)
            return None if document is None else dict(document)
        found = scope.field(root, field) if type(field) is str else walk(scope.document(root), (field,))
        name = self.name
        if name is not None and type(found) is dict:
            return found.get(name)
        if self.steps:
            found = walk(found, self.steps)
        return None if found is NOTHING else found


class _Path:
    """Any other path; it is read from all documents when its first step is not one name."""

    __slots__ = ("path", "root")

    def __init__(self, path: PathSteps, text: str) -> None:
        self.path = path
        first = plain_steps(PathSteps(path.steps[:1])) if path.steps else None
        # Filters and functions may look at the whole ($): only then all documents are needed as well.
        self.root = first[0] if first and "$" not in text[1:] else None

    def resolve(self, scope: Scope) -> Any:
        if isinstance(self.root, str):
            document = scope.document(self.root)
            documents = {} if document is None else {self.root: document}
        else:
            documents = {}
            for root in hash_order(scope.roots()):
                document = scope.document(root)
                if document is not None:
                    documents[root] = dict(document)
        return read_path(self.path, documents)


class _Nothing:
    """A path that does not parse."""

    __slots__ = ()

    def resolve(self, scope: Scope) -> Any:
        return None


class _Parameter:
    """`${NAME}`: a system parameter, else a document's name. Without a value a system parameter stays as text."""

    __slots__ = ("fallback", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.fallback = None if name in SYSTEM_PARAMETERS else _Plain((name,))

    def resolve(self, scope: Scope) -> Any:
        value = scope.parameter(self.name)
        if value is not None:
            return value
        return NOTHING if self.fallback is None else self.fallback.resolve(scope)


class _WorkflowEnv:
    __slots__ = ("reference",)

    def __init__(self, reference: str) -> None:
        self.reference = reference

    def resolve(self, scope: Scope) -> Any:
        return look_up(self.reference, scope.workflow_env)


class _Nested:
    """A path with expressions inside: the inner ones are text, then the whole is read."""

    __slots__ = ("inner", "raw")

    def __init__(self, raw: str, inner: _Text) -> None:
        self.raw = raw
        self.inner = inner

    def resolve(self, scope: Scope) -> Any:
        path = self.inner.resolve(scope)
        leaf = _leaf_of_path(path, self.raw)
        return leaf if isinstance(leaf, str) else leaf.resolve(scope)


class _Text:
    """Literal text and expressions in turn."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Any, ...]) -> None:
        self.parts = parts

    def resolve(self, scope: Scope) -> str:
        out: list[str] = []
        for part in self.parts:
            if type(part) is str:
                out.append(part)
                continue
            raw, leaf = part
            value = leaf.resolve(scope)
            if value is NOTHING:
                out.append(raw)
            elif type(value) is PathList:
                out.append(json_text(value))
            else:
                out.append(java_text(value))
        text = "".join(out)
        return text.replace("$${", "${") if "$${" in text else text


class _Whole:
    """A text that is one expression."""

    __slots__ = ("leaf", "raw")

    def __init__(self, raw: str, leaf: Any) -> None:
        self.raw = raw
        self.leaf = leaf

    def resolve(self, scope: Scope) -> Any:
        value = self.leaf.resolve(scope)
        if value is NOTHING:
            return self.raw
        return list(value) if type(value) is PathList else value


_Leaf = _Text | _Whole | _Plain | str


def expression_spans(text: str) -> list[tuple[int, int]]:
    """Where the expressions stand: start and end of each; an opening that is not closed ends the search."""
    found: list[tuple[int, int]] = []
    at = text.find("${")
    while at >= 0:
        if at and text[at - 1] == "$":
            at = text.find("${", at + 1)
            continue
        depth, end = 0, at + 1
        while end < len(text):
            char = text[end]
            if char == "{":
                depth += 1
            elif char == "}":
                depth -= 1
                if depth == 0:
                    break
            end += 1
        else:
            return found
        found.append((at, end + 1))
        at = text.find("${", end + 1)
    return found


def _leaf_of_path(path: str, raw: str) -> Any:
    """The leaf for the text between `${` and `}`; a text is the value itself."""
    if not path.strip():
        return ""
    if path.startswith(SECRETS_PREFIX):
        return raw
    if path.startswith(ENV_PREFIX):
        return _WorkflowEnv(path[len(ENV_PREFIX) :])
    if _PARAMETER_NAME.match(path):
        return _Parameter(path)
    steps = compiled_path(path)
    if steps is None:
        return _Nothing()
    plain = plain_steps(steps)
    return _Plain(plain) if plain else _Path(steps, path)


@lru_cache(maxsize=8192)
def _compile_text(text: str, inner: bool = False) -> _Leaf:
    """A constant text, or something with `resolve`. `inner`: a path inside an expression, which is always text."""
    if "$" not in text:
        return text
    parts: list[Any] = []
    done = 0
    for start, end in expression_spans(text):
        raw = text[start:end]
        content = _compile_text(raw[2:-1], True)
        leaf = _leaf_of_path(content, raw) if isinstance(content, str) else _Nested(raw, content)  # type: ignore[arg-type]
        if start == 0 and end == len(text) and not inner:
            return leaf if isinstance(leaf, (str, _Plain)) else _Whole(raw, leaf)
        parts.append(text[done:start])
        parts.append(leaf if isinstance(leaf, str) else (raw, leaf))
        done = end
    parts.append(text[done:])
    if all(isinstance(part, str) for part in parts):
        return "".join(parts).replace("$${", "${")
    return _Text(tuple(part for part in parts if part != ""))


# -- templates -------------------------------------------------------------------------------------------------------
_CONSTANT, _LEAF, _MAP, _LIST = range(4)


class Template:
    """A JSON value with expressions. Maps come out in the order of the server's hash maps; constants are shared."""

    __slots__ = ("_entries", "_program", "_value", "is_constant")

    def __init__(self, program: tuple[tuple[int, Any], ...]) -> None:
        self._program = program
        #: key, kind and value of a map that nothing but constants and texts are in, as most inputs are
        self._entries: tuple[tuple[str, int, Any], ...] | None = None
        if program[-1][0] == _MAP and len(program) == 1 + len(program[-1][1]):
            self._entries = tuple((key, *entry) for key, entry in zip(program[-1][1], program[:-1], strict=True))
        #: Whether there is nothing to resolve: `resolve` then returns the same object each time.
        self.is_constant = len(program) == 1 and program[0][0] == _CONSTANT
        self._value = program[0][1] if self.is_constant else None

    def resolve(self, scope: Scope) -> Any:
        """The value with every expression replaced. Values found in documents are shared, never copied."""
        if self.is_constant:
            return self._value
        if self._entries is not None:
            found: dict[str, Any] = {}
            for key, kind, what in self._entries:
                found[key] = what if kind == _CONSTANT else what.resolve(scope)
            return found
        stack: list[Any] = []
        for kind, what in self._program:
            if kind == _LEAF:
                stack.append(what.resolve(scope))
            elif kind == _CONSTANT:
                stack.append(what)
            elif kind == _MAP:
                count = len(what)
                values = stack[-count:]
                del stack[-count:]
                stack.append(dict(zip(what, values, strict=True)))
            else:
                values = stack[-what:]
                del stack[-what:]
                stack.append(values)
        return stack[0]


def compile_template(value: Any) -> Template:
    """Compile a JSON value (once a definition). Any depth: neither this nor `resolve` uses Python's stack for it."""
    if type(value) is dict and all(map(_is_plain, value.values())):  # as most inputs of a dynamic fork's branches are
        return Template(((_CONSTANT, {key: value[key] for key in hash_order(value)}),))
    program: list[tuple[int, Any]] = []
    stack: list[tuple[Any, bool]] = [(value, False)]
    while stack:
        item, children_done = stack.pop()
        if children_done:
            _close(program, item)
        elif isinstance(item, str):
            leaf = _compile_text(item)
            program.append((_CONSTANT, leaf) if isinstance(leaf, str) else (_LEAF, leaf))
        elif isinstance(item, Mapping) and item:
            keys = hash_order(item)
            stack.append((keys, True))
            stack.extend((item[key], False) for key in reversed(keys))
        elif isinstance(item, (list, tuple)) and item:
            stack.append((len(item), True))
            stack.extend((element, False) for element in reversed(item))
        else:
            program.append((_CONSTANT, item))
    return Template(tuple(program))


def _is_plain(value: Any) -> bool:
    """Whether nothing can be an expression in it."""
    return "$" not in value if type(value) is str else value is None or isinstance(value, (bool, int, float))


def _close(program: list[tuple[int, Any]], what: Any) -> None:
    """End a container: one without expressions becomes a constant."""
    count = what if isinstance(what, int) else len(what)
    children = program[-count:]
    if all(kind == _CONSTANT for kind, _ in children):
        values = [child for _, child in children]
        del program[-count:]
        program.append((_CONSTANT, values if isinstance(what, int) else dict(zip(what, values, strict=True))))
    else:
        program.append((_LIST, what) if isinstance(what, int) else (_MAP, tuple(what)))


def resolve(value: Any, scope: Scope) -> Any:
    """Compile and resolve in one go, for values that are seen once."""
    return compile_template(value).resolve(scope)


# -- what a definition refers to -------------------------------------------------------------------------------------
def references(value: Any) -> Iterator[Reference]:
    """The expressions in the values of a map of parameters as the server's check of definitions sees them.

    That check splits texts at every `${` and after every `}`, without matching braces: of nested expressions it sees
    the inner one. `key` is the nearest map key above the text.
    """
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        key, item = stack.pop()
        if isinstance(item, str):
            if "${" not in item:
                continue
            for piece in _DEFINITION_PARTS.split(item):
                if piece.startswith("${") and piece.endswith("}"):
                    path = piece[2:-1]
                    parts = path.split(".")
                    yield Reference(parts[0], path, item, key)
        elif isinstance(item, Mapping):
            stack.extend((str(name), item[name]) for name in reversed(list(item)))
        elif isinstance(item, (list, tuple)):
            stack.extend((key, element) for element in reversed(item))


def look_up(reference: str, find: Any) -> Any:
    """`NAME` or `NAME.path` among values that are texts: with a path the text is read as JSON; None when that fails."""
    name, dot, path = reference.partition(".")
    value = find(name)
    if value is None or not dot:
        return value
    steps = compiled_path(path)
    if steps is None:
        return None
    try:
        document = json.loads(value)
    except (ValueError, RecursionError):
        return None
    found = read_path(steps, document)
    return list(found) if type(found) is PathList else found
