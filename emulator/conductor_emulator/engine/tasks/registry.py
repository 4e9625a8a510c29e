"""Which task types there are. A type that is not here is a task for workers, as on the server.

Each flavor has its own table, so that runtimes of different flavors can live in one process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.flavors import FlavorName
    from conductor_emulator.engine.tasks.base import TaskKind


class Kinds:
    """The task types of one flavor."""

    __slots__ = ("_by_definition_type", "by_task_type", "gathering")

    def __init__(self) -> None:
        self._by_definition_type: dict[str, TaskKind] = {}
        #: the system types by ``taskType``; a task whose type is not here is a worker's
        self.by_task_type: dict[str, TaskKind] = {}
        #: the ``taskType`` of those whose tasks gather the outputs of what they await
        self.gathering: set[str] = set()

    def add(self, kind: TaskKind) -> None:
        self._by_definition_type[kind.name] = kind
        if kind.is_system:
            task_type = kind.task_type or kind.name
            self.by_task_type[task_type] = kind
            if kind.gathers_outputs:
                self.gathering.add(task_type)
            else:
                self.gathering.discard(task_type)

    def of_definition(self, definition_type: str) -> TaskKind:
        """The type that makes the tasks of a definition's ``type``."""
        return self._by_definition_type.get(definition_type) or self._by_definition_type["USER_DEFINED"]

    def of_task(self, task: TaskRun) -> TaskKind | None:
        """The system type that runs a task; None for a worker's task."""
        return self.by_task_type.get(task.task_type)

    def is_system(self, task_type: str) -> bool:
        """Whether the server itself does tasks of this type."""
        return task_type in self.by_task_type

    def names(self) -> list[str]:
        """The names of all types, as definitions spell them."""
        return sorted(self._by_definition_type)


_KINDS: Final[dict[FlavorName, Kinds]] = {"oss": Kinds(), "orkes": Kinds()}


def register(kind: TaskKind, only: FlavorName | None = None) -> TaskKind:
    """Make a task type known, in every flavor or only in one. Registering a name again replaces the type."""
    for flavor, kinds in _KINDS.items():
        if only in (None, flavor):
            kinds.add(kind)
    return kind


def kinds_of(flavor: FlavorName) -> Kinds:
    """The task types of a flavor; what is registered later is in it too."""
    return _KINDS[flavor]
