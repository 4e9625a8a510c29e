"""Definitions of tasks and workflows (`/metadata`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conductor_sdk.models.answers import Tag
from conductor_sdk.models.task_def import TaskDef
from conductor_sdk.models.workflow_def import WorkflowDef
from conductor_sdk.resources.base import Requester, as_list, as_object, path

#: A definition as a model or as the JSON object that the server stores.
TaskDefinition = TaskDef | Mapping[str, Any]
WorkflowDefinition = WorkflowDef | Mapping[str, Any]

_TASKS = "/metadata/taskdefs"
_WORKFLOWS = "/metadata/workflow"
_ADVICE = {409: "To replace it, register with overwrite=True; to keep it, give the new one another version."}


class MetadataResource:
    """`client.metadata`: definitions of tasks and workflows.

    `name`: of the definition
    `version`: of the workflow; without one the latest
    `definition`: a model, or the JSON object as the server stores it (camelCase)
    `definitions`: several of these
    `tag`, `tags`: with `key`, `value` and `type`
    """

    def __init__(self, client: Requester) -> None:
        self._client = client

    def register_task(self, definition: TaskDefinition) -> None:
        """Store a task definition; one of the same name is replaced."""
        self.register_tasks([definition])

    def register_tasks(self, definitions: Sequence[TaskDefinition]) -> None:
        """Store several task definitions; those of the same names are replaced."""
        self._client.request("POST", _TASKS, json=list(definitions), repeatable=True)

    def update_task(self, definition: TaskDefinition) -> None:
        """Replace a task definition. Raises NotFound when there is none of that name."""
        self._client.request("PUT", _TASKS, json=definition, repeatable=True)

    def get_task(self, name: str) -> TaskDef:
        """A task definition. Raises NotFound."""
        where = path(_TASKS + "/{}", name)
        return TaskDef.from_dict(as_object(self._client.request("GET", where), "GET", where))

    def list_tasks(self) -> list[TaskDef]:
        """All task definitions."""
        return [TaskDef.from_dict(item) for item in as_list(self._client.request("GET", _TASKS), "GET", _TASKS)]

    def delete_task(self, name: str) -> None:
        """Remove a task definition. Raises ServerError for an unknown name (NotFound from Orkes)."""
        self._client.request("DELETE", path(_TASKS + "/{}", name))

    def register_workflow(self, definition: WorkflowDefinition, *, overwrite: bool = False) -> None:
        """Store a workflow definition. Raises Conflict when this name and version exist and `overwrite` is false,
        BadRequest with the server's `validation_errors` when it is refused."""
        self._client.request("POST", _WORKFLOWS, params={"overwrite": overwrite}, json=definition, advice=_ADVICE)

    def update_workflows(self, definitions: Sequence[WorkflowDefinition]) -> dict[str, Any]:
        """Store workflow definitions, new or not; answers `bulkSuccessfulResults` and `bulkErrorResults` by name."""
        answer = self._client.request("PUT", _WORKFLOWS, json=list(definitions), repeatable=True)
        return as_object(answer, "PUT", _WORKFLOWS)

    def update_workflow(self, definition: WorkflowDefinition) -> None:
        """Store one workflow definition, new or not."""
        self.update_workflows([definition])

    def get_workflow(self, name: str, version: int | None = None) -> WorkflowDef:
        """A workflow definition, the latest version if none is given. Raises NotFound."""
        where = path(_WORKFLOWS + "/{}", name)
        answer = self._client.request("GET", where, params={"version": version})
        return WorkflowDef.from_dict(as_object(answer, "GET", where))

    def list_workflows(self) -> list[WorkflowDef]:
        """All workflow definitions, every version."""
        answer = as_list(self._client.request("GET", _WORKFLOWS), "GET", _WORKFLOWS)
        return [WorkflowDef.from_dict(item) for item in answer]

    def delete_workflow(self, name: str, version: int) -> None:
        """Remove one version of a workflow definition; what runs goes on. Raises ServerError for an unknown one
        (NotFound from Orkes).
        """
        self._client.request("DELETE", path(_WORKFLOWS + "/{}/{}", name, str(version)))

    def validate_workflow(self, definition: WorkflowDefinition) -> None:
        """Let the server look at a definition without storing it. Raises BadRequest with its `validation_errors`."""
        self._client.request("POST", _WORKFLOWS + "/validate", json=definition, repeatable=True)

    def workflow_names(self) -> dict[str, Any]:
        """The names of all workflow definitions with their versions, as the server writes them."""
        where = _WORKFLOWS + "/names-and-versions"
        return as_object(self._client.request("GET", where), "GET", where)

    def latest_workflows(self) -> list[WorkflowDef]:
        """All workflow definitions, the latest version of each."""
        where = _WORKFLOWS + "/latest-versions"
        return [WorkflowDef.from_dict(item) for item in as_list(self._client.request("GET", where), "GET", where)]

    def workflow_versions(self, name: str) -> list[int]:
        """The versions of a workflow definition; none for an unknown one."""
        where = path(_WORKFLOWS + "/{}/versions", name)
        return [int(item["version"]) for item in as_list(self._client.request("GET", where), "GET", where)]

    def workflow_tags(self, name: str) -> list[Tag]:
        """The tags of a workflow definition. Orkes only."""
        return self._tags(path(_WORKFLOWS + "/{}/tags", name))

    def set_workflow_tags(self, name: str, tags: Sequence[Tag]) -> None:
        """Replace the tags of a workflow definition. Orkes only."""
        self._client.request("PUT", path(_WORKFLOWS + "/{}/tags", name), json=list(tags), repeatable=True)

    def delete_workflow_tag(self, name: str, tag: Tag) -> None:
        """Remove one tag of a workflow definition. Orkes only."""
        self._client.request("DELETE", path(_WORKFLOWS + "/{}/tags", name), json=tag)

    def task_tags(self, name: str) -> list[Tag]:
        """The tags of a task definition. Orkes only."""
        return self._tags(path("/metadata/task/{}/tags", name))

    def set_task_tags(self, name: str, tags: Sequence[Tag]) -> None:
        """Replace the tags of a task definition. Orkes only."""
        self._client.request("PUT", path("/metadata/task/{}/tags", name), json=list(tags), repeatable=True)

    def delete_task_tag(self, name: str, tag: Tag) -> None:
        """Remove one tag of a task definition. Orkes only."""
        self._client.request("DELETE", path("/metadata/task/{}/tags", name), json=tag)

    def set_workflow_rate_limit(self, name: str, executions: int) -> None:
        """At most so many `executions` of a workflow at once; further ones wait. The limit is kept as a tag. Orkes
        only.
        """
        limit = {"key": name, "value": str(executions), "type": "RATE_LIMIT"}
        self._client.request("POST", path(_WORKFLOWS + "/{}/tags", name), json=limit, repeatable=True)

    def workflow_rate_limit(self, name: str) -> int | None:
        """At most how many executions of a workflow run at once; None without a limit. Orkes only."""
        limits = [tag.value for tag in self.workflow_tags(name) if tag.type == "RATE_LIMIT"]
        return int(limits[0]) if limits else None

    def remove_workflow_rate_limit(self, name: str) -> None:
        """As many executions of a workflow at once as there are. Orkes only."""
        for tag in self.workflow_tags(name):
            if tag.type == "RATE_LIMIT":
                self.delete_workflow_tag(name, tag)

    def _tags(self, where: str) -> list[Tag]:
        return [Tag.from_dict(item) for item in as_list(self._client.request("GET", where), "GET", where)]
