"""Inputs of dynamic tasks and forks that are for nobody: a parameter that is not there, a key that names no branch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conductor_pytest.explanation import Explanation
from conductor_pytest.near_names import nearest
from conductor_pytest.rules import plain_reference
from conductor_pytest.task_names import nodes
from conductor_sdk import Workflow


def unfitting_branches(workflow: Workflow) -> Iterator[Explanation]:
    """One sentence for each such key."""
    for task in workflow.tasks:
        parameter = None if task.workflow_task is None else task.workflow_task.dynamic_fork_tasks_input_param_name
        given, forked = task.input_data.get(parameter or ""), task.input_data.get("forkedTasks")
        if not isinstance(given, Mapping) or not isinstance(forked, list):
            continue
        names = [str(name).removesuffix(f"__{task.iteration}") for name in forked]
        for key in given:
            if key not in names:
                near = nearest(key, [name for name in names if name not in given])
                hint = f"; did you mean `{near}`?" if near else ""
                what = f"input `{parameter}` of task `{plain_reference(task)}`"
                yield Explanation(f"{what} has `{key}`, and no branch is called so{hint}", bool(near))


def lacking_parameters(workflow: Workflow) -> Iterator[Explanation]:
    """One sentence for each input that a task would be made by, and that it has not."""
    definition = workflow.workflow_definition
    came = {plain_reference(task) for task in workflow.tasks}
    for node in nodes([] if definition is None else definition.tasks):
        if node.task_reference_name in came:
            continue
        for parameter in (
            node.dynamic_task_name_param,
            node.dynamic_fork_tasks_param,
            node.dynamic_fork_tasks_input_param_name,
            node.dynamic_fork_join_tasks_param,
        ):
            if parameter and parameter not in node.input_parameters:
                near = nearest(parameter, node.input_parameters)
                hint = f"; did you mean `{near}`?" if near else ""
                says = f"task `{node.task_reference_name}` is made by its input `{parameter}`, which it has not{hint}"
                yield Explanation(says, bool(near))
