"""The query language of search: conditions joined by `` AND ``, and sort keys.

It is the real server's, which builds SQL from it (``SqliteIndexQueryBuilder``), misreadings included: a condition is
whatever part of the text looks like one, so ``status!=RUNNING`` is read as ``RUNN IN G``, a field nobody knows, and
conditions on unknown fields are dropped (rest_search_query_words_it_does_not_know).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from conductor_emulator.engine.errors import BadRequest, ServerFault

#: What a row of either index may have; conditions and sort keys on anything else are dropped.
FIELDS: Final = frozenset(
    {
        "workflow_id",
        "correlation_id",
        "workflow_type",
        "start_time",
        "end_time",
        "status",
        "task_id",
        "task_type",
        "task_def_name",
        "update_time",
        "json_data",
        "parent_workflow_id",
        "classifier",
    }
)
#: From the beginning of a word, which finds the same as from anywhere and looks at each letter once.
_CONDITION: Final = re.compile(r"(?<![a-zA-Z])([a-zA-Z]+)\s?(=|>|<|IN)\s?(.*)", re.ASCII)
_LONG: Final = re.compile(r"[+-]?\d+")
_MOST: Final = 2**63 - 1
#: From here on (ms) years have five digits. The server compares moments as texts, and such a year begins with a plus,
#: which comes before every digit.
_YEAR_10000: Final = 253_402_300_800_000
_BEFORE_ALL: Final = -(2**63)
#: What the server sorts by for ``agentHierarchy``: executions beside those that they belong to.
_HIERARCHY_KEY: Final = "agent_hierarchy"
HIERARCHY: Final = ("workflow_hierarchy.root_start_time", "workflow_hierarchy.hierarchy_path")
_NO_NAMES: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition. ``values`` are texts, for times (ms since the epoch) the first one is a number."""

    field: str
    #: ``=``, ``>``, ``<`` or ``IN``; an IN with one value is a ``=``
    operator: str
    values: tuple[Any, ...]

    @property
    def exact_values(self) -> tuple[Any, ...] | None:
        """The values one of which the field has to have; None if the condition is of another kind."""
        if self.operator == "IN" or (self.operator == "=" and not self._is_pattern):
            return self.values
        return None

    @property
    def takes_null(self) -> bool:
        """Whether the server looks for those without a value, too: rows that are older than classifiers."""
        return self.field == "classifier" and any(value.lower() == "workflow" for value in self.values)

    @property
    def _is_pattern(self) -> bool:
        if self.operator == "LIKE":
            return True
        return len(self.values) == 1 and isinstance(self.values[0], str) and "*" in self.values[0]

    @property
    def fragment(self) -> str:
        """The condition as it stands in the server's SQL, where conditions are in the order of these texts."""
        if self.operator == "IN":
            listed = f"{self.field} IN ({','.join('?' * len(self.values))})"
            return f"({listed}" if self.takes_null else listed
        if self._is_pattern:
            return f"lower({self.field}) LIKE ?"
        return f"{'(' if self.takes_null and self.operator == '=' else ''}{self.field} {self.operator} ?"

    def test(self) -> Callable[[Any], bool]:
        """The condition as a function of the field's value."""
        wanted = self.values[0]
        if self.operator == "LIKE" or (self.operator == "=" and self._is_pattern):
            matches = _like(wanted if self.operator == "LIKE" else wanted.replace("*", "%"))
            return lambda found: found is not None and matches(str(found))
        if self.operator == "IN":
            return frozenset(self.values).__contains__
        if self.operator == "=":
            return lambda found: bool(found == wanted)
        if self.operator == ">":
            return lambda found: found is not None and found > wanted
        return lambda found: found is not None and found < wanted


def _like(pattern: str) -> Callable[[str], bool]:
    """SQL's LIKE: ``%`` is any text, ``_`` any character, letters of ASCII of either case.

    Each piece between two ``%`` is taken where it first occurs. One regular expression for the whole would try all
    places for all pieces, and hold up everybody with a pattern of many.
    """
    first, *others = (_piece(piece) for piece in pattern.split("%"))
    if not others:
        return lambda text: first.fullmatch(text) is not None
    *middle, last = others
    length = len(pattern) - pattern.rindex("%") - 1

    def matches(text: str) -> bool:
        found, end = first.match(text), len(text) - length
        for piece in middle:
            if found is None:
                return False
            found = piece.search(text, found.end(), max(0, end))
        return found is not None and found.end() <= end and last.fullmatch(text, end) is not None

    return matches


