"""Work for people: HUMAN tasks as an inbox, and the forms to show. Orkes servers have these.

A HUMAN task of any server is completed by `client.tasks.update_by_reference`; it takes no signal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conductor_sdk.resources.base import Requester, as_list, as_object, path

_TASKS = "/human/tasks"
_TEMPLATES = "/human/template"


class HumanTaskResource:
    """`client.human_tasks`: an inbox of HUMAN tasks, and the forms to show. Objects are as the server writes them.
    Orkes only.

    `task_id`: of the task
    `workflow_id`, `reference_name`: the execution, and the task in it
    `user_id`: who it is, in words of your own
    `override`: also when somebody else has it
    `query`: `{"states": ["ASSIGNED"], "assignees": […], "start": 0, "size": 15}`
    `assignments`: `[{"assignee": {"userType": "CONDUCTOR_USER", "user": "ada"}}]`
    `output`: what the form gave
    `complete`: the task is done
    `reason`: kept with the task
    `template`: `{"name": …, "version": 1, "jsonSchema": {…}, "templateUI": {…}}`
    `new_version`: keep the old one beside it
    `name`, `version`: of the form
    """

    def __init__(self, client: Requester) -> None:
        self._client = client

    def search(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """One page of tasks."""
        where = _TASKS + "/search"
        return as_object(self._client.request("POST", where, json=dict(query), repeatable=True), "POST", where)

    def get(self, task_id: str) -> dict[str, Any]:
        """A task. Raises NotFound."""
        where = path(_TASKS + "/{}", task_id)
        return as_object(self._client.request("GET", where), "GET", where)

    def claim(self, task_id: str, *, override: bool = False) -> dict[str, Any]:
        """Take a task over as the user who is signed in."""
        where = path(_TASKS + "/{}/claim", task_id)
        return as_object(
            self._client.request("POST", where, params={"overrideAssignment": override or None}), "POST", where
        )

    def claim_for(self, task_id: str, user_id: str, *, override: bool = False) -> dict[str, Any]:
        """Take a task over for a user whom the server does not know."""
        where = path(_TASKS + "/{}/externalUser/{}", task_id, user_id)
        return as_object(
            self._client.request("POST", where, params={"overrideAssignment": override or None}), "POST", where
        )

    def release(self, task_id: str) -> None:
        """Give a task back."""
        self._client.request("POST", path(_TASKS + "/{}/release", task_id))

    def reassign(self, task_id: str, assignments: Sequence[Mapping[str, Any]]) -> None:
        """Mean a task for others."""
        self._client.request("POST", path(_TASKS + "/{}/reassign", task_id), json=[dict(one) for one in assignments])

    def update(self, task_id: str, output: Mapping[str, Any], *, complete: bool = False) -> None:
        """Fill in a task's output, and complete it if asked to."""
        where = path(_TASKS + "/{}/update", task_id)
        self._client.request("POST", where, params={"complete": complete}, json=dict(output))

    def update_by_reference(
        self, workflow_id: str, reference_name: str, output: Mapping[str, Any], *, complete: bool = False
    ) -> None:
        """The same by workflow and reference name."""
        params = {"workflowId": workflow_id, "taskRefName": reference_name, "complete": complete}
        self._client.request("POST", _TASKS + "/update/taskRef", params=params, json=dict(output))

    def skip(self, task_id: str, reason: str | None = None) -> None:
        """End a task without anybody's work."""
        self._client.request("POST", path(_TASKS + "/{}/skip", task_id), params={"reason": reason})

    def save_template(self, template: Mapping[str, Any], *, new_version: bool = False) -> dict[str, Any]:
        """Store a form."""
        params = {"newVersion": new_version or None}
        return as_object(
            self._client.request("POST", _TEMPLATES, params=params, json=dict(template)), "POST", _TEMPLATES
        )

    def templates(self, name: str | None = None, version: int | None = None) -> list[dict[str, Any]]:
        """All forms, or those of a name."""
        params = {"name": name, "version": version}
        return as_list(self._client.request("GET", _TEMPLATES, params=params), "GET", _TEMPLATES)

    def get_template(self, name: str, version: int) -> dict[str, Any]:
        """A form. Raises NotFound."""
        where = path(_TEMPLATES + "/{}/{}", name, str(version))
        return as_object(self._client.request("GET", where), "GET", where)

    def delete_template(self, name: str, version: int | None = None) -> None:
        """Remove a form, or one version of it."""
        where = path(_TEMPLATES + "/{}", name)
        if version is not None:
            where = path(_TEMPLATES + "/{}/{}", name, str(version))
        self._client.request("DELETE", where)
