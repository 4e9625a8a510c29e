"""The names of a test's own on a server that it shares with others, in what is sent there.

Every name of a workflow and of a task type gets the suffix: in definitions and requests, behind expressions that give a
name (``${workflow.input.channel}`` of a DYNAMIC, a sub-workflow, a fork of one task), in the tasks that dynamic forks
make of an input or a worker's output (objects with ``name`` and ``taskReferenceName``), and where a script makes such
tasks with names that stand in it. What else a workflow computes gets none.

A START_WORKFLOW whose whole request is an expression is sent with each field by an expression of its own, so that the
name can have the suffix.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from conductor_pytest.branch_names import BranchNames
from conductor_pytest.kinds import is_done_by_the_server, is_workers_own, kind_of
from conductor_sdk import Task

#: What a START_WORKFLOW may ask for beside the name (Java: ``StartWorkflowRequest``).
_REQUESTED: Final = (
    "version",
    "input",
    "correlationId",
    "taskToDomain",
    "workflowDef",
    "priority",
    "createdBy",
    "idempotencyKey",
    "idempotencyStrategy",
)
#: A text that is one expression: ``${workflow.input.request}``.
_EXPRESSION: Final = re.compile(r"\$\{([^{}]+)\}")
#: Inputs that are scripts.
_SCRIPTS: Final = {
    "INLINE": ("expression",),
    "LAMBDA": ("scriptExpression",),
    "JSON_JQ_TRANSFORM": ("queryExpression",),
}
#: ``name: "charge"`` as JavaScript and jq write it.
_NAMED_IN_SCRIPT: Final = re.compile(r"""((?<![\w$.])["']?(?:name|taskName)["']?\s*:\s*["'])([^"'\\\n]+)(?=["'])""")

#: What a server says of a sub-workflow that is not registered.
_NO_DEFINITION: Final = re.compile(r"(?:The Task |No such workflow defined\. name=)([^\s,]+)")


class OwnNames:
    """Puts the suffix behind the names in documents of each kind; an empty one changes nothing."""

    def __init__(self, suffix: str) -> None:
        self._suffix = suffix
        self._branches = BranchNames(suffix)

    def own(self, name: str) -> str:
        """A name with the suffix; behind an expression it stands for the name that comes out."""
        return name if name.endswith(self._suffix) else name + self._suffix

    def event(self, event: str) -> str:
        """``conductor:WORKFLOW:SINK`` is the event of a workflow's own; the sink's name may have colons, too."""
        parts = event.split(":", 2)
        return f"{parts[0]}:{self.own(parts[1])}:{parts[2]}" if parts[0] == "conductor" and len(parts) == 3 else event

    def task_defs(self, document: Any) -> Any:
        if isinstance(document, list):
            return [self.task_defs(item) for item in document]
        return {**document, "name": self.own(document["name"])} if has_name(document) else document

    def workflow_defs(self, document: Any) -> Any:
        if isinstance(document, list):
            return [self.workflow_defs(item) for item in document]
        if not has_name(document):
            return document
        renamed = {**document, "name": self.own(document["name"]), "tasks": self.tasks(document.get("tasks"))}
        if isinstance(document.get("failureWorkflow"), str) and document["failureWorkflow"]:
            renamed["failureWorkflow"] = self.own(document["failureWorkflow"])
        return self._branches.in_definition(renamed)

    def reference(self, reference: str) -> str:
        """A task's reference name: that of a dynamic fork's branch holds the name of its task."""
        return self._branches.reference(reference)

    def tasks(self, tasks: Any) -> Any:
        return [self.task(task) for task in tasks] if isinstance(tasks, list) else tasks

    def task(self, task: Any) -> Any:
        if not isinstance(task, dict):
            return task
        renamed = dict(task)
        if has_name(task):  # of a system task, too: its definition goes by that name
            renamed["name"] = self.own(task["name"])
        if "type" in task:
            renamed["type"] = self._type(task["type"])
        for field in ("loopOver", "defaultCase"):
            if field in task:
                renamed[field] = self.tasks(task[field])
        if isinstance(task.get("decisionCases"), dict):
            renamed["decisionCases"] = {case: self.tasks(inner) for case, inner in task["decisionCases"].items()}
        if isinstance(task.get("forkTasks"), list):
            renamed["forkTasks"] = [self.tasks(branch) for branch in task["forkTasks"]]
        if isinstance(task.get("taskDefinition"), dict):
            renamed["taskDefinition"] = self.task_defs(task["taskDefinition"])
        sub = task.get("subWorkflowParam")
        if isinstance(sub, dict):
            renamed["subWorkflowParam"] = self.sub_workflow(sub)
        inputs = task.get("inputParameters")
        if isinstance(inputs, dict):
            renamed["inputParameters"] = self.inputs(task.get("type"), inputs)
        named = task.get("dynamicTaskNameParam")
        if task.get("type") == "DYNAMIC" and isinstance(inputs, dict) and isinstance(inputs.get(named), str):
            renamed["inputParameters"][named] = self._dynamic(inputs[named])
        return renamed

    def _type(self, kind: Any) -> Any:
        """A type of the test's own is a name that workers poll for, too."""
        is_name = isinstance(kind, str) and kind and "${" not in kind and is_workers_own(kind)
        return self.own(kind) if is_name else kind

    def _dynamic(self, name: str) -> str:
        """What a DYNAMIC runs; a type of the server's keeps its name where it is known before."""
        return name if not name or is_done_by_the_server(name) else self.own(name)

    def inputs(self, kind: object, inputs: dict[str, Any]) -> dict[str, Any]:
        """The names in the inputs of tasks that start others by name, or make tasks."""
        renamed: dict[str, Any] = self.payload(inputs)
        if kind == "START_WORKFLOW" and "startWorkflow" in inputs:
            renamed["startWorkflow"] = self.start_request(self._by_fields(inputs["startWorkflow"]))
        if kind == "FORK_JOIN_DYNAMIC":  # beside a workflow the other name is but a part of the branches' references
            name = "forkTaskWorkflow" if inputs.get("forkTaskWorkflow") else "forkTaskName"
            given = inputs.get(name)
            if isinstance(given, str) and given:
                renamed[name] = self.own(given)
            if "forkTaskType" in inputs:
                renamed["forkTaskType"] = self._type(inputs["forkTaskType"])
        for name in _SCRIPTS.get(str(kind), ()):
            script = inputs.get(name)
            if isinstance(script, str) and "eferenceName" in script:
                renamed[name] = _NAMED_IN_SCRIPT.sub(lambda found: found[1] + self.own(found[2]), script)
        return renamed

    def _by_fields(self, request: object) -> object:
        """A request that is an expression, as an object with an expression for each field."""
        whole = _EXPRESSION.fullmatch(request) if isinstance(request, str) and self._suffix else None
        return request if whole is None else {name: f"${{{whole[1]}.{name}}}" for name in ("name", *_REQUESTED)}

    def payload(self, value: Any) -> Any:
        """A value that workflows pass on: the tasks in it, which a dynamic fork may make."""
        if isinstance(value, list):
            return [self.payload(item) for item in value]
        if not isinstance(value, dict):
            return value
        if has_name(value) and isinstance(value.get("taskReferenceName"), str):
            return self.task(value)
        renamed = {key: self.payload(inner) for key, inner in value.items()}
        if isinstance(value.get("taskName"), str) and isinstance(value.get("referenceName"), str):
            renamed["taskName"] = self.own(value["taskName"])
            if "type" in value:
                renamed["type"] = self._type(value["type"])
        if isinstance(value.get("subWorkflowParam"), dict):
            renamed["subWorkflowParam"] = self.sub_workflow(value["subWorkflowParam"])
        if isinstance(value.get("taskToDomain"), dict):
            renamed["taskToDomain"] = self._domains(value["taskToDomain"])
        return renamed

    def sub_workflow(self, sub: dict[str, Any]) -> dict[str, Any]:
        renamed = dict(sub)
        if has_name(sub):
            renamed["name"] = self.own(sub["name"])
        if isinstance(sub.get("workflowDefinition"), dict):
            renamed["workflowDefinition"] = self.workflow_defs(sub["workflowDefinition"])
        if isinstance(sub.get("taskToDomain"), dict):
            renamed["taskToDomain"] = self._domains(sub["taskToDomain"])
        return renamed

    def start_request(self, document: Any) -> Any:
        if not isinstance(document, dict):
            return document
        renamed: dict[str, Any] = self.payload(document)
        if has_name(document):
            renamed["name"] = self.own(document["name"])
        if isinstance(document.get("workflowDef"), dict):
            renamed["workflowDef"] = self.workflow_defs(document["workflowDef"])
        return renamed

    def _domains(self, domains: dict[str, Any]) -> dict[str, Any]:
        return {name if name == "*" else self.own(name): domain for name, domain in domains.items()}

    def mocked_run(self, document: Any) -> Any:
        """A start whose tasks do nothing; its sub-workflows' are in it by reference name."""
        if not isinstance(document, dict):
            return document
        renamed = self.start_request(document)
        mocks = document.get("taskRefToMockOutput")
        if isinstance(mocks, dict):
            renamed["taskRefToMockOutput"] = {self.reference(name): mock for name, mock in mocks.items()}
        inner = document.get("subWorkflowTestRequest")
        if isinstance(inner, dict):
            renamed["subWorkflowTestRequest"] = {name: self.mocked_run(one) for name, one in inner.items()}
        return renamed

    def event_handler(self, document: Any) -> Any:
        if not has_name(document):
            return document
        renamed = {**document, "name": self.own(document["name"])}
        if isinstance(document.get("event"), str):
            renamed["event"] = self.event(document["event"])
        actions = document.get("actions")
        if isinstance(actions, list):
            renamed["actions"] = [self._action(action) if isinstance(action, dict) else action for action in actions]
        return renamed

    def _action(self, action: dict[str, Any]) -> dict[str, Any]:
        renamed = dict(action)
        if action.get("start_workflow"):
            renamed["start_workflow"] = self.start_request(action["start_workflow"])
        for kind in ("complete_task", "fail_task"):
            if isinstance(action.get(kind), dict) and isinstance(action[kind].get("taskRefName"), str):
                renamed[kind] = {**action[kind], "taskRefName": self.reference(action[kind]["taskRefName"])}
        return renamed

    def schedule(self, document: Any) -> Any:
        if not has_name(document):
            return document
        request = self.start_request(document.get("startWorkflowRequest"))
        return {**document, "name": self.own(document["name"]), "startWorkflowRequest": request}


def computed_name(task: Task, suffix: str) -> str:
    """The name behind a task that did not succeed and that is for nobody, as the server knows it; empty if it is fine.

    It lacks the suffix, or has one that it should not have: a workflow has computed it.
    """
    if task.status.is_successful:
        return ""
    kind, inputs = kind_of(task.task_type), task.input_data
    name: object = task.task_type if kind is None else None
    if kind is not None and kind.has_child:
        name = inputs.get("subWorkflowName")
    elif task.task_type == "START_WORKFLOW" and isinstance(inputs.get("startWorkflow"), dict):
        name = inputs["startWorkflow"].get("name")
    if not isinstance(name, str):
        return ""
    plain = name.replace(suffix, "")
    is_of_nobody = plain in ("", "null") or (kind is None and is_done_by_the_server(plain))
    return plain if is_of_nobody or name != plain + suffix else ""


def computed_workflow(reason: str | None, own: Iterable[str]) -> str:
    """The workflow that a run failed to start by the test's name for it, not by its own; empty if that is not why."""
    found = _NO_DEFINITION.search(reason or "")
    return found[1] if found and found[1] in own else ""


def has_name(document: Any) -> bool:
    """Whether it is an object with a name."""
    return isinstance(document, dict) and isinstance(document.get("name"), str) and bool(document["name"])
