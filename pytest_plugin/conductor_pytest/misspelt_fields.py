"""Fields of definitions that are nearly called as one that a server reads: it drops them without a word."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast, get_args, get_origin, get_type_hints

from conductor_pytest.documents import is_event_handler, is_schedule, is_workflow
from conductor_pytest.near_names import ALIKE, nearest

if TYPE_CHECKING:
    from conductor_emulator.definitions.records import Record


#: The fields of the records that were asked for.
_known: Final[dict[str, Mapping[str, Any]]] = {}


class _Kind(NamedTuple):
    what: str
    record: type[Record]


def misspelt_fields(definition: Mapping[str, Any]) -> Iterator[str]:
    """One sentence for each, with its path in the definition."""
    kind = _kind_of(definition)
    for path, meant in _in_record(kind.record, definition, ""):
        yield f"{kind.what} `{definition.get('name')}` has `{path}`, which no server reads; did you mean `{meant}`?"


def _kind_of(definition: Mapping[str, Any]) -> _Kind:
    from conductor_emulator.definitions.event_handler import OrkesEventHandler
    from conductor_emulator.definitions.task_def import TaskDef
    from conductor_emulator.runtime.schedules import WorkflowSchedule

    if is_workflow(definition):
        return _Kind("workflow", _workflow())
    if is_event_handler(definition):
        return _Kind("event handler", OrkesEventHandler)
    return _Kind("schedule", WorkflowSchedule) if is_schedule(definition) else _Kind("task definition", TaskDef)


def _workflow() -> type[Record]:
    from conductor_emulator.definitions.workflow_def import WorkflowDef

    return WorkflowDef


def _in_record(record: type[Record], value: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    """The path of each such field, and what is probably meant."""
    fields = _fields(record)
    lacking = [name for name in fields if name not in value]
    for key, inner in value.items():
        below = f"{path}.{key}" if path else str(key)
        if key in fields:
            yield from _in(fields[key], inner, below)
        elif near := nearest(str(key), lacking, cutoff=ALIKE):
            yield below, near


def _in(annotation: Any, value: Any, path: str) -> Iterator[tuple[str, str]]:
    """The same in the value of a field, as far as that is made of records."""
    if isinstance(annotation, type) and hasattr(annotation, "ALIASES"):
        if isinstance(value, Mapping):
            yield from _in_record(cast("type[Record]", annotation), value, path)
        return
    arguments = [one for one in get_args(annotation) if one is not NoneType]
    if get_origin(annotation) is list:
        for position, element in enumerate(value if isinstance(value, list) else ()):
            yield from _in(arguments[0], element, f"{path}[{position}]")
    elif get_origin(annotation) is dict:
        for key, element in value.items() if isinstance(value, Mapping) else ():
            yield from _in(arguments[1], element, f"{path}.{key}")
    else:
        for argument in arguments:  # of a union
            yield from _in(argument, value, path)


def _fields(record: type[Record]) -> Mapping[str, Any]:
    """What the fields of a record are called on the wire, and what they hold."""
    if (known := _known.get(record.__qualname__)) is not None:
        return known
    from conductor_emulator.definitions.records import camel_case

    hints = get_type_hints(record, localns={"WorkflowDef": _workflow()})
    declared = [(field.name, field.metadata.get("wire")) for field in dataclasses.fields(record)]
    own = {wire.name or camel_case(name): hints[name] for name, wire in declared if wire is not None}
    return _known.setdefault(record.__qualname__, {**dict.fromkeys(record.ALIASES), **own})
