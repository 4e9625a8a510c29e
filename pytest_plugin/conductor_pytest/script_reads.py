"""What a script reads of its inputs: ``$.kind`` and ``$['kind']`` in its code, not in its texts and comments.

The plugin has no parser of JavaScript. Where it can't be sure that a name has to be there, it says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_PART: Final = re.compile(
    r"""
    (?P<input> (?<![\w$.]) \$ (?: \.(?P<name>[A-Za-z_]\w*) | \[(?P<quote>['"])(?P<key>[^'"\n]+)(?P=quote)\] ) (?!\w) )
    | (?P<comment> //[^\n]* | /\*.*?\*/ )
    | (?P<text> "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' )
    | (?P<template> `(?:\\.|[^`\\])*` )
    | (?P<slash> / )
    """,
    re.VERBOSE | re.DOTALL,
)
_PATTERN: Final = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/")
#: After these a slash begins a regular expression; elsewhere it divides.
_BEFORE_PATTERN: Final = re.compile(r"(?:^|[(,=:\[!&|?{};+<>]|\breturn|\btypeof)\s*$")
_IN_TEMPLATE: Final = re.compile(r"\$\{([^}]*)\}")

_IS_ASSIGNED: Final = re.compile(r"\s*(?:=(?![=>])|(?:\|\||&&|\?\?)=)")
#: What takes `undefined` for an answer: `?.`, a comparison with it, `typeof`, `!`, `if (…)`.
_MAY_LACK_AFTER: Final = re.compile(r"\s*(?:\?\.|[!=]==?\s*(?:undefined|null|void)\b)")
_MAY_LACK_BEFORE: Final = re.compile(r"(?:\btypeof|\bdelete|!|\bBoolean\s*\()[\s(]*$")
_ASKED_IN_BRACKETS: Final = (re.compile(r"\b(?:if|while)\s*\(\s*$"), re.compile(r"\s*\)"))
_CHOICE_AFTER: Final = re.compile(r"\s*(?:\?|\|\||&&)")
#: These bind before a choice does: in `1 < $.a && b` it is not `$.a` that is asked.
_BINDS_BEFORE: Final = re.compile(r"(?:[<+\-*/%]|(?<!=)>|[=!<>]=)\s*$")
#: Names that the script makes up as it runs.
_FILLS: Final = re.compile(r"\bObject\s*\.\s*assign\s*\(\s*\$\s*,|\$\[\s*[^'\"\s][^\]]*\]\s*=(?![=>])")
_ASKED_BY_TEXT: Final = re.compile(
    r"""(['"])(?P<of>[^'"]+)\1\s+in\s+\$(?![\w.[])|\bhasOwn(?:Property)?\s*\(\s*(?:\$\s*,\s*)?(['"])(?P<own>[^'"]+)\3"""
)
#: Every object has them.
_OF_OBJECTS: Final = ("constructor", "hasOwnProperty", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf")


class Read(NamedTuple):
    """A name that a script reads and never assigns."""

    name: str
    #: as it stands in the script
    written: str
    #: nothing there asks whether it has a value
    is_needed: bool


class _Place(NamedTuple):
    name: str
    written: str
    before: str
    after: str


def reads_of(script: str) -> list[Read]:
    """What a script reads of its inputs, in their order, each once as it is written."""
    places = list(_places(script))
    own = {place.name for place in places if _IS_ASSIGNED.match(place.after)}.union(_OF_OBJECTS)
    asked = {place.name for place in places if _is_asked(place)}
    asked.update(found["of"] or found["own"] for found in _ASKED_BY_TEXT.finditer(script))
    fills = _FILLS.search(script) is not None
    found = (Read(p.name, p.written, not fills and p.name not in asked) for p in places if p.name not in own)
    return list(dict.fromkeys(found))


def _places(script: str) -> Iterator[_Place]:
    at = 0
    while part := _PART.search(script, at):
        at = part.end()
        if part["input"]:
            yield _Place(part["name"] or part["key"], part[0], script[: part.start()], script[at:])
        elif part["template"]:
            for code in _IN_TEMPLATE.finditer(part[0]):
                yield from _places(code[1])
        elif part["slash"] and _BEFORE_PATTERN.search(script[: part.start()]):
            pattern = _PATTERN.match(script, part.start())
            at = pattern.end() if pattern else at


def _is_asked(place: _Place) -> bool:
    if _MAY_LACK_AFTER.match(place.after) or _MAY_LACK_BEFORE.search(place.before):
        return True
    begins, ends = _ASKED_IN_BRACKETS
    if begins.search(place.before) and ends.match(place.after):
        return True
    return bool(_CHOICE_AFTER.match(place.after)) and not _BINDS_BEFORE.search(place.before)