def _piece(text: str) -> re.Pattern[str]:
    """Each character of it stands for one."""
    parts = ("." if mark == "_" else re.escape(mark) for mark in text)
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL | re.ASCII)


def snake_case(name: str) -> str:
    """``workflowType`` → ``workflow_type``."""
    return re.sub(r"\B([A-Z])", r"_\1", name).lower()


def parse_query(query: str | None, names: Mapping[str, str] = _NO_NAMES, *, is_strict: bool = False) -> list[Condition]:
    """The conditions of a query that count.

    ``names``: other names of fields, in snake case; ``is_strict``: blanks around a value of IN are not part of it, and
    conditions on unknown fields are not dropped but refused.
    """
    if not query:
        return []
    found = [_condition(text, names, is_strict) for text in _java_split(query, " AND ")]
    unknown = [condition.field for condition in found if condition.field not in FIELDS]
    if is_strict and unknown:
        raise BadRequest(f"There is no field to be searched that is called {unknown[0]}: {query}")
    return [condition for condition in found if condition.field in FIELDS]


def _java_split(text: str, separator: str) -> list[str]:
    """As Java's ``split``, which drops what is empty at the end; nothing at all is one empty text."""
    parts = text.split(separator)
    while parts and not parts[-1] and text:
        parts.pop()
    return parts


def _condition(text: str, names: Mapping[str, str], is_strict: bool) -> Condition:
    match = _CONDITION.search(text)
    if match is None:
        raise BadRequest(f"Incorrectly formatted query string: {text}")
    field, operator = snake_case(match[1]), match[2]
    values: list[Any] = _java_split(re.sub("[\"'()]", "", match[3]), ",")
    if operator == "IN" and is_strict:
        values = [value.strip() for value in values]
    if operator == "IN" and len(values) == 1:
        operator = "="
    if field.endswith("_time"):
        if not values:
            raise _out_of_bounds(0)
        values[0] = _milliseconds(values[0])
    elif operator in ("<", ">"):
        values = [value.replace("*", "%") for value in values]
    return Condition(names.get(field, field), operator, tuple(values))


def check_values(conditions: Sequence[Condition]) -> None:
    """Only IN takes several values. The server's words count the places for values in its SQL, two for the page."""
    places = 2 + sum(len(condition.values) if condition.operator == "IN" else 1 for condition in conditions)
    if any(not condition.values for condition in conditions):
        raise _out_of_bounds(0)
    if any(len(condition.values) > 1 and condition.operator != "IN" for condition in conditions):
        raise _out_of_bounds(places)


def _out_of_bounds(length: int) -> ServerFault:
    return ServerFault(f"Index {length} out of bounds for length {length}")


def _milliseconds(text: str) -> int:
    moment = int(text) if len(text) < 99 and _LONG.fullmatch(text) else None
    if moment is None or not -_MOST - 1 <= moment <= _MOST:
        raise ServerFault(f'For input string: "{text}"')
    return moment if moment < _YEAR_10000 else _BEFORE_ALL


def free_text_condition(text: str | None) -> list[Condition]:
    """What ``freeText`` asks for: the text anywhere in the row's JSON, in any case, with ``*`` for any text in it.

    ``*`` alone asks for nothing.
    """
    if not text or text == "*":
        return []
    return [Condition("json_data", "LIKE", (f"%{text.lower().replace('*', '%')}%",))]


def parse_sort(sort: str | None, names: Mapping[str, str] = _NO_NAMES) -> list[tuple[str, bool]]:
    """The sort keys that count, as (field, descending); ``a:ASC|b:DESC``."""
    keys: list[tuple[str, bool]] = []
    for part in (sort or "").split("|"):
        pieces = _java_split(part, ":")
        if len(pieces) != 2 or pieces[1].upper() not in ("ASC", "DESC"):
            continue
        descending = pieces[1].upper() == "DESC"
        field = snake_case(pieces[0])
        field = names.get(field, field)
        if field == _HIERARCHY_KEY:
            keys += zip(HIERARCHY, (descending, False), strict=True)
        elif field in FIELDS:
            keys.append((field, descending))
    return keys


def asks_for_hierarchy(sort: str | None) -> bool:
    """Whether ``agentHierarchy`` is named, in whatever direction: then the server has two tables in its search."""
    return any(snake_case(part.partition(":")[0]) == _HIERARCHY_KEY for part in (sort or "").split("|"))
