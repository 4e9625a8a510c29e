"""Search over executions and tasks: two tables in memory, brought up to date when somebody searches.

A change of an execution costs one dictionary entry; the rows are made at the next search. What a condition asks for by
equality comes from an index, so that its cost is that of the hits, not of all executions there are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.runtime.search_query import (
    Condition,
    Row,
    free_text_condition,
    parse_query,
    parse_sort,
)
from conductor_emulator.runtime.summaries import classifier_of, task_summary, workflow_summary

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution, TaskRun

_WORKFLOW_FIELDS: Final = frozenset(
    {
        "workflow_id",
        "correlation_id",
        "workflow_type",
        "start_time",
        "end_time",
        "status",
        "update_time",
        "json_data",
        "parent_workflow_id",
        "classifier",
    }
)
_TASK_FIELDS: Final = frozenset(
    {
        "task_id",
        "task_type",
        "task_def_name",
        "status",
        "start_time",
        "end_time",
        "update_time",
        "workflow_type",
        "json_data",
    }
)


class LazyRow(dict[str, Any]):
    """A row whose ``json_data`` is written when free text is looked for in it."""

    __slots__ = ("write",)

    def __init__(self, fields: dict[str, Any], write: Callable[[], str]) -> None:
        super().__init__(fields)
        self.write = write

    def __missing__(self, field: str) -> Any:
        text = self[field] = self.write()
        return text


class _Keys:
    """The ids under one value of an index, in the order of the table's rows."""

    __slots__ = ("_in_order", "_last", "places")

    def __init__(self) -> None:
        #: id → the row's place in the table
        self.places: dict[str, int] = {}
        self._last = -1
        self._in_order = True

    def __len__(self) -> int:
        return len(self.places)

    def add(self, key: str, place: int) -> None:
        if place < self._last:
            self._in_order = False
        else:
            self._last = place
        self.places[key] = place

    def remove(self, key: str) -> None:
        del self.places[key]

    def in_order(self) -> dict[str, int]:
        """The ids, oldest row first; sorted only after one came out of turn."""
        if not self._in_order:
            self.places = dict(sorted(self.places.items(), key=lambda entry: entry[1]))
            self._in_order = True
        return self.places


class Table:
    """Rows by id in the order in which they came, with an index for each of some fields."""

    def __init__(self, name: str, fields: frozenset[str], indexed: Iterable[str]) -> None:
        self.name = name
        self.fields = fields
        self._rows: dict[str, Row] = {}
        #: field → value → ids
        self._indices: dict[str, dict[Any, _Keys]] = {field: {} for field in indexed}
        #: the id's place among all that ever were
        self._places: dict[str, int] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, key: str, row: Row) -> None:
        """Add a row, or replace the one of that id in its place."""
        former = self._rows.get(key)
        if former is None:
            self._places[key] = self._next
            self._next += 1
        place = self._places[key]
        for field, index in self._indices.items():
            value = row[field]
            if former is not None:
                if former[field] == value:
                    continue
                self._unindex(index, former[field], key)
            index.setdefault(value, _Keys()).add(key, place)
        self._rows[key] = row

    def remove(self, key: str) -> None:
        """Drop a row, if it is there."""
        row = self._rows.pop(key, None)
        if row is None:
            return
        del self._places[key]
        for field, index in self._indices.items():
            self._unindex(index, row[field], key)

    @staticmethod
    def _unindex(index: dict[Any, _Keys], value: Any, key: str) -> None:
        keys = index[value]
        keys.remove(key)
        if not keys:
            del index[value]

    def select(
        self, conditions: Sequence[Condition], sort: Sequence[tuple[str, bool]], start: int, size: int
    ) -> tuple[int, list[str]]:
        """How many rows fulfil all conditions, and the ids of one page of them. A negative size means all."""
        for field in [*(condition.field for condition in conditions), *(field for field, _ in sort)]:
            if field not in self.fields:
                raise ServerFault(f"no such column: {field} in {self.name}")
        keys = self._found(conditions)
        total = len(keys)
        if sort:
            ordered = list(keys)
            for field, descending in reversed(sort):
                ordered.sort(key=lambda key: _sortable(self._rows[key][field]), reverse=descending)
            keys = ordered
        start = max(start, 0)
        return total, list(islice(keys, start, None if size < 0 else start + size))

    def _found(self, conditions: Sequence[Condition]) -> Collection[str]:
        """The ids of the rows that fulfil the conditions: the shortest index first, what is left tested row by row."""
        by_index: list[list[_Keys]] = []
        others: list[Condition] = []
        for condition in conditions:
            index, values = self._indices.get(condition.field), condition.exact_values
            if index is None or values is None:
                others.append(condition)
            else:
                by_index.append([index[value] for value in dict.fromkeys(values) if value in index])
        keys: Collection[str] = self._rows
        if by_index:
            by_index.sort(key=lambda found: sum(map(len, found)))
            keys = self._united(by_index[0])
            for found in by_index[1:]:
                if len(found) == 1:
                    (other,) = found
                    keys = list(filter(other.places.__contains__, keys))
                else:
                    keys = [key for key in keys if any(key in one.places for one in found)]
        if others:
            tests = [condition.test() for condition in others]
            keys = [key for key in keys if all(test(self._rows[key]) for test in tests)]
        return keys

    def _united(self, found: list[_Keys]) -> Collection[str]:
        if len(found) == 1:
            return found[0].in_order()
        return sorted((key for one in found for key in one.in_order()), key=self._places.__getitem__)


