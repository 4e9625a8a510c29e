"""Expressions of a run that found nothing: a misspelt key, an output that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from conductor_pytest.explanation import Explanation
from conductor_pytest.kinds import kind_of
from conductor_pytest.near_names import did_you_mean, nearest
from conductor_pytest.nothing_matched import nothing_matched
from conductor_pytest.rules import plain_reference
from conductor_pytest.shortened import shown
from conductor_pytest.task_names import nodes
from conductor_sdk import TaskStatus, Workflow, WorkflowStatus

#: An expression of plain keys and indices: ``${charge_ref.output.receipts[0].id}``.
_EXPRESSION: Final = re.compile(r"\$\{([\w-]+)((?:\.[\w-]+|\[\d+\])+)\}")
#: The same in an action of an event handler, where the message is the root: ``${order.id}``.
_OF_MESSAGE: Final = re.compile(r"\$\{([\w-]+)((?:\.[\w-]+|\[\d+\])*)\}")
_STEP: Final = re.compile(r"\.([\w-]+)|\[(\d+)\]")
#: What was probably meant as one.
_NEARLY: Final = re.compile(r"\$?\{{0,2}\s*([\w-]+)(\.(?:input|output|variables)(?:\.[\w-]+)+)\s*\}{0,2}")
_MOST_KEYS: Final = 8
#: What a sub-workflow finds in its input if its task gives it none: the task's own (``SubWorkflow#start``).
_INSTEAD_OF_INPUT: Final = {"subWorkflowName", "subWorkflowVersion", "workflowInput"}
_PAYLOADS: Final = ("input", "output", "variables")
#: What can be read of a workflow; of some of it nothing is told.
_WORKFLOW_FIELDS: Final = frozenset(
    ("input", "output", "variables", "status", "workflowId", "parentWorkflowId", "parentWorkflowTaskId", "workflowType",
     "version", "correlationId", "reasonForIncompletion", "schemaVersion", "env", "secrets")
)  # fmt: skip
#: What can be read of a task beside its input and output.
_TASK_FIELDS: Final = frozenset(
    ("input", "output", "status", "taskId", "referenceTaskName", "retryCount", "taskType", "startTime", "endTime",
     "scheduledTime", "iteration", "reasonForIncompletion", "taskDefName", "workerId", "callbackAfterSeconds",
     "correlationId", "seq", "updateTime", "pollCount", "retriedTaskId", "workflowTask", "subWorkflowId")
)  # fmt: skip


class _Place(NamedTuple):
    """Where a text of the definition stands, and what has become of it."""

    what: str
    text: str
    value: Any
    #: the value is known, whatever it is
    is_there: bool


def dangling(workflow: Workflow, *, is_child: bool = False) -> list[Explanation]:
    """What is null in the inputs of a run's tasks and, when it has completed, in its output.

    `is_child`: its input comes from another workflow, and what is null in it is told, too
    """
    seen = _Seen(workflow, is_child)
    found: dict[Explanation, None] = {}
    for place in _places(workflow):
        found.update(dict.fromkeys(seen.at(place)))
    return list(found)


def dangling_in_message(template: Any, payload: Mapping[str, Any], what: str) -> Iterator[Explanation]:
    """What an event handler's action takes from a message, and is not in it."""
    for place in _texts(template, None, is_there=False, path=""):
        for head, path, expression in expressions_in(place.text, _OF_MESSAGE):
            if (why := _missing("the message", payload, [head, *path])) is not None:
                yield Explanation(
                    f"{what} gives null for `{place.what}`: `{expression}` finds nothing, {why.sentence}", why.is_cause
                )


