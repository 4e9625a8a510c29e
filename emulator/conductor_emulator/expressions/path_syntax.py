"""From the text of a path to its steps, by the grammar of the server's JSONPath library (Jayway 2.9).

The grammar is not RFC 9535's: a path may start without `$`, one stray character at the end is ignored, after a
function's closing bracket the rest has no effect, filters know `=~`, `in`, `size` and more. All of it is visible to
users, because a definition whose path does not parse is refused (scenarios tasks_expr_malformed,
tasks_expr_refused_in_a_definition).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from conductor_emulator.expressions.path_filter import Condition, FilterParser

_INDICES = re.compile(r"[0-9,\-: ]*\Z")


class PathSyntaxError(ValueError):
    """The text is no path. The message says what and where."""


@dataclass(frozen=True, slots=True)
class Property:
    """`.name`, `['name']` or `['a','b']`."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Indices:
    """`[0]`, `[-1]`, `[0,2]`."""

    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """`[1:]`, `[:2]`, `[0:2]`; a third number is read and ignored."""

    start: int | None
    stop: int | None

    def positions(self, length: int) -> range:
        """The positions in a list of this length; they may be below zero."""
        if self.start is None:
            stop = self.stop or 0
            return range(min(length, stop if stop >= 0 else length + stop))
        if self.stop is None:
            return range(max(0, self.start if self.start >= 0 else length + self.start), length)
        # A negative start is counted from the end, a negative stop is not.
        return range(max(self.start, -length), min(length, self.stop))


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`*` or `[*]`."""


@dataclass(frozen=True, slots=True)
class Scan:
    """`..`: the step that follows is tried at every depth."""


@dataclass(frozen=True, slots=True)
class Filter:
    """`[?(…)]`."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Function:
    """`length()`, `sum(…)`: an argument is a JSON value or a `PathSteps`."""

    name: str
    arguments: tuple[Any, ...]


Step = Property | Indices | Slice | Wildcard | Scan | Filter | Function


@dataclass(frozen=True, slots=True)
class PathSteps:
    """A parsed path. `definite`: it can name one value only; a path without that always gives a list."""

    steps: tuple[Step, ...]
    from_root: bool = True

    @property
    def definite(self) -> bool:
        return all(self._is_definite(step, i == len(self.steps) - 1) for i, step in enumerate(self.steps))

    @staticmethod
    def _is_definite(step: Step, last: bool) -> bool:
        if isinstance(step, Property):
            return last or len(step.names) == 1
        if isinstance(step, Indices):
            return len(step.positions) == 1
        return isinstance(step, Function)


def parse_path(text: str) -> PathSteps:
    """The steps of this path; raises PathSyntaxError when it is none."""
    if not text:
        raise PathSyntaxError("the path is empty")
    source = text.strip(" ")
    if not source.startswith(("$", "@")):
        source = ("$." + text).strip(" ")
    if source.endswith("."):
        raise PathSyntaxError(f"the path {text!r} must not end with a dot")
    return _PathParser(source).parse()


