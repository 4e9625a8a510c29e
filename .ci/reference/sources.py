"""What the sources say about a public class or function: signature, description, fields.

Read from the syntax tree, not from the running program: annotations and defaults as they are written, comments too.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

#: "`name`: meaning" at the beginning of a line of a docstring; further lines go on with it.
_ENTRY = re.compile(r"`(\w+)`(?:, `(\w+)`)*: ")
_WIDTH = 100

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Doc:
    """A docstring: its sentences, and what it says about single arguments."""

    prose: str = ""
    arguments: dict[str, str] = field(default_factory=dict)

    @property
    def quoted(self) -> set[str]:
        """The words inside of backquotes."""
        return {word for code in re.findall(r"`([^`]+)`", self.prose) for word in re.findall(r"\w+", code)}

    @property
    def only_orkes(self) -> bool:
        """The mark of what the open-source server lacks."""
        return "Orkes only." in " ".join(self.prose.split())


def doc_of(text: str | None) -> Doc:
    """A docstring, read."""
    paragraphs: list[str] = []
    arguments: dict[str, str] = {}
    for paragraph in inspect.cleandoc(text or "").split("\n\n"):
        prose: list[str] = []
        names: list[str] = []
        for line in paragraph.splitlines():
            if _ENTRY.match(line):
                head, _, meaning = line.partition(": ")
                names = re.findall(r"\w+", head)
                arguments |= dict.fromkeys(names, meaning)
            elif names:
                arguments |= {name: f"{arguments[name]} {line.strip()}" for name in names}
            else:
                prose.append(line)
        if prose:
            paragraphs.append("\n".join(prose))
    return Doc("\n\n".join(paragraphs), arguments)


@dataclass(frozen=True)
class Parameter:
    """One parameter; `star` is `*` or `**`."""

    name: str
    annotation: str
    default: str | None
    star: str = ""

    def __str__(self) -> str:
        text = f"{self.star}{self.name}: {self.annotation}" if self.annotation else f"{self.star}{self.name}"
        return text if self.default is None else f"{text} = {self.default}"


@dataclass(frozen=True)
class Call:
    """A function or method."""

    name: str
    doc: Doc
    #: parameters and the marks `*` and `/`, once for each overload
    signatures: list[list[Parameter | str]]
    returns: str
    is_async: bool = False
    is_property: bool = False
    decorators: tuple[str, ...] = ()

    @property
    def parameters(self) -> list[Parameter]:
        """Those of all overloads."""
        parts = [part for parts in self.signatures for part in parts if isinstance(part, Parameter)]
        return list({part.name: part for part in reversed(parts)}.values())[::-1]

    def written(self, name: str | None = None) -> str:
        """The signatures under a name."""
        return "\n".join(_written(name or self.name, parts, self.returns) for parts in self.signatures)


@dataclass(frozen=True)
class Field:
    """A field of a model, a dataclass or a TypedDict, or an attribute."""

    name: str
    annotation: str
    default: str | None
    meaning: str


@dataclass
class Class:
    """A class."""

    name: str
    module: str
    bases: list[str]
    doc: Doc
    init: Call | None = None
    calls: list[Call] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    attributes: list[Field] = field(default_factory=list)
    #: what the classes above it say about arguments
    inherited: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Module:
    name: str
    lines: list[str]
    tree: ast.Module

    def node(self, qualified: str) -> Any:
        node: Any = self.tree
        for name in qualified.split("."):
            node = next(child for child in _statements(node.body) if getattr(child, "name", None) == name)
        return node


@cache
def _module(name: str) -> _Module:
    text = Path(str(sys.modules[name].__file__)).read_text(encoding="utf-8")
    return _Module(name, text.splitlines(), ast.parse(text))


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Also those that only type checkers see: there they are written out."""
    for node in body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from node.body
        else:
            yield node


def read_class(kind: type) -> Class:
    """A class with what it inherits from private ones."""
    module = _module(kind.__module__)
    node: ast.ClassDef = module.node(kind.__qualname__)
    found = Class(
        kind.__name__,
        kind.__module__,
        [base.__name__ for base in kind.__bases__ if base is not object],
        doc_of(ast.get_docstring(node)),
    )
    _inherit(found, kind, node)
    functions: dict[str, list[Function]] = {}
    for member in _statements(node.body):
        if isinstance(member, Function):
            functions.setdefault(member.name, []).append(member)
        else:
            found.fields += _fields(module, member)
    for name, nodes in functions.items():
        if name == "__init__":
            found.init = _call(module, nodes)
            found.attributes += _attributes(module, nodes[-1])
        elif not name.startswith("_"):
            has_setter = any("setter" in ast.unparse(decorator) for decorator in nodes[-1].decorator_list)
            found.calls.append(_call(module, nodes[:1] if has_setter else nodes))
    return found


def _inherit(found: Class, kind: type, node: ast.ClassDef) -> None:
    """What the classes above say about arguments, and all of what the private ones have."""
    for base in kind.__mro__[1:]:
        if not base.__module__.startswith("conductor") or base.__name__.startswith("_Checked"):
            continue
        above = read_class(base)
        found.inherited |= above.doc.arguments
        if base.__name__.startswith("_"):
            found.calls += above.calls
            found.attributes += above.attributes
    if "__total__" in vars(kind):  # a TypedDict, which has no bases while it runs
        for name in map(ast.unparse, node.bases):
            if name != "TypedDict":
                found.fields += read_class(vars(sys.modules[kind.__module__])[name]).fields