def _sortable(value: Any) -> tuple[bool, Any]:
    return (value is not None, value if value is not None else "")


class SearchIndex:
    """What ``/workflow/search`` and ``/tasks/search`` look through."""

    def __init__(self) -> None:
        self._workflows = Table(
            "workflow_index",
            _WORKFLOW_FIELDS,
            ("workflow_id", "correlation_id", "workflow_type", "status", "parent_workflow_id", "classifier"),
        )
        self._tasks = Table(
            "task_index", _TASK_FIELDS, ("task_id", "task_type", "task_def_name", "status", "workflow_type")
        )
        self._changed_workflows: dict[str, Execution] = {}
        self._changed_tasks: dict[str, Execution] = {}
        self._task_ids: dict[str, list[str]] = {}

    def changed(self, execution: Execution) -> None:
        """An execution is new or has changed."""
        self._changed_workflows[execution.workflow_id] = execution
        self._changed_tasks[execution.workflow_id] = execution

    def removed(self, workflow_id: str) -> None:
        """An execution is gone."""
        self._changed_workflows.pop(workflow_id, None)
        self._changed_tasks.pop(workflow_id, None)
        self._workflows.remove(workflow_id)
        for task_id in self._task_ids.pop(workflow_id, ()):
            self._tasks.remove(task_id)

    def workflows_with(self, field: str, value: str) -> list[str]:
        """The ids of the executions whose indexed field has this value, oldest first."""
        self._catch_up()
        return self._workflows.select([Condition(field, "IN", (value,))], (), 0, -1)[1]

    def _catch_up(self) -> None:
        for key, execution in self._changed_workflows.items():
            self._workflows.put(key, _workflow_row(execution))
        self._changed_workflows.clear()

    def workflows(
        self, query: str | None, free_text: str | None, sort: str | None, start: int, size: int
    ) -> tuple[int, list[str]]:
        """How many executions are found, and the ids of one page of them."""
        conditions = [*parse_query(query), *free_text_condition(free_text)]
        self._catch_up()
        return self._workflows.select(conditions, parse_sort(sort), start, size)

    def tasks(
        self, query: str | None, free_text: str | None, sort: str | None, start: int, size: int
    ) -> tuple[int, list[str]]:
        """How many tasks are found, and the ids of one page of them. Tasks that nobody touched yet are not."""
        conditions = [*parse_query(query), *free_text_condition(free_text)]
        for execution in self._changed_tasks.values():
            self._put_tasks(execution)
        self._changed_tasks.clear()
        return self._tasks.select(conditions, parse_sort(sort), start, size)

    def _put_tasks(self, execution: Execution) -> None:
        now_there = [task.task_id for task in execution.tasks if task.update_time]
        known = execution.by_id
        for task_id in self._task_ids.get(execution.workflow_id, ()):
            if task_id not in known:
                self._tasks.remove(task_id)
        self._task_ids[execution.workflow_id] = now_there
        for task_id in now_there:
            self._tasks.put(task_id, _task_row(execution, known[task_id]))


def _workflow_row(execution: Execution) -> Row:
    return LazyRow(
        {
            "workflow_id": execution.workflow_id,
            "correlation_id": execution.correlation_id,
            "workflow_type": execution.name,
            "start_time": execution.create_time,
            "end_time": execution.end_time,
            "status": execution.status.value,
            "update_time": execution.update_time,
            "parent_workflow_id": execution.parent_workflow_id or "",
            "classifier": classifier_of(execution.plan.definition),
        },
        lambda: _as_text(workflow_summary(execution)),
    )


def _task_row(execution: Execution, task: TaskRun) -> Row:
    return LazyRow(
        {
            "task_id": task.task_id,
            "task_type": task.task_type,
            "task_def_name": task.task_def_name,
            "status": task.status.value,
            "start_time": task.start_time,
            "end_time": task.end_time,
            "update_time": task.update_time,
            "workflow_type": execution.name,
        },
        lambda: _as_text(task_summary(execution, task, task.update_time)),
    )


def _as_text(summary: dict[str, Any]) -> str:
    import json

    return json.dumps(summary, ensure_ascii=False, separators=(",", ":"), default=str)
