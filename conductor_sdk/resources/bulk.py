"""Many executions at once (`/workflow/bulk`). What fails for one of them does not stop the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from conductor_sdk.models.answers import BulkResponse
from conductor_sdk.models.workflow_run import Workflow
from conductor_sdk.resources.base import Requester, as_list, as_object


class BulkResource:
    """`client.bulk`. Each answer has the ids that worked, and the reasons of those that did not.

    `workflow_ids`: of the executions, at most 1,000
    `reason`: kept and shown as `reason_for_incompletion`
    `archive`: keep them in the index
    `use_latest_definitions`: by the newest versions of their definitions
    `include_tasks`: with the tasks of the executions, or without
    """

    def __init__(self, client: Requester) -> None:
        self._client = client

    def pause(self, workflow_ids: Iterable[str]) -> BulkResponse:
        """Schedule nothing new in these until they are resumed."""
        return self._do("PUT", "/workflow/bulk/pause", workflow_ids)

    def resume(self, workflow_ids: Iterable[str]) -> BulkResponse:
        """Go on after a pause."""
        return self._do("PUT", "/workflow/bulk/resume", workflow_ids)

    def retry(self, workflow_ids: Iterable[str]) -> BulkResponse:
        """Go on from the failed tasks."""
        return self._do("POST", "/workflow/bulk/retry", workflow_ids)

    def restart(self, workflow_ids: Iterable[str], *, use_latest_definitions: bool = False) -> BulkResponse:
        """Run them again from their beginnings."""
        params = {"useLatestDefinitions": use_latest_definitions}
        return self._do("POST", "/workflow/bulk/restart", workflow_ids, params)

    def terminate(self, workflow_ids: Iterable[str], reason: str | None = None) -> BulkResponse:
        """End them as TERMINATED."""
        return self._do("POST", "/workflow/bulk/terminate", workflow_ids, {"reason": reason})

    def remove(self, workflow_ids: Iterable[str], *, archive: bool = True) -> BulkResponse:
        """Delete ended executions."""
        return self._do("DELETE", "/workflow/bulk/remove", workflow_ids, {"archiveWorkflow": archive})

    def terminate_and_remove(
        self, workflow_ids: Iterable[str], reason: str | None = None, *, archive: bool = True
    ) -> BulkResponse:
        """End them if they run, and delete them."""
        params = {"reason": reason, "archiveWorkflow": archive}
        return self._do("DELETE", "/workflow/bulk/terminate-remove", workflow_ids, params)

    def get(self, workflow_ids: Iterable[str], *, include_tasks: bool = True) -> list[Workflow]:
        """These executions, those that there are."""
        where = "/workflow/bulk/search"
        params = {"includeTasks": include_tasks}
        answer = self._client.request("POST", where, params=params, json=list(workflow_ids), repeatable=True)
        found = as_object(answer, "POST", where).get("bulkSuccessfulResults")
        return [Workflow.from_dict(item) for item in as_list(found, "POST", where)]

    def _do(
        self, method: str, where: str, workflow_ids: Iterable[str], params: dict[str, Any] | None = None
    ) -> BulkResponse:
        answer = self._client.request(method, where, params=params, json=list(workflow_ids))
        return BulkResponse.from_dict(as_object(answer, method, where))
