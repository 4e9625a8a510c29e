"""HUMAN tasks as people's work: found, claimed, filled in, completed (flavor ``orkes``).

Who a task is for stands in its input under ``__humanTaskDefinition``. Who has claimed it is kept here, beside the
execution: for the engine such a task is open until it is completed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.engine.commands import UpdateTask
from conductor_emulator.engine.errors import Conflict, NotFound
from conductor_emulator.engine.status import TaskStatus

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.runtime.runtime import Runtime

User = dict[str, Any]

_DEFINITION: Final = "__humanTaskDefinition"
#: How a person is called whom the emulator does not know better.
EXTERNAL_USER: Final = "EXTERNAL_USER"
CONDUCTOR_USER: Final = "CONDUCTOR_USER"


@dataclass(slots=True)
class Handling:
    """What people have done with a task so far."""

    #: an assignee set later than the definition's
    assignee: User | None = None
    claimant: User | None = None
    by: str | None = None
    at: int = 0


class HumanTasks:
    """The HUMAN tasks of all executions."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._handlings: dict[str, Handling] = {}
        #: tasks that were removed from the records; their executions know them still
        self._removed: set[str] = set()

    # -- reading -------------------------------------------------------------------------------------------------------
    def find(self, task_id: str) -> tuple[Execution, TaskRun]:
        """Raises ``NotFound``."""
        found = self._runtime.find_task(task_id)
        if found is None or found[1].task_type != "HUMAN" or task_id in self._removed:
            raise NotFound(f"No human task with id {task_id}")
        return found

    def entry(self, execution: Execution, task: TaskRun) -> dict[str, Any]:
        """A task as people see it."""
        handling = self._handlings.get(task.task_id, Handling())
        definition = _definition_of(task)
        entry = {
            "taskId": task.task_id,
            "taskRefName": task.reference,
            "workflowId": execution.workflow_id,
            "workflowName": execution.name,
            "definitionName": task.task_def_name,
            "displayName": definition.get("displayName") or task.task_def_name,
            "humanTaskDef": definition,
            "state": self.state(task),
            "assignee": self._assignee(task),
            "claimant": handling.claimant,
            "input": {key: value for key, value in task.input.items() if key != _DEFINITION},
            "output": task.output,
            "createdOn": task.scheduled_time,
            "createdBy": execution.created_by,
            "updatedOn": max(handling.at, task.update_time or 0),
            "updatedBy": handling.by,
        }
        return {name: value for name, value in entry.items() if value is not None}

    def state(self, task: TaskRun) -> str:
        """PENDING, ASSIGNED, IN_PROGRESS (claimed), COMPLETED, TIMED_OUT or DELETED."""
        if task.status.is_terminal and task.status.is_successful:
            return "COMPLETED"
        if task.status.is_terminal:
            return "TIMED_OUT" if task.status is TaskStatus.TIMED_OUT else "DELETED"
        if self._handlings.get(task.task_id, Handling()).claimant is not None:
            return "IN_PROGRESS"
        return "PENDING" if self._assignee(task) is None else "ASSIGNED"

    def _assignee(self, task: TaskRun) -> User | None:
        handling = self._handlings.get(task.task_id)
        if handling is not None and handling.assignee is not None:
            return handling.assignee
        assignments = _definition_of(task).get("assignments")
        first = assignments[0] if isinstance(assignments, list) and assignments else None
        assignee = first.get("assignee") if isinstance(first, dict) else None
        return assignee if isinstance(assignee, dict) else None

    def search(self, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        """The entries that fulfil every condition given, the newest first; a text is looked for in input and output."""
        found = [
            self.entry(execution, task)
            for execution in self._runtime.store
            for task in execution.tasks
            if task.task_type == "HUMAN" and task.task_id not in self._removed
        ]
        found = [entry for entry in found if _fits(entry, wanted)]
        found.reverse()  # of those of one moment, too, the newest stands first
        return sorted(found, key=lambda entry: entry["createdOn"], reverse=True)

    # -- what people do ------------------------------------------------------------------------------------------------
    def claim(self, task_id: str, user: str, user_type: str, *, override: bool, assign: bool) -> dict[str, Any]:
        """Somebody takes a task over; ``override``: from whoever has it, ``assign``: whoever it was meant for."""
        execution, task = self._open(task_id)
        claimant = {"user": user, "userType": user_type}
        handling = self._handlings.setdefault(task_id, Handling())
        if handling.claimant not in (None, claimant) and not override:
            raise Conflict(f"Human task {task_id} is claimed by {(handling.claimant or {}).get('user')} already")
        assignee = self._assignee(task)
        if assignee is not None and assignee.get("user") != user and not assign and _is_person(assignee):
            raise Conflict(f"Human task {task_id} is assigned to {assignee.get('user')}")
        if assign:
            handling.assignee = claimant
        handling.claimant = claimant
        self._note(task_id, user)
        return self.entry(execution, task)

    def release(self, task_id: str) -> None:
        """Give a claimed task back."""
        self._open(task_id)
        self._handlings.setdefault(task_id, Handling()).claimant = None
        self._note(task_id, None)

    def reassign(self, task_id: str, assignments: list[dict[str, Any]]) -> None:
        """Mean a task for somebody else."""
        self._open(task_id)
        handling = self._handlings.setdefault(task_id, Handling())
        handling.claimant = None
        handling.assignee = assignments[0].get("assignee") if assignments else None
        self._note(task_id, None)

    def update(self, task_id: str, output: dict[str, Any], *, complete: bool) -> None:
        """Fill in a task's output, and complete it if that is wanted."""
        execution, task = self._open(task_id)
        status = TaskStatus.COMPLETED if complete else TaskStatus.IN_PROGRESS
        self._note(task_id, None)
        self._runtime.submit(execution.workflow_id, UpdateTask(task_id, status, output, merge_output=True))
        if task.status.is_terminal:
            self._handlings[task_id].at = self._runtime.clock.now()

    def skip(self, task_id: str, reason: str | None) -> None:
        """Go on without it."""
        execution, _ = self._open(task_id)
        command = UpdateTask(task_id, TaskStatus.COMPLETED, {"skipped": True}, reason=reason, merge_output=True)
        self._runtime.submit(execution.workflow_id, command)

    def remove(self, task_id: str) -> None:
        """Take a task out of the records; its workflow goes on waiting for it."""
        self.find(task_id)
        self._removed.add(task_id)

    def _open(self, task_id: str) -> tuple[Execution, TaskRun]:
        execution, task = self.find(task_id)
        if task.status.is_terminal:
            raise Conflict(f"Human task {task_id} has ended: {self.state(task)}")
        return execution, task

    def _note(self, task_id: str, user: str | None) -> None:
        handling = self._handlings.setdefault(task_id, Handling())
        handling.at = self._runtime.clock.now()
        handling.by = user or handling.by


def _definition_of(task: TaskRun) -> dict[str, Any]:
    definition = task.input.get(_DEFINITION)
    return definition if isinstance(definition, dict) else {}


def _is_person(user: User) -> bool:
    return str(user.get("userType", "")).endswith("_USER")


#: condition of a search → the entry's field whose value has to be among those given
_LISTS: Final = {
    "definitionNames": "definitionName",
    "displayNames": "displayName",
    "states": "state",
    "taskRefNames": "taskRefName",
    "workflowIds": "workflowId",
    "workflowNames": "workflowName",
}
_USERS: Final = {"assignees": "assignee", "claimants": "claimant"}


def _fits(entry: dict[str, Any], wanted: dict[str, Any]) -> bool:
    for condition, field in _LISTS.items():
        if wanted.get(condition) and entry.get(field) not in wanted[condition]:
            return False
    for condition, field in _USERS.items():
        users = [user.get("user") for user in wanted.get(condition) or () if isinstance(user, dict)]
        if users and (entry.get(field) or {}).get("user") not in users:
            return False
    begin, end = wanted.get("updateStartTime") or 0, wanted.get("updateEndTime") or entry["updatedOn"]
    if not begin <= entry["updatedOn"] <= end:
        return False
    text = str(wanted.get("fullTextQuery") or "").strip().lower()
    return (
        not text or text == "*" or text in f"{entry.get('input')} {entry.get('output')} {entry['displayName']}".lower()
    )
