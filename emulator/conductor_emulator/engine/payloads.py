"""How large a payload may be: the input and the output of an execution and of a task.

The real server moves payloads of some megabytes to a storage beside its database, and refuses larger ones
(``ExternalPayloadStorageUtils``). Here all are kept where they are; what it refuses is refused: an execution
with such an input is not started, a task with such an input or output fails for good, an execution with such an output
fails.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.engine.errors import ServerFault

try:
    import orjson
except ModuleNotFoundError:
    orjson = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun

#: ``conductor.app.max-{workflow,task}-{input,output}-payload-size-threshold``, all four the same
LIMIT_BYTES: Final = 10 * 1024 * 1024


def too_large(payload: dict[str, Any]) -> int | None:
    """The size of a payload as JSON (bytes of UTF-8) if that is beyond the limit; else None."""
    if not payload:
        return None
    try:
        size = _size(payload)
    except (RecursionError, TypeError):
        size = _size_of_deep(payload)
    return size if size > LIMIT_BYTES else None


def _size(value: Any) -> int:
    if orjson is not None:
        try:
            return len(orjson.dumps(value))
        except TypeError:  # what it refuses may have a form all the same: large numbers, halves of characters
            pass
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass"))


def _size_of_deep(payload: Any) -> int:
    """The same for what is nested deeper than Python's stack allows; what has no JSON form counts nothing."""
    size = 0
    waiting = [payload]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            size += 2 + max(len(value) - 1, 0) + sum(_size(key) + 1 for key in value)
            waiting.extend(value.values())
        elif isinstance(value, list):
            size += 2 + max(len(value) - 1, 0)
            waiting.extend(value)
        else:
            try:
                size += _size(value)
            except TypeError:
                continue
    return size


def check_workflow_input(payload: dict[str, Any], workflow_id: str) -> None:
    """Raise ``ServerFault`` for an input that no execution may have."""
    size = too_large(payload)
    if size is not None:
        raise ServerFault(_refusal(size, f"workflow: {workflow_id}"))


def cut_workflow_output(payload: dict[str, Any], workflow_id: str) -> tuple[dict[str, Any], str | None]:
    """The output that an execution may have of this one, and the server's words if that is none."""
    size = too_large(payload)
    return (payload, None) if size is None else ({}, _refusal(size, f"workflow: {workflow_id}"))


def cut_task_input(task: TaskRun, workflow_id: str) -> str | None:
    """Empty the input of a task if it is too large, and say so in the server's words."""
    size = too_large(task.input)
    if size is None:
        return None
    task.input = {}
    return _refusal_of_task(size, task, workflow_id)


def cut_task_output(task: TaskRun, workflow_id: str) -> str | None:
    """Empty the output of a task if it is too large, and say so in the server's words."""
    size = too_large(task.output)
    if size is None:
        return None
    task.output = {}
    return _refusal_of_task(size, task, workflow_id)


def _refusal_of_task(size: int, task: TaskRun, workflow_id: str) -> str:
    return _refusal(size, f"task: {task.task_id} in workflow: {workflow_id} ")


def _refusal(size: int, whose: str) -> str:
    return f"The payload size: {size} of {whose} is greater than the permissible limit: {LIMIT_BYTES} bytes"
