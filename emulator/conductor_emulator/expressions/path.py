"""Reading a value by a path: what `${…}` finds in the documents of a workflow.

A definite path gives one value or nothing; any other gives a list (maybe empty). What fails on the way (a name that is
not there, a text where a map is needed, an unknown function) gives nothing: the server's reader is told to keep quiet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeGuard

from conductor_emulator.expressions.path_filter import FilterRejects
from conductor_emulator.expressions.path_functions import FunctionFailed, call
from conductor_emulator.expressions.path_syntax import (
    Filter,
    Indices,
    PathSteps,
    PathSyntaxError,
    Property,
    Scan,
    Slice,
    Step,
    Wildcard,
    parse_path,
)
from conductor_emulator.expressions.server_object import ServerObject, is_closed


class _Nothing:
    """A definite path found no value."""


NOTHING = _Nothing()


class PathList(list[Any]):
    """A list that a path made (not one that lies in the data): inside text it is written as JSON."""

    __slots__ = ()


@lru_cache(maxsize=4096)
def compiled_path(text: str) -> PathSteps | None:
    """The steps of the path; None when the text does not parse. Cached."""
    try:
        return parse_path(text)
    except PathSyntaxError:
        return None


def is_valid_path(text: str) -> bool:
    """Whether the server's JSONPath accepts this text; a definition with another one is refused."""
    return compiled_path(text) is not None


def plain_steps(path: PathSteps) -> tuple[str | int, ...] | None:
    """The path as mere keys and positions, when it has nothing else: those are walked without any machinery."""
    plain: list[str | int] = []
    for step in path.steps:
        if isinstance(step, Property) and len(step.names) == 1:
            plain.append(step.names[0])
        elif isinstance(step, Indices) and len(step.positions) == 1:
            plain.append(step.positions[0])
        else:
            return None
    return tuple(plain)


def walk(value: Any, steps: tuple[str | int, ...]) -> Any:
    """The value behind plain steps; NOTHING when a step does not fit."""
    for step in steps:
        if isinstance(step, str):
            if type(value) is dict or (
                isinstance(value, Mapping) and (type(value) is not ServerObject or not value.is_closed)
            ):
                value = value.get(step, NOTHING)
                if value is NOTHING:
                    return NOTHING
            else:
                return NOTHING
        elif type(value) is list:
            try:
                value = value[step]
            except IndexError:
                return NOTHING
        else:
            return NOTHING
    return value


def read_path(path: PathSteps, document: Any) -> Any:
    """The value at the path as a caller sees it: None for nothing, a `PathList` for a path that may name many."""
    try:
        found = evaluate(path, document, document)
    except (FunctionFailed, FilterNeedsContainer, TypeError, IndexError, RecursionError):
        return None
    return None if found is NOTHING else found


class FilterNeedsContainer(ValueError):
    """A filter on a text or number where the path can name only one value."""


def evaluate(path: PathSteps, value: Any, root: Any) -> Any:
    """The value, `PathList` or NOTHING. Functions and filters may raise; `read_path` keeps that quiet."""
    if not path.steps:
        return value
    reader = _Reader(path.steps, root)
    reader.apply(0, value, True)
    if path.definite:
        return reader.found[-1] if reader.found else NOTHING
    return PathList(reader.found)


