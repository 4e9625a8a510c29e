"""Tasks: polling, results, logs and queues (`/tasks`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conductor_sdk.models.answers import TaskSearchResult, TaskSummary
from conductor_sdk.models.task import PollData, Task, TaskExecLog, TaskResult
from conductor_sdk.models.workflow_run import Workflow
from conductor_sdk.resources.base import Requester, as_list, as_object, hits_of, path

#: Extra seconds that a long poll's request may take beyond its own time-out.
_POLL_MARGIN = 10.0


class TaskResource:
    """`client.tasks`: what workers do, by hand; and a look into the queues.

    `task_type`: the name that workers poll for
    `domain`: only tasks that were sent to this domain; without one, only those that were sent to none
    `worker_id`: who polls, as the server shows it
    `task_id`: as a poll or an execution gives it
    `workflow_id`, `reference_name`: the execution, and the task in it, `loop_ref__2` for the second iteration
    `result`: with `task_id`, `workflow_instance_id`, `status` and `output_data`
    `status`: COMPLETED, FAILED, FAILED_WITH_TERMINAL_ERROR or IN_PROGRESS
    `output`: the task's output; none is an empty one
    `query`: `taskType='charge' AND status='FAILED'`, for example
    `free_text`: words to look for, where the server has an index
    `start`, `size`: the first hit's number, from 0, and how many at most
    `sort`: `field:ASC` or `field:DESC`, for example `startTime:DESC`
    """

    def __init__(self, client: Requester) -> None:
        self._client = client

    def poll(self, task_type: str, *, worker_id: str | None = None, domain: str | None = None) -> Task | None:
        """Take one task of this type, or None if there is none. A task that was taken must be answered, in its response
        time-out; it is not offered to others before that.
        """
        where = path("/tasks/poll/{}", task_type)
        answer = self._client.request("GET", where, params={"workerid": worker_id, "domain": domain}, repeatable=False)
        return Task.from_dict(answer) if isinstance(answer, dict) else None

    def poll_batch(
        self,
        task_type: str,
        *,
        count: int = 1,
        timeout_ms: int = 100,
        worker_id: str | None = None,
        domain: str | None = None,
    ) -> list[Task]:
        """Take up to `count` tasks. The server waits up to `timeout_ms` (at most 5000) until it has them, and answers
        with what it has then.
        """
        where = path("/tasks/poll/batch/{}", task_type)
        params = {"count": count, "timeout": timeout_ms, "workerid": worker_id, "domain": domain}
        answer = self._client.request(
            "GET", where, params=params, repeatable=False, timeout=timeout_ms / 1000 + _POLL_MARGIN
        )
        return [Task.from_dict(item) for item in as_list(answer, "GET", where)]

    def update(self, result: TaskResult) -> str:
        """Report a result; answers the task's id. Reporting a finished task again changes nothing. Raises NotFound for
        an unknown execution or task, and ServerError for a status that no worker may report.
        """
        return str(self._client.request("POST", "/tasks", json=result))

    def update_and_poll(self, result: TaskResult) -> Task | None:
        """Report a result and take the next task of the same type and domain, if there is one (`update-v2`)."""
        answer = self._client.request("POST", "/tasks/update-v2", json=result)
        return Task.from_dict(answer) if isinstance(answer, dict) else None

    def update_by_reference(
        self, workflow_id: str, reference_name: str, status: str, output: dict[str, Any] | None = None
    ) -> str | None:
        """Report a result for a task by its reference name: how a WAIT or HUMAN task is completed from outside.

        The task's id, or None where there is no such open task (Conductor does not call that an error).
        """
        where = path("/tasks/{}/{}/{}", workflow_id, reference_name, status)
        answer = self._client.request("POST", where, json=output if output is not None else {})
        return str(answer) if answer else None

    def update_by_reference_sync(
        self, workflow_id: str, reference_name: str, status: str, output: dict[str, Any] | None = None
    ) -> Workflow:
        """The same, and answer with the workflow after it. Raises NotFound where there is no such open task."""
        where = path("/tasks/{}/{}/{}/sync", workflow_id, reference_name, status)
        answer = self._client.request("POST", where, json=output if output is not None else {})
        return Workflow.from_dict(as_object(answer, "POST", where))

    def search(
        self, query: str = "", *, free_text: str = "*", start: int = 0, size: int = 100, sort: str | None = None
    ) -> TaskSearchResult:
        """One page of tasks: `search("taskType='charge' AND status='FAILED'")`."""
        params = {"query": query or None, "freeText": free_text, "start": start, "size": size, "sort": sort}
        answer = self._client.request("GET", "/tasks/search", params=params)
        return TaskSearchResult.from_dict(as_object(answer, "GET", "/tasks/search"))

    def search_all(
        self, query: str = "", *, free_text: str = "*", size: int = 100, sort: str | None = None
    ) -> Iterator[TaskSummary]:
        """All hits of a search, page by page as they are asked for; `size` is that of a page."""
        return hits_of(lambda start: self.search(query, free_text=free_text, start=start, size=size, sort=sort))

    def get(self, task_id: str) -> Task:
        """A task. Raises NotFound."""
        where = path("/tasks/{}", task_id)
        return Task.from_dict(as_object(self._client.request("GET", where), "GET", where))

    def log(self, task_id: str, text: str) -> None:
        """Add a line, `text`, to a task's log. An unknown task has a log, too."""
        self._client.request("POST", path("/tasks/{}/log", task_id), text=text)

    def logs(self, task_id: str) -> list[TaskExecLog]:
        """The lines of a task's log, oldest first."""
        where = path("/tasks/{}/log", task_id)
        return [TaskExecLog.from_dict(item) for item in as_list(self._client.request("GET", where), "GET", where)]

    def queue_size(self, task_type: str, *, domain: str | None = None) -> int:
        """How many tasks of this type wait for a worker."""
        answer = self._client.request("GET", "/tasks/queue/size", params={"taskType": task_type, "domain": domain})
        return int(answer or 0)

    def queue_sizes(self) -> dict[str, int]:
        """How many tasks wait, by queue: the task's type, or `domain:type`."""
        return as_object(self._client.request("GET", "/tasks/queue/all"), "GET", "/tasks/queue/all")

    def queue_details(self) -> dict[str, Any]:
        """The queues with their shards: sizes, and how many tasks were polled and not yet acknowledged."""
        where = "/tasks/queue/all/verbose"
        return as_object(self._client.request("GET", where), "GET", where)

    def poll_data(self, task_type: str) -> list[PollData]:
        """Who polled this type last, and when, by domain."""
        where = "/tasks/queue/polldata"
        answer = self._client.request("GET", where, params={"taskType": task_type})
        return [PollData.from_dict(item) for item in as_list(answer, "GET", where)]

    def all_poll_data(self) -> list[PollData]:
        """Who polled last, and when, for all types."""
        where = "/tasks/queue/polldata/all"
        return [PollData.from_dict(item) for item in as_list(self._client.request("GET", where), "GET", where)]

    def requeue(self, task_type: str) -> str:
        """Offer all open tasks of this type again, those in the hands of a worker too. Their number, as a text."""
        return str(self._client.request("POST", path("/tasks/queue/requeue/{}", task_type)))
