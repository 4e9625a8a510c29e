"""Types of system tasks, their inputs, and reference names that are nearly right: a server takes them for something
else, or refuses them without a hint."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from conductor_pytest.explanation import Explanation
from conductor_pytest.kinds import definition_types, kind_of
from conductor_pytest.near_names import ALIKE, nearest
from conductor_pytest.rules import plain_reference
from conductor_pytest.shortened import shown
from conductor_pytest.task_names import nodes
from conductor_sdk import ConductorError, Task, TaskDef, WorkflowDef

#: How a server refuses a definition whose expressions name a task that it has not.
_NO_SUCH_REFERENCE: Final = re.compile(r"taskReferenceName: (\S+) for given task")
#: How it names the field of a task definition that is too small.
_REFUSED_FIELD: Final = re.compile(r"TaskDef (\w+): ")
#: What the one input of a task that is an object takes; those of HTTP may stand in the task's inputs themselves.
_OF_HTTP: Final = ("uri", "method", "headers", "body", "accept", "contentType", "connectionTimeOut", "readTimeOut")
_INSIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "http_request": _OF_HTTP,
    "kafka_request": ("topic", "value", "key", "bootStrapServers", "headers", "keySerializer", "requestTimeoutMs"),
    "startWorkflow": ("name", "version", "input", "correlationId", "taskToDomain", "workflowDef", "idempotencyKey"),
}
#: Without these there is no call; what stands in their place may be less like them.
_NEEDED: Final = ("uri", "method", "topic", "name")
#: What stands behind ``workflow.``, and is often written without it.
_OF_THE_WORKFLOW: Final = ("input", "output", "variables")


def misspelt_type(task: Task) -> str:
    """What is said of a worker's task whose type is nearly that of a system task; empty if it is not."""
    given = None if task.workflow_task is None else task.workflow_task.type
    if given != task.task_type or kind_of(given) is not None or given in definition_types():
        return ""
    near = nearest(given, definition_types(), cutoff=ALIKE)
    return f"`{given}` is no type of system task; did you mean `{near}`?" if near else ""


def misspelt_inputs(task: Task) -> Iterator[Explanation]:
    """Inputs of a system task that it does not read, and that are nearly called as one that it does."""
    kind, node = kind_of(task.task_type), task.workflow_task
    if kind is None or node is None or not kind.inputs:
        return
    name = f"{task.task_type} `{plain_reference(task)}`"
    lacking = [known for known in kind.inputs if known not in node.input_parameters]
    for given in node.input_parameters:
        if given not in kind.inputs and (near := nearest(given, lacking, cutoff=ALIKE)):
            takes = ", ".join(f"`{known}`" for known in kind.inputs)
            yield Explanation(f"{name} takes {takes}, not `{given}`; did you mean `{near}`?", True)
    for key in kind.inputs:
        if key in _INSIDE:
            yield from _misspelt_inside(name, key, node.input_parameters)


def _misspelt_inside(name: str, key: str, inputs: Mapping[str, Any]) -> Iterator[Explanation]:
    """The same one level deeper."""
    known, is_inside = _INSIDE[key], key in inputs or key != "http_request"
    written = inputs.get(key) if is_inside else inputs
    if not isinstance(written, Mapping):
        return
    lacking = [one for one in known if one not in written]
    needed = [one for one in lacking if one in _NEEDED]
    for given in written:
        if given in known:
            continue
        if near := nearest(given, lacking, cutoff=ALIKE) or nearest(given, needed):
            where = f"`{key}` of {name}" if is_inside else name
            yield Explanation(f"{where} has no `{near}`, but `{given}`; did you mean `{near}`?", True)


def refused_values(refusal: str, definition: TaskDef | Mapping[str, Any]) -> Iterator[str]:
    """What the fields hold for which a server refuses a task definition: it tells the limit in the value's place."""
    written = definition.to_dict() if isinstance(definition, TaskDef) else definition
    for field in dict.fromkeys(_REFUSED_FIELD.findall(refusal)):
        if field in written:
            yield f"`{field}` of task definition `{written.get('name')}` is {shown(written[field])}"


def misspelt_references(refusal: str, definition: WorkflowDef | Mapping[str, Any]) -> Iterator[str]:
    """What was probably meant by the reference names for which a server refuses a definition."""
    refused = dict.fromkeys(_NO_SUCH_REFERENCE.findall(refusal))
    if not refused:
        return
    try:
        known = definition if isinstance(definition, WorkflowDef) else WorkflowDef.from_dict(definition)
    except ConductorError:
        return
    references = [node.task_reference_name for node in nodes(known.tasks)]
    for name in refused:
        if name in _OF_THE_WORKFLOW:
            yield f"no task is called `{name}`; did you mean `workflow.{name}`?"
        elif near := nearest(name, [*references, "workflow"]):
            yield f"no task is called `{name}`; did you mean `{near}`?"
