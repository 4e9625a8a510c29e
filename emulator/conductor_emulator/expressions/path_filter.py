"""The filter language inside `[?( … )]`: parsing it, and deciding whether a value passes.

A condition is a function of (the value looked at, the whole document). The operators and what they do with values of
different types are Jayway's (`'1' == 1` holds, a missing value compares as `null`, a filter on a map
looks at the map itself).
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from conductor_emulator.expressions.patterns import Pattern, TookTooLong

if TYPE_CHECKING:
    from conductor_emulator.expressions.path_syntax import PathSteps

_log = logging.getLogger("conductor_emulator.expressions")

Condition = Callable[[Any, Any], bool]
Operand = Callable[[Any, Any], Any]


class FilterRejects(Exception):
    """An operator met a value that it cannot take: the element does not pass, whatever else the filter says."""


_OPERATOR_CHARS = "<>=~!"
_REGEX_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE, "d": 0, "u": 0, "U": 0}


class FilterParser:
    """Reads the text of one filter; `parse_path` is passed in because paths and filters contain one another."""

    def __init__(self, source: str, at: int, parse_path: Callable[[str], PathSteps]) -> None:
        self.source = source
        self.at = at
        self._parse_path = parse_path

    def parse(self) -> Condition:
        condition = self._or()
        self._blanks()
        if self.at < len(self.source):
            raise ValueError(f"expected the end of the filter instead of {self.source[self.at :]!r}")
        return condition

    def closing_bracket(self, at: int) -> int:
        """The index of the round or square bracket that closes the one at `at`; texts and /patterns/ are skipped."""
        opening = self.source[at]
        closing = {"(": ")", "[": "]", "{": "}"}[opening]
        depth = 0
        while at < len(self.source):
            char = self.source[at]
            if char in "'\"/":
                at = self._closing_quote(at)
            elif char == opening:
                depth += 1
            elif char == closing:
                depth -= 1
                if depth == 0:
                    return at
            at += 1
        raise ValueError(f"missing {closing!r}")

    def _closing_quote(self, at: int) -> int:
        quote, at = self.source[at], at + 1
        while at < len(self.source):
            if self.source[at] == "\\":
                at += 1
            elif self.source[at] == quote:
                return at
            at += 1
        raise ValueError(f"missing closing {quote}")

    def _blanks(self) -> str:
        while self.at < len(self.source) and self.source[self.at] == " ":
            self.at += 1
        return self.source[self.at] if self.at < len(self.source) else ""

    def _take(self, token: str) -> bool:
        self._blanks()
        if not self.source.startswith(token, self.at):
            return False
        self.at += len(token)
        return True

    def _or(self) -> Condition:
        terms = [self._and()]
        while self._take("||"):
            terms.append(self._and())
        return terms[0] if len(terms) == 1 else lambda value, root: any(term(value, root) for term in terms)

    def _and(self) -> Condition:
        terms = [self._term()]
        while self._take("&&"):
            terms.append(self._term())
        return terms[0] if len(terms) == 1 else lambda value, root: all(term(value, root) for term in terms)

    def _term(self) -> Condition:
        char = self._blanks()
        if char == "!":
            before = self.at
            self.at += 1
            if self._blanks() not in ("$", "@"):
                inner = self._term()
                return lambda value, root: not inner(value, root)
            self.at = before
        if char == "(":
            self.at += 1
            inner = self._or()
            if not self._take(")"):
                raise ValueError("missing ')'")
            return inner
        return self._comparison()

    def _comparison(self) -> Condition:
        char = self._blanks()
        wanted = True
        if char == "!":
            self.at += 1
            self._blanks()
            wanted = False
        path = self._path() if self._blanks() in ("$", "@") else None
        left = _path_value(path) if path else self._literal()
        before = self.at
        try:
            compare = _OPERATORS[self._operator()]
            right = self._operand()
        except (KeyError, ValueError):
            self.at = before
            if path is None:
                raise ValueError(f"expected an operator in {self.source!r}") from None
            return _exists(path, wanted)
        return lambda value, root: compare(left(value, root), right(value, root))

    def _operator(self) -> str:
        self._blanks()
        start = self.at
        if start < len(self.source) and self.source[start] in _OPERATOR_CHARS:
            while self.at < len(self.source) and self.source[self.at] in _OPERATOR_CHARS:
                self.at += 1
        else:
            while self.at < len(self.source) and self.source[self.at] != " ":
                self.at += 1
        return self.source[start : self.at].upper()

    def _operand(self) -> Operand:
        return _path_value(self._path()) if self._blanks() in ("$", "@") else self._literal()

    def _path(self) -> PathSteps:
        start = self.at
        self.at += 1
        depth = 0
        while self.at < len(self.source):
            char = self.source[self.at]
            if char == "[":
                self.at = self.closing_bracket(self.at) + 1
                continue
            if char in _OPERATOR_CHARS or char == " ":
                break
            if char == "(":
                depth += 1
            elif char == ")":
                if depth == 0:
                    break
                depth -= 1
            self.at += 1
        return self._parse_path(self.source[start : self.at])

    def _literal(self) -> Operand:
        char = self._blanks()
        start = self.at
        if char in ("'", '"'):
            end = self._closing_quote(start)
            self.at = end + 1
            text = re.sub(r"\\(.)", r"\1", self.source[start + 1 : end])
            return _constant(text)
        if char == "/":
            end = self._closing_quote(start)
            self.at = end + 1
            flags = 0
            while self.at < len(self.source) and self.source[self.at] in _REGEX_FLAGS:
                flags |= _REGEX_FLAGS[self.source[self.at]]
                self.at += 1
            try:
                return _constant(Pattern(self.source[start + 1 : end], flags))
            except re.error as error:
                raise ValueError(f"bad pattern: {error}") from None
        if char in ("[", "{"):
            end = self.closing_bracket(start)
            self.at = end + 1
            return _constant(_lenient_json(self.source[start : end + 1]))
        for word, value in (("true", True), ("false", False), ("null", None)):
            if self.source.startswith(word, start):
                self.at = start + len(word)
                return _constant(value)
        number = re.compile(r"-?[0-9.]+(?:[eE][+-]?[0-9]+)?").match(self.source, start)
        if not number:
            raise ValueError(f"expected a value instead of {self.source[start:]!r}")
        self.at = number.end()
        text = number.group()
        return _constant(float(text) if re.search(r"[.eE]", text) else int(text))


def _lenient_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return json.loads(re.sub(r"'((?:[^'\\]|\\.)*)'", lambda m: json.dumps(m.group(1)), text))


def _constant(value: Any) -> Operand:
    return lambda _value, _root: value


def _path_value(path: PathSteps) -> Operand:
    from conductor_emulator.expressions.path import NOTHING, evaluate

    def read(value: Any, root: Any) -> Any:
        found = evaluate(path, root if path.from_root else value, root)
        return None if found is NOTHING else found

    return read


def _exists(path: PathSteps, wanted: bool) -> Condition:
    from conductor_emulator.expressions.path import NOTHING, evaluate

    # Asked whether it exists, even a path that starts with $ is read from the element.
    return lambda value, root: (evaluate(path, value, root) is not NOTHING) is wanted


# -- operators -------------------------------------------------------------------------------------------------------
def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _as_number(value: Any) -> float | int | None:
    if _is_number(value):
        return value  # type: ignore[no-any-return]
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return None


def equal(left: Any, right: Any) -> bool:
    """Jayway's `==`: a number on the left reads a text as a number, a text on the left reads a number as text."""
    if _is_number(left):
        other = _as_number(right)
        return other is not None and left == other
    if isinstance(left, str):
        return left == (str(right) if _is_number(right) else right)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def _same_type(left: Any, right: Any) -> bool:
    return (_is_number(left) and _is_number(right)) or type(left) is type(right)


