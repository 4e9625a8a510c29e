"""The state of one execution: plain slotted objects, never the shapes of the wire.

``Execution`` and ``TaskRun`` hold what the server's ``WorkflowModel`` and ``TaskModel`` hold, under the wire's names in
snake case. All times are milliseconds since the epoch, 0 meaning "not yet". Payloads (input, output, variables) are
JSON values that may be shared between tasks: they are replaced, never changed in place.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from conductor_emulator.engine.status import TaskStatus, WorkflowStatus

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node, Plan
    from conductor_emulator.engine.events import Event
    from conductor_emulator.expressions import ServerObject


class TaskRun:
    """One attempt at one task (a retry is a new ``TaskRun``, as on the server)."""

    __slots__ = (
        "callback_after_ms",
        "callback_after_seconds",
        "domain",
        "end_time",
        "executed",
        "external_output_path",
        "first_scheduled_time",
        "former_correlation",
        "input",
        "iteration",
        "logs",
        "memo",
        "node",
        "on_wire",
        "output",
        "parent_reference",
        "plain_reference",
        "poll_count",
        "priority",
        "rate_limit_frequency_seconds",
        "rate_limit_per_frequency",
        "reason",
        "reference",
        "response_timeout_seconds",
        "retried",
        "retried_task_id",
        "retry_count",
        "scheduled_time",
        "seq",
        "start_delay_seconds",
        "start_time",
        "status",
        "sub_workflow_id",
        "task_def_name",
        "task_id",
        "task_type",
        "update_time",
        "wake_at",
        "worker_id",
    )

    def __init__(
        self, task_id: str, reference: str, task_type: str, task_def_name: str | None, node: Node | None
    ) -> None:
        self.task_id = task_id
        #: reference name; inside a loop with the iteration behind it (``charge__2``)
        self.reference = reference
        #: reference name as the definition has it
        self.plain_reference = reference
        self.task_type = task_type
        self.task_def_name = task_def_name
        #: its place in the definition; None only for a task that was skipped by hand
        self.node = node
        self.status = TaskStatus.SCHEDULED
        self.seq = 0
        self.input: dict[str, Any] = {}
        self.output: dict[str, Any] = {}
        self.reason: str | None = None
        #: 0 for the first attempt
        self.retry_count = 0
        self.retried = False
        self.retried_task_id: str | None = None
        #: the evaluation has gone on from it
        self.executed = False
        #: 1, 2, … inside a loop, and for a loop its current iteration; else 0
        self.iteration = 0
        self.poll_count = 0
        #: its own priority; None: the execution's
        self.priority: int | None = None
        self.worker_id: str | None = None
        self.domain: str | None = None
        self.callback_after_seconds = 0
        self.callback_after_ms = 0
        self.start_delay_seconds = 0
        self.response_timeout_seconds = 0
        self.rate_limit_per_frequency = 0
        self.rate_limit_frequency_seconds = 0
        self.scheduled_time = 0
        self.first_scheduled_time = 0
        self.start_time = 0
        self.end_time = 0
        self.update_time = 0
        self.sub_workflow_id: str | None = None
        self.parent_reference: str | None = None
        self.external_output_path: str | None = None
        #: lines of its log: (text, created ms); None until there is one
        self.logs: list[tuple[str, int]] | None = None
        #: what its task type remembers between two commands (an open JOIN's count, a loop's place …)
        self.memo: Any = None
        #: a moment (ms) that its type waits for: the end of a WAIT, a delayed start; 0 for none
        self.wake_at = 0
        #: the execution's correlation id at its time, if that has another since
        self.former_correlation: tuple[str | None] | None = None
        #: cache of its wire form, dropped at each change
        self.on_wire: Any = None

    @property
    def is_loop_over(self) -> bool:
        """True inside a loop and for the loop itself (``TaskModel#isLoopOverTask``)."""
        return self.iteration > 0

    @property
    def is_optional(self) -> bool:
        """Its failure for good counts as COMPLETED_WITH_ERRORS."""
        return self.node is not None and self.node.definition.optional

    @property
    def is_permissive(self) -> bool:
        """Its failure for good fails the workflow only when all the rest has run."""
        return self.node is not None and self.node.definition.permissive

    def __repr__(self) -> str:
        return f"<TaskRun {self.reference} {self.status} attempt {self.retry_count}>"


class Execution:
    """One run of one workflow definition."""

    __slots__ = (
        "asks_people",
        "by_id",
        "by_plain_reference",
        "by_reference",
        "correlation_id",
        "create_time",
        "created_by",
        "directory",
        "end_time",
        "event",
        "events",
        "external_input_path",
        "failed_reference_names",
        "failed_task_id",
        "failed_task_names",
        "has_overdue",
        "highest_seq",
        "idempotency_key",
        "input",
        "is_event_task",
        "is_held_back",
        "is_in_sequence",
        "last_retried_time",
        "masked_fields",
        "messages",
        "needs_start",
        "on_wire",
        "open_loops",
        "open_tasks",
        "output",
        "parent_workflow_id",
        "parent_workflow_task_id",
        "permissive_failures",
        "plan",
        "previous_status",
        "priority",
        "rate_limit_key",
        "reason",
        "status",
        "task_to_domain",
        "tasks",
        "unread",
        "unseen",
        "unsettled",
        "update_time",
        "variables",
        "version_tag",
        "waiters",
        "workflow_id",
    )

    def __init__(self, workflow_id: str, plan: Plan, now: int) -> None:
        self.workflow_id = workflow_id
        self.plan = plan
        self.status = WorkflowStatus.RUNNING
        #: the one before; None as long as it has had no other
        self.previous_status: WorkflowStatus | None = None
        self.input: dict[str, Any] = {}
        #: a blank text from its start, shown back: no path to anything
        self.external_input_path: str | None = None
        self.output: dict[str, Any] = {}
        self.variables: dict[str, Any] = {}
        self.reason: str | None = None
        self.correlation_id: str | None = None
        #: the object in its input that nobody can look into before the first evaluation is over
        self.unread: ServerObject | None = None
        self.priority = 0
        #: None, in the first evaluation only, where the start has not said any: so the server has it until it is stored
        self.task_to_domain: dict[str, str] | None = {}
        self.event: str | None = None
        self.created_by: str | None = None
        self.idempotency_key: str | None = None
        #: executions of one name and key share a number of slots; None: no limit
        self.rate_limit_key: str | None = None
        #: waits for a slot: nothing of it is evaluated
        self.is_held_back = False
        #: names of the fields that nobody is shown; None: everything is shown as it is
        self.masked_fields: frozenset[str] | None = None
        #: carries the one task of an event of onStateChange; it is found by its id only
        self.is_event_task = False
        self.parent_workflow_id: str | None = None
        self.parent_workflow_task_id: str | None = None
        self.create_time = now
        self.update_time = 0
        self.end_time = 0
        self.last_retried_time = 0
        self.failed_task_id: str | None = None
        #: ordered sets, kept as dicts
        self.failed_reference_names: dict[str, None] = {}
        self.failed_task_names: dict[str, None] = {}
        #: every attempt, in the order in which they were scheduled
        self.tasks: list[TaskRun] = []
        #: their sequence numbers only grow; a task skipped by hand has none and breaks that
        self.is_in_sequence = True
        self.by_id: dict[str, TaskRun] = {}
        #: the newest attempt of each reference name
        self.by_reference: dict[str, TaskRun] = {}
        #: the newest attempt under its name in the definition: what ``${name.output…}`` reads
        self.by_plain_reference: dict[str, TaskRun] = {}
        #: where other executions' tasks are entered too, if somebody keeps such a list: task id → workflow id
        self.directory: dict[str, str] = {}
        self.highest_seq = 0
        #: the tasks that are not terminal, by id
        self.open_tasks: dict[str, TaskRun] = {}
        #: tasks that the next evaluation has to look at (ended, or a container one of whose tasks moved)
        self.unsettled: dict[str, TaskRun] = {}
        #: reference name awaited → the open JOINs waiting for it
        self.waiters: dict[str, list[TaskRun]] = {}
        #: reference name awaited → the JOINs that have not looked at it since it changed
        self.unseen: dict[str, list[TaskRun]] = {}
        #: open loops by their reference name in the definition and the iteration that runs
        self.open_loops: dict[tuple[str, int], TaskRun] = {}
        #: the next evaluation schedules the first task
        self.needs_start = True
        #: a permissive task has failed for good: the end has to look at it
        self.permissive_failures = False
        #: it has come to a task that keeps the sweeper away
        self.asks_people = False
        #: a time-out has come while nobody looked: the next evaluation does
        self.has_overdue = False
        #: messages pushed to the workflow and not yet pulled
        self.messages: list[dict[str, Any]] = []
        self.events: list[Event] = []
        #: grows at each change; caches and waiting calls compare it
        self.version_tag = 0
        self.on_wire: Any = None

    @property
    def name(self) -> str:
        """The name of its definition."""
        return self.plan.definition.name or ""

    @property
    def version(self) -> int:
        """The version of its definition."""
        return self.plan.definition.version

    def become(self, status: WorkflowStatus) -> None:
        """Change the status (``WorkflowModel#setStatus``)."""
        if status is not self.status:
            if self.status.is_terminal and self.task_to_domain is None:
                self.task_to_domain = {}
            self.previous_status = self.status
            self.status = status

    def correlation_of(self, task: TaskRun) -> str | None:
        """The correlation id that a task was scheduled with."""
        return self.correlation_id if task.former_correlation is None else task.former_correlation[0]

    def add(self, task: TaskRun) -> None:
        """Take a new attempt in; it is the newest of its reference name from now on."""
        if self.tasks and task.seq < self.tasks[-1].seq:
            self.is_in_sequence = False
        self.tasks.append(task)
        self.by_id[task.task_id] = task
        self.by_reference[task.reference] = task
        self.by_plain_reference[task.plain_reference] = task
        self.directory[task.task_id] = self.workflow_id
        if not task.status.is_terminal:
            self.open_tasks[task.task_id] = task

    @property
    def open_count(self) -> int:
        """How many tasks are not terminal."""
        return len(self.open_tasks)

    def open_in_order(self) -> list[TaskRun]:
        """The tasks that are not terminal, as they were scheduled."""
        return sorted(self.open_tasks.values(), key=lambda task: task.seq)

    def leave_directory(self, task_ids: Iterable[str]) -> None:
        """These tasks are no longer part of the execution: nobody finds it by them."""
        for task_id in task_ids:
            self.directory.pop(task_id, None)

    def reindex(self) -> None:
        """Rebuild every index from ``tasks``: after a restart or rerun dropped some of them."""
        known = self.by_id
        self.by_id = {t.task_id: t for t in self.tasks}
        self.leave_directory(known.keys() - self.by_id.keys())
        self.by_reference = {t.reference: t for t in self.tasks}
        self.by_plain_reference = {t.plain_reference: t for t in self.tasks}
        self.highest_seq = max((t.seq for t in self.tasks), default=0)
        self.is_in_sequence = all(one.seq <= two.seq for one, two in pairwise(self.tasks))
        self.open_tasks = {t.task_id: t for t in self.tasks if not t.status.is_terminal}
        self.unsettled = {}
        self.waiters = {}
        self.unseen = {}
        self.open_loops = {}

    def __repr__(self) -> str:
        return f"<Execution {self.name} v{self.version} {self.workflow_id} {self.status}>"