def _places(workflow: Workflow) -> Iterator[_Place]:
    for task in workflow.tasks:
        if task.workflow_task is not None:
            given = task.workflow_task.input_parameters
            for place in _texts(given, task.input_data, is_there=True, path=""):
                yield place._replace(what=f"input `{place.what}` of task `{plain_reference(task)}`")
    definition = workflow.workflow_definition
    if definition is None:
        return
    if workflow.status == WorkflowStatus.COMPLETED:
        for place in _texts(definition.output_parameters, workflow.output, is_there=True, path=""):
            yield place._replace(what=f"output `{place.what}` of the workflow")
    elif workflow.status == WorkflowStatus.FAILED and workflow.failed_task is None:  # a task could not be made
        came = {plain_reference(task) for task in workflow.tasks}
        first = next((node for node in nodes(definition.tasks) if node.task_reference_name not in came), None)
        for place in _texts(first.input_parameters if first else None, None, is_there=False, path=""):
            yield place._replace(what=f"input `{place.what}` of task `{first.task_reference_name if first else ''}`")


def _texts(template: Any, value: Any, *, is_there: bool, path: str) -> Iterator[_Place]:
    """The texts of a template, each with what has become of it."""
    if isinstance(template, str):
        yield _Place(path, template, value, is_there)
    elif isinstance(template, Mapping):
        for key, inner in template.items():
            has_it = isinstance(value, Mapping) and key in value
            below = f"{path}.{key}" if path else str(key)
            yield from _texts(inner, value[key] if has_it else None, is_there=has_it, path=below)
    elif isinstance(template, list):
        for index, inner in enumerate(template):
            has_it = isinstance(value, list) and index < len(value)
            yield from _texts(inner, value[index] if has_it else None, is_there=has_it, path=f"{path}[{index}]")


def expressions_in(text: str, pattern: re.Pattern[str] = _EXPRESSION) -> Iterator[tuple[str, list[str | int], str]]:
    """The expressions of plain keys and indices in a text: what they begin with, the steps from there, as written."""
    for found in pattern.finditer(text):
        yield found[1], [int(step[2]) if step[2] else step[1] for step in _STEP.finditer(found[2])], found[0]


