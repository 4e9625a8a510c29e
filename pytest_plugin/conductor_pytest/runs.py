"""Runs as objects: what a test looks at, with texts that read well when an assert fails."""

from __future__ import annotations

import pickle
from copy import deepcopy
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, TypeVar

from conductor_pytest.blockers import family_blockers, told_once
from conductor_pytest.diagram import case_of
from conductor_pytest.errors import NoSuchTask, shown_at_the_test
from conductor_pytest.folding import names
from conductor_pytest.near_names import did_you_mean
from conductor_pytest.rules import Subject, plain_reference
from conductor_pytest.shortened import one_line
from conductor_pytest.task_names import names_in, switch_around
from conductor_pytest.timeline import Reader, headline, started, timeline
from conductor_pytest.words import Worded, no_such_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conductor_pytest.place import Place, RunEvent
    from conductor_sdk import Task, Workflow


__tracebackhide__ = shown_at_the_test

M = TypeVar("M")
_BLOCKERS_SHOWN = 2
_NOT_YET = " yet"


class Status(str):
    """A status. Equal to its text, and it knows whose it is, so that a failed comparison can say why."""

    __slots__ = ("owner",)
    owner: Run | RunTask

    def __new__(cls, text: str, owner: Run | RunTask) -> Self:
        status = super().__new__(cls, text)
        status.owner = owner
        return status

    @property
    def is_terminal(self) -> bool:
        """It has ended."""
        return self not in ("RUNNING", "PAUSED", "SCHEDULED", "IN_PROGRESS")

    def explanation(self) -> list[str]:
        """Why it is not another one."""
        return self.owner.explanation()


class RunTask:
    """One attempt at one task. Fields of the SDK's ``Task`` that are not here can be read all the same."""

    def __init__(self, run: Run, task: Task) -> None:
        self.run = run
        #: shared with all who look at this execution
        self._model = task

    @cached_property
    def task(self) -> Task:
        """The SDK's model; a copy."""
        return _own(self._model)

    @property
    def reference(self) -> str:
        """Its reference name; in a loop with the iteration behind it (``charge__2``)."""
        return self._model.reference_task_name

    @property
    def type(self) -> str:
        """Its type; for a worker's task the name that workers poll for."""
        return self._model.task_type

    @property
    def status(self) -> Status:
        """As it is now; equal to its text, for example ``"COMPLETED"``."""
        return Status(self._model.status, self)

    @property
    def input(self) -> dict[str, Any]:
        """What it was given, with its references filled in; a copy."""
        return deepcopy(self._model.input_data)

    @property
    def output(self) -> dict[str, Any]:
        """What it has given; a copy. Empty while it is open, as a rule."""
        return deepcopy(self._model.output_data)

    @property
    def reason(self) -> str | None:
        """Why it failed, in its worker's or the server's words."""
        return self._model.reason_for_incompletion

    @property
    def retry_count(self) -> int:
        """0 for the first attempt."""
        return self._model.retry_count

    @property
    def attempt(self) -> int:
        """1 for the first attempt."""
        return self._model.retry_count + 1

    @cached_property
    def logs(self) -> list[str]:
        """The lines of its log."""
        return self.run.place.logs(self._model.task_id)

    @property
    def scheduled_after(self) -> timedelta:
        """How long after the start of the run it was scheduled."""
        return timedelta(milliseconds=self._model.scheduled_time - self._begin)

    @property
    def started_after(self) -> timedelta | None:
        """How long after the start of the run its work began: after its delay, and when a worker took it."""
        if not self._model.start_time:
            return None
        return timedelta(milliseconds=self._model.start_time - self._begin)

    @property
    def ended_after(self) -> timedelta | None:
        """How long after the start of the run it ended; None while it is open."""
        if not self._model.end_time:
            return None
        return timedelta(milliseconds=self._model.end_time - self._begin)

    @property
    def _begin(self) -> int:
        return started(self.run.place.read(self.run.id))

    @property
    def sub_run(self) -> Run:
        """The run of its sub-workflow. Raises ``LookupError`` where there is none."""
        if not self._model.sub_workflow_id:
            raise LookupError(f"{self!r} has no sub-workflow")
        return Run(self.run.place, self._model.sub_workflow_id)

    def explanation(self) -> list[str]:
        """What it is and where, in a few lines."""
        return [repr(self), f"in {self.run!r}"]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        __tracebackhide__ = True
        try:
            return deepcopy(getattr(self._model, name))
        except AttributeError:
            raise no_such_word("a task", name, [*dir(self), *type(self._model).model_fields]) from None

    def __repr__(self) -> str:
        text = f"<Task {self.reference} ({self.type}) {self._model.status}"
        if self.retry_count:
            text += f", attempt {self.attempt}"
        return f"{text}: {one_line(self.reason)}>" if self.reason else f"{text}>"


