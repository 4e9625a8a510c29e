"""Schedules (`/scheduler`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from conductor_sdk.models.answers import BulkResponse, WorkflowSchedule
from conductor_sdk.resources.base import Requester, as_list, as_object, path
from conductor_sdk.resources.dialect import Dialect

_SCHEDULES = "/scheduler/schedules"


class SchedulerResource:
    """`client.scheduler`: workflows that are started by the clock.

    `schedule`: with `name`, `cron_expression` (six fields, seconds first) and `start_workflow_request`
    `name`: of the schedule; in a search a part of it
    `names`: of several schedules
    `workflow_name`: only schedules that start this workflow
    `reason`: kept and shown as `paused_reason`
    `paused`: only those that are paused, or are not
    `query`: what the server's index of these records understands; the empty one finds all
    `free_text`: words to look for, where the server has an index
    `start`, `size`: the first hit's number, from 0, and how many at most
    `sort`: `field:ASC` or `field:DESC`, for example `startTime:DESC`
    """

    def __init__(self, client: Requester) -> None:
        self._client = client
        self._dialect = Dialect()

    def save(self, schedule: WorkflowSchedule) -> None:
        """Store a schedule, new or not. A wrong cron expression is not refused; it starts nothing."""
        self._client.request("POST", _SCHEDULES, json=schedule, repeatable=True)

    def get(self, name: str) -> WorkflowSchedule:
        """A schedule. Raises NotFound."""
        where = path(_SCHEDULES + "/{}", name)
        return WorkflowSchedule.from_dict(as_object(self._client.request("GET", where), "GET", where))

    def list_all(self, workflow_name: str | None = None) -> list[WorkflowSchedule]:
        """All schedules, or those of one workflow."""
        answer = self._client.request("GET", _SCHEDULES, params={"workflowName": workflow_name})
        return [WorkflowSchedule.from_dict(item) for item in as_list(answer, "GET", _SCHEDULES)]

    def delete(self, name: str) -> None:
        """Remove a schedule. An unknown name is no error."""
        self._client.request("DELETE", path(_SCHEDULES + "/{}", name))

    def pause(self, name: str, reason: str | None = None) -> None:
        """Start nothing by this schedule until it is resumed. Raises NotFound."""
        self._switch(name, "pause", {"reason": reason})

    def resume(self, name: str) -> None:
        """Start by this schedule again. Raises NotFound."""
        self._switch(name, "resume", None)

    def next_times(self, cron_expression: str, *, limit: int = 5) -> list[int]:
        """When a cron expression is due next, in milliseconds since the epoch. Raises ServerError for one that is none.

        `cron_expression`: six fields, seconds first: `0 30 8 * * MON-FRI`
        `limit`: how many moments
        """
        where = "/scheduler/nextFewSchedules"
        params = {"cronExpression": cron_expression, "limit": limit}
        return [int(item) for item in as_list(self._client.request("GET", where, params=params), "GET", where)]

    def search(
        self,
        *,
        workflow_name: str | None = None,
        name: str | None = None,
        paused: bool | None = None,
        start: int = 0,
        size: int = 100,
    ) -> list[WorkflowSchedule]:
        """One page of schedules, by workflow, a part of the name, and state."""
        where = _SCHEDULES + "/search"
        params = {"workflowName": workflow_name, "scheduleName": name, "paused": paused, "start": start, "size": size}
        answer = as_object(self._client.request("GET", where, params=params), "GET", where)
        return [WorkflowSchedule.from_dict(item) for item in as_list(answer.get("results"), "GET", where)]

    def pause_many(self, names: Iterable[str]) -> BulkResponse:
        """Pause several schedules."""
        return self._many("/scheduler/bulk/pause", names)

    def resume_many(self, names: Iterable[str]) -> BulkResponse:
        """Resume several schedules."""
        return self._many("/scheduler/bulk/resume", names)

    def pause_all(self) -> None:
        """Hold back the starts of all schedules of this server."""
        self._client.request("GET", "/scheduler/admin/pause")

    def resume_all(self) -> None:
        """Let them go on."""
        self._client.request("GET", "/scheduler/admin/resume")

    def requeue_records(self) -> None:
        """Archive again the records of starts that were not archived yet."""
        self._client.request("GET", "/scheduler/admin/requeue")

    def executions(
        self, query: str = "", *, free_text: str = "*", start: int = 0, size: int = 100, sort: str | None = None
    ) -> dict[str, Any]:
        """One page of what schedules have started, as the server writes it."""
        where = "/scheduler/search/executions"
        params = {"query": query or None, "freeText": free_text, "start": start, "size": size, "sort": sort}
        return as_object(self._client.request("GET", where, params=params), "GET", where)

    def _many(self, where: str, names: Iterable[str]) -> BulkResponse:
        answer = self._client.request("PUT", where, json=list(names), repeatable=True)
        return BulkResponse.from_dict(as_object(answer, "PUT", where))

    def _switch(self, name: str, what: str, params: dict[str, Any] | None) -> None:
        where = path(_SCHEDULES + "/{}/" + what, name)
        self._dialect.first_that_works(
            what,
            lambda: self._client.request("PUT", where, params=params),
            lambda: self._client.request("GET", where, params=params),
        )
