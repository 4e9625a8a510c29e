"""Where a test's workflows run: the emulator in this process, or a server behind a URL. The harness knows no more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, Protocol, TypeAlias

from conductor_pytest.budget import Budget
from conductor_pytest.chooser import Chooser
from conductor_pytest.rules import RuleBook
from conductor_pytest.wire import WireFaults
from conductor_pytest.workers import Workers
from conductor_sdk import ApiClient, Task, Workflow, WorkflowDef, WorkflowExecutor

#: Who does the work of a task: somebody here, or somebody else at the same engine.
Server: TypeAlias = Literal["", "worker", "stub", "worker in another thread", "worker in another program"]


class RunEvent(NamedTuple):
    """One change of an execution, and the rule that made it so ("retry: FIXED 5 s, attempt 2 of 3").

    Kinds that are about the workflow: ``workflow.started``, ``workflow.completed``, ``workflow.failed``,
    ``workflow.timed_out``, ``workflow.terminated``, ``workflow.paused``, ``workflow.resumed``, ``workflow.restarted``,
    ``workflow.retried``, ``workflow.reran``, ``workflow.revived`` (for something in a sub-workflow),
    ``workflow.jumped``, ``workflow.upgraded``, ``workflow.output_dropped`` (too large), ``workflow.stuck`` (it cannot
    go on).

    Kinds that are about a task: ``task.scheduled``, ``task.polled``, ``task.in_progress`` (it comes back later),
    ``task.lease`` (extended), ``task.completed``, ``task.completed_with_errors``, ``task.failed``,
    ``task.failed_with_terminal_error``, ``task.timed_out``, ``task.canceled``, ``task.skipped``, ``task.retry``,
    ``task.iteration`` (of a loop), ``task.reopened``, ``task.cached``, ``task.handed_over`` (to its stub),
    ``task.poll_again``, ``task.script`` (a long one), ``task.unmatched``, ``task.update_ignored``, ``task.stuck``.
    """

    #: when, in UTC; virtual time
    at: datetime
    #: one of the words above
    kind: str
    #: the task's reference name; None where it is about none
    reference: str | None
    #: by which rule, or why, as text for the reader; may be empty
    rule: str


class Place(Protocol):
    """What the harness asks of it. Times are ms since the epoch."""

    is_emulator: bool
    url: str
    workers: Workers
    rules: RuleBook
    faults: WireFaults
    budget: Budget
    chooser: Chooser
    auto_jump: bool

    @property
    def client(self) -> ApiClient:
        """The test's; faults on the wire hit it."""

    @property
    def unharmed(self) -> ApiClient:
        """The harness' own; they do not."""

    @property
    def executor(self) -> WorkflowExecutor:
        """Its waiting lets workflows run."""

    def now(self) -> int:
        """How late it is there."""

    def read(self, workflow_id: str) -> Workflow:
        """An execution as it is now, with its tasks."""

    def status(self, workflow_id: str) -> str:
        """The status of an execution: all that many a test asks for, so it costs less than ``read``."""

    def is_ended(self, workflow_id: str) -> bool:
        """Whether an execution has ended."""

    def logs(self, task_id: str) -> list[str]:
        """The lines of a task's log."""

    def events(self, workflow_id: str) -> list[RunEvent]:
        """What happened in an execution, where the place tells."""

    def wait(self, done: Callable[[], bool], workflow_id: str | None, waited_for: str) -> None:
        """Let things happen until ``done()``. Raises ``Stuck`` as soon as that can't come."""

    def run_until_idle(self, *, timeouts: bool) -> None:
        """Let everything happen that happens without anybody outside."""

    def go_on(self, stop: threading.Event, *, timeouts: bool) -> None:
        """Let everything happen as it comes, until ``stop``; time-outs only if they are wanted."""

    def step(self) -> bool:
        """Let one thing happen; False if nothing can."""

    def advance(self, milliseconds: int) -> None:
        """Let time pass."""

    def jump(self) -> int | None:
        """Go to the next moment at which something happens; how many ms that was, None if there is none."""

    def queued(self, task_type: str, domain: str | None) -> list[tuple[str, str]]:
        """What a worker could have now, the next one first: ids of execution and task."""

    def clear_queue(self, task_type: str, domain: str | None) -> int:
        """Forget what waits in a queue; how many tasks that were."""

    def check_faults(self) -> None:
        """Raise (or skip) where faults on the wire cannot be had."""

    def open_workflows(self) -> Sequence[str]:
        """The ids of this test's executions that have not ended."""

    def server_of(self, task: Task) -> Server:
        """Who would do the work of a worker's task; empty if nobody."""

    def kept_back(self, task: Task) -> str:
        """The limit that keeps a ready task from its worker, in words; empty if none does."""

    def is_lost(self, task: Task) -> bool:
        """Whether a SCHEDULED task is in no queue."""

    def cannot_go_on(self, workflow_id: str) -> str:
        """The server's complaint that an execution stands still for; empty if there is none."""

    def idle_starters(self) -> list[str]:
        """The test's event handlers and schedules that did nothing, or in vain, and why, in words."""

    def unasked_runs(self) -> Sequence[str]:
        """The ids of executions that have no parent, the test's own among them, as far as the place knows them."""

    def executions_of(self, name: str) -> Sequence[str]:
        """The ids of the executions of a workflow, sub-workflows among them, in the order of their starts."""

    def workflow_names(self) -> list[str]:
        """The workflows that are registered, as far as the test has to do with them: ``order v1``."""

    def definitions(self) -> list[WorkflowDef]:
        """The same ones as they were registered."""

    def due_in(self, task: Task) -> int | None:
        """In how many ms something happens to an open task by itself; None if nothing does."""

    def is_held(self, task: Task) -> str:
        """Why a task that was taken is not answered, in words; empty if that is not known."""

    def remarks(self) -> list[str]:
        """What else is worth knowing when a test has failed: recent requests, tasks that nobody took in time."""

    def page(self, workflow_id: str, address: Callable[[str], str]) -> str | None:
        """The page of an execution as HTML, where the place can make one; ``address`` is where others' pages are."""

    def close(self) -> None:
        """The test is over."""
