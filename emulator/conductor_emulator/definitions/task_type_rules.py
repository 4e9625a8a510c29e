"""What each task type asks of its task in a workflow (Java: ``WorkflowTaskTypeConstraint``).

One function a type; it yields messages. Types without a function ask nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from conductor_emulator.definitions.rules import Surroundings, validator_broke
from conductor_emulator.definitions.wait_time import WaitTimeError, parse_duration, parse_until
from conductor_emulator.definitions.workflow_task import WorkflowTask
from conductor_emulator.expressions import java_text

_TERMINATION_STATUSES: Final = ("COMPLETED", "FAILED", "TERMINATED")


def messages(task: WorkflowTask, server: Surroundings) -> Iterator[str]:
    """What is wrong with a task, given its type."""
    if "type" in task.nulls:
        raise validator_broke()
    rule = _RULES.get(task.type)
    if rule is not None:
        yield from rule(task, server)


def _required(field: str, task: WorkflowTask) -> str:
    return f"{field} field is required for taskType: {task.type} taskName: {java_text(task.name)}"


def _event(task: WorkflowTask, _server: Surroundings) -> Iterator[str]:
    if task.sink is None:
        yield _required("sink", task)


def _decision(task: WorkflowTask, server: Surroundings) -> Iterator[str]:
    if task.case_value_param is None and task.case_expression is None:
        yield _required("caseValueParam or caseExpression", task)
    yield from _cases(task)
    if task.case_expression is not None:
        yield from _script(task.case_expression, task, server)


def _switch(task: WorkflowTask, server: Surroundings) -> Iterator[str]:
    if task.evaluator_type is None:
        yield _required("evaluatorType", task)
    elif task.expression is None:
        yield _required("expression", task)
    yield from _cases(task)
    if task.evaluator_type == "javascript" and task.expression is not None:
        yield from _script(task.expression, task, server)


def _cases(task: WorkflowTask) -> Iterator[str]:
    if "decisionCases" in task.nulls:
        yield _required("decisionCases", task)
    elif not task.decision_cases:
        yield f"decisionCases should have atleast one task for taskType: {task.type} taskName: {java_text(task.name)}"


def _script(source: str, task: WorkflowTask, server: Surroundings) -> Iterator[str]:
    error = server.script_error(source)
    if error is not None:
        yield f"Expression is not well formatted: {error}, taskType: {task.type} taskName {java_text(task.name)}"


def _dynamic(task: WorkflowTask, _server: Surroundings) -> Iterator[str]:
    if task.dynamic_task_name_param is None:
        yield _required("dynamicTaskNameParam", task)


def _dynamic_fork(task: WorkflowTask, _server: Surroundings) -> Iterator[str]:
    if "forkTaskInputs" in task.input_parameters:
        return
    tasks_param, inputs_param = task.dynamic_fork_tasks_param, task.dynamic_fork_tasks_input_param_name
    if task.dynamic_fork_join_tasks_param is not None:
        if tasks_param is not None or inputs_param is not None:
            yield (
                "dynamicForkJoinTasksParam or combination of dynamicForkTasksInputParamName and dynamicForkTasksParam "
                f"cam be used for taskType: FORK_JOIN_DYNAMIC taskName: {java_text(task.name)}"
            )
        return
    if tasks_param is None:
        yield _required("dynamicForkTasksParam", task)
    if inputs_param is None:
        yield _required("dynamicForkTasksInputParamName", task)


def _fork(task: WorkflowTask, _server: Surroundings) -> Iterator[str]:
    if not task.fork_tasks and "forkTasks" not in task.nulls:
        yield f"forkTasks should have atleast one task for taskType: FORK_JOIN taskName: {java_text(task.name)}"


def _do_while(task: WorkflowTask, _server: Surroundings) -> Iterator[str]:
    if task.loop_condition is None:
        yield _required("loopCondition", task)
    if not task.loop_over:
        yield _required("loopOver", task)


def _sub_workflow(task: WorkflowTask, _server: Surroundings) -> Iterator[str]:
    if task.sub_workflow_param is None:
        yield _required("subWorkflowParam", task)


def _http(task: WorkflowTask, server: Surroundings) -> Iterator[str]:
    given = _has_input("http_request", task, server)
    if not given and "uri" not in task.input_parameters and "method" not in task.input_parameters:
        yield _required("inputParameters.http_request or inputParameters.uri", task)


def _kafka_publish(task: WorkflowTask, server: Surroundings) -> Iterator[str]:
    if not _has_input("kafka_request", task, server):
        yield _required("inputParameters.kafka_request", task)


def _json_jq_transform(task: WorkflowTask, server: Surroundings) -> Iterator[str]:
    if not _has_input("queryExpression", task, server):
        yield _required("inputParameters.queryExpression", task)


def _has_input(key: str, task: WorkflowTask, server: Surroundings) -> bool:
    """Whether the task or its definition's input template gives an input."""
    if task.name is None:
        raise validator_broke()  # it looks the definition up whether it needs it or not
    task_def = task.task_definition or server.task_def(task.name)
    return key in task.input_parameters or (task_def is not None and key in task_def.input_template)


def _terminate(task: WorkflowTask, _server: Surroundings) -> Iterator[str]:
    status = _parameters(task).get("terminationStatus")
    if task.optional:
        yield f"terminate task cannot be optional, taskName: {java_text(task.name)}"
    if status not in _TERMINATION_STATUSES:
        yield (
            "terminate task must have an terminationStatus parameter and must be set to COMPLETED or FAILED, "
            f"taskName: {java_text(task.name)}"
        )


def _wait(task: WorkflowTask, _server: Surroundings) -> Iterator[str]:
    parameters = _parameters(task)
    duration, until = (_wait_text(parameters.get(key)) for key in ("duration", "until"))
    if duration.strip() and until.strip():
        yield "Both 'duration' and 'until' specified. Please provide only one input"
    if duration.strip() and not duration.startswith("${"):
        if not _readable(parse_duration, duration):
            yield "Either date or duration is passed as null "
    elif until.strip() and not until.startswith("${") and not _readable(parse_until, until):
        yield "Unable to parse date "


def _wait_text(value: Any) -> str:
    return "" if value is None else java_text(value)


def _readable(parse: Callable[[str], int], text: str) -> bool:
    try:
        parse(text)
    except WaitTimeError:
        return False
    return True


def _parameters(task: WorkflowTask) -> dict[str, Any]:
    if "inputParameters" in task.nulls:
        raise validator_broke()
    return task.input_parameters


_RULES: Final[dict[str, Callable[[WorkflowTask, Surroundings], Iterator[str]]]] = {
    "EVENT": _event,
    "DECISION": _decision,
    "SWITCH": _switch,
    "DYNAMIC": _dynamic,
    "FORK_JOIN_DYNAMIC": _dynamic_fork,
    "HTTP": _http,
    "FORK_JOIN": _fork,
    "TERMINATE": _terminate,
    "KAFKA_PUBLISH": _kafka_publish,
    "DO_WHILE": _do_while,
    "SUB_WORKFLOW": _sub_workflow,
    "JSON_JQ_TRANSFORM": _json_jq_transform,
    "WAIT": _wait,
}
