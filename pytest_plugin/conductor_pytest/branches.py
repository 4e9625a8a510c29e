"""Inputs of dynamic tasks and forks that are for nobody: a parameter that is not there, a key that names no branch, an
element that is no task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from conductor_pytest.dangling import expressions_in, value_at
from conductor_pytest.explanation import Explanation
from conductor_pytest.near_names import did_you_mean, nearest
from conductor_pytest.rules import plain_reference
from conductor_pytest.shortened import shown
from conductor_pytest.task_names import nodes
from conductor_sdk import Workflow
from conductor_sdk.models.workflow_def import WorkflowTask

#: The inputs that make branches of one task, or of one workflow, and the one with a value for each of them.
_OF_ONE_TASK: Final = frozenset(("forkTaskName", "forkTaskType", "forkTaskWorkflow", "forkTaskInputs"))
_EACH: Final = "forkTaskInputs"
#: How a run fails whose fork is given what cannot be its branches.
_NO_BRANCHES: Final = "Cannot deserialize a list of Workflow Tasks from"


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
                hint = did_you_mean(key, [name for name in names if name not in given])
                what = f"input `{parameter}` of task `{plain_reference(task)}`"
                yield Explanation(f"{what} has `{key}`, and no branch is called so{hint}", bool(hint))


def lacking_parameters(workflow: Workflow) -> Iterator[Explanation]:
    """One sentence for each input that a task would be made by, and that it has not."""
    definition = workflow.workflow_definition
    came = {plain_reference(task) for task in workflow.tasks}
    for node in nodes([] if definition is None else definition.tasks):
        if node.task_reference_name in came:
            continue
        if _is_of_one_task(node):
            continue  # its branches are made by other inputs
        for parameter in (
            node.dynamic_task_name_param,
            node.dynamic_fork_tasks_param,
            node.dynamic_fork_tasks_input_param_name,
            node.dynamic_fork_join_tasks_param,
        ):
            if parameter and parameter not in node.input_parameters:
                hint = did_you_mean(parameter, node.input_parameters)
                says = f"task `{node.task_reference_name}` is made by its input `{parameter}`, which it has not{hint}"
                yield Explanation(says, bool(hint))


def unreadable_branches(workflow: Workflow) -> Iterator[Explanation]:
    """What it is that makes a list no list of branches."""
    definition, reason = workflow.workflow_definition, workflow.reason_for_incompletion or ""
    if definition is None or _NO_BRANCHES not in reason:
        return
    for node in nodes(definition.tasks):
        parameter = node.dynamic_fork_tasks_param
        if _is_of_one_task(node):
            given = _given(workflow, node, _EACH)
            if not isinstance(given, list):
                what = f"input `{_EACH}` of task `{node.task_reference_name}`"
                yield Explanation(f"{what} is no list, but {shown(given)}", True)
        elif parameter and f"'{parameter}'" in reason.partition(_NO_BRANCHES)[0]:
            for sentence in _no_branches(_given(workflow, node, parameter)):
                yield Explanation(f"input `{parameter}` of task `{node.task_reference_name}`{sentence}", True)


def _is_of_one_task(node: WorkflowTask) -> bool:
    """Whether a dynamic fork gets its branches by ``forkTaskInputs``."""
    by_names = (node.dynamic_fork_tasks_param, node.dynamic_fork_join_tasks_param)
    return not _OF_ONE_TASK.isdisjoint(node.input_parameters) and not any(
        name in node.input_parameters for name in by_names if name
    )


def _no_branches(given: Any) -> Iterator[str]:
    if not isinstance(given, list):
        yield f" is no list of tasks, but {shown(given)}"
        return
    for position, element in enumerate(given):
        if not isinstance(element, Mapping):
            yield f": its element {position} is no task, but {shown(element)}"
        elif element.get("taskReferenceName") is None:
            near = nearest("taskReferenceName", element)
            hint = f"; did you mean it by `{near}`?" if near else ""
            yield f": its element {position} ({shown(element.get('name'))}) has no `taskReferenceName`{hint}"


def _given(workflow: Workflow, node: WorkflowTask, parameter: str) -> Any:
    """What an input is, as it is written or behind its expression."""
    written = node.input_parameters.get(parameter)
    for head, path, expression in expressions_in(written) if isinstance(written, str) else ():
        if expression == written:
            return value_at(_root(workflow, head), path)
    return written


def _root(workflow: Workflow, head: str) -> Any:
    if head == "workflow":
        return {"input": workflow.input, "variables": workflow.variables}
    of_task = [task for task in workflow.tasks if plain_reference(task) == head][-1:]
    return {"input": of_task[0].input_data, "output": of_task[0].output_data} if of_task else None