def _fields(module: _Module, member: ast.stmt) -> list[Field]:
    """A field, or a member of an enumeration."""
    if isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name):
        name = member.target.id
        if not name.startswith("_") and "ClassVar" not in ast.unparse(member.annotation):
            return [_field(module, name, member)]
    elif isinstance(member, ast.Assign) and isinstance(member.targets[0], ast.Name):
        name = member.targets[0].id
        if name.isupper():
            return [Field(name, "", ast.unparse(member.value), _comment(module, member.lineno))]
    return []


def read_function(function: Any) -> Call:
    """A function; its description is that of its only or last definition."""
    module = _module(function.__module__)
    nodes = [n for n in module.tree.body if isinstance(n, Function) and n.name == function.__name__]
    return _call(module, nodes)


def read_alias(module: str, name: str) -> tuple[str, str]:
    """What a module calls `name`, as it is written, and the comment above it."""
    for node in _statements(_module(module).tree.body):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id == name:
            value = ast.unparse(node.value)  # type: ignore[attr-defined]
            return f"{name} = {value}", _comment(_module(module), node.lineno)
    raise LookupError(f"{module} has no {name}")


def _call(module: _Module, nodes: list[Function]) -> Call:
    last = nodes[-1]
    decorators = tuple(ast.unparse(decorator) for decorator in last.decorator_list)
    overloads = [node for node in nodes if any("overload" in ast.unparse(d) for d in node.decorator_list)]
    return Call(
        last.name,
        doc_of(ast.get_docstring(last)),
        [_parameters(module, node) for node in overloads or [last]],
        _annotation(module, last.returns),
        isinstance(last, ast.AsyncFunctionDef),
        any("property" in decorator for decorator in decorators),
        decorators,
    )


def _parameters(module: _Module, node: Function) -> list[Parameter | str]:
    given = node.args
    positional = [*given.posonlyargs, *given.args]
    defaults = [None] * (len(positional) - len(given.defaults)) + list(given.defaults)
    parts: list[Parameter | str] = []
    for number, (arg, default) in enumerate(zip(positional, defaults, strict=True), 1):
        if arg.arg not in ("self", "cls"):
            parts.append(_parameter(module, arg, default))
        if number == len(given.posonlyargs) and parts:
            parts.append("/")
    if given.vararg:
        parts.append(_parameter(module, given.vararg, None, "*"))
    elif given.kwonlyargs:
        parts.append("*")
    parts += [
        _parameter(module, arg, default) for arg, default in zip(given.kwonlyargs, given.kw_defaults, strict=True)
    ]
    if given.kwarg:
        parts.append(_parameter(module, given.kwarg, None, "**"))
    return parts


def _parameter(module: _Module, arg: ast.arg, default: ast.expr | None, star: str = "") -> Parameter:
    value = None if default is None else ast.unparse(default)
    if isinstance(default, ast.Name) and isinstance(
        known := getattr(sys.modules[module.name], default.id, None), int | float
    ):
        value = repr(known)
    return Parameter(arg.arg, _annotation(module, arg.annotation), value, star)


def _annotation(module: _Module, node: ast.expr | None) -> str:
    if (
        isinstance(node, ast.Name)
        and node.id.startswith("_")
        and not isinstance(getattr(sys.modules[module.name], node.id, None), type)
    ):
        return read_alias(module.name, node.id)[0].partition(" = ")[2]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return "" if node is None else ast.unparse(node).replace("'", "")


def _field(module: _Module, name: str, node: ast.AnnAssign) -> Field:
    annotation = _annotation(module, node.annotation)
    default = None if node.value is None else ast.unparse(node.value)
    if default is not None and (made := re.search(r"default_factory=(\w+)", default)):
        default = {"dict": "{}", "list": "[]"}.get(made[1], f"{made[1]}()")
    return Field(name, annotation, default, _comment(module, node.lineno))


def _attributes(module: _Module, init: Function) -> list[Field]:
    """Attributes with a comment, `#: …`, above the place that sets them."""
    found = []
    types = {part.name: part.annotation for part in _parameters(module, init) if isinstance(part, Parameter)}
    for node in ast.walk(init):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Attribute) and not target.attr.startswith("_"):
                meaning = _comment(module, node.lineno)
                annotation = _annotation(module, node.annotation) if isinstance(node, ast.AnnAssign) else ""
                if not annotation and isinstance(node.value, ast.Name):
                    annotation = types.get(node.value.id, "")
                if meaning:
                    found.append(Field(target.attr, annotation, None, meaning))
    return found


def _comment(module: _Module, line: int) -> str:
    """The lines with `#:` above a line."""
    found: list[str] = []
    number = line - 2
    while number >= 0 and module.lines[number].strip().startswith("#:"):
        found.insert(0, module.lines[number].strip().removeprefix("#:").strip())
        number -= 1
    text = " ".join(found)
    return text[:1].upper() + text[1:]


def _written(name: str, parts: list[Parameter | str], returns: str) -> str:
    arrow = f" -> {returns}" if returns else ""
    short = f"{name}({', '.join(map(str, parts))}){arrow}"
    if len(short) <= _WIDTH:
        return short
    lines = "".join(f"    {part},\n" for part in parts)
    return f"{name}(\n{lines}){arrow}"
