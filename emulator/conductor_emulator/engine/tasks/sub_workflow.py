"""SUB_WORKFLOW: starts another workflow and ends as that does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from conductor_emulator.definitions.parts import IDEMPOTENCY_STRATEGIES
from conductor_emulator.definitions.workflow_def import WorkflowDef
from conductor_emulator.engine.effects import ChildStarted, StartChild, TerminateChild
from conductor_emulator.engine.errors import EndWorkflow, NotFound, ServerFault
from conductor_emulator.engine.status import STATUS_AFTER, TaskStatus, WorkflowStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register
from conductor_emulator.expressions import hash_order, java_text

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.definitions.workflow_task import SubWorkflowParams
    from conductor_emulator.engine.commands import ChildEnded
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.engine.step import Step


#: The keys of its input, in the order of the server's hash map.
_INPUT_KEYS: Final = hash_order(
    (
        "subWorkflowName",
        "priority",
        "subWorkflowVersion",
        "subWorkflowTaskToDomain",
        "subWorkflowDefinition",
        "idempotencyKey",
        "idempotencyStrategy",
        "workflowInput",
    )
)
_STATUS_AFTER_CHILD: Final = {WorkflowStatus.COMPLETED: TaskStatus.COMPLETED} | {
    workflow: task for task, workflow in STATUS_AFTER.items() if task is not TaskStatus.FAILED_WITH_TERMINAL_ERROR
}


class SubWorkflow(TaskKind):
    """Its input says which workflow and with which input; the start is an effect (``SubWorkflow#start``)."""

    name: ClassVar[str] = "SUB_WORKFLOW"
    is_asynchronous: ClassVar[bool] = True
    has_child: ClassVar[bool] = True
    runs_beside_the_start: ClassVar[bool] = True
    is_operator: ClassVar[bool] = True

    def fill(self, step: Step, node: Node, task: TaskRun) -> None:
        wanted = node.definition.sub_workflow_param
        if wanted is None:
            raise EndWorkflow(
                f"Task {node.definition.name} is defined as sub-workflow and is missing subWorkflowParams. "
                "Please check the workflow definition",
                WorkflowStatus.FAILED,
            )
        given = step.resolve(node.compiled("subWorkflowParam", _parameters(wanted)))
        if given["name"] is None:
            raise ServerFault(f"the name of the sub-workflow of task {task.reference} is null")
        name = java_text(given["name"])
        definition = given.get("workflowDefinition")
        if isinstance(wanted.workflow_definition, WorkflowDef):
            definition = wanted.workflow_definition.to_wire()
        domains = given.get("taskToDomain")
        values = {
            "subWorkflowName": name,
            "priority": given["priority"],
            "subWorkflowVersion": None if definition is not None else _version(step, name, wanted.version),
            "subWorkflowTaskToDomain": domains if isinstance(domains, dict) else None,
            "subWorkflowDefinition": definition,
            "idempotencyKey": given.get("idempotencyKey"),
            "idempotencyStrategy": given.get("idempotencyStrategy"),
            "workflowInput": step.input_of(node),
        }
        task.input = {key: values[key] for key in _INPUT_KEYS}
        task.callback_after_seconds = node.definition.start_delay
        if _is_number(wanted.priority):
            task.priority = int(wanted.priority)

    def begin(self, step: Step, task: TaskRun) -> None:
        if task.status is not TaskStatus.SCHEDULED:
            return
        task.poll_count += 1
        given = task.input
        definition = given.get("subWorkflowDefinition")
        name = given.get("subWorkflowName")
        if isinstance(definition, dict):
            name = definition.get("name")
        elif name is None:  # a DYNAMIC task of this type: the server leaves it so (tasks_dynamic_to_a_system_task)
            step.note("task.stuck", "a SUB_WORKFLOW without a workflow's name is never started", task)
            return
        priority = int(given["priority"]) if _is_number(given.get("priority")) else 0
        if not 0 <= priority <= 99:
            step.finish(task, TaskStatus.FAILED, "priority MUST be between 0 and 99 (inclusive)")
            return
        version = given.get("subWorkflowVersion")
        domains = given.get("subWorkflowTaskToDomain")
        key, strategy = given.get("idempotencyKey"), given.get("idempotencyStrategy")
        if key is None and strategy in IDEMPOTENCY_STRATEGIES:
            key = step.execution.idempotency_key
        step.emit(
            StartChild(
                step.execution.workflow_id,
                task.task_id,
                java_text(name),
                version if _is_number(version) and version != 0 else None,
                definition,
                _child_input(given, is_inline=definition is not None),
                step.execution.correlation_id,
                domains if isinstance(domains, dict) else step.execution.task_to_domain or {},
                priority,
                None if key is None else java_text(key),
                strategy if strategy in IDEMPOTENCY_STRATEGIES else None,
            )
        )

    def answered(self, step: Step, task: TaskRun, answer: ChildStarted) -> None:
        if answer.workflow_id is not None:
            if answer.input is not None:  # the server adds to the very map that the task has (WorkflowExecutorOps)
                has_own = bool(task.input.get("workflowInput"))
                task.input = {**task.input, "workflowInput": answer.input} if has_own else answer.input
            attach(task, answer.workflow_id)
            task.status = TaskStatus.IN_PROGRESS
        else:
            step.finish(task, TaskStatus.FAILED, answer.error)

    def child_ended(self, step: Step, task: TaskRun, command: ChildEnded) -> None:
        """End as the child did, with its output (``SubWorkflow#execute``)."""
        if task.sub_workflow_id not in (None, command.child_id):
            return  # it has got another one
        if task.sub_workflow_id is None and task.status is not TaskStatus.SCHEDULED:
            return  # a report has taken its child away
        if task.sub_workflow_id is None:
            attach(task, command.child_id)
        task.output = {**task.output, **command.output}
        if task.status.is_terminal:  # what follows has been scheduled, or its workflow has ended: only the task changes
            task.status = _STATUS_AFTER_CHILD[command.status]
            if command.status is not WorkflowStatus.COMPLETED:
                task.reason = command.reason
            step.touched(task)
        elif command.status is WorkflowStatus.COMPLETED:
            step.finish(task, TaskStatus.COMPLETED)
        else:
            task.output["subWorkflowId"] = command.child_id  # not the grandchild's, which came with the child's output
            step.finish(task, _STATUS_AFTER_CHILD[command.status], command.reason)

    def cancel(self, step: Step, task: TaskRun) -> None:
        if task.sub_workflow_id is not None:
            step.emit(TerminateChild(task.sub_workflow_id, reason_from_parent(step.execution), task.task_id))


def attach(task: TaskRun, child_id: str) -> None:
    """The task's child has been started."""
    task.reason = None
    task.sub_workflow_id = child_id
    task.output = {**task.output, "subWorkflowId": child_id}


def failure_reason(child: Execution) -> str:
    """Why a SUB_WORKFLOW task ended unsuccessfully, from its child that did."""
    return f"Sub workflow {child.name}.{child.version}/{child.workflow_id} failure reason: {java_text(child.reason)}"


def reason_from_parent(parent: Execution) -> str:
    """Why a child is terminated, from its parent that ended."""
    if parent.reason:
        return f"Parent workflow has been terminated with reason: {parent.reason}"
    return f"Parent workflow has been terminated with status {parent.status.value}"


def _parameters(wanted: SubWorkflowParams) -> dict[str, Any]:
    """What of ``subWorkflowParam`` may hold expressions."""
    parameters: dict[str, Any] = {"name": wanted.name, "priority": wanted.priority}
    if wanted.task_to_domain is not None:
        parameters["taskToDomain"] = wanted.task_to_domain
    if wanted.idempotency_key is not None:
        parameters["idempotencyKey"] = wanted.idempotency_key
    if wanted.idempotency_strategy is not None:
        parameters["idempotencyStrategy"] = wanted.idempotency_strategy
    if isinstance(wanted.workflow_definition, str):
        parameters["workflowDefinition"] = wanted.workflow_definition
    return parameters


def _version(step: Step, name: str, version: int | None) -> int:
    """The version that is wanted, else the newest one."""
    if version is not None:
        return version
    try:
        return step.services.plan(name, None).definition.version
    except NotFound:
        raise EndWorkflow(
            f"The Task {name} defined as a sub-workflow has no workflow definition available ", WorkflowStatus.FAILED
        ) from None


def _child_input(given: dict[str, Any], *, is_inline: bool) -> dict[str, Any]:
    """The child's input; without any the task's own (``tasks_sub_workflow_without_input``)."""
    child_input: dict[str, Any] = given.get("workflowInput") or given
    if not is_inline:
        return child_input
    metadata = child_input.get("_systemMetadata")
    return {
        **child_input,
        "_systemMetadata": {**(metadata if isinstance(metadata, dict) else {}), "dynamic": True},
    }


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


register(SubWorkflow())