class _PathParser:
    """Reads one path from left to right. `last` is the index of the last character: a step that ends there or beyond
    ends the path, so one character left over is never looked at."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.last = len(source) - 1
        self.steps: list[Step] = []

    def parse(self) -> PathSteps:
        from_root = self.source[0] == "$"
        if self.last > 0:
            self.at = 1
            if self.source[1] not in ".[":
                raise self._error("expected '.' or '['")
            self._read_step()
            while self.at < self.last:
                self._read_step()
        if self.steps and isinstance(self.steps[-1], Scan):
            raise self._error("nothing follows '..'")
        return PathSteps(self._functions_over_scans(), from_root)

    def _functions_over_scans(self) -> tuple[Step, ...]:
        """`$..price.sum()` applies the function to the list that the scan gives, if the scan comes first."""
        steps = tuple(self.steps)
        if len(steps) > 1 and isinstance(steps[0], Scan) and isinstance(steps[-1], Function):
            cut, function = next((i, step) for i, step in enumerate(steps) if isinstance(step, Function))
            counted: tuple[Step, ...] = (Wildcard(),) if function.name in ("length", "size") else ()
            return (Function(function.name, (PathSteps(steps[:cut] + counted),)), *steps[cut + 1 :])
        return steps

    def _error(self, what: str) -> PathSyntaxError:
        return PathSyntaxError(f"the path {self.source!r} does not parse at position {self.at}: {what}")

    def _char(self, at: int) -> str:
        return self.source[at] if 0 <= at <= self.last else ""

    def _significant(self, at: int) -> int:
        """The index of the next character after `at` that is no space."""
        at += 1
        while self._char(at) == " ":
            at += 1
        return at

    def _read_step(self) -> None:
        char = self._char(self.at)
        if char == ".":
            self._read_dot()
        elif char == "[":
            self._read_bracket()
        elif char == "*":
            self.at += 1
            self.steps.append(Wildcard())
        else:
            self._read_name()

    def _read_dot(self) -> None:
        if self._char(self.at + 1) == ".":
            self.steps.append(Scan())
            self.at += 2
        else:
            self.at += 1
        if self.at > self.last or self._char(self.at) == ".":
            raise self._error("a dot without a name")
        self._read_step()

    def _read_name(self) -> None:
        start = end = self.at
        while end <= self.last and self.source[end] not in ".[(":
            if self.source[end] == " ":
                raise self._error("names with blanks need brackets and quotes")
            end += 1
        name = self.source[start:end]
        if self._char(end) == "(":
            self._read_function(name, end)
        elif not name:
            raise self._error("expected a name")
        else:
            self.at = end
            self.steps.append(Property((name,)))

    def _read_function(self, name: str, bracket: int) -> None:
        depth, close = 1, bracket
        while depth and close < self.last:
            close += 1
            depth += {"(": 1, ")": -1}.get(self.source[close], 0)
        if depth:
            raise self._error(f"the arguments of {name}() are not closed")
        arguments = _arguments(self.source[bracket + 1 : close])
        self.steps.append(Function(name, arguments))
        # After `()` the closing bracket is read as a name that no value has: what follows has no effect.
        self.at = close if close == bracket + 1 else close + 1

    def _read_bracket(self) -> None:
        char = self._char(self._significant(self.at))
        if char in ("'", '"'):
            self._read_quoted(char)
        elif char == "*":
            close = self._significant(self._significant(self.at))
            if self._char(close) != "]":
                raise self._error("expected ']' after '*'")
            self.at = close + 1
            self.steps.append(Wildcard())
        elif char == "?":
            self._read_filter()
        elif char and char in "0123456789-:":
            self._read_indices()
        else:
            raise self._error("expected an index, a quoted name, '*' or '?'")

    def _read_quoted(self, quote: str) -> None:
        names: list[str] = []
        end = 0
        at = self.at + 1
        after_comma = False
        while at <= self.last and (char := self.source[at]) != "]":
            if char == quote:
                end = self._closing_quote(at, quote)
                if self._char(self._significant(end)) not in ("]", ","):
                    raise self._error("names must be separated by a comma")
                names.append(_unescaped(self.source[at + 1 : end]))
                at, after_comma = end, False
            elif char == ",":
                if after_comma:
                    raise self._error("an empty name")
                after_comma = True
            at += 1
        if after_comma:
            raise self._error("an empty name")
        close = self._significant(end)
        if self._char(close) != "]":
            raise self._error("expected ']'")
        self.at = close + 1
        self.steps.append(Property(tuple(names)))

    def _closing_quote(self, at: int, quote: str) -> int:
        at += 1
        while at <= self.last and self.source[at] != quote:
            at += 2 if self.source[at] == "\\" else 1
        if at > self.last:
            raise self._error(f"a name without its closing {quote}")
        return at

    def _read_indices(self) -> None:
        close = self.source.find("]", self.at + 1)
        inner = self.source[self.at + 1 : close].strip() if close >= 0 else ""
        if not inner or not _INDICES.match(inner):
            raise self._error("expected an index or a slice and ']'")
        try:
            if ":" in inner:
                if " " in inner or "," in inner:
                    raise ValueError(inner)
                start, stop = ([int(part) if part else None for part in inner.split(":")] + [None])[:2]
                if start is None and stop is None:
                    raise ValueError(inner)
                self.steps.append(Slice(start, stop))
            else:
                self.steps.append(Indices(tuple(int(part) for part in inner.split(","))))
        except ValueError:
            raise self._error(f"[{inner}] is neither an index nor a slice") from None
        self.at = close + 1

    def _read_filter(self) -> None:
        bracket = self._significant(self._significant(self.at))
        if self._char(bracket) != "(":
            raise self._error("expected '(' after '?'")
        parser = FilterParser(self.source, bracket, parse_path)
        try:
            close = parser.closing_bracket(bracket)
            end = self._significant(close)
            if self._char(end) != "]":
                raise self._error("expected ']' after the filter")
            condition = FilterParser(self.source[bracket + 1 : close], 0, parse_path).parse()
        except PathSyntaxError:
            raise
        except ValueError as error:
            raise self._error(str(error)) from None
        self.at = end + 1
        self.steps.append(Filter(condition))


def _arguments(text: str) -> tuple[Any, ...]:
    """The arguments of a function: JSON numbers, texts in double quotes, objects, or paths; other text is ignored."""
    found: list[Any] = []
    decoder = json.JSONDecoder()
    at = 0
    while at < len(text):
        char = text[at]
        if char in '{"-0123456789':
            try:
                value, at = decoder.raw_decode(text, at)
            except ValueError as error:
                raise PathSyntaxError(f"the argument {text[at:]!r} is not JSON: {error}") from None
            found.append(value)
        elif char in "$@":
            depth, end = 0, at
            while end < len(text) and not (text[end] == "," and depth == 0):
                depth += {"(": 1, ")": -1, "[": 1, "]": -1}.get(text[end], 0)
                end += 1
            found.append(parse_path(text[at:end]))
            at = end
        at += 1
    return tuple(found)


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", _unescape_one, text, flags=re.DOTALL)


def _unescape_one(match: re.Match[str]) -> str:
    code = match.group(1)
    if len(code) == 5:
        return chr(int(code[1:], 16))
    return {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}.get(code, code)
