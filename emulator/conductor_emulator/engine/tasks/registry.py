"""Which task types there are. A type that is not here is a task for workers, as on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.tasks.base import TaskKind

_by_definition_type: dict[str, TaskKind] = {}
_by_task_type: dict[str, TaskKind] = {}


def register(kind: TaskKind) -> TaskKind:
    """Make a task type known. Registering a name again replaces the type."""
    _by_definition_type[kind.name] = kind
    if kind.is_system:
        _by_task_type[kind.task_type or kind.name] = kind
    return kind


def kind_of_definition(definition_type: str) -> TaskKind:
    """The type that makes the tasks of a definition's ``type``."""
    return _by_definition_type.get(definition_type) or _by_definition_type["USER_DEFINED"]


def system_kind(task: TaskRun) -> TaskKind | None:
    """The system type that runs a task; None for a worker's task."""
    return _by_task_type.get(task.task_type)


def is_system_type(task_type: str) -> bool:
    """Whether the server itself does tasks of this type."""
    return task_type in _by_task_type


def registered_types() -> list[str]:
    """The names of all types, as definitions spell them."""
    return sorted(_by_definition_type)
