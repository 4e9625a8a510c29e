"""DYNAMIC and FORK_JOIN_DYNAMIC: tasks that are chosen while the workflow runs."""

from __future__ import annotations

from typing import Any, Literal

from conductor_sdk.workflow.join_tasks import JoinTask
from conductor_sdk.workflow.reference import Reference
from conductor_sdk.workflow.task import WorkflowTask

_TASKS, _INPUTS = "dynamicTasks", "dynamicTasksInput"


class DynamicTask(WorkflowTask):
    """Runs the task whose name is known when its turn comes.

    `task_name`: an expression or a Reference that gives a task type
    """

    def __init__(self, reference_name: str, task_name: str | Reference) -> None:
        super().__init__("DYNAMIC", reference_name)
        self.input("taskToExecute", task_name)

    def _structure(self) -> dict[str, Any]:
        return {"dynamicTaskNameParam": "taskToExecute"}


class DynamicForkTask(WorkflowTask):
    """A fork whose branches are known when its turn comes. For one task many times see `for_each`.

    `tasks`: gives a list of workflow tasks (JSON objects)
    `task_inputs`: gives their inputs by reference name
    `join`: behind it; without one a JOIN named `<reference>_join` is brought along, with False none is
    """

    def __init__(
        self,
        reference_name: str,
        tasks: Any = None,
        task_inputs: Any = None,
        *,
        join: JoinTask | Literal[False] | None = None,
    ) -> None:
        super().__init__("FORK_JOIN_DYNAMIC", reference_name)
        self._by_list = tasks is not None
        if self._by_list:
            self.input(_TASKS, tasks).input(_INPUTS, task_inputs if task_inputs is not None else {})
        self._join = join

    @classmethod
    def for_each(
        cls,
        reference_name: str,
        task_name: str | Reference,
        inputs: Any,
        *,
        task_type: str | None = None,
        join: JoinTask | Literal[False] | None = None,
    ) -> DynamicForkTask:
        """One task of this name for each element of the list that `inputs` gives; the element is its input.

        `task_name`: a worker's task type, or the name of a task definition or workflow
        `task_type`: SIMPLE without it; SUB_WORKFLOW, HTTP …
        """
        fork = cls(reference_name, join=join)
        fork.input("forkTaskName", task_name).input("forkTaskInputs", inputs)
        if task_type is not None:
            fork.input("forkTaskType", task_type)
        return fork

    @property
    def join(self) -> JoinTask:
        """The JOIN behind this fork."""
        return self._join if isinstance(self._join, JoinTask) else JoinTask(f"{self.reference_name}_join")

    def _structure(self) -> dict[str, Any]:
        return {"dynamicForkTasksParam": _TASKS, "dynamicForkTasksInputParamName": _INPUTS}

    def to_dicts(self) -> list[dict[str, Any]]:
        """The fork and its JOIN."""
        return [self.to_dict()] if self._join is False else [self.to_dict(), self.join.to_dict()]