def _ordered(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        comparable = (_is_number(left) and _is_number(right)) or (isinstance(left, str) and isinstance(right, str))
        return comparable and test(left, right)

    return compare


def _matches(left: Any, right: Any) -> bool:
    if isinstance(left, Pattern) == isinstance(right, Pattern):
        return False
    pattern, value = (left, right) if isinstance(left, Pattern) else (right, left)
    try:
        return any(pattern.fullmatch(_plain(item)) for item in (value if isinstance(value, list) else [value]))
    except TookTooLong as error:
        _log.warning("a filter lets nothing pass, as /%s/ was given up on a text: %s", pattern.source, error)
        raise FilterRejects(str(error)) from None


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str) or _is_number(value) else ""


def _contains_equal(items: list[Any], wanted: Any) -> bool:
    return any(equal(item, wanted) for item in items)


def _wanted_list(right: Any) -> list[Any] | None:
    if isinstance(right, list):
        return right
    if isinstance(right, Mapping):
        return None
    raise FilterRejects("a list is needed on the right")


def _in(left: Any, right: Any) -> bool:
    items = _wanted_list(right)
    return items is not None and _contains_equal(items, left)


def _contains(left: Any, right: Any) -> bool:
    if isinstance(left, str):
        return isinstance(right, str) and right in left
    return isinstance(left, list) and _contains_equal(left, right)


def _size(left: Any, right: Any) -> bool:
    return _is_number(right) and isinstance(left, (str, list)) and len(left) == int(right)


def _empty(left: Any, right: Any) -> bool:
    if isinstance(left, Mapping):
        raise TypeError("the operator empty does not know maps")
    if not isinstance(left, (str, list)):
        return False
    if not isinstance(right, bool):
        raise FilterRejects("true or false is needed on the right of empty")
    return (not left) is right


def _lists(test: Callable[[list[Any], list[Any]], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        items = _wanted_list(right)
        return items is not None and isinstance(left, list) and test(left, items)

    return compare


def _unusable(_left: Any, _right: Any) -> bool:
    raise TypeError("the operator exists cannot be written out")


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "===": lambda left, right: _same_type(left, right) and equal(left, right),
    "!==": lambda left, right: not (_same_type(left, right) and equal(left, right)),
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
    "=~": _matches,
    "IN": _in,
    "NIN": lambda left, right: not _in(left, right),
    "CONTAINS": _contains,
    "SIZE": _size,
    "EMPTY": _empty,
    "SUBSETOF": _lists(lambda left, right: all(_contains_equal(right, item) for item in left)),
    "ANYOF": _lists(lambda left, right: any(_contains_equal(right, item) for item in left)),
    "NONEOF": _lists(lambda left, right: not any(_contains_equal(right, item) for item in left)),
    # These parse, and never hold for what a path's text can say.
    "EXISTS": _unusable,
    "ALL": lambda left, right: False,
    "TYPE": lambda left, right: False,
    "MATCHES": lambda left, right: False,
}
