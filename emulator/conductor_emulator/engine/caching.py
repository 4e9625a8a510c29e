"""cacheConfig: a task that was completed a short while ago under the same key is completed from the cache.

The key is made of the task's input (``${uri}-${method}``) and counts within the task definition's name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.engine.effects import KeepOutput
from conductor_emulator.engine.flavors import Feature
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.expressions import StaticScope, java_text

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step

#: What marks an output that came from the cache.
MARK: Final = "_cachedResponse"

_EXPRESSION: Final = re.compile(r"\$\{\s*(\$\.)?")


def complete_from_cache(step: Step, task: TaskRun) -> bool:
    """Complete a new task with a cached output; False if there is none and the task has to run."""
    key = _key(step, task)
    if key is None:
        return False
    output = step.services.cached_output(_name(task), key)
    if output is None:
        return False
    task.output = {**output, MARK: True}
    task.start_time = step.now
    step.note("task.cached", f"completed under the key {key}", task)
    step.finish(task, TaskStatus.COMPLETED)
    return True


def keep(step: Step, task: TaskRun) -> None:
    """Keep the output of a task that was completed by its own work."""
    key = None if MARK in task.output else _key(step, task)
    if key is not None and task.node is not None and task.node.definition.cache_config is not None:
        seconds = task.node.definition.cache_config.ttl_in_second
        step.emit(KeepOutput(_name(task), key, task.output, step.now + 1000 * seconds))


def _name(task: TaskRun) -> str:
    return task.task_def_name or task.task_type


def _key(step: Step, task: TaskRun) -> str | None:
    """The task's key; None if its output is not kept."""
    node = task.node
    config = None if node is None else node.definition.cache_config
    if node is None or config is None or not config.key or config.ttl_in_second <= 0 or not step.has(Feature.CACHE):
        return None
    kind = step.kind_of(task)
    if kind is not None and not kind.is_cacheable:
        return None
    return _resolved(node, config.key, task.input)


def _resolved(node: Node, key: str, task_input: dict[str, Any]) -> str:
    template = node.compiled("cacheConfig", _EXPRESSION.sub("${input.", key))
    return java_text(template.resolve(StaticScope({"input": task_input})))