class _Seen:
    """What the expressions of one execution can see."""

    def __init__(self, workflow: Workflow, is_child: bool) -> None:
        self._workflow = workflow
        self._is_child = is_child
        self._is_given_nothing = is_child and workflow.input.keys() >= _INSTEAD_OF_INPUT
        self._tasks = {plain_reference(task): task for task in workflow.tasks}
        definition = workflow.workflow_definition
        defined = [] if definition is None else nodes(definition.tasks)
        self._references = dict.fromkeys(node.task_reference_name for node in defined)

    def at(self, place: _Place) -> Iterator[Explanation]:
        """What is wrong with the text there."""
        if "${" not in place.text:
            yield from self._plain_text(place)
        elif place.value == []:
            if (none := nothing_matched(place.text, self._payload)) is not None:
                text = f"{place.what} is []: `{place.text}` finds nothing, {none.sentence}"
                yield Explanation(text, none.is_cause)
        elif place.value is None or isinstance(place.value, str):
            for head, path, expression in expressions_in(place.text):
                why = self._why(head, path)
                if expression != place.text and place.value is not None:
                    state = "has null in it"
                elif place.value is None and expression == place.text:
                    state = "is null"
                    why = why or (self._why_null(head, path) if place.is_there else None)
                else:
                    continue
                if why is not None:
                    text = f"{place.what} {state}: `{expression}` finds nothing, {why.sentence}"
                    yield Explanation(text, why.is_cause)

    def _payload(self, head: str, field: str) -> Any:
        """The input, output or variables of the workflow or of a task; None of what is not there."""
        if head == "workflow":
            return getattr(self._workflow, field)
        task = self._tasks.get(head)
        if task is None or field == "variables":
            return None
        return task.input_data if field == "input" else task.output_data

    def _plain_text(self, place: _Place) -> Iterator[Explanation]:
        nearly = _NEARLY.fullmatch(place.text.strip())
        if nearly and nearly[1] in ("workflow", *self._references):
            meant = f"${{{nearly[1]}{nearly[2]}}}"
            yield Explanation(f"{place.what} is the text `{place.text}`: an expression is written `{meant}`", True)

    def _why(self, head: str, path: list[str | int]) -> Explanation | None:
        """What is there instead; None if the null is there, or if nothing can be said."""
        field = str(path[0])
        if head == "workflow":
            if field == "input" and self._is_given_nothing and path[1:] and path[1] not in self._workflow.input:
                return Explanation("the task that runs this workflow has no inputParameters", True)
            if field in _PAYLOADS:
                return _missing(f"`workflow.{field}`", getattr(self._workflow, field), path[1:])
            return None if field in _WORKFLOW_FIELDS else _no_field("a workflow", field, _PAYLOADS)
        task = self._tasks.get(head)
        if task is None:
            return self._not_scheduled(head)
        if field not in _TASK_FIELDS:
            return _no_field("a task", field, _PAYLOADS[:2])
        if field not in _PAYLOADS:
            return None
        value = task.input_data if field == "input" else task.output_data
        why = _missing(f"`{head}.{field}`", value, path[1:])
        if why is None or value or field == "input":
            return why
        kind = kind_of(task.task_type)
        if kind is not None and kind.sets_variables and path[1:] and path[1] in self._workflow.variables:
            return Explanation(f"`{head}` sets `workflow.variables.{path[1]}`, it has no output", True)
        is_good = task.status == TaskStatus.COMPLETED
        return why if is_good else why._replace(sentence=f"{why.sentence}, for `{head}` is {task.status}")

    def _not_scheduled(self, head: str) -> Explanation:
        if head in self._references:
            return Explanation(f"`{head}` was not scheduled", False)
        if head in _PAYLOADS:
            return Explanation(f"no task is called `{head}`; did you mean `workflow.{head}`?", True)
        hint = did_you_mean(head, [*self._references, *self._tasks, "workflow"])
        return Explanation(f"no task is called `{head}`{hint}", bool(hint))

    def _why_null(self, head: str, path: list[str | int]) -> Explanation | None:
        """Of what has all its keys: a null that came from elsewhere, or a value that came too late."""
        task = self._tasks.get(head)
        if path[0] == "output" and task is not None and value_at(task.output_data, path[1:]) is not None:
            return Explanation(f"`{head}` had not given it yet", False)
        is_given = head == "workflow" and path[0] == "input" and self._is_child
        if is_given and value_at(self._workflow.input, path[1:]) is None:
            return Explanation("for the workflow that started this one gives null", False)
        return None


def _no_field(owner: str, field: str, payloads: Iterable[str]) -> Explanation:
    return Explanation(f"{owner} has {' and '.join(f'`{name}`' for name in payloads)}, not `{field}`", True)


def value_at(value: Any, path: list[str | int]) -> Any:
    """What some steps lead to; None where one of them leads nowhere."""
    for step in path:
        try:
            value = value[step]
        except (LookupError, TypeError):
            return None
    return value


def _missing(what: str, value: Any, path: list[str | int]) -> Explanation | None:
    """The first key that is not there, and those that are."""
    for step in path:
        if isinstance(step, int):
            if not isinstance(value, list):
                return None if value is None else Explanation(f"{what} is no list but {shown(value)}", False)
            if step >= len(value):
                return Explanation(f"{what} is a list of {len(value)}", False)
            value, what = value[step], _below(what, f"[{step}]")
            continue
        if not isinstance(value, Mapping):
            return None if value is None else Explanation(f"{what} is {shown(value)}", False)
        if step not in value:
            if near := nearest(step, value):
                return Explanation(f"{what} has no `{step}`; did you mean `{near}`?", True)
            if below := next((name for name in value if isinstance(value[name], Mapping) and step in value[name]), ""):
                return Explanation(f"{what} has no `{step}`; did you mean `{below}.{step}`?", True)
            there = ", ".join(f"`{name}`" for name in list(value)[:_MOST_KEYS])
            return Explanation(f"{what} has {there}" if value else f"{what} is empty", False)
        value, what = value[step], _below(what, f".{step}")
    return None


def _below(what: str, step: str) -> str:
    return f"{what[:-1]}{step}`" if what.endswith("`") else f"`{step.removeprefix('.')}` of {what}"
