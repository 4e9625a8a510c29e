"""Definitions of tasks and workflows (`/metadata`).

For asyncio. Written by .ci/async_client.py: change the synchronous module instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conductor_sdk.aio.calls import Calls
from conductor_sdk.models.answers import Tag
from conductor_sdk.models.task_def import TaskDef
from conductor_sdk.models.workflow_def import WorkflowDef
from conductor_sdk.resources.metadata import MetadataResource, TaskDefinition, WorkflowDefinition


class AsyncMetadataResource:
    """`client.metadata`: definitions of tasks and workflows.

    `name`: of the definition
    `version`: of the workflow; without one the latest
    `definition`: a model, or the JSON object as the server stores it (camelCase)
    `definitions`: several of these
    `tag`, `tags`: with `key`, `value` and `type`"""

    def __init__(self, calls: Calls, sync: MetadataResource) -> None:
        self._calls = calls
        self._sync = sync

    async def register_task(self, definition: TaskDefinition) -> None:
        """Store a task definition; one of the same name is replaced."""
        await self._calls.call(self._sync.register_task, definition)

    async def register_tasks(self, definitions: Sequence[TaskDefinition]) -> None:
        """Store several task definitions; those of the same names are replaced."""
        await self._calls.call(self._sync.register_tasks, definitions)

    async def update_task(self, definition: TaskDefinition) -> None:
        """Replace a task definition. Raises NotFound when there is none of that name."""
        await self._calls.call(self._sync.update_task, definition)

    async def get_task(self, name: str) -> TaskDef:
        """A task definition. Raises NotFound."""
        return await self._calls.call(self._sync.get_task, name)

    async def list_tasks(self) -> list[TaskDef]:
        """All task definitions."""
        return await self._calls.call(self._sync.list_tasks)

    async def delete_task(self, name: str) -> None:
        """Remove a task definition. Raises ServerError for an unknown name (NotFound from Orkes)."""
        await self._calls.call(self._sync.delete_task, name)

    async def register_workflow(self, definition: WorkflowDefinition, *, overwrite: bool = False) -> None:
        """Store a workflow definition. Raises Conflict when this name and version exist and `overwrite` is false,
        BadRequest with the server's `validation_errors` when it is refused."""
        await self._calls.call(self._sync.register_workflow, definition, overwrite=overwrite)

    async def update_workflows(self, definitions: Sequence[WorkflowDefinition]) -> dict[str, Any]:
        """Store workflow definitions, new or not; answers `bulkSuccessfulResults` and `bulkErrorResults` by name."""
        return await self._calls.call(self._sync.update_workflows, definitions)

    async def update_workflow(self, definition: WorkflowDefinition) -> None:
        """Store one workflow definition, new or not."""
        await self._calls.call(self._sync.update_workflow, definition)

    async def get_workflow(self, name: str, version: int | None = None) -> WorkflowDef:
        """A workflow definition, the latest version if none is given. Raises NotFound."""
        return await self._calls.call(self._sync.get_workflow, name, version)

    async def list_workflows(self) -> list[WorkflowDef]:
        """All workflow definitions, every version."""
        return await self._calls.call(self._sync.list_workflows)

    async def delete_workflow(self, name: str, version: int) -> None:
        """Remove one version of a workflow definition; what runs goes on. Raises ServerError for an unknown one
        (NotFound from Orkes).
        """
        await self._calls.call(self._sync.delete_workflow, name, version)

    async def validate_workflow(self, definition: WorkflowDefinition) -> None:
        """Let the server look at a definition without storing it. Raises BadRequest with its `validation_errors`."""
        await self._calls.call(self._sync.validate_workflow, definition)

    async def workflow_names(self) -> dict[str, Any]:
        """The names of all workflow definitions with their versions, as the server writes them."""
        return await self._calls.call(self._sync.workflow_names)

    async def latest_workflows(self) -> list[WorkflowDef]:
        """All workflow definitions, the latest version of each."""
        return await self._calls.call(self._sync.latest_workflows)

    async def workflow_versions(self, name: str) -> list[int]:
        """The versions of a workflow definition; none for an unknown one."""
        return await self._calls.call(self._sync.workflow_versions, name)

    async def workflow_tags(self, name: str) -> list[Tag]:
        """The tags of a workflow definition. Orkes only."""
        return await self._calls.call(self._sync.workflow_tags, name)

    async def set_workflow_tags(self, name: str, tags: Sequence[Tag]) -> None:
        """Replace the tags of a workflow definition. Orkes only."""
        await self._calls.call(self._sync.set_workflow_tags, name, tags)

    async def delete_workflow_tag(self, name: str, tag: Tag) -> None:
        """Remove one tag of a workflow definition. Orkes only."""
        await self._calls.call(self._sync.delete_workflow_tag, name, tag)

    async def task_tags(self, name: str) -> list[Tag]:
        """The tags of a task definition. Orkes only."""
        return await self._calls.call(self._sync.task_tags, name)

    async def set_task_tags(self, name: str, tags: Sequence[Tag]) -> None:
        """Replace the tags of a task definition. Orkes only."""
        await self._calls.call(self._sync.set_task_tags, name, tags)

    async def delete_task_tag(self, name: str, tag: Tag) -> None:
        """Remove one tag of a task definition. Orkes only."""
        await self._calls.call(self._sync.delete_task_tag, name, tag)

    async def set_workflow_rate_limit(self, name: str, executions: int) -> None:
        """At most so many `executions` of a workflow at once; further ones wait. The limit is kept as a tag. Orkes
        only.
        """
        await self._calls.call(self._sync.set_workflow_rate_limit, name, executions)

    async def workflow_rate_limit(self, name: str) -> int | None:
        """At most how many executions of a workflow run at once; None without a limit. Orkes only."""
        return await self._calls.call(self._sync.workflow_rate_limit, name)

    async def remove_workflow_rate_limit(self, name: str) -> None:
        """As many executions of a workflow at once as there are. Orkes only."""
        await self._calls.call(self._sync.remove_workflow_rate_limit, name)