class Run(Worded):
    """One execution, as it is whenever it is looked at."""

    _what = "a run"

    def __init__(self, place: Place, workflow_id: str) -> None:
        self.place = place
        self.id = workflow_id
        #: the execution as all see it, and the copy of it that was given out; the same of its tasks
        self._copied: tuple[Workflow, Workflow] | None = None
        self._copied_tasks: dict[str, tuple[Task, Task]] = {}

    @property
    def workflow_id(self) -> str:
        """``id``, by the name that it has in the SDK."""
        return self.id

    @property
    def workflow(self) -> Workflow:
        """The SDK's model of the execution as it is now; a copy, and the same one until the execution changes (so are
        its tasks)."""
        model, copied = self._model, self._copied
        if copied is None or copied[0] is not model:
            own = _own(model.model_copy(update={"tasks": []}))
            own.tasks = list(map(self._own_task, model.tasks))
            copied = self._copied = (model, own)
        return copied[1]

    def _own_task(self, task: Task) -> Task:
        copied = self._copied_tasks.get(task.task_id)
        if copied is None or copied[0] is not task:
            copied = self._copied_tasks[task.task_id] = (task, _own(task))
        return copied[1]

    @property
    def _model(self) -> Workflow:
        """The same, shared with all who look at this execution."""
        return self.place.read(self.id)

    @property
    def name(self) -> str:
        """The workflow's name."""
        return self._model.workflow_name

    @property
    def version(self) -> int:
        """The version of the definition that runs."""
        return self._model.workflow_version

    @property
    def status(self) -> Status:
        """As it is now; equal to its text, for example ``"COMPLETED"``."""
        return Status(self.place.status(self.id), self)

    @property
    def input(self) -> dict[str, Any]:
        """What it was started with; a copy."""
        return deepcopy(self._model.input)

    @property
    def output(self) -> dict[str, Any]:
        """What it has given; a copy. Before its end that may be empty."""
        return deepcopy(self._model.output)

    @property
    def variables(self) -> dict[str, Any]:
        """What SET_VARIABLE tasks have kept; a copy."""
        return deepcopy(self._model.variables)

    @property
    def reason(self) -> str | None:
        """Why it did not complete."""
        return self._model.reason_for_incompletion

    @property
    def tasks(self) -> list[RunTask]:
        """Every attempt at every task, in the order in which they were scheduled."""
        return [RunTask(self, task) for task in self._model.tasks]

    def task(self, name: str) -> RunTask:
        """The newest attempt at a task, by its reference name (in a loop: of the newest iteration) or else by its type.

        Raises ``NoSuchTask`` (a ``LookupError``) that names the tasks that there are.

        `name`: of the task
        """
        return self.attempts(name)[-1]

    @property
    def failed_task(self) -> RunTask | None:
        """The task to look at when the run failed, as the SDK's ``Workflow`` names it; None if none ended badly."""
        failed = self._model.failed_task
        return None if failed is None else RunTask(self, failed)

    def attempts(self, name: str) -> list[RunTask]:
        """Every attempt at a task, oldest first; by reference name or else by type.

        `name`: of the task
        """
        tasks = self._model.tasks
        for same in (_has_reference, _has_plain_reference, _has_type):
            found = [RunTask(self, task) for task in tasks if same(task, name)]
            if found:
                return found
        there = ", ".join(names(tasks)) or "none at all"
        instead = self._instead(name)
        missing = NoSuchTask(f"{self!r} has no task {name!r}{instead}; its tasks: {there}")
        missing.may_come = instead == _NOT_YET
        raise missing

    def _instead(self, name: str) -> str:
        """What was probably meant, or that the task of this name has not been scheduled."""
        model = self._model
        defined = names_in(model.workflow_definition)
        if name in defined:
            switch = switch_around(model.workflow_definition, name)
            came = [task for task in model.tasks if switch and plain_reference(task) == switch.task_reference_name]
            if came and switch and (case := case_of(came[-1])) is not None:
                return f", for SWITCH `{switch.task_reference_name}` came to {case!r}"
            return ", for it was not scheduled" if model.status.is_terminal else _NOT_YET
        return did_you_mean(name, [*defined, *(one for task in model.tasks for one in Subject.of(task).names)])

    @property
    def path(self) -> list[str]:
        """The reference names of its tasks in the order in which they were first scheduled."""
        return list(dict.fromkeys(task.reference_task_name for task in self._model.tasks))

    @property
    def elapsed(self) -> timedelta:
        """From its start to its end, or until now; virtual time in the emulator."""
        workflow = self._model
        return timedelta(milliseconds=(workflow.end_time or self.place.now()) - started(workflow))

    @property
    def events(self) -> Sequence[RunEvent]:
        """What happened and by which rule. Only the emulator tells."""
        return self.place.events(self.id)

    def timeline(self, *, logs: bool = False) -> str:
        """When which task did what, as text, with sub-workflows that have not completed; with ``logs`` also what the
        tasks logged."""
        reader = Reader(self.place.read, self.place.logs if logs else None)
        return timeline(self._model, self.place.now(), reader)

    def explanation(self) -> list[str]:
        """Why it is as it is, in a few lines: what failed last, or what is open."""
        tasks = self._model.tasks
        telling = [task for task in tasks if not task.status.is_terminal] or [
            task for task in tasks if not task.status.is_successful
        ]
        waits_for = told_once(family_blockers(self.place, self.id))[:_BLOCKERS_SHOWN]
        told = [repr(RunTask(self, task)) for task in telling[-3:]]
        return [repr(self), *told, *(f"waits: {one}" for one in waits_for)]

    def __repr__(self) -> str:
        return f"<Run {headline(self._model, self.place.now())}>"


def _own(model: M) -> M:
    """A copy; by way of ``pickle`` it takes a quarter of the time that ``deepcopy`` needs for a model."""
    copied: M = pickle.loads(pickle.dumps(model, pickle.HIGHEST_PROTOCOL))  # noqa: S301 - written in this line
    return copied


def _has_reference(task: Task, name: str) -> bool:
    return task.reference_task_name == name


def _has_plain_reference(task: Task, name: str) -> bool:
    return plain_reference(task) == name


def _has_type(task: Task, name: str) -> bool:
    return name in (task.task_def_name, task.task_type)
