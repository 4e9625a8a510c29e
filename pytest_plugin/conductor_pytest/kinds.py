"""What the harness asks about a task type: the engine's own types answer, also for what runs on a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conductor_emulator.engine.tasks.base import TaskKind
    from conductor_emulator.engine.tasks.registry import Kinds


def kind_of(task_type: str) -> TaskKind | None:
    """The system type of a task by its ``taskType``; None for a worker's task."""
    return _kinds().by_task_type.get(task_type)


def is_done_by_the_server(definition_type: str) -> bool:
    """Whether a definition's ``type`` is one whose work is the server's, as far as that is known before it runs."""
    return _kinds().of_definition(definition_type).is_system


def definition_types() -> list[str]:
    """What a definition's ``type`` may be."""
    return _kinds().names()


def is_workers_own(definition_type: str) -> bool:
    """Whether a definition's ``type`` is none of the server's: workers poll for it by that name."""
    kinds = _kinds()
    return kinds.of_definition(definition_type).name == "USER_DEFINED" and not kinds.is_system(definition_type)


def _kinds() -> Kinds:
    import conductor_emulator.engine  # noqa: F401 - every type makes itself known
    from conductor_emulator.engine.tasks.registry import kinds_of

    return kinds_of("orkes")  # it has those of the other flavor too
