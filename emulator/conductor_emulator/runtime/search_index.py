"""Search over executions and tasks: a table in memory for each.

What changes is entered at the next search, or when much has changed: most executions change several times in between.
Which of its tasks a command changes nobody tells: these wait for a search for tasks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.engine.flavors import FLAVORS, Feature
from conductor_emulator.engine.status import WorkflowStatus
from conductor_emulator.runtime.archived_rows import (
    ArchivedExecution,
    ArchivedTask,
    kept_summary,
    text_of_task,
    text_of_workflow,
    unpacked,
)
from conductor_emulator.runtime.search_query import (
    HIERARCHY,
    Condition,
    asks_for_hierarchy,
    free_text_condition,
    parse_query,
    parse_sort,
)
from conductor_emulator.runtime.search_table import TEXT, Table
from conductor_emulator.runtime.summaries import UNTAGGED, classifier_of, task_summary, workflow_summary

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.engine.flavors import Flavor

#: So many executions may have tasks that are still to be entered.
_MOST_PENDING: Final = 500


class _FoundTask(NamedTuple):
    execution: Execution
    task: TaskRun


class _KeptTask(NamedTuple):
    """A task that was archived with its execution, or dropped by it."""

    execution: Execution | ArchivedExecution
    task: ArchivedTask


_WorkflowRow: TypeAlias = "Execution | ArchivedExecution"
_TaskRow: TypeAlias = "_FoundTask | _KeptTask"


def _classifier_of(row: _WorkflowRow) -> str:
    return row.classifier if isinstance(row, ArchivedExecution) else classifier_of(row.plan.definition)


def _workflow_text(row: _WorkflowRow) -> str:
    return unpacked(row) if isinstance(row, ArchivedExecution) else text_of_workflow(row)


def _task_text(row: _TaskRow) -> str:
    return unpacked(row.task) if isinstance(row, _KeptTask) else text_of_task(*row)


_WORKFLOW_FIELDS: Final[Mapping[str, Callable[[_WorkflowRow], Any]]] = {
    "workflow_id": attrgetter("workflow_id"),
    "correlation_id": attrgetter("correlation_id"),
    "workflow_type": attrgetter("name"),
    "start_time": attrgetter("create_time"),
    "end_time": attrgetter("end_time"),
    "status": attrgetter("status"),
    "update_time": attrgetter("update_time"),
    "parent_workflow_id": lambda execution: execution.parent_workflow_id or "",
    "classifier": _classifier_of,
    TEXT: _workflow_text,
}
_TASK_FIELDS: Final[Mapping[str, Callable[[_TaskRow], Any]]] = {
    "task_id": attrgetter("task.task_id"),
    "task_type": attrgetter("task.task_type"),
    "task_def_name": attrgetter("task.task_def_name"),
    "status": attrgetter("task.status"),
    "start_time": attrgetter("task.start_time"),
    "end_time": attrgetter("task.end_time"),
    "update_time": attrgetter("task.update_time"),
    "workflow_type": attrgetter("execution.name"),
    TEXT: _task_text,
}
#: What flavor ``orkes`` knows beside.
_MORE_TASK_FIELDS: Final[Mapping[str, Callable[[_TaskRow], Any]]] = {
    "workflow_id": attrgetter("execution.workflow_id"),
    "correlation_id": attrgetter("execution.correlation_id"),
}
_MORE_NAMES: Final = {"modified_time": "update_time"}


_HAS_NOT_ENDED: Final = Condition("status", "IN", tuple(status for status in WorkflowStatus if not status.is_terminal))
_INDEXED_OF_WORKFLOWS: Final = ("status", "workflow_type", "correlation_id", "parent_workflow_id", "classifier")
#: What the real server has indices of, in the order in which its database got them.
_SCANNED_OF_WORKFLOWS: Final = (
    "correlation_id",
    "start_time",
    "status",
    "workflow_type",
    "parent_workflow_id",
    "classifier",
    "end_time",
)
_SCANNED_OF_TASKS: Final = ("status", "task_def_name", "task_type", "update_time", "workflow_type", "end_time")
_INDEXED_OF_TASKS: Final = ("status", "task_type", "task_def_name", "workflow_type")
_INDEXED_OF_ORKES_TASKS: Final = (*_INDEXED_OF_TASKS, "workflow_id")


def _indexed_of_workflow(execution: _WorkflowRow) -> tuple[Any, ...]:
    if isinstance(execution, ArchivedExecution):
        parent_id = execution.parent_workflow_id or ""
        return execution.status, execution.name, execution.correlation_id, parent_id, execution.classifier
    definition = execution.plan.definition
    classifier = classifier_of(definition) if definition.metadata else UNTAGGED
    return (
        execution.status,
        definition.name or "",
        execution.correlation_id,
        execution.parent_workflow_id or "",
        classifier,
    )


def _indexed_of_task(found: _TaskRow) -> tuple[Any, ...]:
    execution, task = found
    return task.status, task.task_type, task.task_def_name, execution.name


def _indexed_of_orkes_task(found: _TaskRow) -> tuple[Any, ...]:
    return (*_indexed_of_task(found), found.execution.workflow_id)


class SearchIndex:
    """What ``/workflow/search`` and ``/tasks/search`` look through."""

    def __init__(self, flavor: Flavor = FLAVORS["oss"]) -> None:
        self._knows_more = Feature.SEARCH_FIELDS in flavor.features
        self._names: Mapping[str, str] = _MORE_NAMES if self._knows_more else {}
        self._is_strict = Feature.STRICT_SEARCH in flavor.features
        #: executions that have changed since the last search
        self._changed: dict[str, Execution] = {}
        #: executions whose tasks are to be looked at
        self._pending: dict[str, Execution] = {}
        #: workflow id → the tasks of it that are entered
        self._task_ids: dict[str, set[str]] = {}
        #: workflow id → those entered that it has no longer
        self._dropped: dict[str, list[str]] = {}

    # the tables are made for the first search: most tests have none
    @cached_property
    def _workflows(self) -> Table[_WorkflowRow]:
        return Table(
            {**_WORKFLOW_FIELDS, HIERARCHY[0]: self._root_start_time, HIERARCHY[1]: self._hierarchy_path},
            "workflow_id",
            _INDEXED_OF_WORKFLOWS,
            _indexed_of_workflow,
            _SCANNED_OF_WORKFLOWS,
        )

    @cached_property
    def _tasks(self) -> Table[_TaskRow]:
        if not self._knows_more:
            return Table(_TASK_FIELDS, "task_id", _INDEXED_OF_TASKS, _indexed_of_task, _SCANNED_OF_TASKS)
        fields = {**_TASK_FIELDS, **_MORE_TASK_FIELDS}
        return Table(fields, "task_id", _INDEXED_OF_ORKES_TASKS, _indexed_of_orkes_task, _SCANNED_OF_TASKS)

    def changed(self, execution: Execution) -> None:
        """An execution is new or has changed."""
        self._changed[execution.workflow_id] = execution
        if len(self._changed) > _MOST_PENDING:
            self._put_changed()

    def _put_changed(self) -> None:
        for workflow_id, execution in self._changed.items():
            self._workflows.put(workflow_id, execution)
        self._pending.update(self._changed)
        self._changed.clear()
        if len(self._pending) > _MOST_PENDING:
            self._put_pending()

    def enter_tasks(self, execution: Execution) -> None:
        """Enter the tasks of an execution now: some of them are about to be dropped."""
        self._pending[execution.workflow_id] = execution
        self._put_pending()

    def archived(self, execution: Execution) -> None:
        """An execution is gone, but it and its tasks are still found: what is kept of them is short."""
        workflow_id = execution.workflow_id
        self.changed(execution)
        self._put_changed()
        self._put_pending()
        kept = ArchivedExecution.of(execution)
        self._workflows.put(workflow_id, kept)
        for task_id in (*self._dropped.pop(workflow_id, ()), *self._task_ids.pop(workflow_id, ())):
            self._shorten(task_id, kept)

    def removed(self, execution: Execution) -> None:
        """An execution is gone; the tasks that it had dropped before are still found."""
        workflow_id = execution.workflow_id
        self._changed.pop(workflow_id, None)
        self._pending.pop(workflow_id, None)
        self._workflows.remove(workflow_id)
        there = {task.task_id for task in execution.tasks}
        entered = self._task_ids.pop(workflow_id, set())
        for task_id in entered & there:
            self._tasks.remove(task_id)
        dropped = [*self._dropped.pop(workflow_id, ()), *(entered - there)]
        if dropped:
            kept = ArchivedExecution.of(execution)
            for task_id in dropped:
                self._shorten(task_id, kept)

    def workflows_with(self, field: str, value: str) -> list[str]:
        """The ids of the executions whose indexed field has this value, oldest first."""
        self._put_changed()
        return self._workflows.select([Condition(field, "IN", (value,))], (), 0, -1)[1]

    def open_workflows(self) -> list[str]:
        """The ids of the executions that have not ended, oldest first."""
        self._put_changed()
        return self._workflows.select([_HAS_NOT_ENDED], (), 0, -1)[1]

    def _conditions(self, query: str | None, free_text: str | None) -> list[Condition]:
        asked = parse_query(query, self._names, is_strict=self._is_strict)
        return [*asked, *free_text_condition(free_text)]

    def workflows(
        self, query: str | None, free_text: str | None, sort: str | None, start: int, size: int, *, of_ids: bool = False
    ) -> tuple[int, list[str]]:
        """How many executions are found, and the ids of one page of them.

        ``of_ids``: the server asks for ids alone, which it cannot do where it sorts by hierarchy; nor can it look for
        ids there.
        """
        conditions, keys = self._conditions(query, free_text), parse_sort(sort, self._names)
        fields = [*(condition.field for condition in conditions), *(field for field, _ in keys)]
        if asks_for_hierarchy(sort) and (of_ids or "workflow_id" in fields):
            raise ServerFault(
                "Cannot prepare statement for query: [SQLITE_ERROR] SQL error or missing database "
                "(ambiguous column name: workflow_id)"
            )
        self._put_changed()
        return self._workflows.search(conditions, keys, start, size)

    def _ancestry(self, row: _WorkflowRow) -> list[_WorkflowRow]:
        """An execution and those that it belongs to, the topmost first; alone if one of them has been removed."""
        found = [row]
        while found[0].parent_workflow_id:
            parent = self._workflows.find(found[0].parent_workflow_id)
            if parent is None:
                return [row]
            found.insert(0, parent)
        return found

    def _root_start_time(self, row: _WorkflowRow) -> int:
        return self._ancestry(row)[0].create_time

    def _hierarchy_path(self, row: _WorkflowRow) -> str:
        return "|".join(one.workflow_id for one in self._ancestry(row))

    def tasks(
        self, query: str | None, free_text: str | None, sort: str | None, start: int, size: int
    ) -> tuple[int, list[str]]:
        """How many tasks are found, and the ids of one page of them. Tasks that nobody touched yet are not."""
        conditions = self._conditions(query, free_text)
        self._put_changed()
        self._put_pending()
        return self._tasks.search(conditions, parse_sort(sort, self._names), start, size)

    def workflow_summary(self, workflow_id: str) -> dict[str, Any]:
        """The summary of an execution that was found; it may be an archived one."""
        row = self._workflows.row(workflow_id)
        return kept_summary(row) if isinstance(row, ArchivedExecution) else workflow_summary(row)

    def task_summary(self, task_id: str, queue_wait_time: Callable[[TaskRun], int]) -> dict[str, Any]:
        """The summary of a task that was found; ``queue_wait_time`` (ms) is asked of those that are still there."""
        row = self._tasks.row(task_id)
        if isinstance(row, _KeptTask):
            return kept_summary(row.task)
        return task_summary(*row, queue_wait_time(row.task))

    def workflow_of_task(self, task_id: str) -> str:
        """The id of the execution of a task that was found."""
        return self._tasks.row(task_id).execution.workflow_id

    def _put_pending(self) -> None:
        there: list[_FoundTask] = []
        for execution in self._pending.values():
            there += self._tasks_of(execution)
        self._pending.clear()
        # a task that is new here comes at the place of the moment in which it was first touched
        there.sort(key=_first_touched)
        for found in there:
            self._tasks.put(found.task.task_id, found)

    def _tasks_of(self, execution: Execution) -> list[_FoundTask]:
        there = [_FoundTask(execution, task) for task in execution.tasks if task.update_time]
        now = {found.task.task_id for found in there}
        # what a restart, a rerun or a loop has dropped stays, as in the server's index
        for task_id in self._task_ids.get(execution.workflow_id, now) - now:
            self._dropped.setdefault(execution.workflow_id, []).append(task_id)
            self._shorten(task_id, execution)
        self._task_ids[execution.workflow_id] = now
        return there

    def _shorten(self, task_id: str, execution: _WorkflowRow) -> None:
        """A task's row has to do without the task."""
        row = self._tasks.row(task_id)
        task = row.task if isinstance(row, _KeptTask) else ArchivedTask.of(*row)
        self._tasks.put(task_id, _KeptTask(execution, task))


def _first_touched(found: _FoundTask) -> int:
    return found.task.start_time or found.task.update_time