class _Reader:
    """One walk along the steps of a path. `definite`: so far the path could name one value only."""

    __slots__ = ("array_index", "end", "found", "root", "steps")

    def __init__(self, steps: tuple[Step, ...], root: Any) -> None:
        self.steps = steps
        self.end = len(steps)
        self.root = root
        self.found: list[Any] = []
        #: After a scan met a list: the position in it that the step at this index was last applied to.
        self.array_index: dict[int, int] = {}

    def apply(self, at: int, value: Any, definite: bool) -> None:
        """Go on from this step with this value; what the last step gives is found."""
        if at == self.end:
            self.found.append(value)
            return
        step = self.steps[at]
        if isinstance(step, Property):
            if _is_map(value):
                self._property(at, step, value, definite)
        elif isinstance(step, (Indices, Slice)):
            if isinstance(value, list):
                self._positions(at, step, value, definite)
        elif isinstance(step, Wildcard):
            for child in _children(value):
                self.apply(at + 1, child, False)
        elif isinstance(step, Scan):
            self._scan(at + 1, value)
        elif isinstance(step, Filter):
            self._filter(at, step, value, definite)
        else:
            if is_closed(value):
                raise FunctionFailed(f"{step.name}() cannot look into an object of the server")
            result = call(step.name, value, [self._argument(a, value) for a in step.arguments])
            self.found.append(result)
            if at + 1 < self.end:
                self.apply(at + 1, result, definite)

    def _positions(self, at: int, step: Indices | Slice, value: list[Any], definite: bool) -> None:
        if isinstance(step, Slice):
            positions: Iterable[int] = step.positions(len(value))
            definite = False
        else:
            positions = step.positions
            definite = definite and len(step.positions) == 1
        for position in positions:
            if -len(value) <= position < len(value):
                self.apply(at + 1, value[position], definite)

    def _argument(self, argument: Any, value: Any) -> Any:
        if not isinstance(argument, PathSteps):
            return argument
        found = evaluate(argument, self.root if argument.from_root else value, self.root)
        return None if found is NOTHING else found

    def _property(self, at: int, step: Property, value: Mapping[str, Any], definite: bool) -> None:
        last = at + 1 == self.end
        if last and len(step.names) > 1:
            self.found.append({name: value[name] for name in step.names if name in value})
            return
        if last and at in self.array_index and not self._index_was_asked_for(at):
            return
        for name in step.names:
            if name in value:
                self.apply(at + 1, value[name], definite and len(step.names) == 1)

    def _index_was_asked_for(self, at: int) -> bool:
        before = self.steps[at - 1]
        return isinstance(before, Indices) and before.positions == (self.array_index[at],)

    def _filter(self, at: int, step: Filter, value: Any, definite: bool) -> None:
        if isinstance(value, list):
            for child in value:
                if self._passes(step, child):
                    self.apply(at + 1, child, False)
        elif _is_map(value):
            if self._passes(step, value):
                self.apply(at + 1, value, False)
        elif definite:
            raise FilterNeedsContainer("a filter cannot be applied to a single value")

    def _passes(self, step: Filter, value: Any) -> bool:
        try:
            return step.condition(value, self.root)
        except FilterRejects:
            return False

    def _scan(self, at: int, value: Any) -> None:
        """Apply the step at `at` to every map and list below the value, itself first.

        In a list that the step accepts, the step itself is passed over unless it is the last: the next one is applied
        to each element. A name that ends the path then counts only where the element's position is the one asked for.
        """
        target = self.steps[at]
        stack = [value]
        while stack:
            node = stack.pop()
            if self._scan_accepts(target, node):
                if isinstance(node, list) and at + 1 < self.end:
                    for position, child in enumerate(node):
                        self.array_index[at + 1] = position
                        self.apply(at + 1, child, False)
                else:
                    self.apply(at, node, False)
            stack.extend(reversed(_children(node)))

    def _scan_accepts(self, target: Step, node: Any) -> bool:
        if not isinstance(node, list) and not _is_map(node):
            return False
        if isinstance(target, Property):
            return isinstance(node, Mapping) and (
                (len(target.names) > 1 and self.steps[-1] is not target) or all(name in node for name in target.names)
            )
        if isinstance(target, (Indices, Slice)):
            return isinstance(node, list)
        if isinstance(target, Filter):
            return self._passes(target, node)
        return isinstance(target, Wildcard)


def _children(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [value[key] for key in value] if _is_map(value) else []


def _is_map(value: Any) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping) and not is_closed(value)
