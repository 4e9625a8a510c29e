"""FORK_JOIN_DYNAMIC: branches that are made at run time, from the task's input.

The input says what to fork in one of three forms (``ForkJoinDynamicTaskMapper``):

=================== =================================================================================================
one task, n inputs  ``forkTaskName``/``forkTaskType``/``forkTaskWorkflow`` and the list ``forkTaskInputs``
tasks and inputs    ``dynamicForkTasksParam`` names a list of tasks, ``dynamicForkTasksInputParamName`` a map of inputs
one list, older     ``dynamicForkJoinTasksParam`` names an object with ``dynamicTasks``
=================== =================================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from conductor_emulator.definitions.errors import DefinitionError
from conductor_emulator.definitions.plan import Node, loose_node
from conductor_emulator.definitions.workflow_task import SubWorkflowParams, WorkflowTask
from conductor_emulator.engine.errors import BadRequest, EndWorkflow, ServerFault
from conductor_emulator.engine.scheduling import tasks_for
from conductor_emulator.engine.status import TaskStatus, WorkflowStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register
from conductor_emulator.expressions import java_text

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.engine.step import Step


class DynamicFork(TaskKind):
    """COMPLETED as soon as it is made, together with the first task of each branch and the JOIN."""

    name: ClassVar[str] = "FORK_JOIN_DYNAMIC"
    task_type: ClassVar[str | None] = "FORK"
    first_status: ClassVar[TaskStatus] = TaskStatus.COMPLETED
    is_retried: ClassVar[bool] = False
    steers: ClassVar[bool] = True
    is_made_anew: ClassVar[bool] = True
    is_operator: ClassVar[bool] = True

    def schedule(self, step: Step, node: Node, iteration: int) -> list[TaskRun]:
        """The fork, its branches and their JOIN; where the fork is there already, a JOIN that awaits nothing."""
        _refuse_skipped(step)
        given = step.input_of(node)
        branches = _branches(step, node, given)
        fork = self.make(step, node, iteration)
        fork.task_def_name = "FORK"
        fork.start_time = fork.end_time = step.now
        fork.executed = True
        fork.input = {
            "forkedTasks": [branch.task_reference_name for branch in branches],
            **given,
        }
        made: dict[str, TaskRun] = {fork.reference: fork}
        join_on: list[str] = []
        as_run: list[WorkflowTask] = []
        for branch in () if node.reference in step.execution.by_reference else branches:
            forked = tasks_for(step, loose_node(branch), iteration)
            if not forked:
                raise _failed(_name_taken(step.execution, branch))
            made |= {
                task.reference: task for task in forked
            }  # of two with one name the last, in the place of the first
            join_on.append(forked[-1].plain_reference)
            first = forked[0].node
            as_run.append(branch if first is None else first.as_run or first.definition)
        fork.input.setdefault("forkedTaskDefs", [branch.to_wire() for branch in as_run])
        following = node.next
        if following is None or following.definition.type != "JOIN":
            raise _failed("Dynamic join definition is not followed by a join task.  Check the workflow definition.")
        join = step.kinds.of_definition("JOIN").make(step, following, iteration)
        join.task_def_name = "JOIN"
        join.start_time = step.now
        join.input = {**following.definition.input_parameters, "joinOn": join_on}
        if join.reference not in step.execution.by_reference:
            made[join.reference] = join
        return list(made.values())


def _refuse_skipped(step: Step) -> None:
    """Fail where the server stumbles at each evaluation: over a task that was skipped by hand and has no definition."""
    skipped = next((t for t in step.execution.tasks if t.status is TaskStatus.SKIPPED and not t.seq), None)
    if skipped is not None:
        raise _failed(
            f"{skipped.reference} was skipped by hand, and on a server a workflow with such a task never gets past a "
            "dynamic fork"
        )


def _failed(reason: str) -> EndWorkflow:
    return EndWorkflow(reason, WorkflowStatus.FAILED)


def _name_taken(execution: Execution, branch: WorkflowTask) -> str:
    return (
        f"No dynamic tasks could be created for the Workflow: {execution.name}.{execution.version}/"
        f"{execution.workflow_id}, Dynamic Fork Task: {branch.name}/{branch.task_reference_name} attempted to create a "
        f"duplicate task reference name: {branch.task_reference_name}"
    )


def _branches(step: Step, node: Node, given: dict[str, Any]) -> list[WorkflowTask]:
    """The tasks to fork, each with its input."""
    one_task = _one_task(step, node, given)
    if one_task is not None:
        return one_task
    if node.definition.dynamic_fork_tasks_param is not None:
        return _tasks_and_inputs(step, node.definition, given)
    return _one_list(step, node.definition, given)


# -- one task, n inputs ------------------------------------------------------------------------------------------------
def _one_task(step: Step, node: Node, given: dict[str, Any]) -> list[WorkflowTask] | None:
    workflow = _optional_text(given, "forkTaskWorkflow")
    version = _optional_text(given, "forkTaskWorkflowVersion")
    task_type = _optional_text(given, "forkTaskType")
    name = _optional_text(given, "forkTaskName")
    if name is None:
        name = task_type if task_type is not None and step.kinds.is_system(task_type) else node.reference
    inputs = given.get("forkTaskInputs")
    if not isinstance(inputs, list):
        return None
    prefix = f"_{node.reference}_{name}" if _has_forked(step.execution) else f"_{name}"
    same: dict[str, Any] = {"optional": True} if node.definition.optional else {}
    if workflow is None:
        same |= {"name": name, "type": task_type or "SIMPLE", "task_definition": step.services.task_def(name)}
    else:
        same |= {"name": workflow, "type": "SUB_WORKFLOW"}
    plain = WorkflowTask().replace(**same)
    branches = []
    for index, value in enumerate(inputs):
        if value is None:
            raise ServerFault(f"forkTaskInputs[{index}] of the dynamic fork {node.reference} is null")
        parameters = dict(value) if isinstance(value, dict) else {"input": value}
        parameters["__index"] = index
        own: dict[str, Any] = {"task_reference_name": f"{prefix}_{index}", "input_parameters": parameters}
        if workflow is not None:
            domains = value.get("taskToDomain") if isinstance(value, dict) else None
            own["sub_workflow_param"] = SubWorkflowParams(
                name=workflow, version=_version(version), task_to_domain=domains
            )
        like_a_task = isinstance(value, dict) and WorkflowTask.has_fields_of(value)
        branches.append(_as_task(value).replace(**same, **own) if like_a_task else plain.replace(**own))
    return branches


def _as_task(value: dict[str, Any]) -> WorkflowTask:
    """An input may have fields of a task (its evaluatorType, say); one that cannot be read as a task has none."""
    try:
        return WorkflowTask.from_wire(value)
    except DefinitionError:
        return WorkflowTask()


def _optional_text(given: dict[str, Any], key: str) -> str | None:
    value = given.get(key)
    if value is not None and not isinstance(value, str):
        raise ServerFault(f"{key} of a dynamic fork must be text, got {type(value).__name__} {java_text(value)}")
    return value


def _version(text: str | None) -> int | None:
    try:
        return None if text is None else int(text)
    except ValueError:
        return None


def _has_forked(execution: Execution) -> bool:
    """Whether a dynamic fork has run before: from then on names of branches hold the fork's own.

    Looking from the newest task back costs, over the whole workflow, one look at each task.
    """
    return any(t.node is not None and t.node.definition.type == "FORK_JOIN_DYNAMIC" for t in reversed(execution.tasks))


# -- tasks and inputs ------------------------------------------------------------------------------------------------
def _tasks_and_inputs(step: Step, definition: WorkflowTask, given: dict[str, Any]) -> list[WorkflowTask]:
    parameter = definition.dynamic_fork_tasks_param or ""
    tasks = given.get(parameter)
    try:
        if not isinstance(tasks, list):
            raise TypeError(parameter)
        branches = [WorkflowTask.from_wire(task) for task in tasks]
        if any(branch.task_reference_name is None for branch in branches):
            raise TypeError(parameter)
    except (DefinitionError, TypeError):
        raise _failed(
            f"Input '{parameter}' is invalid. Cannot deserialize a list of Workflow Tasks from '{java_text(tasks)}'"
        ) from None
    inputs = given.get(definition.dynamic_fork_tasks_input_param_name or "")
    if not isinstance(inputs, dict):
        raise _failed(
            "Input to the dynamically forked tasks is not a map -> expecting a map of K,V  but found "
            f"{java_text(inputs)}"
        )
    return [_with_input(step, branch, inputs.get(branch.task_reference_name or "")) for branch in branches]


def _with_input(step: Step, branch: WorkflowTask, own: Any) -> WorkflowTask:
    """A branch that has just been read, completed in place: a copy of all its fields would cost as much again."""
    if own is not None and not isinstance(own, dict):
        raise _failed(
            "Tasks could not be dynamically forked due to invalid input: that of "
            f"{branch.task_reference_name} must be an object, got {java_text(own)}"
        )
    branch.input_parameters = {**branch.input_parameters, **(own or {})}
    if branch.task_definition is None and branch.name and not branch.name.isspace():
        branch.task_definition = step.services.task_def(branch.name)
    return branch


# -- one list, older ------------------------------------------------------------------------------------------------
def _one_list(step: Step, definition: WorkflowTask, given: dict[str, Any]) -> list[WorkflowTask]:
    parameter = definition.dynamic_fork_join_tasks_param
    forked = given.get(parameter or "")
    if forked is None:
        raise _failed(
            f"Dynamic tasks could not be created. The value of {java_text(parameter)} from task's input "
            f"{java_text(given)} has no dynamic tasks to be scheduled"
        )
    listed = forked.get("dynamicTasks", []) if isinstance(forked, dict) else ()
    if listed is None or (isinstance(listed, list) and None in listed):
        raise ServerFault(f"the dynamicTasks in {parameter} of a dynamic fork must be objects, got null")
    if not isinstance(listed, list) or not all(_is_forked_task(item) for item in listed):
        raise BadRequest(
            f"{parameter} of a dynamic fork must be an object with a list dynamicTasks of objects; input in them is one"
        )
    return [
        _with_input(
            step,
            WorkflowTask(
                task_reference_name=item.get("referenceName"),
                name=item.get("taskName"),
                type=item.get("type") or "SIMPLE",
            ),
            item.get("input"),
        )
        for item in listed
    ]


def _is_forked_task(item: Any) -> bool:
    return isinstance(item, dict) and (item.get("input") is None or isinstance(item["input"], dict))


register(DynamicFork())
