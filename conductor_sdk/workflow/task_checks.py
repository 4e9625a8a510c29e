"""What cannot be right in a task, by its type: what the server refuses, and what fails, or waits for ever, in each run.

A rule yields problems in words. It looks at documents, so that it counts for stored definitions too; what an expression
will give is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from conductor_sdk.workflow.reference import is_expression
from conductor_sdk.workflow.task import walk
from conductor_sdk.workflow.wait_time import problem_with_duration, problem_with_until

Document = Mapping[str, Any]
_Rule = Callable[[Document, Mapping[str, Any]], Iterator[str]]

_ENDS = ("COMPLETED", "FAILED", "TERMINATED")
_STRATEGIES = ("FIXED", "LINEAR_BACKOFF", "EXPONENTIAL_BACKOFF", "LINEAR", "EXPONENTIAL")


def problems_with(task: Document) -> Iterator[str]:
    """What is wrong with one task, whatever stands around it."""
    for field, what in (("name", "name"), ("taskReferenceName", "reference name")):
        if not task.get(field):
            yield f"it has no {what}"
    delay = task.get("startDelay")
    if isinstance(delay, int) and delay < 0:
        yield f"its start delay is {delay} s"
    rule = _RULES.get(str(task.get("type")))
    if rule is not None:
        yield from rule(task, task.get("inputParameters") or {})


def problems_in_row(tasks: Sequence[Document], *, outermost: bool) -> Iterator[tuple[int, str]]:
    """What is wrong with the tasks of one block as they stand side by side: (position, problem).

    Behind the last task of a block that is not the outermost something else may follow.
    """
    for index, task in enumerate(tasks):
        following = tasks[index + 1].get("type") if index + 1 < len(tasks) else None
        if task.get("type") in ("FORK_JOIN", "FORK_JOIN_DYNAMIC") and following != "JOIN" and (following or outermost):
            yield index, "it has to be followed by a JOIN"


def problems_of_joins(task: Document, known: Mapping[str, str]) -> Iterator[str]:
    """What a JOIN would wait for in vain; ``known`` are the reference names of the definition."""
    if task.get("type") in ("JOIN", "EXCLUSIVE_JOIN"):
        for name in task.get("joinOn") or ():
            if name not in known:
                yield f"it waits for {name!r} in vain"


def _event(task: Document, _inputs: Document) -> Iterator[str]:
    if not task.get("sink"):
        yield "it has no sink: 'conductor', 'kafka:topic', 'sqs:queue' or the like"


def _branching(task: Document, inputs: Document) -> Iterator[str]:
    if not task.get("decisionCases"):
        yield "it has no case: .switch_case(value, task)"
    if task.get("type") == "DECISION":
        if not task.get("caseValueParam") and not task.get("caseExpression"):
            yield "it has neither caseValueParam nor caseExpression"
        return
    if not task.get("evaluatorType") or task.get("expression") is None:
        yield "it has no evaluatorType or no expression"
    elif task["evaluatorType"] == "value-param" and task["expression"] not in inputs:
        yield f"it switches by its input {task['expression']!r}, which it does not have"


def _dynamic(task: Document, inputs: Document) -> Iterator[str]:
    parameter = task.get("dynamicTaskNameParam")
    if not parameter:
        yield "it has no dynamicTaskNameParam"
    elif inputs.get(parameter) in (None, ""):
        yield f"its input {parameter!r}, the name of the task to run, is missing"


def _dynamic_fork(task: Document, inputs: Document) -> Iterator[str]:
    if "forkTaskInputs" in inputs:
        if not isinstance(inputs["forkTaskInputs"], list) and not is_expression(inputs["forkTaskInputs"]):
            yield f"its forkTaskInputs must be a list, not {inputs['forkTaskInputs']!r}"
        return
    older, tasks, given = (
        task.get(f"dynamicFork{what}") for what in ("JoinTasksParam", "TasksParam", "TasksInputParamName")
    )
    if older:
        if tasks or given:
            yield "it has dynamicForkJoinTasksParam and dynamicForkTasksParam; one of them says what to fork"
        return
    if not tasks or not given:
        yield "it has neither forkTaskInputs nor dynamicForkTasksParam and dynamicForkTasksInputParamName"
        return
    if missing := [name for name in (tasks, given) if inputs.get(name) is None]:
        yield f"its input {missing[0]!r} is missing: the tasks to fork, or their inputs"


def _fork(task: Document, _inputs: Document) -> Iterator[str]:
    branches = task.get("forkTasks")
    if not branches:
        yield "it has no branch"
    elif not all(branches):
        yield "one of its branches has no tasks"


def _do_while(task: Document, inputs: Document) -> Iterator[str]:
    if not task.get("loopOver"):
        yield "it has no tasks to repeat"
    for _, inner in walk(task.get("loopOver") or ()):
        if inner.get("type") == "DO_WHILE":
            yield (
                f"the loop {inner.get('taskReferenceName')!r} is inside it, which no server ends: "
                "put the inner loop into a sub-workflow"
            )
    over_a_list = task.get("items") or "_items" in inputs
    if not over_a_list and not str(task.get("loopCondition") or "").strip():
        yield "it has neither a condition nor a list"
    elif task.get("loopCondition") is None:
        yield "it has no loopCondition, which is an empty text where a loop goes over a list"


def _sub_workflow(task: Document, _inputs: Document) -> Iterator[str]:
    param = task.get("subWorkflowParam")
    if not param:
        yield "it has no subWorkflowParam"
    elif not param.get("name") and not param.get("workflowDefinition"):
        yield "it names no workflow"


def _start_workflow(_task: Document, inputs: Document) -> Iterator[str]:
    wanted = inputs.get("startWorkflow")
    if wanted is None or (isinstance(wanted, Mapping) and not wanted.get("name") and not wanted.get("workflowDef")):
        yield "it names no workflow"


def _http(task: Document, inputs: Document) -> Iterator[str]:
    request = inputs.get("http_request", inputs)
    if not isinstance(request, Mapping):
        return
    uri = request.get("uri")
    if not uri and request is not inputs:  # without http_request, the definition of the task may bring it
        yield "its http_request has no uri"
    elif isinstance(uri, str) and uri and "${" not in uri and "://" not in uri:
        yield f"its uri {uri!r} has no scheme: write http://…"
    if task.get("type") == "HTTP_POLL":
        yield from _polling(request)


def _polling(request: Document) -> Iterator[str]:
    strategy = request.get("pollingStrategy") or "FIXED"
    if not is_expression(strategy) and strategy not in _STRATEGIES:
        yield f"its pollingStrategy {strategy!r} is none of FIXED, LINEAR_BACKOFF and EXPONENTIAL_BACKOFF"
    for field in ("pollingInterval", "maxPollCount"):
        number = request.get(field)
        if isinstance(number, (int, float)) and (isinstance(number, bool) or number < 1):
            yield f"its {field} must be 1 or more, not {number!r}"


def _script(field: str) -> _Rule:
    def rule(_task: Document, inputs: Document) -> Iterator[str]:
        # Where the field is missing, the definition of the task may bring it.
        if field in inputs and (inputs[field] is None or not str(inputs[field]).strip()):
            yield f"its {field} is empty"

    return rule


def _terminate(task: Document, inputs: Document) -> Iterator[str]:
    if inputs.get("terminationStatus") not in _ENDS:
        status = inputs.get("terminationStatus")
        yield f"its terminationStatus must be {', '.join(_ENDS[:-1])} or {_ENDS[-1]}, not {status!r}"
    if task.get("optional"):
        yield "it cannot be optional"


def _wait(_task: Document, inputs: Document) -> Iterator[str]:
    duration, until = inputs.get("duration"), inputs.get("until")
    problem = None
    if _is_given(duration) and _is_given(until):
        problem = "it has a duration and a time; give one of them"
    elif _is_given(duration):
        problem = problem_with_duration(duration)
    elif _is_given(until):
        problem = problem_with_until(until)
    if problem is not None:
        yield problem


def _is_given(value: Any) -> bool:
    return value is not None and (not isinstance(value, str) or bool(value.strip()))


_RULES: dict[str, _Rule] = {
    "EVENT": _event,
    "DECISION": _branching,
    "SWITCH": _branching,
    "DYNAMIC": _dynamic,
    "FORK_JOIN": _fork,
    "FORK_JOIN_DYNAMIC": _dynamic_fork,
    "DO_WHILE": _do_while,
    "SUB_WORKFLOW": _sub_workflow,
    "START_WORKFLOW": _start_workflow,
    "HTTP": _http,
    "HTTP_POLL": _http,
    "TERMINATE": _terminate,
    "WAIT": _wait,
    "INLINE": _script("expression"),
    "LAMBDA": _script("scriptExpression"),
    "JSON_JQ_TRANSFORM": _script("queryExpression"),
}
