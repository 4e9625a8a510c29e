"""Many executions at once (`/workflow/bulk`). What fails for one of them does not stop the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from conductor_sdk.models.answers import BulkResponse
from conductor_sdk.resources.base import Requester, as_object


class BulkResource:
    """`client.bulk`."""

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

    def _do(
        self, method: str, where: str, workflow_ids: Iterable[str], params: dict[str, Any] | None = None
    ) -> BulkResponse:
        answer = self._client.request(method, where, params=params, json=list(workflow_ids))
        return BulkResponse.from_dict(as_object(answer, method, where))
